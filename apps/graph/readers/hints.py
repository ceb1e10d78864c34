"""What tells entities of one name apart."""

from __future__ import annotations

from collections.abc import Sequence

from apps.graph import profiles
from apps.graph.cypher import hints as cypher
from apps.graph.readers import genres
from apps.graph.reading import collected

COUNTS = {
    "artist": cypher.COUNT_OF_ARTISTS,
    "label": cypher.COUNT_OF_LABELS,
    "master": cypher.COUNT_OF_MASTERS,
    "release": cypher.COUNT_OF_RELEASES,
    "genre": cypher.COUNT_OF_GENRES,
    "style": cypher.COUNT_OF_STYLES,
    "person": cypher.COUNT_OF_PEOPLE,
}


def release_counts(kind: str, ids: Sequence[str]) -> dict[str, int]:
    """Return how many releases some entities of a kind have, people how many credits, releases how many editions.

    A release without a master is not among them.
    """
    return dict(collected(COUNTS[kind], ids=list(ids))) if ids else {}


def main_genres(artist_ids: Sequence[str]) -> dict[str, str]:
    """Return the genre that most releases of an artist have, of those artists where that is known."""
    known = profiles.genres_of(list(artist_ids)) if artist_ids else {}
    return {id_: max(counts, key=lambda genre: (counts[genre], genre)) for id_, counts in known.items() if counts}


def all_names(kind: str) -> list[str]:
    """Return the names of all genres or styles."""
    tree = genres.tree()
    if kind == "genre":
        return [genre["name"] for genre in tree]
    return sorted({style["name"] for genre in tree for style in genre["styles"]})
