"""Loading MusicBrainz over Discogs: to the last row, property and relationship, twice, and in both orders."""

import subprocess
import sys
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import expected, expected_musicbrainz, snapshots, stages, stored_musicbrainz
from tests.acceptance.brokers import Broker, ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Installation
from tests.acceptance.test_generated import CHUNKS, SMALL, generate
from tests.acceptance.test_kills import KILLS
from tests.acceptance.workers import PROJECT
from tests.dumps import FIRST_MONTH, MUSICBRAINZ_FIRST, MUSICBRAINZ_SECOND, pack, pack_musicbrainz

SHARED = PROJECT.parent / "shared" / "data"
GENERATOR = PROJECT / "bench" / "gen_musicbrainz_dump.py"
ENTITIES = {"artists": 800, "labels": 100, "release-groups": 150, "releases": 400, "relations": 1500}
FIRST, SECOND = "20260801-001001", "20260805-001001"


def generate_musicbrainz(folder: Path, *options: str) -> Path:
    """Write a dump that refers to one of ``SMALL``; return its folder."""
    sizes = [word for name, count in ENTITIES.items() for word in (f"--{name}", str(count))]
    pages = [word for name, count in SMALL.items() for word in (f"--discogs-{name}", str(count))]
    command = [sys.executable, str(GENERATOR), "--out", str(folder), *sizes, *pages, *options]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def read_stores(installation: Installation) -> Any:
    """Return what both stores hold, without when it was written."""
    with installation.connect() as connection:
        tables = stored_musicbrainz.tables(connection)
    nodes = "MATCH (node) RETURN labels(node), node {.*, mb_updated_at: null}"
    edges = "MATCH (a)-[edge]->(b) RETURN type(edge), a.id, a.name, b.id, b.name, properties(edge)"
    graph = [sorted(map(snapshots.text, installation.cypher(query))) for query in (nodes, edges)]
    return tables.entities, tables.relationships, tables.external_links, graph


def test_the_excerpt_is_loaded_to_the_last_relationship_and_a_second_time_nothing_is_written(
    build: Build, tmp_path: Path, valkey: ValkeyBroker
) -> None:
    if not SHARED.is_dir():
        pytest.skip("the real excerpts are not beside the project")
    with open_installation(build, tmp_path / "installation", valkey, **CHUNKS) as installation:
        installation.load(SHARED / "discogs" / "20200801")
        result = installation.enrich(SHARED / "musicbrainz")
        installation.require_musicbrainz(SHARED / "musicbrainz" / "20260815-001001")
        with installation.connect() as connection:
            before = stored_musicbrainz.places(connection)
        written = snapshots.last_write_to_graph()

        again = installation.enrich(SHARED / "musicbrainz")

        assert {name: counts["records"] for name, counts in result["types"].items()} == {
            "artists": 51,
            "labels": 27,
            "release-groups": 15,
            "releases": 47,
        }
        assert again["types"]["artists"]["unchanged"] == 51
        assert again["graph"]["nodes_written"] == again["graph"]["relationships_written"] == 0
        assert snapshots.last_write_to_graph() == written
        with installation.connect() as connection:
            assert stored_musicbrainz.places(connection) == before


def test_every_case_of_the_small_dumps_is_as_the_independent_check_reads_it(
    build: Build, tmp_path: Path, valkey: ValkeyBroker
) -> None:
    first = pack_musicbrainz(MUSICBRAINZ_FIRST, FIRST, tmp_path / "dumps")
    second = pack_musicbrainz(MUSICBRAINZ_SECOND, SECOND, tmp_path / "dumps")
    with open_installation(build, tmp_path / "installation", valkey, **CHUNKS) as installation:
        installation.load(pack(FIRST_MONTH, "20260701", tmp_path / "first"))
        installation.enrich(first)
        rows = installation.require_musicbrainz(first)
        installation.enrich(second, "--confirm-purge")
        installation.require_musicbrainz(second, rows)

        coverage = installation.value("SELECT coverage FROM ingest_run ORDER BY id LIMIT 1 OFFSET 1")
        wanted = expected_musicbrainz.enrichment(rows, list_nodes_after(FIRST_MONTH, tmp_path))
        assert coverage["entities_enriched"] == wanted.figures["entities_enriched"]


def list_nodes_after(month: Path, folder: Path) -> dict[str, set[str]]:
    """Return the nodes that a month of Discogs makes."""
    found = expected.read(pack(month, "20260701", folder / "again"))
    return {label: set(nodes) for label, nodes in found.nodes.items()}


def test_the_order_of_the_sources_makes_no_difference(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> None:
    discogs = [
        generate(tmp_path / "d0", SMALL, "--date", "20260101")[0],
        generate(tmp_path / "d1", SMALL, "--date", "20260201", "--edition", "1")[0],
    ]
    musicbrainz = [
        generate_musicbrainz(tmp_path / "m0"),
        generate_musicbrainz(tmp_path / "m1", "--edition", "1"),
    ]
    found = []
    for name, steps in {
        "discogs first": [discogs[0], musicbrainz[0], discogs[1], musicbrainz[1]],
        "musicbrainz first": [musicbrainz[0], discogs[0], musicbrainz[1], discogs[1]],
        "only the last": [discogs[1], musicbrainz[1]],
    }.items():
        with open_installation(build, tmp_path / name.replace(" ", "-"), valkey, **CHUNKS) as installation:
            for folder in steps:
                (installation.load if folder in discogs else installation.enrich)(folder)
            installation.require_musicbrainz(next(path for path in musicbrainz[1].iterdir() if path.is_dir()))
            found.append(read_stores(installation))

    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_a_run_survives_a_kill_in_the_middle_of_every_stage(
    build: Build, tmp_path: Path, mortal_broker: Broker
) -> None:
    discogs = generate(tmp_path / "discogs", SMALL)[0]
    musicbrainz = generate_musicbrainz(tmp_path / "musicbrainz")
    with open_installation(
        build, tmp_path / "installation", mortal_broker, INGEST_CHUNK_BYTES="100000"
    ) as installation:
        installation.load(discogs)
        installation.manage("extract", "musicbrainz", "--from", str(musicbrainz), "--no-wait")
        for stage, kill in zip(stages.MUSICBRAINZ_STAGES, cycle(KILLS.values()), strict=False):
            with stages.hold_stage(installation, stage, stages.MUSICBRAINZ_STAGES):
                kill(installation)

        assert installation.wait_for_end() == "completed", installation.report()
        installation.require_musicbrainz(next(path for path in musicbrainz.iterdir() if path.is_dir()))
        assert not installation.ask("SELECT FROM ingest_deadletter"), installation.report()
        assert not installation.ask("SELECT FROM ingest_seenentity"), installation.report()
