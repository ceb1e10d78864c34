"""The tasks themselves: what they call, in which order, and that each may come twice."""

import pytest

from apps.catalog.models import Artist, Release
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.models import Chunk, DeadLetter, DumpFile, FileState, Run, RunState
from apps.ingest.progress import summaries
from apps.ingest.runs import starting
from tasks.extractor import extract_chunk, extract_file, extraction_complete, file_complete, start_run
from tasks.graphinator import link_graph, load_graph
from tasks.maintenance import graph_complete, maintain
from tasks.tableinator import load_table
from tasks.watchdog import watch
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack
from tests.integration.graph.reading import read_all
from tests.loading import add_chunks, give_up, reload, start
from tests.records import artist, label, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
TYPES = ("labels", "artists", "masters", "releases")


def apply(task, *args):
    """Do a task here and now; whatever it stands for follows at once."""
    return task.apply(args=args, throw=True).get()


def apply_twice(task, *args):
    """Let a task's message come twice; what the second one does must be nothing."""
    apply(task, *args)
    return apply(task, *args)


@pytest.fixture
def run(tmp_path):
    """A run of the small dump, about to start."""
    pack(FIRST_MONTH, "20260101", tmp_path / "dumps")
    return starting.start(starting.Options("discogs", types=TYPES), folder=tmp_path / "dumps", is_empty=lambda *_: True)


@pytest.fixture
def chunk():
    """The chunk of two artists in a run that has no other."""
    run = start("artists")
    (made,) = add_chunks(run, "artists", [artist(1, aliases=[2]), artist(2)])
    return made


def state(run):
    run.refresh_from_db()
    return run.state


def test_starting_a_run_takes_it_to_its_end(run, graph):
    apply(start_run, run.pk)

    assert state(run) in {RunState.COMPLETED, RunState.COMPLETED_WITH_WARNINGS}
    assert {file.state for file in run.files.all()} == {FileState.COMPLETED}
    assert Artist.objects.count() == 14
    assert Release.objects.count() == 12
    assert graph.run("MATCH (release:Release) RETURN count(release)").single().value() == 12
    assert not spool.exists(str(run.pk))


def test_every_message_of_a_run_comes_twice(run, graph):
    apply(start_run, run.pk)
    tables = [*Artist.objects.order_by("pk").values()], [*Release.objects.order_by("pk").values()]
    before = read_all(graph)
    ended = read_ending()

    for task in (start_run, extraction_complete, graph_complete, maintain):
        apply(task, run.pk)
    for file in run.files.all():
        apply(extract_file, file.pk)
        apply(file_complete, file.pk)
    for each in Chunk.objects.all():
        for task in (extract_chunk, load_table, load_graph, link_graph):
            assert apply(task, each.pk) == {"status": "done"}

    assert ([*Artist.objects.order_by("pk").values()], [*Release.objects.order_by("pk").values()]) == tables
    assert read_all(graph) == before
    assert read_ending() == ended


def read_ending():
    """Return the row of the only run, but for its heart."""
    return {name: value for name, value in Run.objects.values().get().items() if name != "heartbeat_at"}


def test_the_second_month_after_the_first(run, tmp_path, graph):
    apply(start_run, run.pk)
    pack(SECOND_MONTH, "20260201", tmp_path / "dumps")
    second = starting.start(starting.Options("discogs"), folder=tmp_path / "dumps", is_empty=lambda *_: False)

    apply(start_run, second.pk)

    assert state(second) in {RunState.COMPLETED, RunState.COMPLETED_WITH_WARNINGS}
    summary = summaries.summarise_run(second)["releases"]
    assert (summary.new, summary.removed) == (1, 1)


def test_the_counts_of_a_resumed_run_include_what_was_done_before_it():
    run = start("artists", "labels", stores=["tables"])
    (done,) = add_chunks(run, "artists", [artist(1), artist(2)])
    add_chunks(run, "labels", [label(3)])
    for task in (extract_chunk, load_table):
        apply(task, done.pk)
    apply(file_complete, done.file_id)

    starting.resume(run)
    apply(start_run, run.pk)

    assert state(run) == RunState.COMPLETED
    assert {key: summary.new for key, summary in summaries.summarise_run(run).items()} == {"artists": 2, "labels": 1}


@pytest.mark.parametrize("stage", [extract_chunk, load_table, load_graph, link_graph])
def test_a_stage_that_comes_twice_is_done_once(chunk, graph, stage):
    for task in (extract_chunk, load_table, load_graph, link_graph):
        apply(task, chunk.pk)
        if task is stage:
            assert apply(task, chunk.pk) == {"status": "done"}

    assert Artist.objects.count() == 2
    assert graph.run("MATCH ()-[edge:ALIAS_OF]->() RETURN count(edge)").single().value() == 1


@pytest.mark.parametrize("stage", [load_graph, link_graph])
def test_constraints_are_there_before_anything_is_written_to_the_graph(chunk, graph, stage):
    for task in (extract_chunk, load_table):
        apply(task, chunk.pk)
    if stage is link_graph:
        Chunk.objects.update(graphed_at=chunk.file.run.started_at)
    wanted = constraints(graph)
    for name in wanted:
        graph.run(f"DROP CONSTRAINT {name}").consume()

    apply(stage, chunk.pk)

    assert wanted
    assert constraints(graph) == wanted


