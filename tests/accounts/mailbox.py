"""A mail server on this host that keeps what it gets."""

from __future__ import annotations

import queue
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

WAIT_SECONDS = 20


class Handler(socketserver.StreamRequestHandler):
    """One connection, in as much SMTP as a client needs."""

    server: Mailbox

    def handle(self) -> None:
        self.say("220 here")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.say("354 go on")
                self.server.mails.put(message_from_bytes(b"".join(iter(self.rfile.readline, b".\r\n"))))
                self.say("250 kept")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Mailbox(socketserver.ThreadingTCPServer):
    """Takes mail for everybody."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.mails: queue.Queue[Message] = queue.Queue()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def take(self) -> Message:
        """Return the next mail; wait for it."""
        return self.mails.get(timeout=WAIT_SECONDS)

    def take_token(self, name: str, to: str) -> str:
        """Return the token of the link in the next mail to an address; wait for it."""
        mail = next(mail for mail in iter(self.take, None) if mail["To"] == to)
        found = re.search(rf"/\?{name}=([\w-]+)", str(mail.get_payload()))
        assert found
        return found[1]


@contextmanager
def run_mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
