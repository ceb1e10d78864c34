"""Releases of artists, on labels and in genres, which a user could want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from apps.graph import large_discographies
from apps.graph.reading import Rows, rows

# $ids: [str]
RELEASES: dict[str, LiteralString] = {
    "artist": """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
RETURN id, COLLECT { MATCH (artist)<-[:BY]-(release:Release) RETURN DISTINCT release.id } AS releases
""",
    "label": """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN id, COLLECT { MATCH (label)<-[:ON]-(release:Release) RETURN DISTINCT release.id } AS releases
""",
}

# Of each genre that is not known, five releases of the artists. ``raw``: how many of the artists have releases in the
# genre. $artists, $known, $dismissed: [str]; $limit: int.
IN_BLIND_SPOTS = """
MATCH (unknown:Genre)
WHERE NOT unknown.name IN $known
WITH collect(unknown) AS unknown
UNWIND CASE WHEN size(unknown) = 0 THEN [] ELSE $artists END AS id
MATCH (artist:Artist {id: id})<-[:BY]-(release:Release)-[:IS]->(genre:Genre)
WHERE genre IN unknown
WITH genre, release, collect(DISTINCT artist) AS artists
ORDER BY release.id
WITH genre, collect(release) AS releases, collect(artists) AS by_release
WITH genre, COUNT { UNWIND by_release AS artists UNWIND artists AS artist RETURN DISTINCT artist } AS raw,
    [each IN releases WHERE NOT each.id IN $dismissed][..5] AS releases
UNWIND releases AS release
WITH release, genre.name AS because, raw
ORDER BY raw DESC, release.id, because
LIMIT $limit
RETURN release.id AS id, raw, because
"""

# $ids: [str]
COUNT_COLLECTORS = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN id, COUNT { MATCH (release)<-[:COLLECTED]-(user:User) RETURN DISTINCT user } AS collectors
"""

# The walks over the releases of ten large artists or labels take seconds.
SECONDS = 60


def list_releases(kind: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return id → ids of all releases of each ``artist`` or ``label``."""
    found = {id_: list(map(str, releases)) for id_, releases in large_discographies.list_ids(kind, ids).items()}
    small = [each for each in ids if each not in found]
    return found | {each["id"]: each["releases"] for each in rows(RELEASES[kind], seconds=SECONDS, ids=small)}


def find_in_blind_spots(artists: Sequence[str], known: Sequence[str], dismissed: Sequence[str], limit: int) -> Rows:
    """Return releases of artists in genres that are not known, ``{id, raw, because}``, the best first.

    ``raw``: how many of the artists have releases in the genre ``because``.
    """
    given = {"artists": list(artists), "known": list(known), "dismissed": list(dismissed)}
    return rows(IN_BLIND_SPOTS, seconds=SECONDS, limit=limit, **given)


def count_collectors(ids: list[str]) -> dict[str, int]:
    """Return id → how many users own a release."""
    return {each["id"]: each["collectors"] for each in rows(COUNT_COLLECTORS, ids=ids)}