def constraints(graph):
    return sorted(record["name"] for record in graph.run("SHOW CONSTRAINTS YIELD name"))


def test_a_run_is_started_without_a_look_at_the_graph(run, monkeypatch):
    """While Neo4j is away, extraction and tables go on."""
    monkeypatch.setattr("apps.graph.session._driver", lambda: 1 / 0)
    sent = []
    monkeypatch.setattr("celery.app.task.Task.replace", lambda task, canvas: sent.append(canvas))

    apply(start_run, run.pk)

    assert len(sent) == 1
    assert state(run) == RunState.EXTRACTING


def test_a_file_that_is_damaged_fails_and_its_run_with_it(run, tmp_path):
    file = run.files.get(type="artists")
    path = tmp_path / "dumps" / "discogs_20260101_artists.xml.gz"
    path.write_bytes(path.read_bytes()[:-100])

    apply(start_run, run.pk)

    file.refresh_from_db()
    assert file.state == FileState.FAILED
    assert file.error.startswith("discogs_20260101_artists.xml.gz is cut short")
    assert state(run) == RunState.FAILED
    assert run.error == file.error
    assert Artist.objects.count() == 0


def test_a_file_that_does_not_have_its_checksum_loads_nothing(run):
    DumpFile.objects.filter(type="artists").update(checksum="0" * 64)

    apply(start_run, run.pk)

    assert "does not have its published SHA-256" in DumpFile.objects.get(type="artists").error
    assert Artist.objects.count() == 0


def test_nothing_is_done_for_a_run_that_was_cancelled(run):
    starting.cancel(run)

    apply(start_run, run.pk)
    for file in run.files.all():
        apply(extract_file, file.pk)

    assert not Chunk.objects.exists()
    assert state(run) == RunState.CANCELLED


def test_linking_waits_for_every_file(run):
    run.files.exclude(type="artists").update(state=FileState.COMPLETED)

    apply_twice(extraction_complete, run.pk)

    assert state(run) == RunState.EXTRACTING


def test_maintenance_waits_for_every_link(chunk):
    run = chunk.file.run
    for task in (extract_chunk, load_table, load_graph):
        apply(task, chunk.pk)
    Run.objects.update(state=RunState.LINKING)

    apply_twice(graph_complete, run.pk)

    assert state(run) == RunState.LINKING


def test_a_chunk_that_gave_up_lets_its_run_complete_with_a_warning(chunk, graph):
    run = chunk.file.run
    give_up(chunk, "extract")

    apply(start_run, run.pk)

    assert state(run) == RunState.COMPLETED_WITH_WARNINGS
    assert "1 dead letter" in run.warnings[0]


def test_a_run_without_the_graph_writes_tables_alone(graph):
    run = start("releases", stores=["tables"])
    add_chunks(run, "releases", [release(1, genres=["Rock"])])

    apply(start_run, run.pk)

    assert state(run) == RunState.COMPLETED
    assert Release.objects.count() == 1
    assert read_all(graph) == []


# The watchdog


@pytest.fixture
def sent(monkeypatch):
    """Collect what the watchdog sends."""
    found = []
    for task in (start_run, extraction_complete, file_complete, graph_complete):
        name = task.name.rpartition(".")[2]
        monkeypatch.setattr(task, "apply_async", lambda args, *_, name=name, **__: found.append((name, *args)))
    return found


def test_the_watchdog_lets_a_run_that_moves_alone(chunk, sent):
    apply(watch)

    assert sent == []


def test_the_watchdog_completes_a_file_whose_callback_was_lost(chunk, sent):
    give_up(chunk, "extract")

    apply(watch)

    assert sent == [("file_complete", chunk.file_id)]


def test_the_watchdog_completes_the_extraction_whose_callback_was_lost(chunk, sent):
    DumpFile.objects.update(state=FileState.COMPLETED)

    apply(watch)

    assert sent == [("extraction_complete", chunk.file.run_id)]


def test_the_watchdog_completes_a_graph_whose_callback_was_lost(chunk, sent):
    give_up(chunk, "link")
    Run.objects.update(state=RunState.LINKING)

    apply(watch)

    assert sent == [("graph_complete", chunk.file.run_id)]


def test_the_watchdog_starts_a_run_again_that_stands_still(chunk, sent, settings):
    settings.INGEST_STALL_SECONDS = -1

    apply(watch)

    assert sent == [("start_run", chunk.file.run_id)]
    assert chunk.file.run.events.filter(kind="stalled").count() == 1


def test_the_watchdog_minds_no_run_that_has_ended(chunk, sent, settings):
    settings.INGEST_STALL_SECONDS = -1
    ledger.end(chunk.file.run, RunState.CANCELLED)

    apply(watch)

    assert sent == []
    assert reload(chunk).attempts == 0
    assert not DeadLetter.objects.exists()
