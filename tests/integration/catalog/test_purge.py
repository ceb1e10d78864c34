"""The purge deletes what a dump no longer has, unless a guard finds that it may be the dump's fault.

Contract: docs/contract/data.md#purge.
"""

from random import Random

import pytest

from apps.catalog import completion, readback
from apps.catalog.models import Artist, Label
from apps.graph.rows import GraphRows
from apps.ingest import ledger
from apps.ingest.models import Chunk, RemovedEntity, RunState
from apps.ingest.progress import summaries
from apps.ingest.runs import starting
from tasks.pipelines import finish_file
from tests.loading import add_chunks, extract, give_up, load_tables, reload, start
from tests.records import artist, label

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
WARNING = "artists: purge vetoed, nothing removed: "


def load(ids, **fields):
    """Load artists of some ids into their table alone; return the completed run."""
    run = start("artists", stores=["tables"], **fields)
    add_chunks(run, "artists", list(map(artist, ids)))
    load_tables(run)
    starting.complete(run)
    run.refresh_from_db()
    return run


def list_left():
    return {*Artist.objects.values_list("pk", flat=True)}


def list_removed(run):
    return {*RemovedEntity.objects.filter(run=run, purged_at__isnull=False).values_list("data_id", flat=True)}


def reason(run):
    (warning,) = run.warnings
    assert warning.startswith(WARNING)
    return warning.removeprefix(WARNING)


@pytest.fixture(autouse=True)
def _fractions(settings):
    settings.PURGE_MAX_DELETE_FRACTION = 0.90
    settings.PURGE_MIN_SEEN_FRACTION = 0.80


def test_what_is_gone_is_deleted_and_remembered_for_the_graph():
    load(range(1, 11))

    run = load([*range(2, 11), 12])

    assert list_left() == {*range(2, 11), 12}
    assert list_removed(run) == {1}
    assert run.state == RunState.COMPLETED
    assert summaries.summarise_run(run)["artists"].removed == 1


def test_guard_1_a_restart_keeps_the_rows_that_the_run_has_seen():
    """Rows are compared by what the dump holds, not by a clock: a chunk of before the restart counts as seen."""
    load(range(1, 11))
    run = start("artists", stores=["tables"])
    first, second = add_chunks(run, "artists", [[*map(artist, range(1, 6))], [*map(artist, range(6, 11))]])
    extract(first)
    starting.resume(run)
    extract(second)
    load_tables(run)

    assert list_left() == {*range(1, 11)}


def test_guard_2_a_file_without_a_usable_record_removes_nothing():
    load(range(1, 11))
    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", ["<artist><name>no id</name></artist>"])
    load_tables(run)
    run.refresh_from_db()

    assert list_left() == {*range(1, 11)}
    assert reason(run).startswith("10 of 10 rows would go")


def test_guard_3_nothing_goes_before_every_chunk_is_loaded():
    load(range(1, 11))
    run = start("artists", stores=["tables"])
    first, _ = add_chunks(run, "artists", [[*map(artist, range(2, 6))], [*map(artist, range(6, 11))]])
    extract(first)

    assert not completion.complete(run.files.get().pk, finish_file)
    assert list_left() == {*range(1, 11)}
    load_tables(run)
    assert list_left() == {*range(2, 11)}


def test_guard_4_a_dead_letter_of_the_type_keeps_its_rows():
    load(range(1, 11))
    run = start("artists", stores=["tables"])
    _, second = add_chunks(run, "artists", [[*map(artist, range(2, 6))], [*map(artist, range(7, 11))]])
    give_up(second, "extract")
    load_tables(run)
    run.refresh_from_db()

    assert list_left() == {*range(1, 11)}
    assert "is a dead letter" in reason(run)


def test_guard_4_is_for_that_type_only():
    load(range(1, 11))
    load_labels(range(1, 11))
    run = start("artists", "labels", stores=["tables"])
    (chunk,) = add_chunks(run, "artists", [*map(artist, range(2, 11))])
    add_chunks(run, "labels", [*map(label, range(2, 11))])
    extract(chunk)
    ledger.record_dead_records(reload(chunk), "table", "tableinator", [(5, "refused", "")])
    load_tables(run)

    assert list_left() == {*range(1, 11)}
    assert {*Label.objects.values_list("pk", flat=True)} == {*range(2, 11)}


