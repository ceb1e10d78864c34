"""Whole records of releases and masters, on the catalogue made by hand."""

import pytest

from apps.catalog.models import Master, Release
from apps.explore.answers import whole

pytestmark = pytest.mark.django_db

NOBODY = {"anv": None, "join": None, "role": None, "tracks": None}


def test_a_release_with_all_that_the_dump_says(site):
    rain = {"position": "A1", "title": "Rain", "duration": "4:00", "artists": [], "extraartists": []}
    jonas = {"id": "3", "name": "Jonas Ek", **NOBODY, "role": "Piano"}

    assert site.json("/api/release/111") == {
        "id": "111",
        "title": "Alone",
        "year": 2010,
        "released": "2010",
        "country": "Iceland",
        "status": "Accepted",
        "data_quality": "Correct",
        "notes": "Cut at Pier. <b>Loud</b>",
        "master_id": None,
        "is_main_release": False,
        "genres": [],
        "styles": [],
        "artists": [],
        "extraartists": [{"id": "0", "name": "Lena Öst", **NOBODY, "role": "Conductor"}],
        "labels": [{"id": "53", "name": "n", "catno": "c"}],
        "series": [{"id": "900", "name": "Tides", "catno": "4"}],
        "formats": [],
        "tracklist": [
            {
                "position": "A",
                "title": "Suite",
                "duration": "9:10",
                "artists": [{"id": "2", "name": "Mira Holt", **NOBODY, "anv": "M. Holt", "join": "&"}],
                "extraartists": [],
                "sub_tracks": [
                    rain,
                    {"position": "A2", "title": None, "duration": None, "artists": [], "extraartists": [jonas]},
                ],
            },
            {
                "position": None,
                "title": "Side B",
                "duration": None,
                "artists": [],
                "extraartists": [],
                "sub_tracks": [],
            },
        ],
        "identifiers": [{"type": "Matrix / Runout", "description": "Side A", "value": "ALONE-A"}],
        "companies": [
            {"id": "50", "name": "Pier Dub", "catno": None, "entity_type": "23", "entity_type_name": "Recorded At"}
        ],
        "videos": [{"src": "https://example.org/v", "duration": "61", "title": "Alone", "description": "Live"}],
    }


def test_formats_and_master_of_an_edition(site):
    found = site.json("/api/release/100")

    assert found["formats"] == [{"name": "Vinyl", "qty": "1", "text": "", "descriptions": []}] * 2
    assert (found["master_id"], found["tracklist"]) == ("500", [])
    assert [each["value"] for each in found["identifiers"]] == ["5 021603 054066", "PIER-1-A", "LC 02070"]


def test_a_master(site):
    assert site.json("/api/master/500") == {
        "id": "500",
        "title": "Ebb and Flow",
        "year": 1981,
        "main_release": None,
        "data_quality": None,
        "notes": None,
        "genres": ["Electronic"],
        "styles": ["Dub"],
        "artists": [{"id": "1", "name": "n", **NOBODY}],
        "videos": [],
    }


@pytest.mark.parametrize("kind", ["release", "master"])
@pytest.mark.parametrize("id_", ["999999", "0", "-1", "0100", "1e2", "x", "1 OR 1=1", "9" * 19, "9" * 500, "%00", "١"])
def test_what_there_is_no_record_of(site, kind, id_):
    status, body = site.error(f"/api/{kind}/{id_}")

    assert status == 404
    assert "not found" in body["error"]


# Of a shape that the data dictionary does not name; loading keeps whatever a dump has.
STRANGE = {
    "title": ["First", "Second"],
    "notes": {"@lang": "en", "#text": "Some"},
    "year": "1981",
    "genres": "Rock",
    "styles": ["Dub", None, {"tag": "x"}],
    "artists": [{"tag": "x"}, None, "n", {"id": "1", "name": ["A", "B"]}],
    "labels": {"id": "1"},
    "formats": [{"name": "CD", "descriptions": "LP"}, "CD"],
    "tracklist": [{"title": "1", "sub_tracks": [{"title": "2", "sub_tracks": [{"title": "3"}]}]}, []],
    "identifiers": [{"@name": "x"}],
    "is_main_release": "yes",
}


@pytest.mark.parametrize(("model", "reader"), [(Release, whole.get_release), (Master, whole.get_master)])
def test_what_is_not_of_its_shape_is_left_out(model, reader):
    model.objects.create(data_id=7, hash=b"", rev=1, chunk_id=1, data=STRANGE)

    found = reader("7")

    assert (found["id"], found["title"], found["notes"], found["year"]) == (None, "First", "Some", None)
    assert (found["genres"], found["styles"]) == ([], ["Dub"])
    assert found["artists"] == [{"id": "1", "name": "A", **NOBODY}]
    if model is Release:
        assert (found["labels"], found["identifiers"], found["is_main_release"]) == ([], [], False)
        assert found["formats"] == [{"name": "CD", "qty": None, "text": None, "descriptions": []}]
        assert [each["title"] for each in found["tracklist"][0]["sub_tracks"]] == ["2", "3"]
