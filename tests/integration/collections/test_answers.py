"""What is asked of a collection, against numbers worked out by hand from ``world``.

Mine: release 1 twice, 2, 3 and 10, which has no year; I want 4. Theirs: release 1.
"""

from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from apps.api.responses import NotEnough
from apps.collections import library, outbox
from apps.collections.answers import card, collecting, gaps, recommending, taste
from apps.collections.answers.collecting import Selection
from apps.collections.answers.gaps import Filters
from apps.collections.models import CollectionItem, WantlistItem
from apps.graph import large_discographies
from apps.graph.readers import discovering
from tests.api import stores
from tests.integration.collections.world import catalogue

pytestmark = pytest.mark.django_db

MINE = [
    # release, copy, rating, folder, date
    (1, 11, 4, 1, "2024-05-01T00:00:00-07:00"),
    (1, 12, 0, 2, "2025-05-01T00:00:00-07:00"),
    (2, 13, 2, 1, "2025-06-01T00:00:00-07:00"),
    (3, 14, None, 1, None),
    (10, 15, 5, 1, "2023-06-01T00:00:00-07:00"),
]


MORE = (5, 15, 25, 35, 45)


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker, _graph_with_constraints, tmp_path_factory):
    """Return the ids of users: me, them, and a rich one who has all of mine and ``MORE``."""
    with (
        django_db_blocker.unblock(),
        stores.load_stores(_graph_with_constraints, tmp_path_factory.mktemp("world"), catalogue()),
    ):
        users = {
            name: get_user_model().objects.create_user(f"{name}@example.com")
            for name in ("mine", "other", "rich", "nobody")
        }
        for user in (users["mine"], users["rich"]):
            for copy in MINE:
                add_copy(user, *copy)
            WantlistItem.objects.create(user=user, release_id=4, date_added="2025-01-01T00:00:00-07:00")
            outbox.owe(user.pk, [1, 2, 3, 4, 10])
        for each in MORE:
            add_copy(users["rich"], each, each, None, 1, "2023-01-01T00:00:00Z")
        add_copy(users["other"], 1, 11, None, 1, None)
        outbox.owe(users["rich"].pk, MORE)
        outbox.owe(users["other"].pk, [1])
        outbox.settle_all()
        yield {name: str(user.pk) for name, user in users.items()}


def add_copy(user, release, copy, rating, folder, date):
    CollectionItem.objects.create(
        user=user,
        release_id=release,
        instance_id=copy,
        rating=rating,
        folder_id=folder,
        date_added=date,
        formats=[{"name": "Vinyl"}, {"name": ""}, {}] if release == 1 else [{"name": "CD"}],
    )


@pytest.fixture
def mine(people):
    return people["mine"]


@pytest.fixture
def other(people):
    return people["other"]


@pytest.fixture
def rich(people):
    return people["rich"]


def ids(found):
    return [each["id"] for each in found["releases"]]


def test_a_collection_has_a_row_for_each_copy_the_newest_first_and_undated_ones_before(mine):
    found = collecting.list_collection(mine, Selection(), 3, 0)

    assert ids(found) == ["3", "2", "1"]
    assert {key: found[key] for key in ("user_id", "total", "offset", "limit", "has_more")} == {
        "user_id": mine,
        "total": 5,
        "offset": 0,
        "limit": 3,
        "has_more": True,
    }
    assert found["releases"][1] == {
        "id": "2",
        "title": "Title 2",
        "year": 1972,
        "catalog_number": "c",
        "artist": "Artist 3",
        "label": "Label 3",
        "genres": ["Pop", "Rock"],
        "styles": [],
        "rating": 2,
        "date_added": "2025-06-01T00:00:00-07:00",
        "folder_id": 1,
    }
    assert ids(collecting.list_collection(mine, Selection(), 3, 3)) == ["1", "10"]
    assert ids(collecting.list_collection(mine, Selection(), 3, 2**63 - 1)) == []


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"sort": "title", "is_descending": False}, ["1", "1", "10", "2", "3"]),
        ({"sort": "year", "is_descending": True}, ["10", "3", "2", "1", "1"]),
        ({"sort": "rating", "is_descending": False}, ["1", "2", "1", "10", "3"]),
        ({"sort": "artist", "is_descending": False}, ["10", "1", "1", "2", "3"]),
        ({"sort": "label", "is_descending": True}, ["2", "1", "1", "10", "3"]),
        ({"genre": "Jazz"}, ["3"]),
        ({"decade": 1970}, ["3", "2", "1", "1"]),
        ({"folder": 2}, ["1"]),
        ({"format": "CD"}, []),
        ({"text": "TITLE 1"}, ["1", "1", "10"]),
        ({"text": "artist 3"}, ["2"]),
    ],
)
def test_a_collection_is_sorted_and_filtered(mine, selection, expected):
    found = collecting.list_collection(mine, Selection(**selection), 50, 0)

    assert ids(found) == expected
    assert found["total"] == len(expected)


