"""The panel of an entity: its facts, and the entities close to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from rest_framework.exceptions import NotFound

from apps.api.caching import SHORT, cache_json
from apps.catalog.reading import TablesTimeOut
from apps.explore.answers.names import Names
from apps.graph.readers import credits as credit_readers
from apps.graph.readers import entities, maps, musicbrainz, network, similarity
from apps.graph.readers.likeness import TooFewReleases
from apps.graph.reading import GraphTimeOut
from apps.ingest.sources.discogs_ids import id_number

logger = logging.getLogger(__name__)

Panel = dict[str, Any]

COLLABORATORS = 6
SIMILAR = 4
TAGS = 9


def build_panel(kind: str, id_: str) -> Panel:
    """Return the panel of an entity: ``{kind, id, name, …}`` as ``entities.get_node``, with ``describe_artist``.

    Raises:
        NotFound: there is no such entity.
    """
    node = cache_json(f"node:{kind}:{id_}", SHORT, lambda: READERS[kind](id_)) if kind in READERS else None
    if node is None:
        raise NotFound(f"{kind.capitalize()} {id_} not found")
    if kind == "artist":
        return {"kind": kind, **node, **describe_artist(id_)}
    return {"kind": kind, **node, **(list_tags_by_category(kind, id_) if kind != "release" else {})}


def list_tags_by_category(kind: str, id_: str) -> Panel:
    """Return the genres and styles that a label, a genre or a style has most releases of."""
    found: Panel = {}
    for category in ("genres", "styles"):
        if category in entities.CATEGORIES[kind]:
            page = read_part(f"{category}:{kind}:{id_}", partial(list_tags, kind, id_, category))
            found[category] = page or []
    return found


def list_tags(kind: str, id_: str, category: str) -> list[str]:
    """Return the names of the most frequent genres or styles."""
    return [each.name for each in maps.list_members(kind, id_, category, limit=TAGS)[0]]


def describe_artist(id_: str) -> Panel:
    """Return collaborators, similar artists, figures, MusicBrainz's part, and the name in credits of an artist.

    A part that takes too long is None.
    """
    return {
        # Each part has a key of its own: one that hits its time limit is not cached, and the others need not wait for
        # it again.
        "collaborators": read_part(f"collaborators:{id_}", lambda: list_collaborators(id_)),
        "similar": read_part(f"similar:{id_}", lambda: list_similar(id_)),
        "figures": read_part(f"figures:{id_}", lambda: get_figures(id_)),
        "musicbrainz": read_part(f"musicbrainz:{id_}", lambda: describe_in_musicbrainz(id_)),
        "person": read_part(f"person-of-artist:{id_}", lambda: credit_readers.find_person_of_artist(id_)),
    }


def read_part(key: str, compute: Callable[[], Any]) -> Any:
    """Return a part of a panel; None if it takes too long, so that the page shows the others."""
    try:
        return cache_json(key, SHORT, compute)
    except (GraphTimeOut, TablesTimeOut) as error:
        logger.warning("a part of a panel hit the limit of a query: %s", error)
        return None


def list_collaborators(id_: str) -> Panel:
    """Return the artists with most releases in common: ``{artists, total, first, last}``, on one axis of years."""
    circle = network.find_collaborators(id_, COLLABORATORS)
    if circle is None or not circle.artists:
        return {"artists": [], "total": 0}
    first = min(each["first_year"] for each in circle.artists)
    last = max(each["last_year"] for each in circle.artists)
    return {"artists": circle.artists, "total": circle.total, "first": first, "last": last}


def list_similar(id_: str) -> Names:
    """Return the artists whose releases are most alike; empty if the artist has too few to compare."""
    try:
        found = similarity.find_similar(id_)
    except TooFewReleases:
        return []
    return found.artists[:SIMILAR] if found else []


def get_figures(id_: str) -> dict[str, int]:
    """Return how many groups, aliases and collaborators an artist has."""
    found = network.measure_centrality(id_)
    return found[1] if found else {}


def describe_in_musicbrainz(id_: str) -> Panel | None:
    """Return what MusicBrainz says of an artist, ``{…, relationships: {type: […]}, links}``; None if nothing."""
    number = id_number(id_)
    about = musicbrainz.get_metadata(number) if number is not None else None
    if number is None or about is None:
        return None
    grouped: dict[str, list[dict[str, Any]]] = {}
    for each in musicbrainz.list_relationships(number):
        grouped.setdefault(each["type"].replace("_", " ").capitalize(), []).append(each)
    links = [
        # Links come from a dump that anyone can edit. A scheme such as javascript: would run as a script of ours.
        each
        for each in musicbrainz.list_external_links(number)
        if each["url"].startswith(("http://", "https://"))
    ]
    return {**about, "relationships": grouped, "links": links}


READERS: dict[str, Callable[[str], dict[str, Any] | None]] = {
    "artist": partial(entities.get_node, "artist"),
    "label": partial(entities.get_node, "label"),
    "genre": partial(entities.get_node, "genre"),
    "style": partial(entities.get_node, "style"),
    "release": maps.get_release,
}
