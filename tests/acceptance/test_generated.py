"""Loading generated dumps, large enough for many chunks of many records, in both shapes of the format."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import snapshots
from tests.acceptance.brokers import Broker, ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.workers import PROJECT
from tests.dumps import TYPES

GENERATOR = PROJECT / "bench" / "gen_discogs_dump.py"
SMALL = {"artists": 700, "labels": 150, "masters": 200, "releases": 1000}
MIDDLE = {"artists": 2000, "labels": 400, "masters": 600, "releases": 3000}
LARGE = {"artists": 200_000, "labels": 40_000, "masters": 60_000, "releases": 200_000}
CHUNKS = {"INGEST_CHUNK_BYTES": "100000", "INGEST_STALL_SECONDS": "30"}
LARGE_CHUNKS = {"INGEST_CHUNK_BYTES": "8388608", "INGEST_STALL_SECONDS": "120"}
PATIENCE = 1800
MODERN, CLASSIC = ("--shape", "modern", "--illegal", "0.002"), ("--shape", "classic")
DUMPS = [
    pytest.param(MIDDLE, CHUNKS, MODERN, id="modern"),
    pytest.param(MIDDLE, CHUNKS, CLASSIC, id="classic", marks=pytest.mark.slow),
    pytest.param(LARGE, LARGE_CHUNKS, MODERN, id="large-modern", marks=pytest.mark.slow),
    pytest.param(LARGE, LARGE_CHUNKS, CLASSIC, id="large-classic", marks=pytest.mark.slow),
]


def generate(folder: Path, counts: dict[str, int], *options: str) -> tuple[Path, dict[str, Any]]:
    """Write a dump; return its folder, and what its files hold by type."""
    sizes = [word for type_, count in counts.items() for word in (f"--{type_}", str(count))]
    subprocess.run([sys.executable, str(GENERATOR), "--out", str(folder), *sizes, *options], check=True)
    return folder, json.loads((folder / "manifest.json").read_text())


def records(manifest: dict[str, Any]) -> dict[str, int]:
    return {file["kind"]: file["records"] for file in manifest["files"].values()}


@pytest.mark.parametrize(("counts", "variables", "options"), DUMPS)
def test_a_generated_dump_is_loaded_to_the_last_relationship(
    build: Build,
    tmp_path: Path,
    broker: Broker,
    counts: dict[str, int],
    variables: dict[str, str],
    options: tuple[str, ...],
) -> None:
    folder, manifest = generate(tmp_path / "dump", counts, *options)
    with open_installation(build, tmp_path / "installation", broker, **variables) as installation:
        installation.patience = PATIENCE
        types = installation.load(folder)["types"]

        assert {type_: types[type_]["records"] for type_ in TYPES} == records(manifest)
        assert not any(types[type_]["dropped"] for type_ in TYPES)
        installation.require(folder)
        installation.require_leaves(folder)


def test_an_edition_over_the_one_before_is_as_if_the_stores_had_been_empty(
    build: Build, tmp_path: Path, valkey: ValkeyBroker
) -> None:
    require_update(build, tmp_path, valkey, SMALL, CHUNKS)


@pytest.mark.slow
def test_a_large_edition_over_the_one_before_is_as_if_the_stores_had_been_empty(
    build: Build, tmp_path: Path, valkey: ValkeyBroker
) -> None:
    require_update(build, tmp_path, valkey, LARGE, LARGE_CHUNKS)


def require_update(
    build: Build, tmp_path: Path, broker: Broker, counts: dict[str, int], variables: dict[str, str]
) -> None:
    """Fail unless an update equals a fresh load, without a question about what it removes."""
    before, _ = generate(tmp_path / "before", counts, "--date", "20260101")
    after, _ = generate(tmp_path / "after", counts, "--date", "20260201", "--edition", "1")
    with open_installation(build, tmp_path / "fresh", broker, **variables) as installation:
        installation.patience = PATIENCE
        installation.load(after)
        installation.require(after)
        fresh = installation.snapshot()
    with open_installation(build, tmp_path / "updated", broker, **variables) as installation:
        installation.patience = PATIENCE
        installation.load(before)
        result = installation.load(after)

        differing = snapshots.differences(fresh, installation.snapshot())
        assert not differing, "\n".join([*differing, installation.report()])
        assert result["state"] == "completed"