def test_a_wantlist_has_no_user_and_no_folders(mine):
    found = collecting.list_wantlist(mine, Selection(), 50, 0)

    assert set(found) == {"releases", "total", "offset", "limit", "has_more"}
    assert ids(found) == ["4"]
    assert "folder_id" not in found["releases"][0]


def test_statistics_count_copies(mine):
    found = collecting.compute_statistics(mine)

    assert (found["total"], found["unique_artists"], found["unique_labels"]) == (5, 4, 3)
    assert found["average_rating"] == pytest.approx(11 / 3)
    assert found["by_genre"] == [
        {"name": "Rock", "count": 4},
        {"name": "Jazz", "count": 1},
        {"name": "Pop", "count": 1},
    ]
    assert found["by_decade"] == [{"decade": 1970, "count": 4}]
    assert found["by_label"] == [
        {"name": "Label 2", "count": 3},
        {"name": "Label 1 & <1>", "count": 1},
        {"name": "Label 3", "count": 1},
    ]


def test_a_timeline_counts_each_release_once(mine):
    found = collecting.build_timeline(mine, "year")

    assert [(each["year"], each["count"], each["genres"], each["top_styles"]) for each in found["timeline"]] == [
        (1971, 1, {"Rock": 1}, ["Dub"]),
        (1972, 1, {"Pop": 1, "Rock": 1}, []),
        (1973, 1, {"Jazz": 1}, ["Dub"]),
    ]
    # Shares of Rock 1/2, Pop 1/4, Jazz 1/4: 1.5 bits of 1.585.
    assert found["insights"] == {
        "peak_year": 1971,
        "dominant_genre": "Rock",
        "genre_diversity_score": 0.95,
        "style_drift_rate": 1.0,
    }
    decades = collecting.build_timeline(mine, "decade")["timeline"]
    assert [(each["year"], each["count"], each["top_labels"]) for each in decades] == [
        (1970, 3, ["Label 1 & <1>", "Label 2", "Label 3"])
    ]


def test_evolution_counts_copies(mine):
    assert collecting.count_evolution(mine, "genre") == {
        "metric": "genre",
        "data": [
            {"year": 1971, "values": {"Rock": 2}},
            {"year": 1972, "values": {"Pop": 1, "Rock": 1}},
            {"year": 1973, "values": {"Jazz": 1}},
        ],
        "summary": {"total_years": 3, "unique_values": 3},
    }
    assert collecting.count_evolution(mine, "label")["data"][0] == {"year": 1971, "values": {"Label 2": 2}}
    assert collecting.count_evolution(mine, "style")["data"][0] == {"year": 1971, "values": {"Dub": 2}}


def test_statuses_are_those_of_the_user(mine, other):
    both = {"in_collection": False, "in_wantlist": False}

    assert list(collecting.read_statuses(mine, ["4", "1", "4", "999"])["status"].items()) == [
        ("4", {**both, "in_wantlist": True}),
        ("1", {**both, "in_collection": True}),
        ("999", both),
    ]
    assert collecting.read_statuses(other, ["4"])["status"] == {"4": both}
    assert collecting.read_statuses(None, ["1"])["status"] == {"1": both}


def test_formats_are_named_once(mine):
    assert collecting.list_formats(mine) == {"formats": ["CD", "Vinyl"]}


def find_gaps(user, kind="master", id_="1", limit=50, offset=0, **filters):
    return gaps.find_gaps(user, kind, id_, Filters(**filters), limit, offset)


def test_gaps_of_a_master_an_artist_and_a_label(mine, other):
    assert find_gaps(other)["summary"] == {"total": 3, "owned": 1, "missing": 2}
    assert [each["id"] for each in find_gaps(other)["results"]] == ["3", "2"]
    # Artist 5 has the releases 4, 9 … 59; label 1 has 3, 6 … 60.
    artist = find_gaps(mine, "artist", "5")
    assert artist["entity"] == {"id": "5", "name": "Artist 5", "type": "artist"}
    assert artist["summary"] == {"total": 12, "owned": 0, "missing": 12}
    assert "artist" not in artist["results"][0]
    assert [each["id"] for each in artist["results"] if each["on_wantlist"]] == ["4"]
    assert find_gaps(mine, "artist", "5", exclude_wantlist=True)["pagination"]["total"] == 11
    assert find_gaps(mine, "label", "1")["summary"] == {"total": 20, "owned": 1, "missing": 19}
    assert "label" not in find_gaps(mine, "label", "1")["results"][0]


