"""The worked numbers of the contract."""

import pytest

from apps.collections.answers import card, collecting, recommending, taste
from apps.collections.answers.taste import Rarity


def candidate(id_, raw):
    fields = dict.fromkeys(("title", "artist", "label", "year"))
    return {"id": id_, "raw": raw, "because": "x", "genres": [], **fields}


def test_signals_are_merged_by_weight_and_rarity():
    found = {
        "artist": [candidate("r1", 50), candidate("r2", 25)],
        "label": [candidate("r2", 4)],
        "blind_spot": [],
    }

    merged = recommending.merge_signals(found, {"r1": 2, "r2": 10})

    assert [(each["id"], each["score"], len(each["reasons"])) for each in merged] == [
        ("r1", 0.47, 1),
        ("r2", 0.425, 2),
    ]


def test_without_collectors_nothing_is_added():
    merged = recommending.merge_signals({"artist": [candidate("1", 5)]}, {"1": 0})

    assert merged[0]["score"] == 0.35


def test_diversity_and_drift():
    assert collecting.compute_diversity([3, 1, 1]) == 0.86
    assert collecting.compute_drift([{"Indie", "Punk"}, {"Punk", "Bop"}]) == 0.67
    assert collecting.compute_diversity([7]) == collecting.compute_diversity([]) == 0.0
    assert collecting.compute_drift([{"Dub"}]) == collecting.compute_drift([set(), set()]) == 0.0


def test_obscurity():
    # 0, 2, 4 and 10 other users.
    assert taste.describe_obscurity(Rarity(3.0, 10, 4)) == {
        "score": 0.7,
        "median_collectors": 3.0,
        "total_releases": 4,
    }
    assert taste.describe_obscurity(Rarity(0.0, 0, 0))["score"] == 1.0


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"id": "Jazz", "type": "genre", "distance": 2}, 1.5),
        ({"id": "7", "type": "artist", "distance": 2}, 0.5),
        ({"id": "Rock", "type": "genre", "distance": 2}, 0.4),
        ({"id": "Dub", "type": "style", "distance": 2}, 0.0),
    ],
)
def test_discoveries_are_scored(found, expected):
    assert recommending.score(found, {"Rock": 0.4}, {"Jazz"})["score"] == expected


@pytest.mark.parametrize(
    ("score", "tier"), [(0.75, "Deep Cuts"), (0.5, "Obscure"), (0.25, "Eclectic"), (0, "Mainstream")]
)
def test_tiers(score, tier):
    assert card.name_tier(score) == tier


def test_texts_of_a_card_are_cut_and_clean():
    assert card.clean("a\0b<" + "x" * 100).startswith("ab&lt;")
    assert len(card.clean("x" * 100)) == card.MOST_LETTERS


@pytest.mark.parametrize(
    "name", ["Rock & <Roll>", "音楽", "\u202eevil", "a\0\x1b\ufffe", "😀" * 500, ']]><image href="/etc/hosts"/>']
)
def test_a_card_of_any_name_is_a_png(name):
    text = card.draw_names(64, [(name, 3)])
    svg = card.CARD.format(decade="1980s", obscurity=5, tier="x", genres=text, labels="", drift="")

    found = card.draw_png(svg)

    assert found[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(found[16:20]), int.from_bytes(found[20:24])) == (card.WIDTH, card.HEIGHT)
