"""TCP ports of the embedded servers, on loopback only."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections, where a stopped server would lose its own.
CANDIDATES = range(20_000, 32_000)


def choose() -> int:
    """Return a port that nobody listens on."""
    return next(port for port in random.sample(CANDIDATES, len(CANDIDATES)) if is_free(port))


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket() as probe:
        # What a connection that ended a moment ago left behind (TIME_WAIT) does not keep a server from starting.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether somebody accepts connections on the port."""
    try:
        socket.create_connection((HOST, port), timeout=2).close()
    except OSError:
        return False
    return True
