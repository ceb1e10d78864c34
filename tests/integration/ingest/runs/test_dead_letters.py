"""Replaying and purging dead letters: in their own run, after it has ended, and by the command."""

import gzip
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.catalog.models import TABLES
from apps.ingest import ledger
from apps.ingest.chunks import stages
from apps.ingest.discogs import stage as discogs
from apps.ingest.errors import RunError
from apps.ingest.models import Chunk, DanglingReference, DeadLetter, Event, Run, RunState
from apps.ingest.runs import dead_letters, starting
from apps.operations import runs
from tasks.extractor import extract_chunk, start_run
from tasks.graphinator import load_graph
from tasks.pipelines import is_empty
from tasks.tableinator import load_table
from tests.conftest import EMPTY_GRAPH
from tests.integration.graph.reading import read_all
from tests.loading import add_chunks, give_up, load_nodes, load_tables, reload, start
from tests.records import artist, label, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
# The stages of a chunk → the tasks of those before it.
STAGES = {
    "extract": (),
    "table": (extract_chunk,),
    "graph": (extract_chunk, load_table),
    "link": (extract_chunk, load_table, load_graph),
}
REPLAYED = []


@pytest.fixture
def dumps(tmp_path):
    return write(tmp_path / "dumps", "20260101")


def write(folder, version, **more):
    """Write a dump of two artists who know each other and of a release of theirs, and of more records."""
    records = {
        "artists": [artist(1, aliases=[2]), artist(2), *more.get("artists", ())],
        "releases": [release(1, artists=[1], credits=[("A. Brown", "Drums", 2)], genres=["Rock"])],
    }
    folder.mkdir(exist_ok=True)
    for record_type, each in records.items():
        content = f"<{record_type}>{''.join(each)}</{record_type}>"
        (folder / f"discogs_{version}_{record_type}.xml.gz").write_bytes(gzip.compress(content.encode()))
    return folder


@pytest.fixture
def undisturbed(dumps, graph):
    """Return what tables and graph hold after a load in which nothing gave up; loaded once for all tests."""
    if not REPLAYED:
        carry_out(begin(dumps))
        REPLAYED.append(stores(graph))
        for model in (Run, DanglingReference, *TABLES.values()):
            model.objects.all().delete()
        graph.run(EMPTY_GRAPH).consume()
    return REPLAYED[0]


@pytest.fixture
def dispatched(monkeypatch):
    """What would go to the workers."""
    found = []
    monkeypatch.setattr(start_run, "delay", found.append)
    monkeypatch.setattr(runs, "chain_missing_stages", lambda chunk: Delayed(chunk, found))
    return found


class Delayed:
    """The stages of a chunk, noted instead of sent."""

    def __init__(self, chunk, found):
        self.chunk, self.found = chunk, found

    def delay(self):
        self.found.append(self.chunk)


def begin(dumps, *types):
    options = starting.Options("discogs", types=types or ("artists", "releases"))
    return starting.start(options, folder=dumps, is_empty=is_empty)


def carry_out(run):
    start_run.apply(args=[run.pk], throw=True).get()
    run.refresh_from_db()


def stores(graph):
    columns = ("data_id", "hash", "data")
    tables = {name: [*model.objects.order_by("pk").values_list(*columns)] for name, model in TABLES.items()}
    dangling = DanglingReference.objects.order_by("record_type", "record_id", "relationship", "target_id")
    return tables, read_all(graph), [*dangling.values_list("record_type", "record_id", "relationship", "target_id")]


def plant(run, stage):
    """Let the artists of a run give up in a stage, after those before it."""
    file = run.files.get(type="artists")
    stages.split(file, discogs.cut)
    (chunk,) = file.chunks.all()
    for task in STAGES[stage]:
        task.apply(args=[chunk.pk], throw=True).get()
    give_up(chunk, stage)
    return chunk


def replay(run, *letters):
    chosen = list(letters) or list(dead_letters.find_waiting(run=run.pk))
    return dead_letters.replay(run, chosen, is_empty=is_empty, by="ada")


def debts():
    return Chunk.objects.filter(for_graph__gt=0, linked_at=None, paid_at=None)


