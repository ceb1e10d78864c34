"""Facts that tell entities of one name apart.

$ids: [str]. Each row is (id, releases); an id without a node has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from apps.catalog import reading as tables
from apps.graph import profiles
from apps.graph.readers import genres
from apps.graph.reading import read_list
from apps.ingest.sources.discogs_ids import id_number

# Masters are by an artist too. Of the few who have more, such as Various, they are not told from releases: that would
# read every one of a million.
COUNT_OF_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
WITH artist, COUNT { (artist)<-[:BY]-() } AS works
RETURN collect([artist.id, CASE WHEN works > 10000 THEN works ELSE COUNT { (artist)<-[:BY]-(:Release) } END]) AS counts
"""

COUNT_OF_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN collect([id, COUNT { (label)<-[:ON]-() }]) AS counts
"""

COUNT_OF_MASTERS = """
UNWIND $ids AS id
MATCH (master:Master {id: id})
RETURN collect([id, COUNT { (master)<-[:DERIVED_FROM]-() }]) AS counts
"""

# Of artists that have up to 500 works, the genre that most of their releases have.
MAIN_GENRES_OF_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
WHERE COUNT { (artist)<-[:BY]-() } <= 500
CALL (artist) {
    MATCH (artist)<-[:BY]-(:Release)-[:IS]->(genre:Genre)
    WITH genre.name AS genre, count(*) AS releases
    ORDER BY releases DESC, genre DESC
    LIMIT 1
    RETURN genre
}
RETURN collect([artist.id, genre]) AS genres
"""

# Of a release, the editions of its master.
COUNT_OF_RELEASES = """
UNWIND $ids AS id
MATCH (:Release {id: id})-[:DERIVED_FROM]->(master:Master)
RETURN collect([id, COUNT { (master)<-[:DERIVED_FROM]-() }]) AS counts
"""

COUNT_OF_GENRES = """
UNWIND $ids AS id
MATCH (genre:Genre {name: id})
RETURN collect([id, coalesce(genre.release_count, 0)]) AS counts
"""

COUNT_OF_STYLES = """
UNWIND $ids AS id
MATCH (style:Style {name: id})
RETURN collect([id, coalesce(style.release_count, 0)]) AS counts
"""

COUNT_OF_PEOPLE = """
UNWIND $ids AS id
MATCH (person:Person {name: id})
RETURN collect([id, COUNT { (person)-[:CREDITED_ON]->() }]) AS counts
"""


COUNTS = {
    "artist": COUNT_OF_ARTISTS,
    "label": COUNT_OF_LABELS,
    "master": COUNT_OF_MASTERS,
    "release": COUNT_OF_RELEASES,
    "genre": COUNT_OF_GENRES,
    "style": COUNT_OF_STYLES,
    "person": COUNT_OF_PEOPLE,
}
# If several entities claim a page of Discogs, the smallest MBID counts.
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
    """Return id → releases of some entities of a kind; of people credits, of releases editions of their master.

    A release without a master is left out.
    """
    return dict(read_list(COUNTS[kind], ids=list(ids))) if ids else {}


def find_main_genres(artist_ids: Sequence[str]) -> dict[str, str]:
    """Return the genre that most releases of an artist have, of those artists that have any.

    The few with more than 500 works have one only if they lead a genre (decision 91).
    """
    known = profiles.get_genres(list(artist_ids)) if artist_ids else {}
    found = {id_: max(counts, key=lambda genre: (counts[genre], genre)) for id_, counts in known.items() if counts}
    others = [id_ for id_ in artist_ids if id_ not in found]
    return found | dict(read_list(MAIN_GENRES_OF_ARTISTS, ids=others)) if others else found


def get_disambiguations(kind: str, ids: Sequence[str]) -> dict[str, str]:
    """Return id → MusicBrainz's disambiguation of artists or labels; empty while PostgreSQL is away."""
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
