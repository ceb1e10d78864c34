"""Commands, admin, status page, metrics, marker and feed say the same numbers of the same run."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from apps.dashboard import metrics, overview
from apps.ingest.feed import publishing
from apps.ingest.models import Chunk
from apps.ingest.progress import speed
from apps.ingest.runs import markers
from apps.operations import following
from apps.operations.admin import tables
from tests.loading import add_chunks, extract, give_up, load, start
from tests.records import artist, label

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
DO_NOT_USE = "<profile>DO NOT USE</profile>"


@pytest.fixture
def run():
    """A run in its middle: two of four chunks are extracted, one of them gave up behind that; nothing is loaded."""
    made = start("artists", "labels")
    first, second, _ = add_chunks(made, "artists", [[artist(1), artist(2, more=DO_NOT_USE)], [artist(3)], [artist(4)]])
    add_chunks(made, "labels", [label(5)])
    for chunk in (first, second):
        extract(chunk)
    give_up(second, "table")
    return made


def read_tellers(run):
    """Return teller → those of these numbers of artists that it has: records, new, skipped, extracted chunks."""
    artists = run.files.get(type="artists")
    result = following.get_result(run)["types"]["artists"]
    report = markers.report(run)["processing_phase"]["progress_by_file"]["artists.xml"]
    message = publishing.file_complete(artists)
    row = dict(zip(tables.build_files(run).headers, tables.build_files(run).rows[0], strict=True))
    extracted = next(each for each in speed.measure_stages(run) if (each.type, each.stage) == ("artists", "extract"))
    return {
        "extract --json": {"records": result["records"], "new": result["new"], "skipped": result["skipped"]},
        "marker": {
            "records": report["records_extracted"],
            "skipped": report["records_extracted"] - report["messages_published"],
            "extracted": report["batches_sent"],
        },
        "feed": {"records": message["total_processed"], "new": message["new"], "skipped": message["skipped"]},
        "admin": {"records": int(row["records"]), "new": int(row["new"]), "skipped": int(row["skipped"])},
        "stages": {"extracted": extracted.done},
        "metrics": {"records": read_metric("linernotes_run_records_total", type="artists", stage="extract")},
    }


def read_metric(name, **labels):
    (found,) = (
        sample.value
        for family in metrics.collect_stage_metrics([Chunk.objects.first().file.run])
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
    return found


def read_totals(run):
    """Return the progress of the run on the status page, and the new records in the list of runs."""
    (line,) = overview.list_recent_runs()
    out = StringIO()
    call_command("runs", stdout=out)
    return line.summary.percent, int(re.search(r"(\d+) new", out.getvalue())[1]), line.summary.new


def test_a_run_in_its_middle(run):
    assert_all_say(read_tellers(run), records=3, new=2, skipped=1, extracted=2)
    percent, *new = read_totals(run)
    assert 0 < percent < 100
    assert new == [2, 2]
    assert following.get_result(run)["types"]["labels"]["records"] == 0


def test_a_run_at_its_end(run):
    Chunk.objects.update(failed_stage="")
    load(run)

    assert_all_say(read_tellers(run), records=4, new=3, skipped=1, extracted=3)
    assert read_totals(run) == (100, 4, 4)
    assert following.get_result(run)["graph"]["nodes_written"] >= 4


def assert_all_say(tellers, **numbers):
    assert tellers == {teller: {name: numbers[name] for name in said} for teller, said in tellers.items()}
