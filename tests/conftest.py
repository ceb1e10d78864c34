"""What every test stands on: servers of its own, an empty graph, a spool that goes, and no network.

The servers are embedded ones in the folder ``test`` below the stack's. What the environment says about stores is taken
out of it first, so that no test reaches those of a developer.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import django
import hypothesis
import neo4j
import psycopg
import pytest
from neo4j.exceptions import ServiceUnavailable, SessionExpired
from pytest_django import Settings

from apps.graph import schema
from apps.graph.session import close, session
from apps.ingest.chunks import spool
from apps.stack import environment, servers
from config.environment import addresses, secret_files

# A machine with other work to do is slow, not wrong.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

SECRETS = (*secret_files.NAMES, *(f"{name}_FILE" for name in secret_files.NAMES))
STORES = (*SECRETS, *addresses.NAMES, "SPOOL_URL")
EMPTY_GRAPH = """
MATCH (node)
CALL (node) {
    DETACH DELETE node
} IN TRANSACTIONS OF 5000 ROWS
"""


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, unless they run, before anything reads the settings, which take their addresses."""
    if config.option.help or config.option.version:
        return
    for name in STORES:
        os.environ.pop(name, None)
    # Nor the publisher's site, by a command that is a process of its own. A test that wants one names its own.
    nowhere = "http://127.0.0.1:1/"
    os.environ |= {"DISCOGS_DUMP_URL": nowhere, "MUSICBRAINZ_DUMP_URL": nowhere, "FETCH_INTERVAL_SECONDS": "0"}
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1")))
    os.environ["LINERNOTES_STACK_DIR"] = str(environment.folder() / "test")
    with config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        hurry(servers.up(print)["DATABASE_URL"])
    if not os.environ.get("LINERNOTES_KEEP_TEST_STACK"):
        config.add_cleanup(lambda: servers.down(lambda _: None))
    config.add_cleanup(close)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a folder together, in whatever order: what one loads once would else be loaded again."""
    folders: dict[Path, int] = {}
    items.sort(key=lambda item: folders.setdefault(item.path.parent, len(folders)))


def hurry(database_url: str) -> None:
    """Let PostgreSQL keep nothing safe from a power failure: tests would wait for the disk again and again."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


# Tables that Django does not know of or that are in a schema of their own: it does not empty them after a test.
WITHOUT_MODELS = [
    *(
        f"musicbrainz.{name}"
        for name in ("artists", "labels", "release_groups", "releases", "relationships", "external_links", "due")
    ),
    *(
        f"insights.{name}"
        for name in (
            "artist_centrality",
            "leading_artists",
            "genre_trends",
            "label_longevity",
            "leading_labels",
            "monthly_anniversaries",
            "data_completeness",
            "computation_log",
            "release_rarity",
            "community_counts",
        )
    ),
]


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Empty tables row by row after a test: a TRUNCATE makes new files for every table and index, full or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.backends.postgresql.operations.DatabaseOperations.sql_flush", delete_rows)
        yield


def delete_rows(operations: Any, style: Any, tables: Sequence[str], **_: Any) -> list[str]:
    # Foreign keys are checked at the end of the transaction that all of these are in.
    emptied = [f"DELETE FROM {name}" for name in (*map(operations.quote_name, tables), *WITHOUT_MODELS)]
    # The trigger of the audit log refuses it otherwise.
    return ["SET LOCAL linernotes.pruning = 'on'", *emptied]


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse to connect to any other host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", LoopbackSocket)
        yield


class LoopbackSocket(socket.socket):
    """A socket that connects to this host alone."""

    def connect(self, address: Any) -> None:
        refuse_others(self.family, address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        refuse_others(self.family, address)
        return super().connect_ex(address)


def refuse_others(family: int, address: Any) -> None:
    """Raise if an address is that of another host."""
    if family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
        raise AssertionError(f"a test wants to connect to {address[0]}")


def is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


@pytest.fixture(scope="session")
def _graph_with_constraints() -> Iterator[neo4j.Session]:
    with session() as opened:
        empty(opened)
        schema.create_constraints(opened)
        yield opened


@pytest.fixture
def graph(_graph_with_constraints: neo4j.Session) -> neo4j.Session:
    """Return a session on a graph without a node."""
    empty(_graph_with_constraints)
    return _graph_with_constraints


def empty(opened: neo4j.Session) -> None:
    """Delete everything; tried again where a test before has left a connection that is lost."""
    try:
        opened.run(EMPTY_GRAPH).consume()
    except (ServiceUnavailable, SessionExpired):
        opened.run(EMPTY_GRAPH).consume()


@pytest.fixture
def spooled(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Return the folder of a spool that is empty; flagged records go beside it."""
    settings.SPOOL_URL = str(tmp_path / "spool")
    settings.QUALITY_ROOT = str(tmp_path / "quality")
    yield tmp_path / "spool"
    spool.filesystem.cache_clear()
