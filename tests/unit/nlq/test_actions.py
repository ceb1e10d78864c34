"""Which proposed actions are taken, and of what form they are then."""

from typing import Any

import pytest

from apps.nlq.actions import CHECKS, MOST_ACTIONS, check_actions
from apps.nlq.found import Found

HITS = {
    "query": "Invented",
    "results": [
        {"id": "5", "type": "label", "name": "Blue Note"},
        {"id": 6, "type": "Artist", "name": "Dexter Gordon"},
        {"id": "6", "type": "artist", "name": "Dexter Gordon"},
    ],
}
PATH = {
    "path": [{"id": "6", "name": "Dexter Gordon", "type": "artist"}, {"id": "Jazz", "name": "Jazz", "type": "genre"}]
}
GORDON = {"name": "Dexter Gordon", "entity_type": "artist"}


@pytest.fixture
def found():
    found = Found()
    found.add(HITS)
    found.add(PATH)
    found.add({"genres": [{"name": "Jazz", "styles": [{"name": "Hard Bop"}]}]})
    found.add({"error": "artist 'Invented' not found"})
    return found


SOUND: list[dict[str, Any]] = [
    {"type": "seed_graph", "entities": [GORDON], "replace": True},
    {"type": "highlight_path", "nodes": ["Dexter Gordon", "Jazz"]},
    {"type": "focus_node", **GORDON},
    {"type": "show_credits", **GORDON},
    {"type": "filter_graph", "by": "year", "value": 1959},
    {"type": "filter_graph", "by": "year", "value": [1950, 1959]},
    {"type": "filter_graph", "by": "genre", "value": "Hard Bop"},
    {"type": "filter_graph", "by": "label", "value": "Blue Note"},
    {"type": "find_path", "from": "Dexter Gordon", "to": "Jazz", "from_type": "artist", "to_type": "genre"},
    {"type": "switch_pane", "pane": "trends"},
    {"type": "open_insight_tile", "tile_id": "anniversaries"},
    {"type": "set_trend_range", "from": "1950", "to": "1959-12-31"},
    {"type": "suggest_followups", "queries": ["Who recorded for Blue Note?"]},
]


@pytest.mark.parametrize("action", SOUND, ids=lambda each: each["type"])
def test_a_sound_action_is_taken_as_it_is_without_what_it_has_beside(found, action):
    assert check_actions([{**action, "html": "<b>"}], found) == [action]


def test_there_is_an_example_of_each():
    assert {each["type"] for each in SOUND} == set(CHECKS)


@pytest.mark.parametrize(
    "action",
    [
        None,
        "focus_node",
        {},
        {"type": ["focus_node"]},
        {"type": "delete_everything"},
        {"type": "focus_node", "name": "Invented", "entity_type": "artist"},
        {"type": "focus_node", "name": "Blue Note", "entity_type": "artist"},
        {"type": "focus_node", "name": "Dexter Gordon", "entity_type": "planet"},
        {"type": "focus_node", "name": "x" * 257, "entity_type": "artist"},
        {"type": "focus_node", "name": None, "entity_type": "artist"},
        {"type": "seed_graph", "entities": [], "replace": True},
        {"type": "seed_graph", "entities": "Dexter Gordon", "replace": True},
        {"type": "highlight_path", "nodes": ["Invented", 5]},
        {"type": "filter_graph", "by": "year", "value": "1959"},
        {"type": "filter_graph", "by": "year", "value": True},
        {"type": "filter_graph", "by": "year", "value": [1959]},
        {"type": "filter_graph", "by": "year", "value": [1960, 1950]},
        {"type": "filter_graph", "by": "year", "value": 10**30},
        {"type": "filter_graph", "by": "country", "value": "Jazz"},
        {"type": "find_path", "from": "Dexter Gordon", "to": "Invented", "from_type": "artist", "to_type": "artist"},
        {"type": "switch_pane", "pane": "admin"},
        {"type": "open_insight_tile", "tile_id": "<b>"},
        {"type": "set_trend_range", "from": 1950, "to": 1960},
        {"type": "set_trend_range", "from": "soon", "to": "1960"},
        {"type": "suggest_followups", "queries": ["<b></b>", "x" * 257, 5]},
    ],
)
def test_another_one_is_dropped(found, action):
    assert check_actions([action, SOUND[0]], found) == [SOUND[0]]


def test_names_are_spelled_as_they_were_found_and_unknown_ones_are_left_out(found):
    proposed = [
        {"type": "focus_node", "name": "DEXTER gordon", "entity_type": "artist"},
        {
            "type": "seed_graph",
            "entities": [5, {"name": "Invented", "entity_type": "artist"}, GORDON],
            "replace": "yes",
        },
        {"type": "suggest_followups", "queries": ["Why [so](//evil.example)?", "Why so?"]},
    ]

    assert check_actions(proposed, found) == [
        {"type": "focus_node", **GORDON},
        {"type": "seed_graph", "entities": [GORDON], "replace": False},
        {"type": "suggest_followups", "queries": ["Why so?"]},
    ]


def test_there_are_so_many_at_most(found):
    assert len(check_actions([SOUND[0]] * 50, found)) == MOST_ACTIONS


def test_entities_come_once_in_the_order_of_their_coming(found):
    assert found.entities == [
        {"id": "5", "name": "Blue Note", "type": "label"},
        {"id": "6", "name": "Dexter Gordon", "type": "artist"},
        {"id": "Jazz", "name": "Jazz", "type": "genre"},
    ]


def test_what_the_visitor_looks_at_may_be_named():
    found = Found()
    found.add_name("Blue Note", "label")

    assert found.find_name("blue note", "label") == "Blue Note"
    assert found.entities == []
