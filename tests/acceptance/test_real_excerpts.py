"""Loading excerpts of real dumps: the classic shape of records, then the same ones in the shape since 2024-12."""

import os
from pathlib import Path

import pytest

from tests.acceptance import snapshots
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.workers import PROJECT

EXCERPTS = Path(os.environ.get("LINERNOTES_SHARED", PROJECT.parent / "shared")) / "data" / "discogs"
OLD, NEW = EXCERPTS / "20200801", EXCERPTS / "20260801"
SMALL_CHUNKS = {"INGEST_CHUNK_BYTES": "100000"}

pytestmark = pytest.mark.skipif(not NEW.is_dir(), reason=f"{EXCERPTS} has no dumps: set LINERNOTES_SHARED")


@pytest.fixture(scope="module")
def fresh(build: Build, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker) -> snapshots.Snapshot:
    """Return what the new dump looks like in stores that were empty."""
    with open_installation(build, tmp_path_factory.mktemp("fresh"), valkey, **SMALL_CHUNKS) as installation:
        installation.load(NEW)
        installation.require(NEW)
        installation.require_leaves(NEW)
        return installation.snapshot()


def test_a_dump_much_smaller_than_the_last_one_removes_nothing_until_confirmed(
    build: Build, tmp_path: Path, valkey: ValkeyBroker, fresh: snapshots.Snapshot
) -> None:
    with open_installation(build, tmp_path, valkey, **SMALL_CHUNKS) as installation:
        installation.load(OLD)
        installation.require(OLD)
        installation.require_leaves(OLD)
        before = installation.value("SELECT count(*) FROM artists")
        vetoed = installation.manage("extract", "discogs", "--from", str(NEW), "--json")

        assert vetoed.code == 0, installation.report()
        assert vetoed.result["state"] == "completed_with_warnings"
        assert "artists: purge vetoed, nothing removed" in vetoed.error
        assert "If that is right, load it with --confirm-purge" in vetoed.error
        events = installation.ask("SELECT message FROM ingest_event WHERE kind = 'warning'")
        assert any("artists: purge vetoed" in message for (message,) in events)
        assert installation.value("SELECT count(*) FROM artists") == before

        result = installation.load(NEW, "--confirm-purge")

        differing = snapshots.differences(fresh, installation.snapshot())
        assert not differing, "\n".join([*differing, installation.report()])
        assert result["state"] == "completed"
