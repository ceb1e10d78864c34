"""Single entities: what can be expanded from them, what they are, their years, and the edges between them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import NotFound

from apps.explore.answers.expanding import EntityReference
from apps.graph.readers import entities, expanding, maps, years
from apps.graph.readers.entities import CATEGORIES
from apps.graph.readers.expanding import FIRST_YEAR, LAST_YEAR
from apps.graph.readers.maps import LINKED, Key

TITLES = {"aliases": "Aliases & Members"}
# A comma in a name, such as that of a genre, has no kind behind it.
BETWEEN = re.compile(rf",(?=\s*(?:{'|'.join(LINKED)}):)", re.IGNORECASE)


def explore_entity(entity: EntityReference) -> dict[str, Any]:
    """Return an entity with its categories.

    Raises:
        NotFound: there is no such entity.
    """
    found = entities.explore_entity(*entity)
    if found is None:
        raise entity.make_not_found()
    return {
        "center": {"id": found["id"], "name": found["name"], "type": entity.kind},
        "categories": [
            {
                "id": f"cat-{category}",
                "name": TITLES.get(category, category.capitalize()),
                "category": category,
                "count": found[category],
            }
            for category in CATEGORIES[entity.kind]
        ],
    }


def get_node(kind: str, node_id: str) -> dict[str, Any]:
    """Return an entity by its id, a genre or a style by its name, as a panel shows it.

    Raises:
        NotFound: there is no such entity.
    """
    found = entities.get_node(kind, node_id)
    if found is None:
        raise NotFound(f"{kind.capitalize()} {node_id!r} not found")
    return found


def get_trends(entity: EntityReference) -> dict[str, Any]:
    """Return how many releases an entity had in each year, ``{name, type, data: [{year, count}]}``.

    Raises:
        NotFound: there is no entity of that id; an unknown name has no years instead.
    """
    kind, name, id_ = entity
    if id_ is not None:
        names = expanding.get_names(kind, [id_])
        if id_ not in names:
            raise entity.make_not_found()
        name = names[id_]
    return {"name": name, "type": kind, "data": years.count_trends(kind, name, id_)}


def get_year_range() -> dict[str, int | None]:
    """Return the years of the first and the last release, ``{min_year, max_year}``, within what a slider can show."""
    first, last = (year and min(max(year, FIRST_YEAR), LAST_YEAR) for year in years.get_span())
    return {"min_year": first, "max_year": last}


def list_emergence(before_year: int) -> dict[str, Any]:
    """Return the genres and styles that had a release by a year, ``{genres, styles: [{name, first_year}]}``."""
    genres, styles = years.list_emerged(before_year)
    return {"genres": genres, "styles": styles}


def parse_nodes(text: str) -> list[Key]:
    """Return entities (kind, id) from a list such as ``release:1,genre:Folk, World, & Country``, each once, in order.

    Raises:
        ValueError: an entry is no entity; its text says which.
    """
    found: dict[Key, None] = {}
    for entry in filter(None, (each.strip(" ,") for each in BETWEEN.split(text))):
        kind, _, id_ = entry.partition(":")
        if kind.lower() not in LINKED or not id_:
            raise ValueError(entry)
        found[kind.lower(), id_] = None
    return list(found)


def find_links(keys: Iterable[Key]) -> dict[str, Any]:
    """Return the edges between some entities, ``{links: [{source, target, type}]}``, sorted, both ends as ``kind:id``.

    Two artists of which each is an alias of the other are linked once.
    """
    edges = maps.find_links(keys)
    found = sorted(
        (":".join(source), ":".join(target), type_)
        for source, target, type_ in edges
        if not (type_ == "ALIAS_OF" and source > target and (target, source, type_) in edges)
    )
    return {"links": [{"source": source, "target": target, "type": type_} for source, target, type_ in found]}