def load_labels(ids):
    run = start("labels", stores=["tables"])
    add_chunks(run, "labels", list(map(label, ids)))
    load_tables(run)
    starting.complete(run)


def test_guard_5_nothing_gone_is_nothing_to_do():
    load(range(1, 11))

    run = load(range(1, 12))

    assert run.warnings == []
    assert not RemovedEntity.objects.exists()


@pytest.mark.parametrize(("kept", "is_vetoed"), [(1001, False), (1000, True)])
def test_guard_6_nine_tenths_of_a_table_do_not_go_at_once(kept, is_vetoed, settings):
    """Of 10,000 rows 8,999 may go, 9,000 may not."""
    settings.PURGE_MIN_SEEN_FRACTION = 0
    load(range(1, 10_001))

    run = load(range(1, kept + 1))

    assert len(list_left()) == (10_000 if is_vetoed else kept)
    assert [*map(WARNING.__eq__, run.warnings)] == [False] * is_vetoed
    if is_vetoed:
        assert reason(run).startswith("9,000 of 10,000 rows would go")


def test_guard_7_an_older_version_deletes_nothing():
    load(range(1, 11), version="20270101")

    run = load(range(2, 11), version="20260101")

    assert list_left() == {*range(1, 11)}
    assert reason(run) == "version 20260101 is older than 20270101, which is loaded"


def test_guard_7_types_that_the_run_did_not_load_stay():
    load_labels(range(1, 11))
    load(range(1, 11))

    load(range(2, 11))

    assert Label.objects.count() == 10


@pytest.mark.parametrize(("kept", "is_vetoed"), [(80, False), (79, True)])
def test_guard_8_a_dump_much_shorter_than_the_last_one_deletes_nothing(kept, is_vetoed):
    load(range(1, 101))

    run = load(range(1, kept + 1))

    assert len(list_left()) == (100 if is_vetoed else kept)
    if is_vetoed:
        assert reason(run).startswith("the dump has 79 records and the last one had 100. If that is right")


def test_guard_8_remembers_its_veto():
    """The short dump is no measure for the next one, whatever it is and however often it comes."""
    load(range(1, 101))

    for kept in (50, 50, 60):
        assert "records and the last one had 100" in reason(load(range(1, kept + 1)))
    assert list_left() == {*range(1, 101)}

    load(range(1, 96))
    assert list_left() == {*range(1, 96)}
    load(range(1, 78))
    assert list_left() == {*range(1, 78)}


def test_guard_8_compares_with_no_file_that_was_not_read_whole():
    """Although there was nothing to remove."""
    load(range(1, 11))
    run = start("artists", stores=["tables"])
    (chunk,) = add_chunks(run, "artists", [*map(artist, range(1, 11))])
    give_up(chunk, "extract")
    load_tables(run)
    starting.complete(run)

    run = load(range(1, 6))

    assert list_left() == {*range(1, 11)}
    assert reason(run).startswith("the dump has 5 records and the last one had 10")


def test_guard_8_compares_with_no_rebuild_of_the_graph(settings):
    """Which may have given up chunks of the table that it reads."""
    settings.INGEST_CHUNK_BYTES = 1000
    load(range(1, 101))
    rebuilt = starting.rebuild()
    for file in rebuilt.files.all():
        readback.split(file)
    first, *others = Chunk.objects.filter(file__run=rebuilt)
    assert others
    for chunk in others:
        give_up(chunk, "extract")
    readback.extract(reload(first), [GraphRows(first.file.type)])
    Chunk.objects.filter(pk=first.pk).update(tabled_at=rebuilt.started_at)
    for file in rebuilt.files.all():
        completion.complete(file.pk, finish_file)
    starting.complete(rebuilt)

    run = load(range(1, 51))

    assert len(list_left()) == 100
    assert reason(run).startswith("the dump has 50 records and the last one had 100")


def test_guard_8_compares_with_what_an_operator_confirmed():
    load(range(1, 101))
    load(range(1, 51), confirm_purge=True)

    load(range(1, 46))

    assert list_left() == {*range(1, 46)}


