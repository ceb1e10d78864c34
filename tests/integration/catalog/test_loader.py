"""Loading a record table: the rows of a chunk and its mark are one transaction."""

import tracemalloc
from datetime import UTC, datetime
from random import Random

import pytest
from django.db import OperationalError, connection

from apps.catalog import indexes, loader
from apps.catalog.models import REVISION, Artist, Release
from apps.ingest import hashing, ledger
from apps.ingest.discogs import stage
from apps.ingest.models import Chunk, DeadLetter, RunState
from apps.ingest.progress import summaries
from tests.loading import add_chunks, extract, load_tables, reload, start
from tests.records import artist, release

REFUSE_BAD = """
CREATE FUNCTION refuse_bad() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.data->>'name' = 'Bad' THEN
        RAISE EXCEPTION 'no Bad here' USING ERRCODE = 'invalid_text_representation';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER refuse_bad BEFORE INSERT ON artists FOR EACH ROW EXECUTE FUNCTION refuse_bad();
"""
MANY_ARTISTS = """
INSERT INTO artists (data_id, hash, raw_hash, rev, chunk_id, data)
SELECT id, sha256(id::text::bytea), sha256(id::text::bytea), 1, 1, '{}' FROM generate_series(1, 50000) AS id
"""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


def tables(*records, **fields):
    """Load artists into their table alone; return the run."""
    run = start("artists", stores=["tables"], **fields)
    add_chunks(run, "artists", records)
    load_tables(run)
    ledger.end(run, RunState.COMPLETED)
    return run


def names(model=Artist):
    return {row.data_id: row.data["name"] for row in model.objects.all()}


def versions():
    """Return the physical version of each row: it moves with every write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data_id, xmin::text, ctid::text FROM artists")
        return {data_id: tuple(version) for data_id, *version in cursor}


def counts(chunk):
    found = reload(chunk)
    return {
        name: getattr(found, name)
        for name in ("new", "changed", "unchanged", "removed", "dead")
        if getattr(found, name)
    }


def test_a_first_load_writes_every_record():
    run = tables(artist(1, "Karl"), artist(2, "Uwe"))

    chunk = Chunk.objects.get()
    row = Artist.objects.get(pk=1)
    assert names() == {1: "Karl", 2: "Uwe"}
    assert counts(chunk) == {"new": 2}
    assert (row.rev, row.chunk_id, row.data["id"]) == (REVISION, chunk.pk, "1")
    assert row.updated_at >= run.started_at


def test_the_same_again_touches_no_row():
    tables(artist(1), artist(2))
    before = versions()

    tables(artist(1), artist(2))

    assert versions() == before
    assert counts(Chunk.objects.last()) == {"unchanged": 2}


def test_a_changed_record_is_replaced_and_no_other():
    tables(artist(1), artist(2, "Uwe"))
    before = versions()

    tables(artist(1), artist(2, "Uwe Pult"))

    assert names()[2] == "Uwe Pult"
    assert {data_id for data_id, version in versions().items() if version != before[data_id]} == {2}
    assert counts(Chunk.objects.last()) == {"changed": 1, "unchanged": 1}
    assert Artist.objects.get(pk=2).updated_at > Artist.objects.get(pk=1).updated_at


def test_a_record_that_the_dump_no_longer_has_goes():
    tables(*map(artist, range(1, 11)))

    run = tables(*map(artist, range(2, 11)))

    assert set(names()) == {*range(2, 11)}
    assert run.files.get().removed == 1


@pytest.fixture
def _refusing():
    """Let the table refuse artists named Bad, as it would a value that its column cannot hold."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_BAD)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse_bad CASCADE")


@pytest.mark.usefixtures("_refusing")
@pytest.mark.parametrize("is_first_load", [True, False])
def test_a_refused_record_is_a_dead_letter_and_the_others_are_loaded(is_first_load):
    if not is_first_load:
        tables(artist(99))

    tables(*(artist(each, "Bad" if each in (3, 8) else "Good") for each in range(1, 11)))

    assert {*names()} - {99} == {*range(1, 11)} - {3, 8}
    letters = DeadLetter.objects.order_by("record_id")
    assert [(letter.stage, letter.queue, letter.record_id, letter.error) for letter in letters] == [
        ("table", "tableinator", "3", "no Bad here"),
        ("table", "tableinator", "8", "no Bad here"),
    ]
    assert '"name":"Bad"' in letters[0].excerpt
    assert counts(Chunk.objects.last())["dead"] == 2


@pytest.mark.usefixtures("_refusing")
def test_a_refused_chunk_loaded_again_changes_nothing():
    tables(artist(1, "Bad"), artist(2))
    before = versions()

    loader.load(reload(Chunk.objects.get()))

    assert versions() == before
    assert DeadLetter.objects.count() == 1


