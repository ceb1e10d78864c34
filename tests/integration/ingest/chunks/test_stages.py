"""Splitting a file and extracting a chunk, with ledger and spool around them."""

import gzip
import hashlib

import pytest

from apps.ingest import ledger
from apps.ingest.chunks import spool, stages
from apps.ingest.discogs import stage
from apps.ingest.errors import DumpError, RunError, SpoolError
from apps.ingest.models import Chunk, DumpFile, FileState, QualityFinding, Run, RunState
from apps.ingest.runs import starting
from tests.loading import add_chunk, add_chunks, chunks_of, extract, load_tables, reload, start
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
MALFORMED = "<artist><id>{}</id><name></artist>"


@pytest.fixture
def dump(tmp_path):
    """A dump file of a thousand artists, with a run that is about to split it."""
    path = tmp_path / "discogs_20260101_artists.xml.gz"
    content = "<artists>" + "\n".join(artist(each, "x" * 3000) for each in range(1, 1001)) + "</artists>"
    path.write_bytes(gzip.compress(content.encode()))
    return path


def file_of(path, **fields):
    run = start("artists")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    given = {"path": str(path), "bytes": path.stat().st_size, "checksum": checksum, "split_at": None, **fields}
    DumpFile.objects.filter(run=run).update(**given)
    return DumpFile.objects.select_related("run").get(run=run)


def ledger_rows():
    return [*Chunk.objects.order_by("seq").values_list("seq", "low_id", "high_id", "sha256", "xml_blob")]


def blobs(folder):
    return sorted(path.name for path in folder.rglob("*.zst"))


def test_a_file_becomes_chunks_in_ledger_and_spool(dump, settings, spooled):
    settings.INGEST_CHUNK_BYTES = 1024 * 1024
    file = file_of(dump)

    stages.split(file, stage.cut)

    file.refresh_from_db()
    rows = ledger_rows()
    assert file.split_at
    assert file.bytes_read == dump.stat().st_size
    assert len(rows) >= 2
    assert [row[1] for row in rows[1:]] == [row[2] + 1 for row in rows[:-1]]
    for _, _, _, sha256, blob in rows:
        assert hashlib.sha256(spool.read(blob)).digest() == bytes(sha256)


def test_splitting_again_skips_what_is_there(dump, settings, spooled):
    settings.INGEST_CHUNK_BYTES = 1024 * 1024
    file = file_of(dump)
    stages.split(file, stage.cut)
    rows, names = ledger_rows(), blobs(spooled)
    first = Chunk.objects.first()
    extract(first)

    stages.split(file, stage.cut)

    assert ledger_rows() == rows
    assert blobs(spooled) == sorted({*names, *blobs(spooled)} - {first.xml_blob.rpartition("/")[2]})
    assert reload(first).extracted_at


def test_splitting_goes_on_where_it_was_interrupted(dump, settings):
    settings.INGEST_CHUNK_BYTES = 1024 * 1024
    file = file_of(dump)
    stages.split(file, stage.cut)
    rows = ledger_rows()
    Chunk.objects.filter(seq__gte=1).delete()

    stages.split(file, stage.cut)

    assert ledger_rows() == rows


def test_another_file_under_the_same_name_is_refused(dump, settings):
    file = file_of(dump)
    stages.split(file, stage.cut)
    dump.write_bytes(gzip.compress(b"<artists><artist><id>7</id></artist></artists>"))

    with pytest.raises(DumpError, match="is another file than the run began with"):
        stages.split(file, stage.cut)


def test_a_wrong_checksum_is_refused_and_the_file_is_not_split(dump):
    file = file_of(dump, checksum="0" * 64)

    with pytest.raises(DumpError, match="does not have its published SHA-256"):
        stages.split(file, stage.cut)
    file.refresh_from_db()
    assert file.split_at is None


def test_without_a_checksum_the_file_is_taken_as_it_is(dump):
    file = file_of(dump, checksum="")

    stages.split(file, stage.cut)

    assert Chunk.objects.exists()


def test_a_file_that_has_gone_is_named(dump):
    file = file_of(dump)
    dump.unlink()

    with pytest.raises(DumpError, match=r"discogs_20260101_artists\.xml\.gz cannot be read: No such file"):
        stages.split(file, stage.cut)


def test_a_spool_without_room_is_said_before(dump):
    file = file_of(dump, bytes=10**17)

    with pytest.raises(SpoolError, match="MB free and needs"):
        stages.split(file, stage.cut)
    assert not Chunk.objects.exists()


# Extracting


@pytest.mark.parametrize(("malformed", "is_sound"), [(100, True), (101, False)])
def test_a_hundred_malformed_records_are_tolerated(malformed, is_sound):
    run = start("artists", stores=["tables"])
    chunk = add_chunk(run, "artists", *(MALFORMED.format(each) for each in range(1, malformed + 1)), artist(500))

    extract(chunk)

    file = run.files.get()
    assert (file.state == FileState.LOADING) is is_sound
    assert is_sound or file.error.startswith("artists.xml has 101 malformed records, more than INGEST_MALFORMED_LIMIT")
    assert reload(chunk).dropped == malformed
    assert run.findings.filter(rule="malformed").count() == malformed


