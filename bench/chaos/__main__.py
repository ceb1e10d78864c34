"""``make chaos``: a generated dump loaded under faults on servers of its own, compared with an undisturbed load."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import neo4j
import psycopg

from apps.stack import environment
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from bench import dumps
from bench.chaos import targets, trial
from bench.chaos.schedule import plan
from tests.acceptance.brokers import RABBITMQ, Broker, OwnRabbitBroker, ValkeyBroker
from tests.acceptance.installation import Installation

# Some forty chunks, and a watchdog that looks often.
SETTINGS = {"INGEST_CHUNK_BYTES": "100000", "INGEST_STALL_SECONDS": "10", "INGEST_WATCHDOG_SECONDS": "2"}
# A release that both months have.
POISON = "SELECT data_id FROM releases ORDER BY data_id OFFSET %s LIMIT 1"


def main() -> int:
    """Carry out one trial; return 0 if everything ended as if nothing had happened."""
    given = arguments()
    seed = random.SystemRandom().randrange(10_000) if given.seed is None else given.seed
    folder = given.folder.resolve() / f"{time.strftime('%Y%m%dT%H%M%S')}-{seed}"
    first, second = (
        dumps.make(given.folder.resolve() / "dumps", size(given.releases), edition).folder for edition in (0, 1)
    )
    with servers(folder, with_rabbitmq=given.rabbitmq) as (install, suffering):
        say("Undisturbed load")
        calm = install("undisturbed")
        wanted = trial.load_undisturbed(calm, second)
        months = trial.Months(first, second, calm.value(POISON, given.releases // 2))
        disturbed = install("disturbed")
        everything = trial.targets_of(disturbed, suffering)
        faults = plan(seed, given.faults, given.seconds, {name: each.kinds for name, each in everything.items()})
        say(f"Seed {seed}: {len(faults)} faults in {given.seconds:.0f} s", *map(str, faults), "Disturbed load")
        verdict = trial.carry_out(disturbed, months, wanted, everything, faults, given.seconds + given.settle, say)
    say(*verdict.runs, f"{verdict.inflicted} of {len(faults)} faults inflicted in {verdict.seconds:.0f} s")
    if verdict.is_good:
        say("Both stores are as the undisturbed load left them, with the one dead letter that was planted")
        shutil.rmtree(folder)
        return 0
    say("NOT as if nothing had happened:", *verdict.wrong, f"Logs: {folder}", f'Again: make chaos ARGS="--seed {seed}"')
    return 1


def size(releases: int) -> dumps.Size:
    """Return the size of a dump with so many releases, and as much of the others as a small one needs."""
    return dumps.Size(releases, releases // 5, releases // 3, releases, "modern")


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="schedule to replay; without it a new one")
    parser.add_argument("--faults", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=600, help="time over which the faults are spread")
    parser.add_argument("--settle", type=float, default=300, help="seconds that a run may take after the last fault")
    parser.add_argument("--releases", type=int, default=1000, help="size of the dump; the other types follow")
    parser.add_argument("--rabbitmq", action="store_true", help="a RabbitMQ of its own as broker, if it is installed")
    parser.add_argument("--folder", type=Path, default=environment.folder() / "chaos", help="dumps, servers and logs")
    return parser.parse_args()


@contextmanager
def servers(folder: Path, *, with_rabbitmq: bool) -> Iterator[tuple[Installer, list[targets.Target]]]:
    """Run servers below a folder for the time of the block."""
    folder.mkdir(mode=0o711, parents=True)
    (folder / "logs").mkdir(mode=0o711)
    with ExitStack() as stack:
        postgres, graph = Postgres(folder), Neo4j(folder)
        addresses = []
        for server in (postgres, graph):
            stack.callback(server.down, say)
            addresses.append(server.up(say))
        valkey = ValkeyBroker(folder / "broker")
        stack.callback(valkey.stop)
        broker: Broker = valkey
        database_url = postgres.variables(addresses[0])["DATABASE_URL"]
        neo4j_url = graph.variables(addresses[1])["NEO4J_URL"]
        suffering: list[targets.Target] = [
            targets.Postgres(postgres, database_url),
            targets.Neo4j(graph, neo4j_url),
            targets.Valkey(valkey.server, valkey.variables["CELERY_BROKER_URL"]),
        ]
        if with_rabbitmq:
            rabbitmq = OwnRabbitBroker(folder / "rabbitmq", valkey)
            stack.callback(rabbitmq.stop)
            broker = rabbitmq
            suffering.append(targets.RabbitMQ(RABBITMQ, folder / "rabbitmq"))
        url = urlsplit(neo4j_url)
        auth = (url.username or "", url.password or "")
        driver = stack.enter_context(
            neo4j.GraphDatabase.driver(f"bolt://{url.hostname}:{url.port}", auth=auth, liveness_check_timeout=0)
        )
        yield Installer(folder, database_url, neo4j_url, broker, driver), suffering


class Installer:
    """Makes installations on the servers: each has a database and a spool of its own."""

    def __init__(self, folder: Path, database_url: str, neo4j_url: str, broker: Broker, driver: neo4j.Driver) -> None:
        self.folder = folder
        self.database_url = database_url
        self.neo4j_url = neo4j_url
        self.broker = broker
        self.driver = driver

    def __call__(self, name: str) -> Installation:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        (self.folder / name).mkdir()
        url = urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}"))
        made = Installation(self.folder / name, url, self.neo4j_url, self.broker, self.driver, SETTINGS)
        done = made.manage("schema_init")
        if done.code:
            raise trial.UnendedError(done.stderr)
        return made


def say(*lines: str) -> None:
    """Print lines at once."""
    print(*lines, sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
