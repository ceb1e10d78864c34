"""An entity's map: the entity by its id, its neighbours with their years, and the edges between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, LiteralString

from apps.graph import tallies
from apps.graph.cypher import maps as cypher
from apps.graph.readers import entities, expanding
from apps.graph.readers.expanding import TYPES
from apps.graph.reading import read_list, row

Key = tuple[str, str]

CENTRES = {"artist": cypher.CENTRE_ARTIST, "label": cypher.CENTRE_LABEL}
# Kinds of entities that can be linked.
LINKED = ("artist", "genre", "label", "master", "release", "style")
# Kind → the statement of its edges, and the kind and type of each of its columns.
LINKS: dict[str, tuple[LiteralString, tuple[tuple[str, str], ...]]] = {
    "release": (
        cypher.LINKS_OF_RELEASES,
        (("artist", "BY"), ("label", "ON"), ("master", "DERIVED_FROM"), ("genre", "IS"), ("style", "IS")),
    ),
    "master": (cypher.LINKS_OF_MASTERS, (("artist", "BY"), ("genre", "IS"), ("style", "IS"))),
    "artist": (cypher.LINKS_OF_ARTISTS, (("artist", "ALIAS_OF"), ("artist", "MEMBER_OF"))),
    "label": (cypher.LINKS_OF_LABELS, (("label", "SUBLABEL_OF"),)),
}
MEMBERS = {
    ("artist", "labels"): cypher.LABELS_OF_ARTIST,
    ("label", "artists"): cypher.ARTISTS_OF_LABEL,
    ("label", "genres"): cypher.GENRES_OF_LABEL,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A neighbour of the centre. ``first`` and ``last`` are the years of its releases in common with the centre."""

    kind: str
    id: str
    name: str
    releases: int | None = None
    first: int | None = None
    last: int | None = None
    relation: str = ""


def get_centre(kind: str, id_: str) -> dict[str, Any] | None:
    """Return an entity, ``{id, name, …}`` with a count for each of its categories; None if there is none."""
    if kind not in CENTRES:
        return entities.explore_entity(kind, id_)
    found = row(CENTRES[kind], id=id_)
    if found is not None and found["releases"] is None:
        found |= row(entities.COUNT_LABEL, id=id_) or dict.fromkeys(entities.CATEGORIES[kind], 0)
    return found


def get_release(id_: str) -> dict[str, Any] | None:
    """Return a release with what it is linked to, artists, labels and master as (id, name); None if there is none."""
    return row(cypher.PANEL_RELEASE, id=id_)


def list_members(
    kind: str, id_: str, category: str, *, limit: int, until: int | None = None
) -> tuple[list[Member], int]:
    """Return the members of a category other than releases, the most frequent first, and their total.

    With ``until`` only what has a release of that year or before, counted by these; relatives of an artist have no
    years, and are the same in all.
    """
    type_ = TYPES[category]
    if (kind, category) in MEMBERS:
        found = row(MEMBERS[kind, category], id=id_, until=until, limit=limit)
        return ([Member(type_, *each) for each in found["members"]], found["total"]) if found else ([], 0)
    if category == "aliases":
        found = row(cypher.RELATIVES_OF_ARTIST, id=id_, limit=limit)
        if found is None:
            return [], 0
        relatives = [
            Member(type_, id_, name, count, relation=relation) for id_, name, count, relation in found["members"]
        ]
        return relatives, found["total"]
    return list_counted_members(kind, id_, category, limit=limit, until=until)


def list_counted_members(
    kind: str, name: str, category: str, *, limit: int, until: int | None
) -> tuple[list[Member], int]:
    """Return members of a genre or a style, with their years where maintenance has counted them."""
    page = expanding.read_page(kind, name, category, offset=0, limit=limit, before_year=until)
    type_ = TYPES[category]
    spans = tallies.read_spans(f"{kind} {type_}", name, [each["id"] for each in page.children])
    found = [
        Member(type_, each["id"], each["name"], each["release_count"], *spans.get(each["id"], (None, None)))
        for each in page.children
    ]
    return found, page.total


def find_links(keys: Iterable[Key]) -> set[tuple[Key, Key, str]]:
    """Return the edges between some entities (kind, id), with their types; an edge goes from the first to the second.

    Releases and masters are linked to what they are by, on and of, artists and labels to each other.
    """
    ids: dict[str, list[str]] = {kind: [] for kind in LINKED}
    for kind, id_ in keys:
        ids[kind].append(id_)
    parameters: dict[str, Any] = {f"{kind}s": of_kind for kind, of_kind in ids.items()}
    found: set[tuple[Key, Key, str]] = set()
    for kind, (statement, ends) in LINKS.items():
        if ids[kind] and any(ids[other] for other, _ in ends):
            for id_, *linked in read_list(statement, **parameters):
                for (other, type_), targets in zip(ends, linked, strict=True):
                    found |= {((kind, id_), (other, target), type_) for target in targets}
    return found