@pytest.mark.parametrize("stage", STAGES)
def test_after_its_run_a_stage_is_made_good_by_a_run_over_the_same_dump(dumps, undisturbed, graph, stage):
    run = begin(dumps)
    chunk = plant(run, stage)
    carry_out(run)
    assert run.state == RunState.COMPLETED_WITH_WARNINGS
    assert stores(graph) != undisturbed

    again = replay(run).again
    carry_out(again)

    assert again.types == ["artists"]
    assert again.state == RunState.COMPLETED
    assert stores(graph) == undisturbed
    assert not debts().exists()
    assert reload(chunk).failed_stage == ""
    assert not dead_letters.find_waiting().exists()
    assert {event.by for event in Event.objects.filter(kind="replayed")} == {"ada"}


@pytest.mark.parametrize("stage", ["extract", "graph"])
def test_a_stage_goes_on_in_its_own_run_while_its_file_is_loading(dumps, undisturbed, graph, stage):
    run = begin(dumps)
    chunk = plant(run, stage)

    prepared = replay(run)
    runs.chain_missing_stages(prepared.chunks[0]).apply(throw=True).get()
    carry_out(run)

    assert [each.pk for each in prepared.chunks] == [chunk.pk]
    assert run.state == RunState.COMPLETED
    assert stores(graph) == undisturbed


def test_a_link_goes_on_in_its_own_run_while_that_is_linking(graph):
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1, aliases=[2]), artist(2)])
    load_tables(run)
    load_nodes(run)
    Run.objects.update(state=RunState.LINKING)
    give_up(chunk, "link")

    prepared = replay(run)
    runs.chain_missing_stages(prepared.chunks[0]).apply(throw=True).get()

    run.refresh_from_db()
    assert run.state == RunState.COMPLETED
    assert graph.run("MATCH ()-[edge:ALIAS_OF]->() RETURN count(edge)").single().value() == 1


def begin_incomplete():
    """Return a run that is linking without a chunk that gave up earlier, and that chunk."""
    run = start("artists", "labels")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    add_chunks(run, "labels", [label(1)])
    give_up(chunk, "extract")
    load_tables(run)
    load_nodes(run)
    Run.objects.update(state=RunState.LINKING)
    run.refresh_from_db()
    return run, chunk


def test_what_gave_up_before_the_links_waits_for_the_end_of_its_run():
    run, chunk = begin_incomplete()

    with pytest.raises(RunError, match="replay them when it has ended"):
        replay(run)
    assert reload(chunk).failed_stage == "extract"
    assert dead_letters.find_waiting().count() == 1


def test_a_run_that_is_linking_ends_when_it_is_resumed():
    run, chunk = begin_incomplete()

    starting.resume(run)
    carry_out(run)

    assert run.state == RunState.COMPLETED_WITH_WARNINGS
    assert reload(chunk).failed_stage == "extract"


def test_a_refused_record_waits_for_the_end_of_its_run():
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    ledger.record_dead_records(chunk, "table", "tests", [(1, "refused", "{}")])

    with pytest.raises(RunError, match="replay them when it has ended"):
        replay(run)


def test_what_a_later_run_has_loaded_is_not_loaded_again(dumps):
    run = begin(dumps)
    plant(run, "link")
    carry_out(run)
    carry_out(begin(write(dumps, "20260201", artists=[artist(3)])))

    prepared = replay(run)

    assert (prepared.again, prepared.loaded_since) == (None, ["artists"])
    assert not dead_letters.find_waiting(run=run.pk).exists()


def test_of_a_run_that_was_cancelled_everything_is_loaded(dumps):
    run = begin(dumps)
    plant(run, "extract")
    starting.cancel(run)
    run.refresh_from_db()

    again = replay(run).again

    assert sorted(again.types) == ["artists", "releases"]


def test_an_older_dump_is_loaded_again_if_its_type_was_not_loaded_since(dumps):
    run = begin(dumps)
    plant(run, "link")
    carry_out(run)
    carry_out(begin(write(dumps, "20260201"), "releases"))

    again = replay(run).again

    assert (again.version, again.types) == ("20260101", ["artists"])


def test_nothing_is_said_to_be_replayed_while_another_run_is_unfinished(dumps):
    run = begin(dumps)
    plant(run, "link")
    carry_out(run)
    begin(dumps)

    with pytest.raises(RunError, match="is unfinished"):
        replay(run)
    assert dead_letters.find_waiting(run=run.pk).count() == 1


def test_a_dump_that_has_gone_is_named(dumps):
    run = begin(dumps)
    plant(run, "link")
    carry_out(run)
    for path in dumps.iterdir():
        path.unlink()

    with pytest.raises(CommandError, match="has no complete version 20260101"):
        call_command("replay", run=run.pk)
    assert dead_letters.find_waiting(run=run.pk).count() == 1


