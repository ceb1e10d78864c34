"""Insights after a load: equal to a plain computation, whatever dies or fails meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.insights.rarity import WEIGHTS
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.expected_insights import PLACEHOLDERS, Plain
from tests.acceptance.installation import Installation
from tests.acceptance.test_real_excerpts import EXCERPTS
from tests.acceptance.workers import PROJECT

NAMES = (
    "artist_centrality",
    "genre_trends",
    "label_longevity",
    "anniversaries",
    "data_completeness",
    "release_rarity",
)
COUNTS = {"artists": 1000, "labels": 200, "masters": 400, "releases": 2000}
CHUNKS = {"INGEST_CHUNK_BYTES": "2000000", "INGEST_STALL_SECONDS": "30"}
RESULTS = {
    "artist_centrality": "SELECT rank, artist_id, artist_name, edge_count FROM insights.artist_centrality",
    "genre_trends": "SELECT genre, decade, release_count FROM insights.genre_trends",
    "label_longevity": """
        SELECT rank, label_id, label_name, first_year, last_year, years_active, total_releases, peak_decade,
            still_active
        FROM insights.label_longevity""",
    "anniversaries": """
        SELECT master_id, title, artist_name, release_year, anniversary, release_month, popularity
        FROM insights.monthly_anniversaries""",
    "data_completeness": """
        SELECT entity_type, total_count, with_image, with_year, with_country, with_genre, completeness_pct::float
        FROM insights.data_completeness""",
}
RARITY = f"SELECT release_id, rarity_score, tier, hidden_gem_score, {', '.join(WEIGHTS)} FROM insights.release_rarity"
# Of computations after one.
LOG = "SELECT insight_type, status FROM insights.computation_log WHERE id > %s ORDER BY id"
ENDED = "SELECT count(DISTINCT insight_type) FROM insights.computation_log WHERE id > %s AND status = 'completed'"
HELD = "SELECT count(*) FROM insights.computation_log WHERE insight_type = %s AND status = 'running' AND step > 1"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    sizes = [word for type_, count in COUNTS.items() for word in (f"--{type_}", str(count))]
    generator = PROJECT / "bench" / "gen_discogs_dump.py"
    subprocess.run([sys.executable, str(generator), "--out", str(folder), *sizes, "--shape", "modern"], check=True)
    return folder


@pytest.fixture(scope="module")
def plain(generated: Path) -> Plain:
    return Plain(generated)


def load(installation: Installation, folder: Path) -> None:
    """Load a dump and wait for all insights, which its end asks for."""
    installation.load(folder)
    wait_for_all(installation)


def wait_for_all(installation: Installation, after: int = 0) -> None:
    installation.wait_until(lambda: installation.value(ENDED, after) == len(NAMES), "all insights")


@contextmanager
def hold(installation: Installation, table: str) -> Iterator[None]:
    """Let nobody read a table."""
    with installation.connect() as connection, connection.transaction():
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield


def require(installation: Installation, plain: Plain) -> None:
    """Fail unless every insight is that of the plain computation."""
    for name, query in RESULTS.items():
        assert set(installation.ask(query)) == getattr(plain, name)(), name
    found = {
        id_: (score, tier, gem, dict(zip(WEIGHTS, signals, strict=True)))
        for id_, score, tier, gem, *signals in installation.ask(RARITY)
    }
    expected = plain.release_rarity()
    assert found.keys() == expected.keys()
    assert {id_: (found[id_], row) for id_, row in expected.items() if found[id_] != row} == {}


def require_leading(installation: Installation, plain: Plain) -> None:
    """Fail unless what is stored beside the public rows is that of the plain computation, and the first are there."""
    edges, pairs, ranks = plain.count_edges("Artist"), plain.collaborations(), plain.pageranks()
    rows = installation.ask(
        "SELECT artist_id, edge_count, collaborators, pagerank, is_placeholder FROM insights.leading_artists"
    )
    assert {(id_, edges, others) for id_, edges, others, _, _ in rows} == {
        (id_, edges[id_], len(pairs.get(id_, ()))) for id_, *_ in rows
    }
    assert {id_: rank for id_, _, _, rank, _ in rows} == pytest.approx({id_: ranks.get(id_, 0) for id_, *_ in rows})
    assert {id_ for id_, *_, is_placeholder in rows if is_placeholder} <= PLACEHOLDERS
    stored = {id_ for id_, *_ in rows}
    for figures in (edges, {id_: len(others) for id_, others in pairs.items()}, ranks):
        assert set(sorted(figures, key=lambda id_: (-round(figures[id_], 9), id_))[:400]) <= stored
    settled = plain.settled_years()
    labels = dict(installation.ask("SELECT label_id, settled_year FROM insights.leading_labels"))
    assert labels == {label: settled[label] for label in labels}


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(PROJECT / "sample", id="sample"),
        *(
            pytest.param(
                EXCERPTS / version,
                id=version,
                marks=pytest.mark.skipif(
                    not (EXCERPTS / version).is_dir(), reason=f"{EXCERPTS} has no dumps: set LINERNOTES_SHARED"
                ),
            )
            for version in ("20200801", "20260801")
        ),
    ],
)
def test_the_insights_of_real_records_are_those_of_a_plain_computation(
    build: Build, tmp_path: Path, valkey: ValkeyBroker, folder: Path
) -> None:
    plain = Plain(folder)
    with open_installation(build, tmp_path / "installation", valkey, **CHUNKS) as installation:
        load(installation, folder)

        require(installation, plain)
        require_leading(installation, plain)


@pytest.fixture(scope="module")
def computed(
    build: Build, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker, generated: Path
) -> Iterator[Installation]:
    """Return an installation with the generated dump and its insights.

    Its worker stays, so the tests before have installations of their own: workers of two would share a broker.
    """
    with open_installation(build, tmp_path_factory.mktemp("computed"), valkey, **CHUNKS) as installation:
        load(installation, generated)
        yield installation


def test_the_insights_of_a_generated_dump_are_those_of_a_plain_computation(
    computed: Installation, plain: Plain
) -> None:
    require(computed, plain)
    require_leading(computed, plain)
    # Each of them has something to tell here.
    assert all(getattr(plain, name)() for name in NAMES)


def test_killed_workers_go_on_where_they_stopped(computed: Installation, plain: Plain) -> None:
    last = computed.value("SELECT max(id) FROM insights.computation_log")
    with hold(computed, "masters"):
        computed.manage("shell", "-c", "from tasks.insights import compute_all; compute_all.delay()")
        computed.wait_until(lambda: computed.ask(HELD, "artist_centrality"), "a computation in the middle")
        other = computed.manage("compute_insights", "artist_centrality")
        computed.worker.kill_children(computed.postgres_port())
    wait_for_all(computed, after=last)

    assert other.stdout == "artist_centrality: another process computes it\n"
    # One row each: none was begun anew.
    assert sorted(computed.ask(LOG, last)) == sorted((name, "completed") for name in NAMES)
    require(computed, plain)


def test_what_a_worker_left_that_is_gone_the_command_ends(computed: Installation, plain: Plain) -> None:
    last = computed.value("SELECT max(id) FROM insights.computation_log")
    with hold(computed, "masters"):
        computed.manage("shell", "-c", "from tasks.insights import compute_insight as it; it.delay('release_rarity')")
        computed.wait_until(lambda: computed.ask(HELD, "release_rarity"), "a computation in the middle")
        computed.worker.kill()

    done = computed.manage("compute_insights", "release_rarity")

    assert f"release_rarity: {len(plain.releases)} rows" in done.stdout, done.stderr
    assert computed.ask(LOG, last) == [("release_rarity", "completed")]
    require(computed, plain)


def test_nothing_found_replaces_nothing(computed: Installation, plain: Plain) -> None:
    with computed.connect() as connection:
        connection.execute("TRUNCATE artists, labels, masters, releases, tally, collaboration")
    computed.empty_graph()
    last = computed.value("SELECT max(id) FROM insights.computation_log")

    done = computed.manage("compute_insights")

    assert done.stdout.count(": 0 rows") == len(NAMES), done.stderr
    assert computed.ask(LOG, last) == [(name, "completed") for name in NAMES]
    require(computed, plain)


def test_the_schedule_computes_in_an_empty_catalogue(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> None:
    hours = {"INSIGHTS_SCHEDULE_HOURS": "0.0005"}
    with open_installation(build, tmp_path / "installation", valkey, **hours) as installation:
        wait_for_all(installation)
