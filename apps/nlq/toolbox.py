"""The tools that a language model may call for a question, with the schemas of their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import APIException

from apps.catalog.reading import TablesTimeOut
from apps.catalog.search.asking import TYPES as SEARCHED
from apps.collections.answers import collecting, gaps, taste
from apps.explore.answers import artists, exploring, labels, names
from apps.explore.answers.expanding import EntityReference
from apps.graph import reading
from apps.graph.reading import GraphTimeOut
from apps.nlq import actions, tools
from apps.nlq.providers import Tool

MOST_HITS = 50
MOST_LETTERS = 300
KINDS = ("artist", "label", "genre", "style")
SHOW = "show_on_page"


@dataclass(frozen=True, slots=True)
class Function:
    """A tool: what it calls, with which arguments, and what a user is told while it runs."""

    call: Callable[..., dict[str, Any]]
    description: str
    step: str
    # Name → schema; those in ``needed`` must be given.
    arguments: Mapping[str, Mapping[str, Any]]
    needed: tuple[str, ...] = ()
    # The first argument of ``call`` is the user's id.
    is_personal: bool = False


def autocomplete(query: str, type: str = "artist", limit: int = 10) -> dict[str, Any]:  # noqa: A002 - its name
    """Return names that have words which begin with those of a text."""
    found = names.complete_for_api(type, query, tools.clamp(limit, MOST_HITS), has_hints=False)
    return {"results": [{**each, "type": type} for each in found["results"]]}


def explore_entity(name: str, type: str = "artist") -> dict[str, Any]:  # noqa: A002
    """Return an entity and how many neighbours of each kind it has."""
    return exploring.explore_entity(EntityReference(type, name))


def get_similar_artists(artist_id: str, limit: int = 10) -> dict[str, Any]:
    """Return artists that are like one."""
    return artists.list_similar_artists(artist_id, tools.clamp(limit, MOST_HITS))


def get_collection_gaps(user: str, entity_type: str, entity_id: str) -> dict[str, Any]:
    """Return releases of an entity that the user does not own."""
    return gaps.find_gaps(user, entity_type, entity_id, gaps.Filters(), 20, 0)


TEXT = {"type": "string", "maxLength": MOST_LETTERS}
ID = {"type": "string", "description": "id of an earlier result", "pattern": "^[0-9]{1,15}$"}
LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_HITS}
NAME = {**TEXT, "description": "exact name, or id"}


def choice(*words: str) -> dict[str, Any]:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(words)}


def details(kind: str) -> Function:
    """Return the tool that describes an entity of a kind."""
    call = getattr(tools, f"get_{kind}_details")
    return Function(call, f"Facts about a {kind}", f"Looking at a {kind}", {"name": NAME}, ("name",))


FUNCTIONS: dict[str, Function] = {
    "search": Function(
        tools.search,
        "Full-text search for artists, labels, masters and releases",
        "Searching the catalogue",
        {"query": TEXT, "types": {"type": "array", "items": choice(*SEARCHED)}, "limit": LIMIT},
        ("query",),
    ),
    "autocomplete": Function(
        autocomplete,
        "Names that begin like a text, with their ids",
        "Looking for a name",
        {"query": TEXT, "type": choice(*KINDS), "limit": LIMIT},
        ("query",),
    ),
    "explore_entity": Function(
        explore_entity,
        "An entity by its exact name, and how many releases, labels and so on it is linked to",
        "Looking at the map",
        {"name": TEXT, "type": choice(*KINDS)},
        ("name",),
    ),
    **{f"get_{kind}_details": details(kind) for kind in ("artist", "label", "genre", "style")},
    "get_release_details": Function(
        tools.get_release_details, "Facts about a release", "Looking at a release", {"release_id": ID}, ("release_id",)
    ),
    "find_path": Function(
        tools.find_path,
        "A shortest connection between two entities by their exact names",
        "Looking for a path",
        {
            "from_name": TEXT,
            "to_name": TEXT,
            "from_type": choice(*KINDS),
            "to_type": choice(*KINDS),
            "max_depth": {"type": "integer", "minimum": 1, "maximum": tools.MOST_STEPS},
        },
        ("from_name", "to_name"),
    ),
    "get_collaborators": Function(
        tools.get_collaborators,
        "Artists that share releases with one",
        "Looking for collaborators",
        {"artist_id": ID, "limit": LIMIT},
        ("artist_id",),
    ),
    "get_similar_artists": Function(
        get_similar_artists,
        "Artists that are like one, by genres, labels and more",
        "Comparing artists",
        {"artist_id": ID, "limit": LIMIT},
        ("artist_id",),
    ),
    "get_label_dna": Function(
        labels.get_cached_dna, "What is typical of a label", "Looking at a label", {"label_id": ID}, ("label_id",)
    ),
    "get_trends": Function(
        tools.get_trends,
        "Releases of an entity in each year, by its exact name",
        "Counting releases by year",
        {"name": TEXT, "entity_type": choice(*KINDS)},
        ("name",),
    ),
    "get_genre_tree": Function(tools.get_genre_tree, "All genres with their styles", "Reading the genres", {}),
    "get_graph_stats": Function(tools.get_graph_stats, "How much there is of everything", "Counting everything", {}),
    "get_collection_gaps": Function(
        get_collection_gaps,
        "Releases of a label, an artist or a master that the user does not own",
        "Comparing with your collection",
        {"entity_type": choice("label", "artist", "master"), "entity_id": ID},
        ("entity_type", "entity_id"),
        is_personal=True,
    ),
    "get_taste_fingerprint": Function(
        taste.get_fingerprint, "The user's taste in figures", "Reading your taste", {}, is_personal=True
    ),
    "get_taste_blindspots": Function(
        lambda user: taste.list_blind_spots(user, 10),
        "Genres of the user's artists that the user has nothing of",
        "Reading your taste",
        {},
        is_personal=True,
    ),
    "get_collection_stats": Function(
        collecting.compute_statistics,
        "The user's collection in figures",
        "Counting your collection",
        {},
        is_personal=True,
    ),
}
SHOWING = Tool(
    SHOW,
    actions.DESCRIPTION,
    {
        "type": "object",
        "properties": {"actions": {"type": "array", "items": {"type": "object"}, "maxItems": actions.MOST_ACTIONS}},
        "required": ["actions"],
    },
)


def list_tools(*, has_user: bool) -> list[Tool]:
    """Return the tools that a model is told of; those about a user only if there is one."""
    return [
        Tool(
            name,
            each.description,
            {"type": "object", "properties": dict(each.arguments), "required": list(each.needed)},
        )
        for name, each in FUNCTIONS.items()
        if has_user or not each.is_personal
    ] + [SHOWING]


def call_tool(name: str, arguments: dict[str, Any] | None, user: str | None, seconds: float) -> dict[str, Any]:
    """Return the result of a tool, ``{"error": str}`` if it cannot be called so, finds nothing, or takes too long.

    Raises:
        GraphAway, OperationalError, InterfaceError: a store is away.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        return {"error": "there is no such tool"}
    if function.is_personal and user is None:
        return {"error": "nobody is logged in: this needs a user"}
    if wrong := find_wrong(function, arguments):
        return {"error": wrong}
    own = (user,) if function.is_personal else ()
    try:
        with reading.limit_seconds(seconds):
            return function.call(*own, **(arguments or {}))
    except (GraphTimeOut, TablesTimeOut):
        return {"error": "this took too long: try something narrower"}
    except APIException as error:
        return {"error": str(error.detail)}


def find_wrong(function: Function, arguments: dict[str, Any] | None) -> str:
    """Return what is wrong with the arguments of a call; empty if nothing is."""
    if arguments is None:
        return "the arguments are no JSON object"
    if missing := [name for name in function.needed if name not in arguments]:
        return f"missing: {', '.join(missing)}"
    for name, value in arguments.items():
        schema = function.arguments.get(name)
        if schema is None:
            return f"there is no argument of that name: give {', '.join(function.arguments) or 'none'}"
        if not fits(value, schema):
            return f"{name} does not fit its schema"
    return ""


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value fits a schema of the arguments above."""
    if schema["type"] == "integer":
        return type(value) is int and abs(value) < 2**31
    if schema["type"] == "array":
        return (
            isinstance(value, list)
            and 0 < len(value) < MOST_HITS
            and all(fits(each, schema["items"]) for each in value)
        )
    if not isinstance(value, str) or len(value) > schema.get("maxLength", MOST_LETTERS) or "\0" in value:
        return False
    if "pattern" in schema:
        return re.fullmatch(schema["pattern"], value, re.ASCII) is not None
    return value in schema["enum"] if "enum" in schema else bool(value.strip())
