"""The map of an entity: what is around it, in which years, and how that is linked."""

import pytest
from rest_framework.exceptions import NotFound

from apps.explore.answers import beginnings, maps, names, panels
from apps.graph.readers import expanding
from tests.api import catalogue
from tests.api.catalogue import HARBOUR, JONAS, KELP, LONE, MIRA, NAMELESS, OTHER_MIRA, PIER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


def map_of(kind, id_, until=(), **sizes):
    return maps.build_map(kind, str(id_), sizes=sizes, until=until)


def category(found, name):
    return next(each for each in found["categories"] if each["category"] == name)


def members(found, name):
    return {(each["id"], each["first"], each["last"]) for each in category(found, name)["members"]}


def editions(label):
    return [each for each in catalogue.RELEASES if label in each.labels]


def test_a_label_has_its_own_releases_artists_and_years():
    found = map_of("label", PIER)
    own = editions(PIER)

    assert (found["id"], found["name"]) == (str(PIER), "Pier Dub")
    assert members(found, "releases") == {(str(each.id), each.year, each.year) for each in own}
    assert found["years"] == [
        [year, sum(each.year == year for each in own)] for year in sorted({e.year for e in own if e.year})
    ]
    assert found["undated"] == sum(each.year is None for each in own)
    assert category(found, "releases")["totals"] == [len(own)]


def test_artists_of_a_label_have_the_years_of_their_releases_there():
    years = {artist: [e.year for e in editions(KELP) if artist in e.artists and e.year] for artist in (JONAS, MIRA)}

    found = members(map_of("label", KELP), "artists")

    assert {(str(artist), min(each), max(each)) for artist, each in years.items()} <= found


def test_two_of_one_name_have_maps_of_their_own():
    one, other = (members(map_of("artist", id_), "releases") for id_ in (MIRA, OTHER_MIRA))

    assert {id_ for id_, *_ in one} == {str(e.id) for e in catalogue.RELEASES if MIRA in e.artists}
    assert {id_ for id_, *_ in other} == {str(e.id) for e in catalogue.RELEASES if OTHER_MIRA in e.artists}
    assert not one & other


def test_relatives_say_what_they_are():
    found = category(map_of("artist", MIRA), "aliases")["members"]

    assert {(each["name"], each["relation"]) for each in found} == {
        ("The Harbour Lights", "group"),
        ("Holtware", "alias"),
    }
    relations = category(map_of("artist", HARBOUR), "aliases")["members"]
    assert {each["relation"] for each in relations} == {"member"}


def test_until_a_year_later_ones_are_there_and_told():
    found = category(map_of("label", PIER, until=(1981,)), "releases")

    assert found["totals"] == [sum((e.year or 9999) <= 1981 for e in editions(PIER))]
    assert found["loaded"] == found["totals"]
    assert {each["id"] for each in found["members"] if each["time"] == "later"} == {
        str(e.id) for e in editions(PIER) if (e.year or 9999) > 1981
    }


def test_two_years_tell_what_came_in_between():
    found = category(map_of("label", PIER, until=(1981, 1995)), "releases")

    assert found["totals"] == [2, 4]
    assert {each["id"] for each in found["members"] if each["time"] == "fresh"} == {
        str(e.id) for e in editions(PIER) if e.year and 1981 < e.year <= 1995
    }


def test_releases_are_linked_to_what_is_shown_beside_them():
    found = map_of("artist", JONAS)
    links = {each["id"]: each["links"] for each in category(found, "releases")["members"]}

    assert links["105"] == [f"label:{KELP}"]


@pytest.mark.parametrize("sizes", [{"releases": 1}, {"releases": 2}])
def test_a_small_map_has_the_first_of_a_larger_one(sizes):
    small, large = (category(map_of("label", PIER, **size), "releases") for size in (sizes, {}))

    assert {each["id"] for each in small["members"]} == {
        each["id"] for each in large["members"] if each["rank"] < sizes["releases"]
    }
    assert small["larger"] == 32 if sizes["releases"] == 2 else small["larger"] == 31


def test_a_closed_category_has_no_members_and_its_total():
    found = category(map_of("label", PIER, releases=0), "releases")

    assert (found["members"], found["totals"], found["size"]) == ([], [len(editions(PIER))], 0)


def test_a_genre_has_the_years_of_its_artists():
    found = map_of("genre", "Rock")
    rock = [each for each in catalogue.RELEASES if "Rock" in each.genres]
    mira = [each.year for each in rock if MIRA in each.artists and each.year]

    assert (str(MIRA), min(mira), max(mira)) in members(found, "artists")
    assert {id_ for id_, *_ in members(found, "releases")} == {str(each.id) for each in rock}


def test_many_releases_of_a_genre_are_looked_up_by_year(monkeypatch):
    walked = {id_ for id_, *_ in members(map_of("genre", "Electronic"), "releases")}
    monkeypatch.setattr(expanding, "MOST_SORTED", 0)

    years = expanding.list_works("genre", "Electronic", 30)

    dated = {str(e.id) for e in catalogue.RELEASES if "Electronic" in e.genres and e.year}
    assert {id_ for each in years for id_, _ in each.works} == dated
    assert dated <= walked | dated


def test_one_without_a_name_is_shown_by_its_number():
    assert map_of("artist", NAMELESS)["name"] == f"Artist {NAMELESS}"


@pytest.mark.parametrize("kind", ["artist", "label", "genre", "style"])
@pytest.mark.parametrize("id_", ["999999", "", "x" * 3000, "1 OR 1", "-1", "\N{COMBINING ACUTE ACCENT}"])
def test_what_is_not_there_is_not_found(kind, id_):
    with pytest.raises(NotFound):
        map_of(kind, id_)


def test_a_label_without_a_release_has_an_empty_map():
    assert {each.labels for each in catalogue.RELEASES if LONE in each.labels} != set() or map_of("label", LONE)[
        "categories"
    ] == []


def test_a_panel_of_a_release_names_whom_it_is_by_and_on():
    found = panels.build_panel("release", "102")

    assert (found["name"], found["year"]) == ("Breakwater", 1981)
    assert found["artists"] == [["2", "Mira Holt"], ["3", "Jonas Ek"]]
    assert found["labels"] == [[str(PIER), "Pier Dub"]]


def test_a_panel_of_an_artist_with_few_releases_has_no_likeness():
    assert panels.build_panel("artist", str(HARBOUR))["similar"] == []


def test_a_panel_of_a_genre_names_its_styles():
    assert "Dub" in panels.build_panel("genre", "Electronic")["styles"]


def test_hints_tell_how_much_there_is_and_of_what():
    found = {each["id"]: each["hint"] for each in names.complete_names("artist", "mira", 10)}

    assert found[str(MIRA)].startswith(f"{sum(MIRA in e.artists for e in catalogue.RELEASES)} releases")
    assert found[str(OTHER_MIRA)].startswith(f"{sum(OTHER_MIRA in e.artists for e in catalogue.RELEASES)} releases")


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("artist", "Mirra Holt", "Mira Holt"),
        ("label", "Pier Dubb", "Pier Dub"),
        ("genre", "Electrnic", "Electronic"),
        ("style", "Ambiant", "Ambient"),
    ],
)
def test_a_name_that_nobody_has_has_close_ones(kind, name, expected):
    assert expected in [each["name"] for each in names.find_closest(kind, name)]


def test_names_to_begin_with_are_of_what_is_loaded():
    found = beginnings.find_beginnings()

    assert {each["kind"] for each in found} == {"artist", "label", "genre", "style"}
    assert "Various" not in [each["name"] for each in found]
