"""A dump into empty stores with the embedded Neo4j is imported, also if the worker is killed meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from apps.stack import environment, processes
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.dumps import FIRST_MONTH, pack


@pytest.fixture
def _fresh_bookmarks(_graph_with_constraints: neo4j.Session) -> Iterator[None]:
    """Let the session of all tests not wait for transactions of a database that the import has replaced."""
    yield
    _graph_with_constraints._initialize_bookmarks(None)


@pytest.mark.usefixtures("_fresh_bookmarks")
def test_an_import_goes_on_when_the_worker_is_killed(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> None:
    dump = pack(FIRST_MONTH, "20260101", tmp_path / "dump")
    variables = {"LINERNOTES_STACK_DIR": str(environment.folder()), "GRAPH_BULK_BYTES": "0"}
    with open_installation(build, tmp_path / "installation", valkey, **variables) as installation:
        installation.manage("extract", "discogs", "--from", str(dump), "--no-wait")
        home = environment.folder() / "neo4j.import"
        installation.wait_until(lambda: processes.find("java", home), "the import")
        installation.worker.kill()
        installation.worker.start()

        assert installation.wait_for_end(300) == "completed", installation.report()
        assert installation.value("SELECT bulk FROM ingest_run")
        assert not installation.ask("SELECT FROM ingest_deadletter"), installation.report()
        installation.require(dump)
