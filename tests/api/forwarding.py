"""A way to a server that a test can cut and mend."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

from apps.stack import ports

BLOCK_BYTES = 65536


class Forwarder:
    """Listens on a port and passes everything on to another one, until it is cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = ports.choose()
        self.open: list[socket.socket] = []
        self.listening: socket.socket | None = None

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Take connections from now on."""
        self.listening = socket.create_server((ports.HOST, self.port))
        threading.Thread(target=self.accept, args=(self.listening,), daemon=True).start()

    def cut(self) -> None:
        """End all connections and refuse others, as the host of a server that was stopped does."""
        listening, self.listening = self.listening, None
        for each in [listening, *self.open]:
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        self.open = []

    def accept(self, listening: socket.socket) -> None:
        while self.listening is listening:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            server = socket.create_connection((ports.HOST, self.target))
            self.open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=pump, args=(source, sink), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(BLOCK_BYTES):
            sink.sendall(block)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
