"""How far runs and files are, by the ledger."""

import pytest
from django.db.models.functions import Now

from apps.ingest.models import Chunk, DumpFile, FileState, Run, RunState
from apps.ingest.progress import estimates, summaries

pytestmark = pytest.mark.django_db


def run(state=RunState.EXTRACTING, stores=("graph", "tables")):
    return Run.objects.create(
        source="discogs", version="20260801", state=state, folder="/dumps", types=["artists"], stores=list(stores)
    )


def file(of, record_type="artists", size=100, read=100, *, split=True, **fields):
    return DumpFile.objects.create(
        run=of,
        type=record_type,
        path="/dumps/x",
        first_load=False,
        bytes=size,
        bytes_read=read,
        split_at=Now() if split else None,
        **fields,
    )


def chunk(of, seq, *marks, **fields):
    marked = dict.fromkeys(marks, Now())
    return Chunk.objects.create(file=of, seq=seq, low_id=1, high_id=0, sha256=b"", xml_blob="x", **marked, **fields)


def share(of):
    return summaries.summarise_files([DumpFile.objects.select_related("run").get(pk=of.pk)])[of.pk].share


def test_a_file_that_is_being_split_is_as_far_as_its_bytes():
    assert share(file(run(), read=50, split=False)) == pytest.approx(0.1)


def test_every_stage_of_a_split_file_counts_the_same():
    begun = file(run())
    chunk(begun, 0, "extracted_at", "tabled_at")
    chunk(begun, 1)

    assert share(begun) == pytest.approx((1 + 2 / 2) / 5)


def test_without_a_graph_two_stages_are_all():
    begun = file(run(stores=["tables"]))
    chunk(begun, 0, "extracted_at", "tabled_at")

    assert share(begun) == 1


def test_a_stage_that_gave_up_is_settled():
    begun = file(run())
    chunk(begun, 0, "extracted_at", failed_stage="table")

    assert share(begun) == 1


def test_a_completed_file_without_chunks_is_done():
    assert share(file(run(), state=FileState.COMPLETED)) == 1


def test_a_completed_run_is_done():
    begun = file(run(RunState.COMPLETED))
    chunk(begun, 0)

    assert share(begun) == 1


def test_a_run_adds_up_its_files_by_their_bytes():
    begun = run()
    small = file(begun, "labels", size=100)
    chunk(small, 0, "extracted_at", "tabled_at", "graphed_at", "linked_at", new=3, dead=1)
    file(begun, "releases", size=300, read=0, split=False, removed=5)

    summary = summaries.summarise_runs([begun])[begun.pk]

    assert summary.percent == 25
    assert (summary.new, summary.removed, summary.dead_letters) == (3, 5, 1)


def test_a_run_without_files_has_nothing_done():
    begun = run()

    assert summaries.summarise_runs([begun])[begun.pk] == summaries.Summary()


def test_few_rows_are_counted():
    run()

    assert estimates.count_or_estimate(Run.objects.all()) == estimates.Amount(1, is_exact=True)


def test_counting_stops_at_the_limit():
    for state in (RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED):
        run(state)

    assert not estimates.count_or_estimate(Run.objects.filter(source="discogs"), exact_below=2).is_exact


def test_many_rows_are_estimated_to_three_digits(monkeypatch):
    monkeypatch.setattr(estimates, "estimate_rows", lambda rows: 18_923_417)

    assert estimates.count_or_estimate(Run.objects.all()) == estimates.Amount(18_900_000, is_exact=False)
