"""How fast the stages of a run are, told from marks that a test has set."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.ingest import ledger
from apps.ingest.models import Chunk, Run, RunState
from apps.ingest.progress import speed
from tests.loading import add_file, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """A run whose file has four chunks of a hundred records."""
    run = start(stores=["tables"])
    file = add_file(run, "artists")
    for seq in range(4):
        Chunk.objects.create(file=file, seq=seq, low_id=1, high_id=2, sha256=b"", xml_blob="", records=100)
    return run


def mark(run, stage, *seconds_ago):
    """Set a stage's mark of as many chunks."""
    now = datetime.now(UTC)
    for chunk, seconds in zip(Chunk.objects.filter(file__run=run).order_by("seq"), seconds_ago, strict=False):
        Chunk.objects.filter(pk=chunk.pk).update(**{ledger.MARKS[stage]: now - timedelta(seconds=seconds)})


def stages(run):
    return {each.stage: each for each in speed.measure_stages(run)}


def test_a_stage_that_has_not_begun_has_no_rate(run):
    extract = stages(run)["extract"]

    assert (extract.done, extract.chunks, extract.percent) == (0, 4, 0)
    assert (extract.records_per_second, extract.seconds_left) == (None, None)


def test_the_rate_is_that_of_the_last_minutes(run):
    mark(run, "extract", 3600, 100, 50)

    extract = stages(run)["extract"]

    assert extract.percent == 75
    assert extract.records_per_second == pytest.approx(200 / 100, rel=0.1)
    assert extract.seconds_left == pytest.approx(50, rel=0.1)


def test_a_stage_that_is_done_has_no_time_left(run):
    mark(run, "extract", 40, 30, 20, 10)

    extract = stages(run)["extract"]

    assert extract.percent == 100
    assert extract.records_per_second
    assert extract.seconds_left is None


def test_the_rate_of_a_stage_that_is_done_does_not_fall(run):
    Run.objects.update(started_at=datetime.now(UTC) - timedelta(hours=2))
    mark(run, "extract", 5000, 4000, 3000, 1000)
    mark(run, "table", 100)

    assert stages(run)["extract"].records_per_second == pytest.approx(400 / 4000)


def test_a_stage_of_a_chunk_began_before_its_mark(run):
    mark(run, "extract", 1000, 1000, 1000, 1000)
    Chunk.objects.update(extract_seconds=4)

    assert stages(run)["extract"].records_per_second == pytest.approx(400 / 4)


def test_a_run_that_has_ended_has_the_rate_of_all_of_it(run):
    Run.objects.update(started_at=datetime.now(UTC) - timedelta(hours=2))
    mark(run, "extract", 5000, 4000, 3000, 1000)
    ledger.end(run, RunState.COMPLETED)
    run.refresh_from_db()

    extract = stages(run)["extract"]

    assert extract.records_per_second == pytest.approx(400 / 4000)
    assert extract.seconds_left is None


def test_a_run_without_the_graph_has_no_stages_of_it(run):
    assert list(stages(run)) == ["extract", "table"]
    Run.objects.update(stores=["graph", "tables"])
    run.refresh_from_db()
    assert list(stages(run)) == ["extract", "table", "graph", "link"]


def test_a_run_without_chunks_has_no_pace():
    assert speed.measure_stages(start("artists")) == []
