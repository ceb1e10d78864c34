"""TCP ports of the embedded servers and of the site, on loopback only.

``python -m apps.stack.ports PORT`` exits with status 1 if the site cannot have that port. It needs only the standard
library: ``make`` runs it before it installs any package.
"""

from __future__ import annotations

import random
import socket
import sys

from apps.stack.errors import StackError

HOST = "127.0.0.1"
# Below the range of outgoing connections: from that, the kernel could give away the port of a stopped server.
CANDIDATES = range(20_000, 32_000)
HIGHEST = 65_535


def choose() -> int:
    """Return a random free port."""
    return next(port for port in random.sample(CANDIDATES, len(CANDIDATES)) if is_free(port))


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket() as probe:
        # A connection that has just ended (TIME_WAIT) does not keep a server from starting, so it is ignored here too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(port: int) -> None:
    """Check that a port is free.

    Raises:
        StackError: Another program listens on the port; the message names a free one.
    """
    if not is_free(port):
        free = next(filter(is_free, range(port + 1, HIGHEST + 1)), None) or choose()
        raise StackError(
            f"Port {port} is taken by another program. {free} is free: PORT={free} after make, --port {free} after"
            " manage.py demo"
        )


def parse(text: str) -> int:
    """Parse a port.

    Raises:
        ValueError: The text is no number from 1 to 65535.
    """
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST:
        raise ValueError
    return int(text)


def is_answering(port: int) -> bool:
    """Tell whether a program accepts connections on the port."""
    try:
        socket.create_connection((HOST, port), timeout=2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    try:
        require_free(parse(sys.argv[1]))
    except ValueError:
        sys.exit(f"PORT is {sys.argv[1]!r}: give a port from 1 to {HIGHEST}, such as 8000")
    except StackError as error:
        sys.exit(str(error))