def test_guard_8_compares_with_the_table_where_no_run_completed():
    """A first load may have ended before its graph was done."""
    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [*map(artist, range(1, 101))])
    load_tables(run)
    ledger.end(run, RunState.FAILED)

    run = load([*range(1, 51), *range(201, 211)])

    assert list_left() == {*range(1, 101), *range(201, 211)}
    assert reason(run).startswith("the dump has 60 records and the table had 100")


def test_guard_8_counts_what_can_be_read_and_every_id_once():
    """Half of a dump twice is not the whole of it, and a record that is dropped was not seen."""
    load(range(1, 101))

    doubled = load([*range(1, 51), *range(1, 51)])
    broken = load([*range(1, 51), *(f"{each}</id><x>" for each in range(51, 100))])

    assert list_left() == {*range(1, 101)}
    assert reason(doubled).startswith("the dump has 50 records and the last one had 100")
    assert reason(broken).startswith("the dump has 50 records and the last one had 100")


@pytest.mark.parametrize("unreadable", ["<artist><id>5</di></artist>", "<artist><name>x</name></artist>", "</artist>"])
def test_a_record_that_does_not_say_which_it_is_may_be_the_one_that_looks_removed(unreadable):
    load(range(1, 11))
    load_labels(range(1, 11))

    run = start("artists", "labels", stores=["tables"])
    add_chunks(run, "artists", [*map(artist, range(1, 5)), unreadable, *map(artist, range(6, 11))])
    add_chunks(run, "labels", [*map(label, range(2, 11))])
    load_tables(run)
    run.refresh_from_db()

    assert list_left() == {*range(1, 11)}
    assert reason(run).startswith("1 records do not say which they are")
    assert Label.objects.count() == 9


def test_a_record_that_does_not_say_which_it_is_can_be_done_without():
    load(range(1, 11))

    run = start("artists", stores=["tables"], confirm_purge=True)
    add_chunks(run, "artists", ["<artist><name>x</name></artist>", *map(artist, range(2, 11))])
    load_tables(run)

    assert list_left() == {*range(2, 11)}


def test_a_broken_record_that_says_which_it_is_vetoes_nothing():
    load(range(1, 11))

    run = load(["5</id><x>", *range(1, 5), *range(6, 10)])

    assert list_left() == {*range(1, 10)}
    assert run.warnings == []


@pytest.mark.parametrize("seed", range(3))
def test_a_dump_in_no_order_of_its_ids_is_purged(seed):
    """What stands elsewhere in the file looks removed to the chunk of its range, and counts for no guard."""
    load(range(1, 41))
    ids = sorted(range(2, 41), reverse=True) if not seed else Random(seed).sample(range(2, 41), 39)

    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [[artist(each) for each in ids[start : start + 7]] for start in range(0, 39, 7)])
    load_tables(run)
    run.refresh_from_db()

    assert run.warnings == []
    assert list_left() == {*range(2, 41)}
    assert list_removed(run) == {1}
    assert run.files.get().removed == 1


def test_an_operator_can_confirm_what_only_looks_wrong():
    load(range(1, 101))

    run = load(range(1, 6), confirm_purge=True)

    assert list_left() == {*range(1, 6)}
    assert run.warnings == []


def test_an_operator_cannot_confirm_past_a_dead_letter():
    load(range(1, 11))
    run = start("artists", stores=["tables"], confirm_purge=True)
    _, second = add_chunks(run, "artists", [[*map(artist, range(2, 6))], [*map(artist, range(7, 11))]])
    give_up(second, "extract")
    load_tables(run)

    assert list_left() == {*range(1, 11)}


def test_an_operator_cannot_confirm_an_older_version():
    load(range(1, 11), version="20270101")
    load(range(2, 11), version="20260101", confirm_purge=True)

    assert list_left() == {*range(1, 11)}


def test_after_a_veto_the_run_completes_with_a_warning_and_no_candidate_stays():
    load(range(1, 101))

    run = load(range(1, 6))

    assert run.state == RunState.COMPLETED_WITH_WARNINGS
    assert not RemovedEntity.objects.exists()
    assert run.events.filter(kind="warning").count() == 1