@pytest.mark.usefixtures("_refusing")
@pytest.mark.parametrize("name", ["Good", "Bad"])
@pytest.mark.parametrize("is_first_load", [True, False])
def test_a_batch_is_deleted_after_a_commit_that_waits_for_the_disk(monkeypatch, is_first_load, name):
    """Else a crash of the server could lose the rows when nothing has them any more."""
    waits, mark = [], ledger.mark

    def mark_and_look(*arguments, **more):
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            waits.append(cursor.fetchone())
        return mark(*arguments, **more)

    if not is_first_load:
        tables(artist(9))
    monkeypatch.setattr(ledger, "mark", mark_and_look)
    tables(artist(1, name))

    assert set(waits) == {("on",)}


def test_an_error_of_the_server_is_no_refusal(monkeypatch):
    """A full disk, say: the chunk is not loaded, and no record is blamed."""
    run = start("artists", stores=["tables"])
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    extract(chunk)
    monkeypatch.setattr(
        loader, "copy_rows", lambda cursor, _: cursor.execute("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$")
    )

    with pytest.raises(OperationalError):
        loader.load(reload(chunk))
    assert reload(chunk).tabled_at is None
    assert DeadLetter.objects.count() == 0


def test_a_message_that_comes_twice_loads_once():
    run = start("artists", stores=["tables"])
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    extract(chunk)
    late = reload(chunk)
    loader.load(reload(chunk))
    before, marked = versions(), reload(chunk).tabled_at

    loader.load(late)

    assert (versions(), reload(chunk).tabled_at) == (before, marked)


def test_a_chunk_without_its_mark_has_none_of_its_rows(monkeypatch):
    run = start("artists", stores=["tables"])
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    extract(chunk)
    monkeypatch.setattr(loader, "copy", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        loader.load(reload(chunk))
    monkeypatch.undo()

    assert reload(chunk).tabled_at is None
    assert names() == {}


def test_an_older_chunk_never_overwrites_a_newer_row():
    run = start("artists", stores=["tables"])
    first, second = add_chunks(run, "artists", [[artist(1, "first"), artist(2)], [artist(1, "second")]])
    for chunk in (first, second):
        extract(chunk)
    loader.load(reload(second))

    loader.load(reload(first))

    assert names() == {1: "second", 2: "Karl Vogt"}
    assert Artist.objects.get(pk=1).chunk_id == second.pk


def test_an_id_in_two_chunks_of_an_update_is_that_of_the_later_chunk():
    tables(artist(1, "old"), artist(9))

    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [[artist(1, "first"), artist(9)], [artist(1, "second"), artist(10)]])
    load_tables(run)

    assert names() == {1: "second", 9: "Karl Vogt", 10: "Karl Vogt"}
    assert run.files.get().removed == 0


def test_an_id_in_two_chunks_whose_last_record_is_the_old_one():
    """The later record wins, although it alone would be unchanged."""
    tables(artist(1, "old"), artist(9))

    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [[artist(1, "first"), artist(9)], [artist(1, "old"), artist(10)]])
    load_tables(run)

    assert names()[1] == "old"


BROKEN = "<artist><id>{}</id><name>broken</artist>"
# Of each: the chunks of a file, the id that stands in it twice, and the name that is right.
TWICE = {
    "the later one out of order": ([[artist(5, "first"), artist(9)], [artist(5, "second"), artist(12)]], 5, "second"),
    "the earlier one out of order": ([[artist(9, "first"), artist(5)], [artist(7), artist(9, "second")]], 9, "second"),
    "both out of order": ([[artist(9), artist(8, "first"), artist(5)], [artist(8, "second"), artist(6)]], 8, "second"),
    "three of them": (
        [[artist(9, "first"), artist(5)], [artist(7), artist(9, "second")], [artist(9, "third"), artist(12)]],
        9,
        "third",
    ),
    "a broken one behind": ([[artist(5, "first"), artist(9)], [BROKEN.format(5), artist(12)]], 5, "first"),
    "a broken one in order": ([[artist(9, "first"), artist(5)], [artist(7), BROKEN.format(9)]], 9, "first"),
}


@pytest.mark.parametrize("case", TWICE)
@pytest.mark.parametrize("seed", range(4))
def test_an_id_twice_is_that_of_the_last_readable_record_and_a_repeat_writes_nothing(case, seed):
    """Whatever the workers take first."""
    chunks, data_id, name = TWICE[case]
    chance = Random(seed)
    tables(artist(data_id, "old"))
    load_in_any_order(chunks, chance)
    assert names()[data_id] == name
    before = versions()

    run = load_in_any_order(chunks, chance)

    assert names()[data_id] == name
    assert versions() == before
    found = summaries.summarise_run(run)["artists"]
    assert (found.new, found.changed, found.removed) == (0, 0, 0)


def load_in_any_order(chunks, chance):
    run = start("artists", stores=["tables"])
    left = [[extract, loader.load] for _ in chunks]
    for chunk in chance.sample(made := add_chunks(run, "artists", chunks) * 2, len(made)):
        left[chunk.seq].pop(0)(reload(chunk))
    load_tables(run)
    ledger.end(run, RunState.COMPLETED)
    return run


