"""Brokers for the acceptance tests, which may lose them: none is that of the other tests."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Protocol

import redis
from kombu import Connection

from apps.ingest.feed import queues
from apps.stack import processes
from apps.stack.valkey import Valkey

RABBITMQ = Path(__file__).parents[2] / ".ci" / "rabbitmq.sh"
# Where Celery keeps what RabbitMQ is to deliver later: one queue for each power of two of seconds.
DELAYED = [f"celery_delayed_{level}" for level in range(28)]


class Broker(Protocol):
    """Where messages and results go."""

    variables: dict[str, str]

    def empty(self) -> None:
        """Forget every message and every result."""

    def kill(self) -> None:
        """End the server by ``kill -9``."""

    def start(self) -> None:
        """Start it again at the same address, with what it keeps on disk."""


class ValkeyBroker:
    """Valkey as broker and for the results; it keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        (folder / "logs").mkdir(parents=True)
        self.server = Valkey(folder)
        self.start()
        self.variables = self.server.variables(self.server.address())

    def start(self) -> None:
        self.server.up(lambda _: None)

    def empty(self) -> None:
        with redis.Redis.from_url(self.variables["CELERY_BROKER_URL"]) as client:
            client.flushall()

    def kill(self) -> None:
        pid = self.server.pid()
        assert pid is not None
        processes.stop(pid, by=signal.SIGKILL, timeout_seconds=10)

    def stop(self) -> None:
        self.server.down(lambda _: None)


class RabbitBroker:
    """RabbitMQ as broker, with the results in a Valkey."""

    def __init__(self, url: str, results: ValkeyBroker) -> None:
        self.url = url
        self.results = results
        self.variables = {**results.variables, "CELERY_BROKER_URL": url}

    def empty(self) -> None:
        self.results.empty()
        with Connection(self.url) as connection:
            for name in (*queues.NAMES, *DELAYED, queues.DEAD):
                with connection.channel() as channel:
                    try:
                        channel.queue_purge(name)
                    except connection.channel_errors:
                        continue

    def kill(self) -> None:
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError


class OwnRabbitBroker(RabbitBroker):
    """A RabbitMQ that is there for one test, which may kill it."""

    def __init__(self, folder: Path, results: ValkeyBroker) -> None:
        self.folder = folder
        super().__init__(self.control("start"), results)

    def control(self, action: str) -> str:
        command = [str(RABBITMQ), action, str(self.folder)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout.strip()

    def kill(self) -> None:
        os.kill(int((self.folder / "server.pid").read_text()), signal.SIGKILL)
        self.control("stop")

    def start(self) -> None:
        assert self.control("start") == self.url

    def stop(self) -> None:
        self.control("stop")
