"""Genres that artists release in and a user has nothing of."""

from __future__ import annotations

from collections.abc import Sequence

from apps.graph.reading import Rows, rows

# $known: [str], names of genres; $artists: [str], ids; $limit: int. Without an unknown genre no release is looked at.
BLIND_SPOTS = """
MATCH (unknown:Genre)
WHERE NOT unknown.name IN $known
WITH collect(unknown) AS unknown
UNWIND CASE WHEN size(unknown) = 0 THEN [] ELSE $artists END AS id
MATCH (artist:Artist {id: id})<-[:BY]-(release:Release)-[:IS]->(genre:Genre)
WHERE genre IN unknown
WITH genre.name AS genre, count(DISTINCT artist) AS artist_overlap, min(release.title) AS example_release
RETURN genre, artist_overlap, example_release
ORDER BY artist_overlap DESC, genre
LIMIT $limit
"""

# The contract's limit of time for questions of taste.
SECONDS = 120
# There are fewer genres.
ALL = 1000


def find_blind_spots(artists: Sequence[str], known: Sequence[str], limit: int = ALL) -> Rows:
    """Return genres that are not ``known`` and in which artists have releases.

    Each is ``{genre, artist_overlap, example_release}``, those of most artists first.
    """
    return rows(BLIND_SPOTS, seconds=SECONDS, artists=list(artists), known=list(known), limit=limit)
