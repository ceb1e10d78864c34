"""How some entities hang together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from apps.graph.readers import maps
from apps.graph.readers.maps import LINKED, Key

# A comma in a name, such as that of a genre, has no kind behind it.
BETWEEN = re.compile(rf",(?=\s*(?:{'|'.join(LINKED)}):)", re.IGNORECASE)


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
    """Return the edges between some entities, ``{links: [{source, target, type}]}``, both ends as ``kind:id``.

    Two artists of which each is an alias of the other are linked once.
    """
    edges = maps.find_links(keys)
    found = sorted(
        (":".join(source), ":".join(target), type_)
        for source, target, type_ in edges
        if not (type_ == "ALIAS_OF" and source > target and (target, source, type_) in edges)
    )
    return {"links": [{"source": source, "target": target, "type": type_} for source, target, type_ in found]}
