"""Runs a web server as a child process, with the health port beside it.

The processes of the web server count their requests in files of one folder, which the health port adds up.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from tempfile import TemporaryDirectory

from apps.dashboard.health_port import HealthPort

# Process managers, such as Docker and systemd, signal this process and not the server. A signal that is not passed on
# would end this process and leave the server running.
# Signals passed on to the server: to end, to end at once, to reload the code, to reopen its logs.
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1)


def run(command: Sequence[str], *, host: str, port: int) -> int:
    """Run a web server until it ends, and serve the health port meanwhile.

    Returns:
        The server's exit status; 128 and the number of the signal that killed it.

    Raises:
        OSError: the health port is taken, or there is no such command.
    """
    with TemporaryDirectory(prefix="linernotes-metrics-") as folder:
        # prometheus_client reads it at import, so the child counts there and this process does not.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        return asyncio.run(serve(command, host, port))


async def serve(command: Sequence[str], host: str, port: int) -> int:
    """Run a web server and the health port in this loop."""
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for each in FORWARDED:
        # Before the server starts, so that an early signal waits in the queue.
        loop.add_signal_handler(each, signals.put_nowait, each)
    listening = await HealthPort().listen(host, port)
    try:
        # In a session of its own, so that Ctrl-C reaches it once: through us.
        server = await asyncio.create_subprocess_exec(*command, start_new_session=True)
        forwarding = asyncio.create_task(forward(signals, server))
        status = await server.wait()
        forwarding.cancel()
    finally:
        listening.close()
    # asyncio reports a death by signal 15 as -15; shells and containers expect 143.
    return status if status >= 0 else 128 - status


async def forward(signals: asyncio.Queue[signal.Signals], server: Process) -> None:
    """Pass received signals on to the server."""
    while True:
        received = await signals.get()
        # The server may have ended between the signal and this line.
        with suppress(ProcessLookupError):
            server.send_signal(received)