def test_gaps_have_pages_with_undated_releases_first_and_filters(mine):
    first = find_gaps(mine, "label", "1", limit=3)
    # 30 and 60 have no year; 29 + 30n is the latest year of a release of label 1: 27, 57 are of 1997.
    assert [each["id"] for each in first["results"]] == ["30", "60", "27"]
    assert first["pagination"] == {"total": 19, "offset": 0, "limit": 3, "has_more": True}
    assert find_gaps(mine, "label", "1", formats=["CD", "Vinyl"])["pagination"]["total"] == 19
    assert find_gaps(mine, "label", "1", formats=[""])["results"] == []


def test_gaps_by_master_are_works_of_which_the_user_has_no_release(mine, other):
    # Releases 1, 2 and 3 are of master 1, which both have one of; all others have no master.
    found = find_gaps(mine, "label", "1", by="master", limit=2)

    assert found["filters"] == {"formats": [], "by": "master"}
    assert found["summary"] == {"total": 20, "owned": 1, "missing": 19}
    assert [(each["id"], each["master_id"], each["versions"]) for each in found["results"]] == [
        ("30", None, 1),
        ("60", None, 1),
    ]
    assert find_gaps(other, by="master")["summary"] == {"total": 1, "owned": 1, "missing": 0}
    assert find_gaps(other, by="master")["results"] == []


def test_the_earliest_release_stands_for_a_master(people):
    rich = people["rich"]
    copies = library.read_copies(rich)
    discography = gaps.read_discography("master", "1")

    others = library.Items.from_rows(each for each in copies if not each.master)
    found = gaps.Gaps("", True, Filters(by="master"), discography, others, library.Items())

    assert found.find_page(1, 0) == ([(1, 1, 3)], 1)
    assert found.summary == {"total": 1, "owned": 0, "missing": 1}


def test_a_large_discography_has_the_answers_of_the_graph(mine, monkeypatch):
    questions = [
        {"kind": kind, "id_": id_, "limit": limit, "offset": offset, **filters}
        for kind, id_ in (("label", "1"), ("artist", "5"))
        for limit, offset in ((3, 0), (3, 2), (5, 17), (50, 0), (50, 500))
        for filters in ({}, {"formats": ["Vinyl"]}, {"formats": ["x"]}, {"exclude_wantlist": True}, {"by": "master"})
    ]
    before = [find_gaps(mine, **each) for each in questions], recommending.recommend_by_signals(mine, 100)
    monkeypatch.setattr(large_discographies, "LEAST", 10)
    large_discographies.rebuild()

    assert len(large_discographies.list_years("label", "1")) > 3
    assert before == ([find_gaps(mine, **each) for each in questions], recommending.recommend_by_signals(mine, 100))


def test_a_user_who_has_nothing_has_no_gaps_but_a_summary(people):
    nobody = people["nobody"]

    found = find_gaps(nobody, "label", "1")

    assert (found["results"], found["pagination"]["total"]) == ([], 0)
    assert found["summary"] == {"total": 20, "owned": 0, "missing": 20}
    assert collecting.list_collection(nobody, Selection(), 50, 0)["total"] == 0
    assert collecting.compute_statistics(nobody)["average_rating"] is None
    assert collecting.build_timeline(nobody, "year")["insights"]["peak_year"] is None
    assert recommending.recommend_by_signals(nobody, 20)["recommendations"] == []


def test_five_copies_say_nothing_of_a_taste(mine):
    with pytest.raises(NotEnough, match="at least 10"):
        taste.get_fingerprint(mine)


