"""MusicBrainz, on the catalogue made by hand and what ``tests.api.editions`` says of it.

Contract: docs/contract/rest.md#musicbrainz-and-enrichment.
"""

import time

import pytest
from django.db import connection
from django.db.models.functions import Now

from tests.api import editions
from tests.api.catalogue import HARBOUR, MIRA, NAMELESS
from tests.api.editions import AWAY, artist

BOTH = pytest.mark.parametrize("path", ["/api/artist/{id}/{what}", "/api/musicbrainz/artist/{id}/{what}"])
NO_ARTISTS = ["zzz", "1.5", "1e3", "0x1", "1 OR 1=1", "1'--", "1}) DETACH DELETE (n", "%00", "½", "٣"]


# What these tests write is committed, for the site is another process.
@pytest.fixture
def _committing(django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module", autouse=True)
def edition(site, django_db_blocker, tmp_path_factory):
    from tests import loading  # noqa: PLC0415 - models can be imported only when the servers run

    with django_db_blocker.unblock():
        found = loading.edition(**editions.dump())
        yield found
        loading.forget_editions()


def metadata_path(artist_id, *, of_before=False):
    return f"/api/musicbrainz/artist/{artist_id}" if of_before else f"/api/artist/{artist_id}/musicbrainz"


@pytest.mark.parametrize("of_before", [False, True])
def test_what_an_artist_is(site, of_before):
    assert site.json(metadata_path(HARBOUR, of_before=of_before)) == {
        "discogs_id": HARBOUR,
        "mbid": artist(HARBOUR),
        "type": "Group",
        "gender": None,
        "begin_date": "1979",
        "end_date": None,
        "area": "Norway",
        "begin_area": "Bergen",
        "disambiguation": "dub group",
    }


# Without a test of its own that asks for the database there is none, should this module run alone.
@pytest.mark.django_db
def test_what_a_person_is(site):
    found = site.json(metadata_path(MIRA))

    assert (found["gender"], found["begin_date"], found["end_date"]) == ("Female", "1957-09-22", "2019")


@pytest.mark.parametrize("artist_id", [4, 12345, AWAY, -1, 0])
def test_an_artist_of_whom_nothing_is_known(site, artist_id):
    status, body = site.error(metadata_path(artist_id))

    assert status == 404
    assert "No MusicBrainz data" in body["detail"]


def test_a_hint_has_what_tells_an_artist_from_others(site):
    found = site.json("/api/autocomplete", q="harbour", fields="hint")["results"]

    assert [each["hint"] for each in found] == ["2 releases, dub group"]


def get_related(site, artist_id, what="relationships"):
    return site.json(f"/api/artist/{artist_id}/{what}")


def edge(kind, target_id, name, direction, *, begin=None, end=None, attributes=()):
    return {
        "type": kind,
        "target_id": str(target_id),
        "target_name": name,
        "direction": direction,
        "begin_date": begin,
        "end_date": end,
        "attributes": list(attributes),
    }


def test_relationships_that_begin_at_an_artist_come_first(site):
    """By type, then by id as a text: 10 before 3. Who is in no dump of Discogs is not among them."""
    assert get_related(site, MIRA) == {
        "discogs_id": MIRA,
        "relationships": [
            edge("MEMBER_OF", 1, "The Harbour Lights", "outgoing", begin="1979", end="1981", attributes=["guitar"]),
            edge("TAUGHT", 10, "Mira Holt", "outgoing"),
            edge("TAUGHT", 3, "Jonas Ek", "outgoing", begin="1975-09"),
            edge("COLLABORATED_WITH", 3, "Jonas Ek", "incoming"),
        ],
    }


def test_relationships_that_end_at_an_artist(site):
    """Discogs alone says that Jonas is a member."""
    assert get_related(site, HARBOUR)["relationships"] == [
        edge("MEMBER_OF", 2, "Mira Holt", "incoming", begin="1979", end="1981", attributes=["guitar"]),
        edge("SUPPORTED", 3, "Jonas Ek", "incoming"),
        edge("TRIBUTE_TO", 20, "Artist 20", "incoming", attributes=["a", "b"]),
    ]


def test_pages_elsewhere_by_service_and_address(site):
    assert get_related(site, HARBOUR, "external-links") == {
        "discogs_id": HARBOUR,
        "links": [
            {"service": "official homepage", "url": "https://harbour.example/B"},
            {"service": "official homepage", "url": "https://harbour.example/a"},
            {"service": "official homepage", "url": "https://harbour.example/b"},
            {"service": "wikidata", "url": "https://www.wikidata.org/wiki/Q1"},
        ],
    }


def test_pages_of_an_artist_that_the_graph_does_not_have(site):
    assert [each["service"] for each in get_related(site, AWAY, "external-links")["links"]] == ["wikidata"]


@BOTH
@pytest.mark.parametrize(("what", "key"), [("relationships", "relationships"), ("external-links", "links")])
@pytest.mark.parametrize("artist_id", [12345, -7, 0])
def test_of_an_unknown_artist_there_is_nothing(site, path, what, key, artist_id):
    assert site.json(path.format(id=artist_id, what=what)) == {"discogs_id": artist_id, key: []}


@BOTH
@pytest.mark.parametrize("what", ["relationships", "external-links"])
def test_both_addresses_say_the_same(site, path, what):
    assert site.json(path.format(id=MIRA, what=what)) == get_related(site, MIRA, what)


@pytest.mark.parametrize("artist_id", NO_ARTISTS)
@pytest.mark.parametrize(
    "path",
    [
        "/api/artist/{}/musicbrainz",
        "/api/artist/{}/relationships",
        "/api/artist/{}/external-links",
        "/api/musicbrainz/artist/{}",
        "/api/musicbrainz/artist/{}/relationships",
        "/api/musicbrainz/artist/{}/external-links",
    ],
)
def test_an_id_is_a_number(site, path, artist_id):
    assert site.invalid(path.format(artist_id)) == [("int_parsing", "path", "artist_id")]


def test_an_id_beyond_64_bits_is_none(site):
    assert site.invalid(metadata_path(2**63)) == [("less_than_equal", "path", "artist_id")]
    assert site.json(f"/api/artist/{2**63 - 1}/external-links")["links"] == []


def test_a_number_may_be_written_otherwise(site):
    assert site.json("/api/artist/+0_1.0/musicbrainz")["discogs_id"] == HARBOUR


@pytest.mark.parametrize("path", ["/api/artist/1", "/api/artist/1/musicbrainz/x", "/api/musicbrainz/artist"])
def test_there_is_nothing_beside(site, path):
    assert site.error(path) == (404, {"detail": "Not Found"})


def test_the_limit_is_told_with_what_is_found_alone(site):
    assert site.get(metadata_path(HARBOUR)).headers["X-RateLimit-Limit"] == "30"
    assert "X-RateLimit-Limit" not in site.get(metadata_path(NAMELESS + 1)).headers
    assert site.get("/api/enrichment/status").headers["X-RateLimit-Limit"] == "10"


def test_the_eleventh_look_at_the_status_in_a_minute_is_refused(site):
    statuses = [site.get("/api/enrichment/status", client="192.0.2.20").status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


FIGURES = {
    "musicbrainz": {
        "artists": {"total_mb": 7, "matched_to_discogs": 6, "enriched_in_neo4j": 5},
        "labels": {"total_mb": 2, "matched_to_discogs": 1, "enriched_in_neo4j": 1},
        "releases": {"total_mb": 3, "matched_to_discogs": 3, "enriched_in_neo4j": 2},
        # Of three, one end is not in the graph or no artist.
        "relationships": {"total_in_mb": 9, "created_in_neo4j": 6},
    }
}


def test_how_much_the_graph_shows(site):
    assert site.json("/api/enrichment/status") == FIGURES


@pytest.mark.usefixtures("_committing")
def test_what_a_run_has_counted_is_not_counted_again(site, edition):
    edition.coverage["types"]["labels"]["total"] = 1234
    edition.save(update_fields=["coverage"])
    try:
        assert site.json("/api/enrichment/status")["musicbrainz"]["labels"]["total_mb"] == 1234
    finally:
        edition.coverage["types"]["labels"]["total"] = 2
        edition.save(update_fields=["coverage"])


@pytest.mark.usefixtures("_committing")
def test_while_a_run_goes_on_the_tables_and_the_graph_are_counted(site, edition):
    from apps.ingest.models import Run  # noqa: PLC0415
    from tests import loading  # noqa: PLC0415

    match = "UPDATE musicbrainz.labels SET discogs_label_id = %s WHERE discogs_label_id IS NOT DISTINCT FROM %s"
    with connection.cursor() as cursor:
        cursor.execute(match, [51, None])
        run = loading.start("labels")
        try:
            figures = site.json("/api/enrichment/status")["musicbrainz"]
        finally:
            run.delete()
            cursor.execute(match, [None, 51])
            # What was counted is kept until the data change.
            Run.objects.filter(pk=edition.pk).update(completed_at=Now())
    while site.json("/api/enrichment/status") != FIGURES:
        time.sleep(0.1)
    assert figures == {
        **FIGURES["musicbrainz"],
        "labels": {"total_mb": 2, "matched_to_discogs": 2, "enriched_in_neo4j": 1},
    }
