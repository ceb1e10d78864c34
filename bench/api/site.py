"""The site as ``make web`` serves it, over the stores that the environment names, with a cache of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import redis
from django.conf import settings

from apps.stack import ports
from bench import processes
from bench.servers import CHECKOUT

# Number of the database of Redis or Valkey in which the site keeps answers meanwhile; it is emptied.
CACHE_NUMBER = 9
START_SECONDS = 60
# As ``make web`` and the image have it.
VARIABLES = {"MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True, slots=True)
class Site:
    """A site that runs."""

    port: int
    pid: int
    # Without end, of who asks for personal addresses.
    credentials: Iterator[str]

    def workers(self) -> list[int]:
        """Return its processes that answer."""
        everything = processes.tree(processes.list_processes(), self.pid)
        return [process.pid for depth, process in everything if depth]

    def resident_megabytes(self) -> float:
        """Return the resident memory of these."""
        return sum(map(processes.resident_bytes, self.workers())) / processes.MEGABYTE


def cache_url() -> str:
    """Return the address of the cache that the site has meanwhile."""
    return urlsplit(str(settings.CACHES["default"]["LOCATION"]))._replace(path=f"/{CACHE_NUMBER}").geturl()


def empty_cache() -> None:
    """Forget all answers that are kept outside of the site's processes."""
    with redis.Redis.from_url(cache_url()) as client:
        client.flushdb()


@contextmanager
def run_site(workers: int, threads: int, log: Path, credentials: Iterator[str]) -> Iterator[Site]:
    """Run a site with nothing in its caches."""
    empty_cache()
    port = ports.choose()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{ports.HOST}:{port}"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    # ``manage.py serve`` has its processes count their requests into such a folder.
    with log.open("wb") as output, TemporaryDirectory() as counts:
        variables = {**VARIABLES, "CACHE_URL": cache_url(), "PROMETHEUS_MULTIPROC_DIR": counts}
        process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **variables}, stdout=output, stderr=output)
        try:
            wait_for(process, port, log)
            yield Site(port, process.pid, credentials)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            empty_cache()


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the site listens."""
    until = time.monotonic() + START_SECONDS
    while not ports.is_answering(port):
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"The site does not start, see {log}:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
