"""Completing a file, once, whoever asks how often; and the indexes that a first load goes without."""

import random
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.catalog import completion, indexes
from apps.catalog.models import Release
from apps.ingest import ledger
from apps.ingest.models import DeadLetter, DumpFile, FileState, RunState
from tasks.pipelines import finish_file
from tests.loading import add_chunks, extract, give_up, load_tables, month, start
from tests.records import artist, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


@pytest.fixture
def file():
    """A file of one chunk that is not extracted yet."""
    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [artist(1)])
    return run.files.get()


def index_names(table):
    with connection.cursor() as cursor:
        # MusicBrainz has tables of the same names in a schema of its own.
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", [table])
        return {name for (name,) in cursor}


def drop_indexes():
    with connection.cursor() as cursor:
        for table in indexes.INDEXES:
            for name in index_names(table):
                if name.startswith("idx_"):
                    cursor.execute(f"DROP INDEX {name}")


def test_a_file_is_complete_once(file):
    load_tables(file.run)
    completed = DumpFile.objects.get()

    assert not completion.complete(file.pk, finish_file)
    assert completed.state == FileState.COMPLETED
    assert DumpFile.objects.get().completed_at == completed.completed_at


def test_a_file_with_a_chunk_to_go_is_not_complete(file):
    assert not completion.complete(file.pk, finish_file)

    extract(file.chunks.get())
    assert not completion.complete(file.pk, finish_file)


def test_a_file_that_is_not_split_to_its_end_is_not_complete(file):
    extract(file.chunks.get())
    file.chunks.update(tabled_at=file.run.started_at)
    DumpFile.objects.update(split_at=None)

    assert not completion.complete(file.pk, finish_file)


def test_a_chunk_that_gave_up_does_not_keep_its_file_from_completing(file):
    give_up(file.chunks.get(), "extract")

    assert completion.complete(file.pk, finish_file)


def test_a_file_of_a_cancelled_run_stays_as_it_is(file):
    give_up(file.chunks.get(), "extract")
    ledger.end(file.run, RunState.CANCELLED)

    assert not completion.complete(file.pk, finish_file)


def test_of_twins_at_the_same_time_one_completes(file, monkeypatch):
    give_up(file.chunks.get(), "extract")
    twins = []

    def purge(_):
        thread = threading.Thread(target=lambda: twins.append(run_in_thread(completion.complete, file.pk, finish_file)))
        thread.start()
        thread.join()
        return 0

    monkeypatch.setattr(completion.purge, "purge", purge)

    assert completion.complete(file.pk, finish_file)
    assert twins == [False]


def run_in_thread(function, *args):
    """Call a function on a connection of its own."""
    try:
        return function(*args)
    finally:
        connection.close()


def test_what_the_completion_did_goes_with_its_failure(file, monkeypatch):
    give_up(file.chunks.get(), "extract")
    monkeypatch.setattr(completion.purge, "purge", lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        completion.complete(file.pk, finish_file)
    assert DumpFile.objects.get().state == FileState.LOADING


def test_a_first_load_makes_the_indexes_of_its_table():
    drop_indexes()

    run = start("releases", stores=["tables"])
    add_chunks(run, "releases", [release(1)])
    load_tables(run)

    assert index_names("releases") == {
        "releases_pkey",
        "idx_releases_title",
        "idx_releases_year",
        "idx_releases_fts",
        "idx_releases_country",
        "idx_releases_genres",
        "idx_releases_labels",
        "idx_releases_barcodes",
    }
    assert index_names("masters") == {"masters_pkey"}


@pytest.mark.parametrize("is_first_load", [True, False])
def test_texts_too_long_for_an_index_are_loaded_and_keep_no_file_from_completing(is_first_load):
    drop_indexes()
    if not is_first_load:
        indexes.create()
    chance = random.Random(1)
    words = " ".join(chance.randbytes(6).hex() for _ in range(100_000))
    barcodes = "".join(
        f'<identifier type="Barcode" value="{each}"/>' for each in (words, "5" * 2_000_000, "5 " * 10**6)
    )
    barcodes = f"<identifiers>{barcodes}</identifiers>"
    run = start("releases", stores=["tables"])
    add_chunks(run, "releases", [release(1, words, more=f"<country>{words[:9000]}</country>{barcodes}"), release(2)])

    load_tables(run)

    assert Release.objects.get(pk=1).data["title"] == words
    assert Release.objects.count() == 2
    assert run.files.get().state == FileState.COMPLETED
    assert not DeadLetter.objects.exists()


def test_making_indexes_again_changes_nothing():
    indexes.create()
    before = {table: index_names(table) for table in indexes.INDEXES}

    indexes.create()
    call_command("catalog_indexes", verbosity=0)

    assert {table: index_names(table) for table in indexes.INDEXES} == before


def test_a_search_by_year_uses_its_index():
    indexes.create(["releases"])
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT FROM releases WHERE (data->>'year')::int BETWEEN 1980 AND 1989")
        plan = "".join(line for (line,) in cursor)
        cursor.execute("RESET enable_seqscan")

    assert "idx_releases_year" in plan


def test_schema_init_twice_changes_nothing(graph, capsys):
    month(releases=[release(1, "Ebbe")])

    call_command("schema_init")
    call_command("schema_init")

    assert capsys.readouterr().out.count(": there") == 8
    assert Release.objects.count() == 1


def test_one_part_of_schema_init_that_fails_does_not_stop_the_others(graph, capsys, monkeypatch):
    monkeypatch.setattr("apps.graph.schema.create_constraints", lambda _: 1 / 0)

    with pytest.raises(CommandError, match="Not created: constraints of the graph"):
        call_command("schema_init")
    assert capsys.readouterr().out.count(": there") == 3
