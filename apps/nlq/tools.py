"""What an agent may ask: functions of plain arguments over the answers that endpoints and pages give.

Each returns JSON, and what is not there is ``{"error": str}``, which a model reads and acts on. A store that is
away or too slow raises as it does everywhere else. An artist or a label is named by its exact name or by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.exceptions import NotFound

from apps.catalog.search.asking import TYPES, Question
from apps.explore.answers import artists, exploring, overviews, paths, searching
from apps.explore.answers.expanding import EntityReference
from apps.graph.readers.paths import End

MOST_HITS = 100
MOST_STEPS = 10


def search(query: str, types: Sequence[str] = TYPES, limit: int = 20) -> dict[str, Any]:
    """Return the hits of a text as ``/api/search`` does; ``limit`` is brought into 1 to 100."""
    return searching.answer_question(Question(query, types=tuple(types), limit=clamp(limit, MOST_HITS)))


def get_artist_details(name: str) -> dict[str, Any]:
    """Return an artist's id, name, genres, styles, groups and number of releases."""
    return describe("artist", name, find_id("artist", name))


def get_label_details(name: str) -> dict[str, Any]:
    """Return a label's id, name and number of releases."""
    return describe("label", name, find_id("label", name))


def get_release_details(release_id: str) -> dict[str, Any]:
    """Return a release's title, year, artists, labels, genres and styles, by its id: titles are not unique."""
    return describe("release", release_id, release_id)


def get_genre_details(name: str) -> dict[str, Any]:
    """Return a genre and its number of artists."""
    return describe("genre", name, name)


def get_style_details(name: str) -> dict[str, Any]:
    """Return a style and its number of artists."""
    return describe("style", name, name)


def find_path(
    from_name: str, to_name: str, from_type: str = "artist", to_type: str = "artist", max_depth: int = MOST_STEPS
) -> dict[str, Any]:
    """Return a shortest path, ``{found, length, path}``; ``max_depth`` is brought into 1 to 10."""
    depth = clamp(max_depth, MOST_STEPS)
    try:
        found = paths.find_path(End(from_type, from_name), End(to_type, to_name), depth)
    except NotFound as error:
        return {"error": str(error.detail)}
    if not found["found"]:
        return {"error": f"No path found from {from_name!r} to {to_name!r} within {depth} steps"}
    return found


def get_trends(name: str, entity_type: str = "artist") -> dict[str, Any]:
    """Return the releases of each year of an entity, ``{"trends": [{year, count}]}``; none for an unknown name."""
    return {"trends": exploring.get_trends(EntityReference(entity_type, name))["data"]}


def get_graph_stats() -> dict[str, Any]:
    """Return how many nodes there are, ``{total_entities, counts}``."""
    return overviews.count_nodes()


def get_collaborators(artist_id: str, limit: int = 20) -> dict[str, Any]:
    """Return those who share releases with an artist, ``{"collaborators": [...]}``; ``limit`` as that of ``search``."""
    try:
        return {"collaborators": artists.list_collaborators(artist_id, clamp(limit, MOST_HITS))["collaborators"]}
    except NotFound:
        return {"error": f"artist '{artist_id}' not found"}


def get_genre_tree() -> dict[str, Any]:
    """Return all genres with their styles, ``{"genres": [{name, release_count, styles}]}``."""
    return overviews.get_genre_tree()


def describe(kind: str, name: str, id_: str | None) -> dict[str, Any]:
    """Return an entity with its kind as ``_entity_type``."""
    if id_ is not None:
        try:
            return {**exploring.get_node(kind, id_), "_entity_type": kind}
        except NotFound:
            pass
    return {"error": f"{kind} '{name}' not found"}


def find_id(kind: str, name: str) -> str | None:
    """Return the id of an artist or a label; digits that nobody is called are an id."""
    try:
        return str(exploring.explore_entity(EntityReference(kind, name))["center"]["id"])
    except NotFound:
        return name if name.isdecimal() else None


def clamp(number: int, most: int) -> int:
    """Return the number from 1 to ``most`` that is nearest."""
    return max(1, min(number, most))
