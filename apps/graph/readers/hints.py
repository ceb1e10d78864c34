"""What tells entities of one name apart."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from apps.catalog import reading as tables
from apps.graph import profiles
from apps.graph.cypher import hints as cypher
from apps.graph.readers import genres
from apps.graph.reading import collected
from apps.ingest.sources.discogs_ids import id_number

COUNTS = {
    "artist": cypher.COUNT_OF_ARTISTS,
    "label": cypher.COUNT_OF_LABELS,
    "master": cypher.COUNT_OF_MASTERS,
    "release": cypher.COUNT_OF_RELEASES,
    "genre": cypher.COUNT_OF_GENRES,
    "style": cypher.COUNT_OF_STYLES,
    "person": cypher.COUNT_OF_PEOPLE,
}
# Of several entities that have one page of Discogs, that of the smallest MBID.
DISAMBIGUATIONS = {
    "artist": """
        SELECT DISTINCT ON (discogs_artist_id) discogs_artist_id::text, disambiguation
        FROM musicbrainz.artists
        WHERE discogs_artist_id = ANY(%(ids)s) AND disambiguation <> ''
        ORDER BY discogs_artist_id, mbid
    """,
    "label": """
        SELECT DISTINCT ON (discogs_label_id) discogs_label_id::text, disambiguation
        FROM musicbrainz.labels
        WHERE discogs_label_id = ANY(%(ids)s) AND disambiguation <> ''
        ORDER BY discogs_label_id, mbid
    """,
}


def count_releases(kind: str, ids: Sequence[str]) -> dict[str, int]:
    """Return how many releases some entities of a kind have, people how many credits, releases how many editions.

    A release without a master is not among them.
    """
    return dict(collected(COUNTS[kind], ids=list(ids))) if ids else {}


def find_main_genres(artist_ids: Sequence[str]) -> dict[str, str]:
    """Return the genre that most releases of an artist have, of those artists that have any.

    Of the few with more than 500 works it is known if they lead a genre (decision 91).
    """
    known = profiles.genres_of(list(artist_ids)) if artist_ids else {}
    found = {id_: max(counts, key=lambda genre: (counts[genre], genre)) for id_, counts in known.items() if counts}
    others = [id_ for id_ in artist_ids if id_ not in found]
    return found | dict(collected(cypher.MAIN_GENRES_OF_ARTISTS, ids=others)) if others else found


def get_disambiguations(kind: str, ids: Sequence[str]) -> dict[str, str]:
    """Return what MusicBrainz says to tell artists or labels from others of their name; nothing while it is away."""
    numbers = [number for each in ids if (number := id_number(each)) is not None]
    if kind not in DISAMBIGUATIONS or not numbers:
        return {}
    return dict(tables.rows_if_there(DISAMBIGUATIONS[kind], seconds=settings.SEARCH_SECONDS, ids=numbers) or ())


def list_names(kind: str) -> list[str]:
    """Return the names of all genres or styles."""
    tree = genres.get_tree()
    if kind == "genre":
        return [genre["name"] for genre in tree]
    return sorted({style["name"] for genre in tree for style in genre["styles"]})