def test_malformed_records_count_over_all_chunks(settings):
    settings.INGEST_MALFORMED_LIMIT = 1
    run = start("artists", stores=["tables"])
    first, second = add_chunks(run, "artists", [[MALFORMED.format(1)], [MALFORMED.format(2)]])

    extract(first)
    assert run.files.get().state == FileState.LOADING
    extract(second)
    assert run.files.get().state == FileState.FAILED


def test_a_finding_keeps_the_bytes_of_a_dropped_record():
    run = start("artists", stores=["tables"])
    extract(add_chunk(run, "artists", MALFORMED.format(7)))

    finding = QualityFinding.objects.get()
    assert (finding.record_id, finding.rule, bytes(finding.excerpt)) == ("7", "malformed", MALFORMED.format(7).encode())


def test_a_name_that_we_do_not_know_is_one_finding_a_file():
    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [[artist(1, more="<future/>")], [artist(2, more="<future/><other/>")]])
    load_tables(run)

    assert sorted(run.findings.values_list("rule", "field")) == [("unknown-name", "future"), ("unknown-name", "other")]


def test_names_without_end_are_a_hundred_findings_a_file():
    run = start("artists", stores=["tables"])
    odd = ["".join(f"<odd{number}/>" for number in range(first, first + 70)) for first in (0, 70)]
    add_chunks(run, "artists", [[artist(1, more=odd[0])], [artist(2, more=odd[1])]])
    load_tables(run)

    assert run.findings.filter(rule="unknown-name").count() == 100


def test_a_chunk_with_nothing_new_has_nothing_to_do():
    run = start("artists")
    add_chunks(run, "artists", [artist(1)])
    load_tables(run)
    Chunk.objects.update(linked_at=run.started_at, graphed_at=run.started_at)
    ledger.end(run, RunState.COMPLETED)
    (chunk,) = add_chunks(start("artists"), "artists", [artist(1)])

    extract(chunk)

    found = reload(chunk)
    assert all([found.extracted_at, found.tabled_at, found.graphed_at, found.linked_at])
    assert (found.unchanged, found.for_graph) == (1, 0)


def test_the_blobs_of_a_twin_that_came_late_go_again(spooled):
    run = start("artists", stores=["tables"])
    chunk = add_chunk(run, "artists", artist(1))
    content = spool.read(chunk.xml_blob)
    late = reload(chunk)
    extract(chunk)
    kept = {path.name for path in spooled.rglob("*") if path.is_file()}
    spool.write(chunk.xml_blob, spool.compress(content))

    from_twin = stage.extract(late, lambda *_: None, [])

    assert from_twin["records"] == 1
    assert {path.name for path in spooled.rglob("*") if path.is_file()} == kept
    assert reload(chunk).new == 1


def test_a_chunk_whose_bytes_are_lost_is_an_error():
    chunk = add_chunk(start("artists"), "artists", artist(1))
    spool.delete(chunk.xml_blob)

    with pytest.raises(SpoolError, match="has lost"):
        extract(chunk)


# Starting a run


@pytest.fixture
def folder(tmp_path):
    for record_type in ("artists", "labels", "masters", "releases"):
        (tmp_path / f"discogs_20260101_{record_type}.xml.gz").write_bytes(b"x")
    return tmp_path


def begin(folder, **fields):
    return starting.start(starting.Options("discogs", **fields), folder=folder, is_empty=lambda *_: True)


def test_a_run_has_its_files_and_says_that_they_are_unverified(folder):
    run = begin(folder)

    assert {*run.files.values_list("type", flat=True)} == {"artists", "labels", "masters", "releases"}
    assert all(run.files.values_list("first_load", flat=True))
    assert {*run.events.values_list("kind", flat=True)} == {"started", "unverified"}


def test_a_file_that_the_list_of_checksums_lacks_is_named(folder):
    (folder / "discogs_20260101_CHECKSUM.txt").write_text(f"{'ab' * 32}  discogs_20260101_labels.xml.gz\n")
    run = begin(folder, types=["labels", "masters"])

    assert run.events.get(kind="unverified").message == (
        f"{folder} has no checksum of discogs_20260101_masters.xml.gz: not verified"
    )


def test_a_second_run_is_refused_while_the_first_is_unfinished(folder):
    run = begin(folder)

    with pytest.raises(RunError, match=f"Run {run.pk} is unfinished"):
        begin(folder)
    assert Run.objects.count() == 1


def test_an_older_version_needs_force(folder):
    ledger.end(start("artists", version="20270101"), RunState.COMPLETED)

    with pytest.raises(RunError, match="20260101 is older than 20270101"):
        begin(folder)
    assert begin(folder, force=True).version == "20260101"


def test_the_graph_alone_needs_the_tables(folder):
    with pytest.raises(DumpError, match="The tables do not hold"):
        begin(folder, stores=("graph",))


def test_the_start_of_a_run_stays_when_it_is_resumed(folder):
    run = begin(folder)
    before = Run.objects.get().started_at

    starting.resume(run)

    assert Run.objects.get().started_at == before
    assert not chunks_of(run)
