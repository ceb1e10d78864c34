"""Entities to begin an exploration with, taken from what is loaded."""

from __future__ import annotations

from typing import Any

from apps.api.caching import SHORT, cache_json
from apps.graph import tallies
from apps.graph.cypher.expanding import NAME_ARTISTS, NAME_LABELS
from apps.graph.readers import genres
from apps.graph.readers.labels import MIN_RELEASES
from apps.graph.reading import read_list

Entry = dict[str, Any]

# Various, Unknown Artist and No Artist are no artists to begin with.
PLACEHOLDERS = ("194", "355", "118760")
STATEMENTS = {"artist": NAME_ARTISTS, "label": NAME_LABELS}


def find_beginnings() -> list[Entry]:
    """Return up to six entities ``{kind, id, name}`` with many releases: artists, labels, a genre and a style."""
    found: list[Entry] = cache_json("beginnings", SHORT, find_largest_entities)
    return found


def find_label_beginnings(limit: int = 8) -> list[Entry]:
    """Return up to ``limit`` labels ``{kind, id, name}`` with most releases of the largest genre, five at least."""

    def read() -> list[Entry]:
        tree = genres.get_tree()
        return find_leaders(tree[0]["name"], "label", limit, least=MIN_RELEASES) if tree else []

    found: list[Entry] = cache_json(f"beginnings-labels:{limit}", SHORT, read)
    return found


def find_largest_entities() -> list[Entry]:
    """Return the largest genre, its largest style, and the artists and labels with most releases in it."""
    tree = genres.get_tree()
    if not tree:
        return []
    # Of one genre, so that the names have something to do with one another and a path between two of them is short.
    genre = max(tree, key=lambda each: each["release_count"])
    styles = [{"kind": "style", "id": each["name"], "name": each["name"]} for each in genre["styles"][:1]]
    return [
        *find_leaders(genre["name"], "artist"),
        *find_leaders(genre["name"], "label"),
        {"kind": "genre", "id": genre["name"], "name": genre["name"]},
        *styles,
    ]


def find_leaders(genre: str, kind: str, limit: int = 2, *, least: int = 1) -> list[Entry]:
    """Return the artists or labels with most releases of a genre, ``least`` or more.

    There are none before maintenance has counted them.
    """
    # As many more as may be left out again.
    page = tallies.read_page(f"genre {kind}", genre, offset=0, limit=limit + len(PLACEHOLDERS)) or []
    ids = [id_ for id_, count in page if count >= least and (kind != "artist" or id_ not in PLACEHOLDERS)][:limit]
    names = dict(read_list(STATEMENTS[kind], ids=ids)) if ids else {}
    return [{"kind": kind, "id": id_, "name": names[id_]} for id_ in ids if id_ in names]
