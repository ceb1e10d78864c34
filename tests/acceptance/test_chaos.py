"""Everything is killed, paused, restarted and disconnected while two months are loaded: nothing of it is to be seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from apps.stack import environment
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from bench.chaos import targets, trial
from bench.chaos.schedule import plan
from tests.acceptance.brokers import RABBITMQ, Broker, OwnRabbitBroker, ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack

TINY_CHUNKS = {"INGEST_CHUNK_BYTES": "300", "INGEST_PIECE_BYTES": "1000"}
# A release of both months.
POISON = 1005
SETTLE_SECONDS = 240


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> trial.Months:
    first = pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("first"))
    return trial.Months(first, pack(SECOND_MONTH, "20260201", tmp_path_factory.mktemp("second")), POISON)


@pytest.fixture
def _connections_of_this_process() -> Iterator[None]:
    """Forget this process's connections to a PostgreSQL that was killed meanwhile."""
    yield
    connections.close_all()


def servers(installation: Installation, broker: Broker, valkey: ValkeyBroker) -> list[targets.Target]:
    """Return the servers that suffer: those of all tests, and the broker of this one."""
    found: list[targets.Target] = [
        targets.Postgres(Postgres(environment.folder()), installation.database_url),
        targets.Neo4j(Neo4j(environment.folder()), installation.neo4j_url),
        targets.Valkey(valkey.server, valkey.variables["CELERY_BROKER_URL"]),
    ]
    if isinstance(broker, OwnRabbitBroker):
        found.append(targets.RabbitMQ(RABBITMQ, broker.folder))
    return found


def require_no_trace(
    build: Build,
    folder: Path,
    broker: Broker,
    valkey: ValkeyBroker,
    months: trial.Months,
    seed: int,
    *,
    faults: int,
    seconds: int,
) -> None:
    """Fail unless both stores hold the second month and nobody gave up, but for the planted record."""
    with open_installation(build, folder / "undisturbed", valkey, with_worker=False, **TINY_CHUNKS) as calm:
        wanted = trial.load_undisturbed(calm, months.second)
    with open_installation(build, folder / "disturbed", broker, with_worker=False, **TINY_CHUNKS) as installation:
        everything = trial.targets_of(installation, servers(installation, broker, valkey))
        planned = plan(seed, faults, seconds, {name: each.kinds for name, each in everything.items()})
        verdict = trial.carry_out(
            installation, months, wanted, everything, planned, seconds + SETTLE_SECONDS, report=print
        )

    assert verdict.is_good, "\n".join([f"seed {seed}", *map(str, planned), *verdict.runs, *verdict.wrong])
    assert verdict.inflicted == faults
    assert len(verdict.runs) >= 2


@pytest.mark.slow
@pytest.mark.usefixtures("_connections_of_this_process")
def test_a_few_faults_leave_no_trace(build: Build, tmp_path: Path, valkey: ValkeyBroker, months: trial.Months) -> None:
    require_no_trace(build, tmp_path, valkey, valkey, months, seed=1, faults=7, seconds=30)


@pytest.mark.slow
@pytest.mark.usefixtures("_connections_of_this_process")
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_many_faults_leave_no_trace(
    build: Build, tmp_path: Path, valkey: ValkeyBroker, mortal_broker: Broker, months: trial.Months, seed: int
) -> None:
    require_no_trace(build, tmp_path, mortal_broker, valkey, months, seed=seed, faults=25, seconds=240)