def test_an_id_twice_of_which_the_last_is_left_out_by_a_rule_goes():
    tables(artist(1, "old"), *map(artist, range(2, 10)))

    run = start("artists", stores=["tables"])
    retired = artist(1, more="<profile>DO NOT USE</profile>")
    add_chunks(run, "artists", [[artist(1, "first"), *map(artist, range(2, 10))], [retired, artist(10)]])
    load_tables(run)

    assert set(names()) == {*range(2, 11)}
    assert run.files.get().removed == 1


def test_an_id_in_two_chunks_has_the_raw_hash_of_the_later_one_in_every_order():
    tables(artist(1, "same"), artist(9))
    run = start("artists", stores=["tables"])
    later = artist(1, "same").replace("</artist>", " </artist>")
    first, second = add_chunks(run, "artists", [[artist(1, "first"), artist(9)], [later, artist(10)]])
    for chunk in (first, second):
        extract(chunk)

    loader.load(reload(second))
    loader.load(reload(first))

    salt = hashing.raw_salt(stage.load_rules("", datetime.now(UTC).year).digest)
    assert bytes(Artist.objects.get(pk=1).raw_hash) == hashing.raw_hash(salt, later.encode())


def test_an_unchanged_record_out_of_order_costs_no_write():
    tables(artist(1), artist(5), artist(9))
    before = set(Artist.objects.extra(select={"version": "xmin::text"}).values_list("pk", "version"))

    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [[artist(1), artist(9)], [artist(5)]])
    load_tables(run)

    assert set(Artist.objects.extra(select={"version": "xmin::text"}).values_list("pk", "version")) == before


def test_a_record_that_moved_to_another_chunk_is_not_removed():
    tables(artist(1), artist(5), artist(9))

    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [[artist(1), artist(9)], [artist(5)]])
    load_tables(run)

    assert set(names()) == {1, 5, 9}
    assert run.files.get().removed == 0


def test_the_same_content_in_other_bytes_refreshes_the_raw_hash_alone():
    tables(artist(1), artist(2))
    before = {row.pk: (bytes(row.raw_hash), row.updated_at, row.chunk_id) for row in Artist.objects.all()}

    tables(artist(1, more="<urls/>"), artist(2))

    row = Artist.objects.get(pk=1)
    assert bytes(row.raw_hash) != before[1][0]
    assert (row.updated_at, row.chunk_id) == before[1][1:]
    assert counts(Chunk.objects.last()) == {"unchanged": 2}


def test_a_row_of_another_revision_is_written_anew():
    tables(artist(1), artist(2))
    Artist.objects.filter(pk=1).update(rev=REVISION - 1)

    tables(artist(1), artist(2))

    assert counts(Chunk.objects.last()) == {"changed": 1, "unchanged": 1}
    assert Artist.objects.get(pk=1).rev == REVISION


def test_a_rewrite_writes_every_row():
    tables(artist(1), artist(2))
    before = versions()

    tables(artist(1), artist(2), rewrite=True)

    assert all(version != before[data_id] for data_id, version in versions().items())


def test_long_and_odd_texts_are_stored():
    tables(artist(1, "ß" * 10_000), artist(2, "nul \0 and bell \7, \U0001f600"))
    indexes.create(["artists"])

    assert names() == {1: "ß" * 10_000, 2: "nul  and bell , \U0001f600"}


def test_a_source_that_gives_a_release_a_year_does_not_take_the_place_of_ours():
    run = start("releases", stores=["tables"])
    add_chunks(run, "releases", [release(1, released="1981", more="<year>about 1980</year>")])
    load_tables(run)

    data = Release.objects.get().data
    assert (data["year"], data["year_source"]) == (1981, "about 1980")


def test_what_is_known_of_a_range_is_its_hashes_and_other_ids():
    tables(*(artist(each) for each in (1, 2, 3, 10, 11)))
    Artist.objects.filter(pk=2).update(rev=REVISION - 1)
    Artist.objects.filter(pk=3).update(raw_hash=None)

    known = loader.read_known("artists", 2, 10, [2, 3, 11, 12])

    rows = {row.pk: (row.raw_hash and bytes(row.raw_hash), bytes(row.hash)) for row in Artist.objects.all()}
    assert dict(known.hashes) == {2: (rows[2][0], None), 3: (None, rows[3][1]), 11: rows[11]}
    assert list(known.others) == [10]


def test_a_range_of_many_is_read_without_holding_the_rows():
    with connection.cursor() as cursor:
        cursor.execute(MANY_ARTISTS)

    tracemalloc.start()
    known = loader.read_known("artists", 1, 2**63 - 1, [5])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (len(known.hashes), len(known.others)) == (1, 49_999)
    assert peak < 3_000_000


def test_which_records_exist():
    tables(artist(1), artist(2**63 - 1))

    assert loader.find_existing("artists", [1, 5, 2**63 - 1]) == {1, 2**63 - 1}
    assert loader.read_hashes("artists", [1, 5]) == {1: bytes(Artist.objects.get(pk=1).hash)}
    assert not loader.is_empty("artists")
    assert loader.is_empty("releases")
