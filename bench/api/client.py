"""Clients of a site: so many connections that are kept, each of which asks again as soon as it has its answer.

All of them are in one thread over plain sockets, since they use the same cores as what they measure: some 50
microseconds a request. Each request comes from another client as ``X-Forwarded-For`` has it, so that limits are counted
and none is exceeded; for this the site must trust loopback (``FORWARDED_ALLOW_IPS``), as it does by default.
"""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
# Of an answer that is sent in chunks while it is made.
CHUNKED, LAST_CHUNK = b"\r\ntransfer-encoding: chunked", b"\r\n0\r\n\r\n"
RECEIVED_BYTES = 1 << 18
# Seconds without any answer after which the site counts as hanging.
SILENCE_SECONDS = 130

others = itertools.count(1)


class Personal(str):
    """An address for which a user must be logged in."""

    __slots__ = ()


@dataclass(slots=True)
class Outcome:
    """What came of the requests: seconds of each that was answered, statuses, and what it cost."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    # Seconds until the first bytes came.
    first_bytes: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    # Connections that ended without an answer.
    broken: int = 0
    received_bytes: int = 0
    cpu_seconds: float = 0.0

    @property
    def errors(self) -> int:
        """Requests that the site did not answer, or by a status of 500 and above."""
        return self.broken + sum(count for status, count in self.statuses.items() if status >= 500)


class Connection:
    """One client, which has one request at a time."""

    def __init__(self, host: str, port: int, credentials: Iterator[str] | None) -> None:
        self.address = host, port
        self.credentials = credentials
        self.connect()

    def connect(self) -> None:
        """Open the connection anew."""
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)

    def ask(self, path: str) -> None:
        """Send a request."""
        number = next(others)
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.received = bytearray()
        self.wanted: int | None = None
        self.first_byte = 0.0
        self.began = time.perf_counter()
        login = ""
        if self.credentials is not None and isinstance(path, Personal):
            login = f"Authorization: Bearer {next(self.credentials)}\r\n"
        self.socket.send(
            f"GET {path} HTTP/1.1\r\nHost: {self.address[0]}:{self.address[1]}\r\nAccept: */*\r\n"
            f"X-Forwarded-For: {client}\r\n{login}\r\n".encode()
        )

    def has_answer(self) -> bool:
        """Take what has come; tell whether that is all.

        Raises:
            ConnectionError: the site has closed the connection.
        """
        block = self.socket.recv(RECEIVED_BYTES)
        if not block:
            raise ConnectionResetError
        self.first_byte = self.first_byte or time.perf_counter()
        self.received += block
        if self.wanted is None:
            end = self.received.find(END_OF_HEAD)
            if end < 0:
                return False
            head = bytes(self.received[:end]).lower()
            _, _, rest = head.partition(LENGTH)
            # 0: until the last chunk.
            self.wanted = 0 if CHUNKED in head else end + len(END_OF_HEAD) + int(rest.partition(b"\r")[0])
        return len(self.received) >= self.wanted if self.wanted else self.received.endswith(LAST_CHUNK)

    @property
    def status(self) -> int:
        """Return the status of the answer."""
        return int(self.received[9:12])


class Clients:
    """``count`` clients of the site at a host and port. ``credentials``: without end, for personal addresses."""

    def __init__(self, host: str, port: int, count: int, credentials: Iterator[str] | None = None) -> None:
        self.connections = [Connection(host, port, credentials) for _ in range(count)]

    def __enter__(self) -> Clients:
        self.selector = selectors.DefaultSelector()
        for connection in self.connections:
            self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        return self

    def __exit__(self, *_: object) -> None:
        self.selector.close()
        for connection in self.connections:
            connection.socket.close()

    def ask_each(self, paths: Iterable[str]) -> Outcome:
        """Ask for each path once."""
        return self.run(iter(paths), float("inf"))

    def ask_for(self, paths: list[str], seconds: float) -> Outcome:
        """Ask for the paths again and again, for so many seconds."""
        return self.run(itertools.cycle(paths), seconds)

    def run(self, paths: Iterator[str], seconds: float) -> Outcome:
        """Ask until the paths or the seconds have ended; what is under way then is waited for."""
        found = Outcome()
        used, began = time.process_time(), time.perf_counter()
        until = began + seconds
        busy = sum(self.next(connection, paths) for connection in self.connections)
        while busy:
            events = self.selector.select(SILENCE_SECONDS)
            if not events:
                raise SystemExit(f"The site has not answered for {SILENCE_SECONDS} s")
            for key, _ in events:
                connection = key.data
                try:
                    if not connection.has_answer():
                        continue
                    now = time.perf_counter()
                    found.latencies.append(now - connection.began)
                    found.first_bytes.append(connection.first_byte - connection.began)
                    found.statuses[connection.status] += 1
                    found.received_bytes += len(connection.received)
                except OSError:
                    now = time.perf_counter()
                    found.broken += 1
                    self.reconnect(connection)
                if now >= until or not self.next(connection, paths):
                    busy -= 1
        found.seconds = time.perf_counter() - began
        found.cpu_seconds = time.process_time() - used
        return found

    def next(self, connection: Connection, paths: Iterator[str]) -> bool:
        """Let a client send the next request; tell whether there was one."""
        path = next(paths, None)
        if path is None:
            return False
        try:
            connection.ask(path)
        except OSError:
            # The site has closed a connection that nobody used for a while.
            self.reconnect(connection)
            connection.ask(path)
        return True

    def reconnect(self, connection: Connection) -> None:
        """Give a client a new connection."""
        self.selector.unregister(connection.socket)
        connection.socket.close()
        connection.connect()
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
