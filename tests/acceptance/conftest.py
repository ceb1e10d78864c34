"""Installations of their own for the acceptance tests, on the servers of all tests and on brokers apart from theirs."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import neo4j
import psycopg
import pytest

from apps.stack import environment
from tests.acceptance.brokers import Broker, OwnRabbitBroker, RabbitBroker, ValkeyBroker
from tests.acceptance.installation import Installation

Build = Callable[..., Installation]

HERE = Path(__file__).parent

TEMPLATE = "acceptance_template"
RABBITMQ_URL = os.environ.get("LINERNOTES_TEST_RABBITMQ_URL")
NO_RABBITMQ = pytest.mark.skipif(not RABBITMQ_URL, reason="LINERNOTES_TEST_RABBITMQ_URL names no RabbitMQ")
BROKERS = ["valkey", pytest.param("rabbitmq", marks=NO_RABBITMQ)]
numbers = count(1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of a module here back in their order: each goes on with what the one before has loaded."""
    modules: dict[Path, int] = {}
    items.sort(
        key=lambda item: (
            modules.setdefault(item.path, len(modules)),
            order(item) if item.path.parent == HERE else ("", 0),
        )
    )


def order(item: pytest.Item) -> tuple[str, int]:
    """Return the broker, which a module's tests share, and the line."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return str(parameters.get("broker", "")), item.reportinfo()[1] or 0


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyBroker]:
    broker = ValkeyBroker(tmp_path_factory.mktemp("broker") / "stack")
    yield broker
    broker.stop()


# What comes of a dump does not depend on the broker. On RabbitMQ the deployment and the kills load in the normal run.
@pytest.fixture(scope="module", params=["valkey", pytest.param("rabbitmq", marks=[NO_RABBITMQ, pytest.mark.slow])])
def broker(request: pytest.FixtureRequest, valkey: ValkeyBroker) -> Broker:
    """Return each kind of broker in turn."""
    return RabbitBroker(str(RABBITMQ_URL), valkey) if request.param == "rabbitmq" else valkey


@pytest.fixture(params=BROKERS)
def mortal_broker(
    request: pytest.FixtureRequest, valkey: ValkeyBroker, tmp_path: Path
) -> Iterator[ValkeyBroker | OwnRabbitBroker]:
    """Return each kind of broker in turn, one that can be killed."""
    if request.param == "valkey":
        yield valkey
        return
    rabbitmq = OwnRabbitBroker(tmp_path / "rabbitmq", valkey)
    yield rabbitmq
    rabbitmq.stop()


@pytest.fixture(scope="session")
def driver() -> Iterator[neo4j.Driver]:
    url = urlsplit(environment.read()["NEO4J_URL"])
    address, auth = f"bolt://{url.hostname}:{url.port}", (url.username, url.password)
    # A test kills the server: each connection is tried before it is used again.
    with neo4j.GraphDatabase.driver(address, auth=auth, liveness_check_timeout=0) as driver:
        yield driver


@pytest.fixture(scope="session")
def build(driver: neo4j.Driver, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker) -> Build:
    """Return what makes an installation whose database is a copy of one that ``schema_init`` made."""
    servers = environment.read()

    def make_installation(name: str, folder: Path, broker: Broker, **variables: str) -> Installation:
        folder.mkdir(parents=True, exist_ok=True)
        url = database_url(servers["DATABASE_URL"], name)
        return Installation(folder, url, servers["NEO4J_URL"], broker, driver, variables)

    if not has_database(servers["DATABASE_URL"], TEMPLATE):
        run(servers["DATABASE_URL"], f"CREATE DATABASE {TEMPLATE}")
    done = make_installation(TEMPLATE, tmp_path_factory.mktemp("template"), valkey).manage("schema_init")
    assert done.code == 0, done.stderr

    def build(folder: Path, broker: Broker, **variables: str) -> Installation:
        name = f"acceptance_{next(numbers)}"
        copy_database(servers["DATABASE_URL"], name)
        broker.empty()
        installation = make_installation(name, folder, broker, **variables)
        installation.empty_graph()
        return installation

    return build


@contextmanager
def open_installation(
    build: Build, folder: Path, broker: Broker, *, with_worker: Any = True, **variables: str
) -> Iterator[Installation]:
    """Make an installation, with more variables in its environment, and end what runs of it afterwards."""
    installation = build(folder, broker, **variables)
    try:
        if with_worker:
            installation.worker.start()
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def installation(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> Iterator[Installation]:
    """Return an installation with a worker, on Valkey."""
    with open_installation(build, tmp_path / "installation", valkey) as found:
        yield found


def database_url(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def copy_database(url: str, name: str) -> None:
    run(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    run(url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")


def has_database(url: str, name: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
