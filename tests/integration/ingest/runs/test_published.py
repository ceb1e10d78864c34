"""Runs that fetch what they load: their start, their files, their markers, the periodic check, tidying away."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.models import F

from apps.http.errors import SiteError
from apps.ingest import ledger
from apps.ingest.errors import DumpError, NothingToDoError, RunError, WaitError
from apps.ingest.models import Chunk, DumpFile, Event, QualityFinding, RemovedEntity, Run, RunState, SourceCheck
from apps.ingest.runs import checking, markers, published, retention, starting
from apps.ingest.runs.starting import Options
from apps.ingest.sources import catalogue, download, fetching
from tests.dumps import FIRST_MONTH, SECOND_MONTH
from tests.loading import add_chunk, add_file, month, start
from tests.publisher import Answer
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
LABELS = "discogs_20260601_labels.xml.gz"
CHECKSUM = "discogs_20260601_CHECKSUM.txt"


@pytest.fixture
def root(publisher, settings):
    return Path(settings.DISCOGS_ROOT)


def begin(**options):
    return published.start(Options("discogs", **options), is_empty=lambda *_: True)


def file_of(run, record_type="labels"):
    return DumpFile.objects.select_related("run").get(run=run, type=record_type)


def fetch_all(run):
    for file in run.files.order_by("pk"):
        fetching.fetch(file)


def complete(run, *, days_ago=0):
    """Let a run end as if it had loaded everything."""
    run.files.update(state="completed", fetched_at=datetime.now(UTC))
    starting.complete(run)
    Run.objects.filter(pk=run.pk).update(completed_at=datetime.now(UTC) - timedelta(days=days_ago))
    run.refresh_from_db()
    return run


def age(*aged, days=1000):
    Run.objects.filter(pk__in=[run.pk for run in aged]).update(completed_at=datetime.now(UTC) - timedelta(days=days))


# The start


def test_a_run_knows_where_its_files_are_and_what_they_must_be(publisher, root):
    run = begin()

    labels = file_of(run)
    assert (run.version, run.folder, run.types) == ("20260601", str(root), ["labels", "artists", "masters", "releases"])
    assert labels.url == f"{publisher.url}?download=data%2F2026%2F{LABELS}"
    assert labels.path == str(root / LABELS)
    assert len(labels.checksum) == 64
    assert not labels.is_here
    assert run.warnings == []


def test_a_newer_version_that_is_not_complete_is_passed_over(publisher, tmp_path):
    publisher.publish("20260701", SECOND_MONTH, tmp_path / "scratch")
    publisher.withdraw("discogs_20260701_masters.xml.gz")

    assert begin().version == "20260601"


def test_nothing_complete_is_nothing_to_do(publisher):
    publisher.withdraw(CHECKSUM)

    with pytest.raises(NothingToDoError, match="No complete version"):
        begin()


def test_a_version_that_is_asked_for_needs_the_types_alone(publisher):
    publisher.withdraw(CHECKSUM)
    publisher.withdraw("discogs_20260601_artists.xml.gz")

    with pytest.raises(RunError, match="artists missing"):
        begin(version="20260601")
    with pytest.raises(RunError, match=r"20200101 is not published\. There are 20260601"):
        begin(version="20200101")
    run = begin(version="20260601", types=["labels"])

    assert [file.type for file in run.files.all()] == ["labels"]
    assert run.warnings == ["Version 20260601 has no CHECKSUM file: its files are unverified"]


def test_checksums_that_cannot_be_had_are_a_warning(publisher):
    publisher.answer(CHECKSUM, Answer(404))

    run = begin()

    assert file_of(run).checksum == ""
    assert "unverified" in run.warnings[0]


def test_a_list_of_checksums_that_cannot_be_read_starts_no_run(publisher):
    publisher.answer(CHECKSUM, Answer(200, body=b"<html>We are moving house</html>"))

    with pytest.raises(DumpError, match=f"{CHECKSUM} has a line that cannot be read"):
        begin()
    assert not Run.objects.exists()


def test_a_second_run_is_told_the_number_of_the_first_before_anything_else(publisher):
    run = begin()
    publisher.answer("front", Answer(500))

    with pytest.raises(RunError, match=rf"Run {run.pk} is unfinished.*--resume.*runs cancel {run.pk}"):
        begin()
    with pytest.raises(RunError, match=rf"Run {run.pk} is unfinished"):
        starting.start(Options("discogs"), folder=Path("/nowhere"), is_empty=lambda *_: True)
    with pytest.raises(RunError, match=rf"Run {run.pk} is unfinished"):
        starting.rebuild()


def test_a_loaded_version_is_not_loaded_again_unless_it_is_asked_for(publisher):
    run = complete(begin())

    with pytest.raises(published.AlreadyLoadedError, match=rf"20260601 is loaded already \(run {run.pk}\).*--force"):
        begin()
    assert published.find_loaded_version("discogs") == "20260601"
    for option in ("force", "rewrite", "confirm_purge"):
        complete(begin(**{option: True}))


def test_a_version_that_was_published_anew_is_another_one(publisher, tmp_path):
    complete(begin())
    publisher.publish("20260601", SECOND_MONTH, tmp_path / "scratch")

    assert begin().version == "20260601"


def test_what_lacks_a_type_or_a_store_or_was_loaded_over_is_not_loaded(publisher, tmp_path):
    complete(begin(types=["labels"]))
    complete(begin(stores=["tables"]))
    complete(begin())
    publisher.publish("20260501", FIRST_MONTH, tmp_path / "scratch")
    complete(begin(version="20260501", force=True))

    assert complete(begin()).version == "20260601"
    assert Run.objects.count() == 5


def test_an_older_version_is_refused(publisher, tmp_path):
    complete(begin())
    publisher.publish("20260501", FIRST_MONTH, tmp_path / "scratch")

    with pytest.raises(RunError, match="20260501 is older than 20260601"):
        begin(version="20260501")


def test_a_folder_that_cannot_be_written_is_named(publisher, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.DISCOGS_ROOT = str(tmp_path / "file" / "dumps")

    with pytest.raises(DumpError, match=r"DISCOGS_ROOT .* cannot be written"):
        begin()


# Fetching


def test_files_come_with_their_checksums_and_are_catalogued(publisher, root):
    run = begin()

    fetch_all(run)

    labels = file_of(run)
    assert labels.is_here
    assert labels.bytes == labels.bytes_fetched == (root / LABELS).stat().st_size
    assert (root / CHECKSUM).read_text().splitlines()[0] == f"{labels.checksum}  {LABELS}"
    assert catalogue.checksum(root, LABELS) == labels.checksum
    assert published.list_downloaded("discogs") == ["20260601"]


def test_a_file_that_is_here_is_not_fetched_again(publisher, root):
    fetch_all(begin())
    complete(Run.objects.get())
    publisher.asked.clear()

    fetch_all(begin(force=True))

    assert publisher.downloads() == []


def test_a_file_that_somebody_put_there_is_taken_if_it_is_the_published_one(publisher, root):
    root.mkdir()
    (root / LABELS).write_bytes(publisher.files[f"data/2026/{LABELS}"])
    run = begin(types=["labels"])

    fetch_all(run)

    assert publisher.downloads() == []
    assert catalogue.checksum(root, LABELS) == file_of(run).checksum


@pytest.mark.parametrize("damage", ["missing", "changed", "republished", "uncatalogued"])
def test_a_file_is_fetched_when_it_is_not_what_it_should_be(publisher, root, tmp_path, damage):
    run = begin(types=["labels"])
    fetch_all(run)
    complete(run)
    publisher.asked.clear()
    if damage == "missing":
        (root / LABELS).unlink()
    elif damage == "changed":
        (root / LABELS).write_bytes(b"\x1f\x8b and more")
    elif damage == "republished":
        publisher.publish("20260601", SECOND_MONTH, tmp_path / "scratch")
    else:
        publisher.withdraw(CHECKSUM)
        catalogue.drop(root, LABELS)

    fetch_all(begin(version="20260601", types=["labels"], force=True))

    assert publisher.downloads() == [LABELS]
    assert (root / LABELS).read_bytes() == publisher.files[f"data/2026/{LABELS}"]


def test_without_a_checksum_the_catalogue_vouches_for_a_file(publisher):
    publisher.withdraw(CHECKSUM)
    run = begin(version="20260601", types=["labels"])
    fetch_all(run)
    DumpFile.objects.update(fetched_at=None)
    publisher.asked.clear()

    fetch_all(run)

    assert publisher.downloads() == []


def test_a_wrong_checksum_fails_and_leaves_nothing_behind(publisher, root):
    run = begin(types=["labels"])
    publisher.answer(LABELS, Answer(body=b"\x1f\x8b something else"))

    with pytest.raises(DumpError, match="published SHA-256"):
        fetch_all(run)

    assert not (root / LABELS).exists()
    assert catalogue.checksum(root, LABELS) is None
    assert not file_of(run).is_here


def test_a_site_that_gives_up_on_us_is_the_files_fault_in_one_sentence(publisher, root, monkeypatch):
    monkeypatch.setattr(download, "FIRST_WAIT_SECONDS", 0)
    run = begin(types=["labels"])
    publisher.answer(LABELS, Answer(cut_after=10), *[Answer(500)] * 3)

    with pytest.raises(DumpError, match=rf"{LABELS} could not be fetched: .*status 500"):
        fetch_all(run)

    assert (root / f"{LABELS}.part").stat().st_size == 10


def test_one_file_is_fetched_at_a_time(publisher):
    run = begin(types=["labels"])
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key_of_downloads()])
        with pytest.raises(WaitError):
            fetch_all(run)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    fetch_all(run)
    assert file_of(run).is_here


def key_of_downloads():
    """Find the key of the lock by taking it."""
    with ledger.hold_lock("download", 0), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_a_cancelled_run_fetches_nothing_and_stops_what_it_fetches(publisher, root):
    run = begin(types=["labels"])
    progress = fetching.Progress(file_of(run))
    progress.report(5, 10)
    file = file_of(run)
    starting.cancel(run)

    assert (file.bytes_fetched, file.bytes, file.fetched_share) == (5, 10, 0.5)
    assert fetching.fetch(file) is None
    assert publisher.downloads() == []
    progress.next_report = 0
    with pytest.raises(fetching.StoppedError):
        progress.report(6, 10)
    with pytest.raises(fetching.StoppedError):
        progress.sleep(0.01)


# Markers


def test_a_marker_says_what_the_disk_holds(publisher, root):
    run = begin(types=["labels", "artists"])
    fetching.fetch(file_of(run))
    markers.write(run)

    under_way = json.loads(markers.path_of("20260601", "discogs").read_text())
    complete(run)
    done = json.loads(markers.path_of("20260601", "discogs").read_text())

    assert under_way["current_version"] == "20260601"
    assert under_way["download_phase"]["status"] == "in_progress"
    assert under_way["download_phase"]["files_downloaded"] == 1
    assert under_way["download_phase"]["downloads_by_file"][LABELS]["checksum"] == file_of(run).checksum
    assert under_way["summary"]["overall_status"] == "in_progress"
    assert done["download_phase"]["status"] == done["processing_phase"]["status"] == "completed"
    assert done["summary"]["overall_status"] == "completed"
    assert done["summary"]["total_duration_seconds"] >= 0
    assert done["processing_phase"]["started_at"] == under_way["processing_phase"]["started_at"]
    assert [path.name for path in root.glob("*.tmp")] == []


def test_a_cancelled_run_is_marked_as_failed(publisher):
    starting.cancel(begin())

    assert json.loads(markers.path_of("20260601", "discogs").read_text())["summary"]["overall_status"] == "failed"


def test_runs_from_elsewhere_and_disks_that_refuse_leave_no_marker(publisher, root, caplog):
    starting.complete(start("artists", folder="/elsewhere"))
    run = begin(force=True)
    markers.path_of("20260601", "discogs").mkdir()
    markers.write(run)

    assert "cannot be written" in caplog.text
    assert [path.name for path in root.glob(".extraction_status*")] == [".extraction_status_20260601.json"]


# The periodic check


def check():
    return checking.check("discogs", lambda *_: True)


def test_a_check_begins_a_run_of_a_new_version_and_of_no_other(publisher, tmp_path):
    first = check()
    complete(first)
    nothing = check()
    said = SourceCheck.objects.get()
    publisher.publish("20260701", SECOND_MONTH, tmp_path / "scratch")
    second = check()

    assert first.version == "20260601"
    assert nothing is None
    assert said.newest == "20260601"
    assert said.outcome.startswith(f"Version 20260601 is loaded already (run {first.pk})")
    assert second.version == "20260701"
    assert SourceCheck.objects.get().newest == "20260701"


def test_a_check_that_fails_says_so_and_raises_nothing(publisher, settings):
    publisher.answer("front", Answer(404))
    assert check() is None
    assert "status 404" in SourceCheck.objects.get().outcome
    assert Event.objects.get(kind="check failed").run is None

    run = check()
    assert check() is None
    assert f"Run {run.pk} is unfinished" in SourceCheck.objects.get().outcome


def test_looking_changes_nothing(publisher):
    assert published.look("discogs").newest == "20260601"
    publisher.answer("front", Answer(404))
    with pytest.raises(SiteError):
        published.look("discogs")

    assert Run.objects.count() == SourceCheck.objects.count() == 0


# Tidying away


def names(root):
    return {path.name for path in root.iterdir() if path.name.startswith(("discogs_", ".extraction"))}


def load(publisher, tmp_path, version):
    publisher.publish(version, FIRST_MONTH, tmp_path / "scratch")
    run = begin()
    fetch_all(run)
    return complete(run)


def test_old_dumps_go_and_the_newest_stay(publisher, root, tmp_path, settings):
    settings.DUMPS_KEEP = 2
    for version in ("20260601", "20260701", "20260801"):
        load(publisher, tmp_path, version)
    (root / "discogs_20260501_labels.xml.gz.part").write_bytes(b"x")
    (root / "of an operator.txt").write_text("")

    deleted = retention.tidy_dumps("discogs")

    assert {name.split("_")[1] for name in deleted if name.startswith("discogs")} == {"20260501", "20260601"}
    assert {name.split("_")[1] for name in names(root) if name.startswith("discogs")} == {"20260701", "20260801"}
    assert {name for name in names(root) if name.startswith(".extraction")} == {
        ".extraction_status_20260701.json",
        ".extraction_status_20260801.json",
    }
    assert (root / "of an operator.txt").exists()
    assert catalogue.checksum(root, LABELS) is None
    assert catalogue.checksum(root, "discogs_20260801_labels.xml.gz")
    assert Event.objects.filter(kind="tidied").count() == 1
    assert retention.tidy_dumps("discogs") == []


def test_dumps_that_are_still_to_be_loaded_stay(publisher, root, tmp_path, settings):
    settings.DUMPS_KEEP = 0
    load(publisher, tmp_path, "20260601")
    publisher.publish("20260701", SECOND_MONTH, tmp_path / "scratch")
    failed = begin()
    fetch_all(failed)
    ledger.end(failed, RunState.FAILED, "it was not to be")
    reading = begin(version="20260601", force=True)

    assert retention.tidy_dumps("discogs") == []
    starting.cancel(reading)
    assert {name.split("_")[1] for name in retention.tidy_dumps("discogs") if name.startswith("discogs")} == {
        "20260601"
    }


def test_deleted_dumps_are_not_loaded_again(publisher, root, tmp_path, settings):
    settings.DUMPS_KEEP = 0
    load(publisher, tmp_path, "20260601")
    assert retention.tidy_dumps("discogs")

    with pytest.raises(published.AlreadyLoadedError):
        begin()


def test_old_runs_go_with_all_that_belongs_to_them(settings, graph):
    settings.LEDGER_KEEP_DAYS = 365
    # The guards of the purge would ask about the old run, had they stopped the recent one's.
    settings.PURGE_MAX_DELETE_FRACTION, settings.PURGE_MIN_SEEN_FRACTION = 1, 0
    old = month(artists=[artist(1), artist(2)])
    ledger.note(old, "noted", "long ago")
    ledger.note(None, "noted", "long ago")
    Event.objects.update(at=F("at") - timedelta(days=400))
    recent = month(artists=[artist(1)])
    newest = month(artists=[artist(3)])
    age(old)

    assert retention.tidy_ledger() == [old.pk]

    assert set(Run.objects.values_list("pk", flat=True)) == {recent.pk, newest.pk}
    assert not Chunk.objects.filter(file__run=old.pk).exists()
    assert not Event.objects.filter(message="long ago").exists()


def test_runs_that_later_ones_ask_about_stay_with_their_findings_but_not_their_events(settings, graph):
    settings.LEDGER_KEEP_DAYS = 0
    owing = start("labels", stores=["tables"])
    chunk = add_chunk(owing, "labels")
    Chunk.objects.filter(pk=chunk.pk).update(for_graph=3)
    ledger.end(owing, RunState.CANCELLED)
    unlinked = start("masters")
    gone = add_chunk(unlinked, "masters")
    RemovedEntity.objects.create(
        run=unlinked, chunk=gone, record_type="masters", data_id=1, purged_at=datetime.now(UTC)
    )
    ledger.end(unlinked, RunState.FAILED)
    nothing = start("masters")
    ledger.end(nothing, RunState.FAILED)
    only_of_its_type = start("releases")
    complete(only_of_its_type)
    maintained = complete(start("artists"))
    Run.objects.filter(pk=maintained.pk).update(steps_done=["remove"])
    since = start("artists")
    ledger.end(since, RunState.CANCELLED)
    for run in (owing, nothing, maintained):
        QualityFinding.objects.create(run=run, file=run.files.get(), record_id="1", rule="r", severity="info")
        ledger.note(run, "started", "long ago")
    age(*Run.objects.all(), days=1)

    assert retention.tidy_ledger() == [nothing.pk]

    assert set(Run.objects.values_list("pk", flat=True)) == {
        run.pk for run in (owing, unlinked, only_of_its_type, maintained, since)
    }
    assert set(QualityFinding.objects.values_list("run", flat=True)) == {owing.pk, maintained.pk}
    assert not Event.objects.filter(message="long ago").exists()


def test_an_unfinished_run_stays_whatever_its_age(settings):
    settings.LEDGER_KEEP_DAYS = 0
    run = start("artists", started_at=datetime.now(UTC) - timedelta(days=999))
    add_file(run, "labels")

    assert retention.tidy_ledger() == []
