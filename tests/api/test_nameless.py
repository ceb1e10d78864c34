"""Artists and labels without a name: every route that takes a name takes what they are shown as."""

import pytest

from tests.api.catalogue import FOLK, NAMELESS, UNNAMED

pytestmark = pytest.mark.django_db

SHOWN = [("artist", f"Artist {NAMELESS}", str(NAMELESS)), ("label", f"Label {UNNAMED}", str(UNNAMED))]
# Their releases: years and, in the order of a page, ids.
YEARS = {"artist": {1972: 2, 1999: 1}, "label": {1972: 1, 1998: 1, 2000: 1}}
RELEASES = {"artist": ["208", "109", "110"], "label": ["209", "207", "110"]}


@pytest.mark.parametrize(("kind", "name", "id_"), SHOWN)
def test_it_is_explored(site, kind, name, id_):
    body = site.json("/api/explore", name=name, type=kind)

    assert body["center"] == {"id": id_, "name": name, "type": kind}
    assert body["categories"][0]["count"] == 3


@pytest.mark.parametrize(("kind", "name", "id_"), SHOWN)
def test_it_is_expanded(site, kind, name, id_):
    def expand(category, **page):
        return site.json("/api/expand", node_id=name, type=kind, category=category, **page)

    assert [child["id"] for child in expand("releases")["children"]] == RELEASES[kind]
    assert expand("releases", before_year=1998)["total"] == sum(year <= 1998 for year in YEARS[kind]) + (
        kind == "artist"
    )
    for each in site.json("/api/explore", name=name, type=kind)["categories"]:
        page = expand(each["category"], limit=1)
        assert page["total"] == each["count"]
        assert id_ not in [child["id"] for child in page["children"]]


@pytest.mark.parametrize(("kind", "name", "id_"), SHOWN)
def test_it_has_years(site, kind, name, id_):
    body = site.json("/api/trends", name=name, type=kind)

    assert (body["name"], {each["year"]: each["count"] for each in body["data"]}) == (name, YEARS[kind])


@pytest.mark.parametrize("is_backwards", [False, True])
def test_it_is_both_ends_of_a_path(site, is_backwards):
    (from_type, from_name, _), (to_type, to_name, _) = reversed(SHOWN) if is_backwards else SHOWN

    body = site.json(
        "/api/path", from_name=from_name, from_type=from_type, to_name=to_name, to_type=to_type, max_depth=3
    )

    assert (body["length"], body["path"][0]["name"], body["path"][2]["name"]) == (2, from_name, to_name)


@pytest.mark.parametrize(("kind", "name", "id_"), SHOWN)
def test_it_is_completed(site, kind, name, id_):
    assert site.json("/api/autocomplete", q=name, type=kind)["results"] == [{"id": id_, "name": name, "score": 2.0}]


@pytest.mark.parametrize(("kind", "name", "id_"), SHOWN)
def test_it_is_a_node(site, kind, name, id_):
    assert site.json(f"/api/node/{name}", type=kind) == site.json(f"/api/node/{id_}", type=kind)


@pytest.mark.parametrize(("kind", "name", "id_"), [("artist", "Mira Holt", "2"), ("label", "Quell", "70")])
def test_a_node_is_found_by_a_name_as_well(site, kind, name, id_):
    assert site.json(f"/api/node/{name}", type=kind) == site.json(f"/api/node/{id_}", type=kind)


def test_a_release_is_found_by_its_id_alone(site):
    assert site.error("/api/node/Breakwater?type=release")[0] == 404


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("artist", "Artist 1"),
        ("artist", "Artist 99"),
        ("artist", "artist 20"),
        ("artist", "Artist  20"),
        ("artist", "Artist 020"),
        ("artist", "Artist 20 "),
        ("artist", "Artist ２０"),
        ("artist", "Artist 99999999999999999999"),
        ("artist", "Label 60"),
        ("label", "Label 50"),
        ("genre", f"Genre {FOLK}"),
    ],
)
def test_other_texts_find_nothing(site, kind, name):
    assert site.error("/api/explore", name=name, type=kind)[0] == 404
    assert site.error(f"/api/node/{name}", type=kind)[0] == 404
    assert site.json("/api/trends", name=name, type=kind)["data"] == []
    assert site.json("/api/expand", node_id=name, type=kind, category="releases")["total"] == 0


def test_no_answer_has_a_null_for_a_name(site):
    answers = [
        *(site.json(f"/api/collaborators/{id_}") for id_ in (NAMELESS, 10, 43)),
        *(site.json(f"/api/network/artist/{id_}/collaborators") for id_ in (NAMELESS, 10, 43)),
        *(site.json(f"/api/network/cluster/{id_}") for id_ in (NAMELESS, 43)),
        site.json(f"/api/network/artist/{NAMELESS}/centrality"),
        site.json(f"/api/recommend/similar/artist/{NAMELESS}"),
        site.json(f"/api/artist/{NAMELESS}/relationships"),
        site.json("/api/expand", node_id="Jazz", type="genre", category="artists"),
        site.json("/api/expand", node_id="Jazz", type="genre", category="labels"),
        site.json("/api/node/208", type="release"),
        site.json("/api/credits/release/109"),
    ]

    assert not [place for answer in answers for place in nulls(answer)]


def nulls(value, place=""):
    """Yield where a name or a title is null."""
    if isinstance(value, dict):
        for key, each in value.items():
            if each is None and ("name" in key or key == "title") and value.get(key.replace("name", "id")) is not None:
                yield f"{place}.{key}"
            yield from nulls(each, f"{place}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from nulls(each, f"{place}[{number}]")
