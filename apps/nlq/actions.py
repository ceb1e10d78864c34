"""Actions that a page may take with an answer: which there are, and which a model may propose.

Every name must be one that a tool returned: a model can neither invent an entity nor bring a text of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apps.nlq.cleaning import clean_line
from apps.nlq.found import MOST_CHARACTERS, Found
from apps.nlq.suggestions import OF_PANES

Action = dict[str, Any]

MOST_ACTIONS, MOST_NAMES, MOST_FOLLOWUPS = 10, 20, 5
TYPES = ("artist", "label", "genre", "style", "release")
TILES = (
    "artist_centrality",
    "genre_trends",
    "label_longevity",
    "anniversaries",
    "data_completeness",
    "release_rarity",
)
FILTERS = ("year", "genre", "label")
YEAR = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")
YEARS = (1800, 2100)


class Refused(Exception):  # noqa: N818 - what happened is no error
    """An action is malformed, or has a name that no tool returned."""


def check_actions(proposed: Iterable[Any], found: Found) -> list[Action]:
    """Return the proposed actions that are sound; their names are spelled as the tools spell them."""
    sound = []
    for each in proposed:
        try:
            sound.append(check_action(each, found))
        except Refused:
            continue
    return sound[:MOST_ACTIONS]


def check_action(proposed: Any, found: Found) -> Action:
    """Return an action with its known fields alone; raise Refused if it is not sound."""
    kind = proposed.get("type") if isinstance(proposed, dict) else None
    check = CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise Refused
    return {"type": kind, **check(proposed, found)}


def check_seed(proposed: Mapping[str, Any], found: Found) -> Action:
    """Return the fields of ``seed_graph``: its entities that are known."""
    entities = [check_named(each, found) for each in take_list(proposed, "entities") if is_named(each, found)]
    if not entities:
        raise Refused
    return {"entities": entities[:MOST_NAMES], "replace": proposed.get("replace") is True}


def is_named(proposed: Any, found: Found) -> bool:
    """Tell whether a part of an action names an entity that is known."""
    try:
        return bool(isinstance(proposed, dict) and check_named(proposed, found))
    except Refused:
        return False


def check_named(proposed: Mapping[str, Any], found: Found) -> Action:
    """Return the fields of an action about one entity."""
    kind = take_choice(proposed, "entity_type", TYPES)
    return {"name": take_name(proposed, "name", found, kind), "entity_type": kind}


def check_highlight(proposed: Mapping[str, Any], found: Found) -> Action:
    """Return the fields of ``highlight_path``: its names that are known."""
    nodes = [name for each in take_list(proposed, "nodes") if (name := found.find_name(each))]
    if not nodes:
        raise Refused
    return {"nodes": nodes[:MOST_NAMES]}


def check_filter(proposed: Mapping[str, Any], found: Found) -> Action:
    """Return the fields of ``filter_graph``: a year, two in order, or a name."""
    by = take_choice(proposed, "by", FILTERS)
    value = proposed.get("value")
    if by != "year":
        return {"by": by, "value": take_name(proposed, "value", found, None if by == "genre" else by)}
    years = value if isinstance(value, list) else [value]
    if not all(type(each) is int and YEARS[0] <= each <= YEARS[1] for each in years):
        raise Refused
    if isinstance(value, list) and (len(value) != len(YEARS) or value[0] > value[1]):
        raise Refused
    return {"by": by, "value": value}


def check_path(proposed: Mapping[str, Any], found: Found) -> Action:
    """Return the fields of ``find_path``."""
    kinds = {side: take_choice(proposed, f"{side}_type", TYPES) for side in ("from", "to")}
    names = {side: take_name(proposed, side, found, kind) for side, kind in kinds.items()}
    return {**names, **{f"{side}_type": kind for side, kind in kinds.items()}}


def check_pane(proposed: Mapping[str, Any], _: Found) -> Action:
    """Return the fields of ``switch_pane``."""
    return {"pane": take_choice(proposed, "pane", tuple(OF_PANES))}


def check_tile(proposed: Mapping[str, Any], _: Found) -> Action:
    """Return the fields of ``open_insight_tile``."""
    return {"tile_id": take_choice(proposed, "tile_id", TILES)}


def check_range(proposed: Mapping[str, Any], _: Found) -> Action:
    """Return the fields of ``set_trend_range``: two years as text."""
    years = {name: proposed.get(name) for name in ("from", "to")}
    if not all(isinstance(each, str) and YEAR.fullmatch(each) for each in years.values()):
        raise Refused
    return years


def check_followups(proposed: Mapping[str, Any], _: Found) -> Action:
    """Return the fields of ``suggest_followups``: questions, the one text that is the model's own."""
    texts = [clean_line(each) for each in take_list(proposed, "queries") if isinstance(each, str)]
    queries = [each for each in dict.fromkeys(texts) if 0 < len(each) <= MOST_CHARACTERS]
    if not queries:
        raise Refused
    return {"queries": queries[:MOST_FOLLOWUPS]}


def take_choice(proposed: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str:
    """Return a field that must be one of the allowed words."""
    value = proposed.get(field)
    if not isinstance(value, str) or value not in allowed:
        raise Refused
    return value


def take_list(proposed: Mapping[str, Any], field: str) -> list[Any]:
    """Return a field that must be a list."""
    value = proposed.get(field)
    if not isinstance(value, list):
        raise Refused
    return value


def take_name(proposed: Mapping[str, Any], field: str, found: Found, kind: str | None) -> str:
    """Return the spelling of a field that must be a name that a tool returned."""
    name = found.find_name(proposed.get(field), kind)
    if name is None:
        raise Refused
    return name


CHECKS: dict[str, Callable[[Mapping[str, Any], Found], Action]] = {
    "seed_graph": check_seed,
    "highlight_path": check_highlight,
    "focus_node": check_named,
    "filter_graph": check_filter,
    "find_path": check_path,
    "show_credits": check_named,
    "switch_pane": check_pane,
    "open_insight_tile": check_tile,
    "set_trend_range": check_range,
    "suggest_followups": check_followups,
}
# What the model is told of them.
DESCRIPTION = f"""Show what was found on the page. Each action is an object with "type" and these fields:
seed_graph: entities (list of {{name, entity_type}}), replace (true or false): the map of the first one.
focus_node: name, entity_type: the entity on the map. show_credits: name, entity_type: the credits of a person.
find_path: from, to, from_type, to_type. highlight_path: nodes (names in order).
filter_graph: by (one of {", ".join(FILTERS)}), value (a name; for year a number or two): the map of these alone.
switch_pane: pane (one of {", ".join(OF_PANES)}). open_insight_tile: tile_id (one of {", ".join(TILES)}).
set_trend_range: from, to (years as text, such as "1990"). suggest_followups: queries (up to {MOST_FOLLOWUPS}).
entity_type is one of {", ".join(TYPES)}. Names must be spelled as in the results of other tools; others are dropped."""