def test_a_taste(rich):
    found = taste.get_fingerprint(rich)

    # 5, 35: 1975; 15, 45: 1985; 25: 1995.
    assert found["heatmap"] == [
        {"genre": "Rock", "decade": 1970, "count": 4},
        {"genre": "Jazz", "decade": 1970, "count": 2},
        {"genre": "Rock", "decade": 1980, "count": 2},
        {"genre": "Pop", "decade": 1970, "count": 1},
        {"genre": "Rock", "decade": 1990, "count": 1},
    ]
    assert found["peak_decade"] == 1970
    # Of nine releases one is owned by one other user: the median is 0, the largest 1.
    assert found["obscurity"] == {"score": 1.0, "median_collectors": 0.0, "total_releases": 9}
    assert found["drift"] == [
        {"year": "2023", "top_genre": "Rock", "count": 5},
        {"year": "2024", "top_genre": "Rock", "count": 1},
        {"year": "2025", "top_genre": "Rock", "count": 2},
    ]
    # Release 6, the only one of Blues, is by artist 2, of whom I have release 1.
    assert found["blind_spots"] == [{"genre": "Blues", "artist_overlap": 1, "example_release": "Title 6"}]
    assert taste.get_heatmap(rich)["total"] == 10
    assert taste.list_blind_spots(rich, 1)["blind_spots"][0]["genre"] == "Blues"


def test_a_card_is_a_picture_that_escapes_names(rich):
    found = card.draw_card(rich)

    assert found.startswith("<svg")
    assert found.endswith("</svg>")
    assert 'width="1200"' in found
    assert 'height="630"' in found
    assert "Label 1 &amp; &lt;1&gt;" in found
    assert "1970s" in found
    assert "100%" in found
    assert "Deep Cuts" in found


def test_recommendations_are_of_the_artists_that_one_has_most_of(rich):
    found = recommending.recommend_by_artists(rich, 4)["recommendations"]

    # Six copies by artist 1: of its releases 20, 30, 40, 50 … I have none.
    assert [(each["id"], each["score"]) for each in found] == [("20", 1.0), ("30", 1.0), ("40", 1.0), ("50", 1.0)]
    assert "reasons" not in found[0]


def test_recommendations_of_several_signals_say_why(rich):
    found = recommending.recommend_by_signals(rich, 100)["recommendations"]

    mine, wanted = {"1", "2", "3", "10", "5", "15", "25", "35", "45"}, {"4"}
    assert not {each["id"] for each in found} & (mine | wanted)
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    blues = next(each for each in found if each["id"] == "6")
    assert any(each.startswith("blind_spot:") and "Blues" in each for each in blues["reasons"])
    assert any(each.startswith("artist:") for each in blues["reasons"])
    assert any(each.startswith("label:") and "Label" in each for each in blues["reasons"])


def test_what_is_dismissed_is_recommended_no_more(rich):
    recommending.dismiss_release(UUID(rich), 20)
    recommending.dismiss_release(UUID(rich), 20)
    assert "20" not in {each["id"] for each in recommending.recommend_by_artists(rich, 100)["recommendations"]}

    recommending.recall_release(UUID(rich), 20)
    assert "20" in {each["id"] for each in recommending.recommend_by_artists(rich, 100)["recommendations"]}


def test_what_is_near_an_artist_is_ordered_by_what_is_new(rich):
    found = recommending.explore_from(rich, "artist", "2", 2)

    assert found["from"] == {"id": "2", "name": "Artist 2", "type": "artist"}
    assert [(each["name"], each["score"], each["reason"]) for each in found["discoveries"]][:4] == [
        ("Blues", 1.5, "blind_spot_boost"),
        ("Rock", 0.7, "graph_proximity"),
        ("Label 1 & <1>", 0.5, "graph_proximity"),
        ("Label 2", 0.5, "graph_proximity"),
    ]
    assert found["discoveries"][0]["path"] == ["Artist 2", "—BY→", "Title 6", "—IS→", "Blues"]
    assert recommending.explore_from(rich, "artist", "999", 3) == {
        "from": {"id": "999", "name": "999", "type": "artist"},
        "discoveries": [],
    }
    assert recommending.explore_from(rich, "genre", "Rock", 1)["discoveries"] == []
    assert {each["type"] for each in recommending.explore_from(rich, "genre", "Blues", 3)["discoveries"]} == {
        "artist",
        "label",
    }


def test_what_is_near_is_the_same_over_all_artists(people, monkeypatch):
    starts = [("label", "1"), ("genre", "Rock"), ("style", "Dub")]
    near = [discovering.find_near(kind, id_, 2) for kind, id_ in starts]
    monkeypatch.setattr(discovering, "has_many_works", lambda *_: True)
    over_all = [discovering.find_near(kind, id_, 2) for kind, id_ in starts]

    # There may be several works in between.
    seen = ("id", "type", "distance", "edges")
    for before, after in zip(near, over_all, strict=True):
        assert before
        assert [[each[key] for key in seen] for each in before] == [[each[key] for key in seen] for each in after]
        assert [each["names"][::2] for each in before] == [each["names"][::2] for each in after]
