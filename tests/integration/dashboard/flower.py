"""Flower as we start it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.stack import ports

PROJECT = Path(__file__).parents[3]
START_SECONDS = 60
STOP_SECONDS = 10


@contextmanager
def flower(log: Path, *options: str, **variables: str) -> Iterator[int]:
    """Serve Flower and return its port."""
    port = ports.choose()
    command = [sys.executable, "-m", "celery", "-A", "config", "flower", f"--port={port}", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLOWER_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment | variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not ports.is_answering(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
