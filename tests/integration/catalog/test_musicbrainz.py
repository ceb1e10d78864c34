"""The tables of MusicBrainz: what a dump makes of them, over nothing and over the dump before."""

import uuid

import pytest
from django.db import connection

from apps.ingest.models import RunState
from tests.integration.entities import artist, link, load, mbid, page, relation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
FIRST, SECOND, THIRD = "20260801-001001", "20260805-001001", "20260808-001001"


def ask(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def names():
    return dict(ask("SELECT mbid::text, name FROM musicbrainz.artists"))


def relationships():
    """Return (source, target, type, begin, is ended by the source, by the target), the ends by their numbers."""
    rows = ask(
        "SELECT source_mbid, target_mbid, relationship_type, begin_date, source_ended, target_ended"
        " FROM musicbrainz.relationships"
    )
    found = [(number(source), number(target), *others) for source, target, *others in rows]
    assert len(found) == len(set(found))
    return set(found)


def number(found):
    return int(str(uuid.UUID(str(found)))[-12:])


def links():
    return {
        (number(found), *others)
        for found, *others in ask("SELECT mbid, service_name, url FROM musicbrainz.external_links")
    }


def places():
    """Return where each row is: any write to it changes that."""
    return [
        ask(f"SELECT ctid::text, xmin::text FROM musicbrainz.{name}")
        for name in ("artists", "relationships", "external_links")
    ]


WIKI = link("wikidata", "https://www.wikidata.org/wiki/Q1")


def test_a_first_load_writes_entities_relationships_and_links(tmp_path):
    run = load(tmp_path, FIRST, artist(1, relation(2, begin="1979"), WIKI, WIKI), artist(2, page(812)))

    assert run.state == RunState.COMPLETED
    assert names() == {mbid(1): "Artist 1", mbid(2): "Artist 2"}
    assert relationships() == {(1, 2, "member of band", "1979", False, None)}
    assert links() == {(1, "wikidata", "https://www.wikidata.org/wiki/Q1")}
    assert ask("SELECT discogs_artist_id FROM musicbrainz.artists ORDER BY mbid") == [(None,), (812,)]


def test_the_same_again_touches_no_row(tmp_path):
    entities = artist(1, relation(2), WIKI), artist(2, page(812))
    load(tmp_path, FIRST, *entities)
    before = places()

    # The publisher prints the keys of an object in another order each time.
    load(tmp_path, SECOND, *(dict(reversed(each.items())) for each in entities))

    assert places() == before


def test_a_changed_entity_takes_back_what_it_no_longer_says(tmp_path):
    load(tmp_path, FIRST, artist(1, relation(2), relation(3), WIKI), artist(2), artist(3))

    load(tmp_path, SECOND, artist(1, relation(3), name="Renamed"), artist(2), artist(3))

    assert names()[mbid(1)] == "Renamed"
    assert relationships() == {(1, 3, "member of band", None, False, None)}
    assert links() == set()


def test_what_the_dump_no_longer_has_is_removed_with_what_it_said(tmp_path):
    others = [artist(each) for each in range(3, 20)]
    load(tmp_path, FIRST, artist(1, relation(2), WIKI), artist(2, relation(1, direction="backward")), *others)

    run = load(tmp_path, SECOND, artist(2, relation(1, direction="backward")), *others)

    assert run.files.get().removed == 1
    assert mbid(1) not in names()
    # The other end still says so.
    assert relationships() == {(1, 2, "member of band", None, None, False)}
    assert links() == set()


def test_a_line_that_cannot_be_read_leaves_what_was_loaded_of_it(tmp_path):
    load(tmp_path, FIRST, artist(1, WIKI), artist(2), artist(3))

    run = load(tmp_path, SECOND, artist(1, name=None), "{", artist(3))

    assert run.state == RunState.COMPLETED_WITH_WARNINGS
    assert names() == {mbid(each): f"Artist {each}" for each in (1, 2, 3)}
    assert links() == {(1, "wikidata", "https://www.wikidata.org/wiki/Q1")}
    assert sorted(run.findings.values_list("rule", "record_id")) == [("malformed", "unknown"), ("no-name", mbid(1))]


def test_a_relation_is_one_row_whichever_end_prints_it(tmp_path):
    load(tmp_path, FIRST, artist(1, relation(2)), artist(2, relation(1, direction="backward")))
    both = relationships()
    without_direction = {key: value for key, value in relation(2).items() if key != "direction"}

    load(tmp_path, SECOND, artist(1, without_direction), artist(2))

    assert both == {(1, 2, "member of band", None, False, False)}
    assert relationships() == {(1, 2, "member of band", None, False, None)}


def test_two_memberships_of_one_pair_are_two_rows(tmp_path):
    load(tmp_path, FIRST, artist(1, relation(2, begin="1979", end="1981", ended=True), relation(2, begin="1990")))

    assert relationships() == {
        (1, 2, "member of band", "1979", True, None),
        (1, 2, "member of band", "1990", False, None),
    }


def test_ids_beyond_32_bits_are_stored(tmp_path):
    load(tmp_path, FIRST, artist(1, page(2**31)), artist(2, page(2**63 - 1)))

    assert ask("SELECT discogs_artist_id FROM musicbrainz.artists ORDER BY mbid") == [(2**31,), (2**63 - 1,)]


def test_nulls_are_defaults(tmp_path):
    fields = dict.fromkeys(("aliases", "tags", "life-span", "gender", "area"))
    load(tmp_path, FIRST, artist(1, relation(2, ended=None, attributes=None), **fields))

    assert ask("SELECT aliases, tags, ended, begin_date, gender FROM musicbrainz.artists") == [
        ("[]", "[]", False, None, None)
    ]
    assert ask("SELECT ended, attributes FROM musicbrainz.relationships") == [(False, "[]")]