# Messages that died


def message(**fields):
    given = {"id": "m-1", "task": "load_table", "queue": "tableinator", "error": "rejected", "about": "", "pk": None}
    return dead_letters.DeadMessage(**{**given, "excerpt": "[[1]]", **fields})


def test_a_message_is_kept_with_what_it_was_about():
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])

    for _ in range(2):
        dead_letters.record_message(message(about="chunk", pk=chunk.pk))

    letter = DeadLetter.objects.get()
    assert (letter.run, letter.chunk, letter.stage, letter.message_id) == (run, chunk, "table", "m-1")
    assert run.events.filter(kind="dead letter").count() == 1


def test_a_message_whose_work_is_done_is_no_loss():
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    ledger.mark(chunk, "table")

    dead_letters.record_message(message(about="chunk", pk=chunk.pk))

    assert not DeadLetter.objects.exists()
    dead_letters.record_message(message(task="load_graph", about="chunk", pk=chunk.pk))
    assert DeadLetter.objects.get().stage == "graph"


@pytest.mark.parametrize(("about", "pk"), [("", None), ("chunk", 2**62), ("run", 2**62)])
def test_a_message_about_nothing_that_is_there_is_kept_too(about, pk):
    dead_letters.record_message(message(about=about, pk=pk))
    dead_letters.record_message(message(about=about, pk=pk, id="m-2"))

    assert [letter.run for letter in DeadLetter.objects.all()] == [None, None]


def test_a_message_that_names_no_run_cannot_be_replayed():
    dead_letters.record_message(message())

    with pytest.raises(RunError, match="purge it"):
        replay(None, *dead_letters.find_waiting())


def test_a_message_lets_its_run_go_on(dispatched):
    run = start("artists")
    dead_letters.record_message(message(task="start_run", about="run", pk=run.pk))

    call_command("replay", run=run.pk, stdout=StringIO())

    assert dispatched == [run.pk]


def test_a_message_that_died_is_no_warning_of_its_run():
    run = start("artists", stores=["tables"])
    dead_letters.record_message(message(about="run", pk=run.pk))

    starting.complete(run)

    run.refresh_from_db()
    assert run.state == RunState.COMPLETED


def test_a_stage_that_gives_up_is_another_dead_letter_than_its_message():
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    dead_letters.record_message(message(about="chunk", pk=chunk.pk))

    give_up(chunk, "table")
    give_up(chunk, "table")

    assert sorted(DeadLetter.objects.values_list("message_id", flat=True)) == ["", "m-1"]


# Purging


def test_purging_deletes_and_notes_who():
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    give_up(chunk, "extract")
    dead_letters.record_message(message())
    ledger.end(run, RunState.CANCELLED)

    assert dead_letters.purge(DeadLetter.objects.all(), by="ada") == 2
    assert not DeadLetter.objects.exists()
    assert set(Event.objects.filter(kind="purged").values_list("run", "by")) == {(None, "ada"), (run.pk, "ada")}


def test_a_dead_letter_that_guards_its_file_is_not_purged():
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    give_up(chunk, "extract")

    with pytest.raises(RunError, match=f"Run {run.pk} is unfinished"):
        dead_letters.purge(DeadLetter.objects.all(), by="ada")
    assert DeadLetter.objects.count() == 1


# The command


def test_the_command_replays_what_is_chosen(dispatched):
    run = start("artists")
    first, second = add_chunks(run, "artists", [[artist(1)], [artist(2)]])
    give_up(first, "extract")
    give_up(second, "table")
    out = StringIO()

    call_command("replay", stage="table", stdout=out)

    assert dispatched == [second]
    assert out.getvalue() == f"1 chunks of run {run.pk} go on\n"
    assert reload(first).failed_stage == "extract"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "Say what to replay"),
        (("123456789",), "There is no dead letter 123456789"),
        (("--run", "123456789"), "No such dead letter waits"),
    ],
)
def test_the_command_says_what_it_cannot_do(arguments, error):
    with pytest.raises(CommandError, match=error):
        call_command("replay", *arguments)


def test_the_command_replays_one_of_two_by_its_number(dispatched):
    run = start("artists")
    first, second = add_chunks(run, "artists", [[artist(1)], [artist(2)]])
    give_up(first, "extract")
    give_up(second, "extract")

    call_command("replay", str(first.dead_letters.get().pk), stdout=StringIO())

    assert dispatched == [first]
    assert [letter.chunk for letter in dead_letters.find_waiting()] == [second]
