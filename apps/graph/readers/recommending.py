"""Releases that a user could want, by what the user owns."""

from __future__ import annotations

from apps.graph.reading import Rows, rows

# $dismissed: [str]; $limit: int. ``raw``: copies that the user has of the artists that a release is by.
BY_ARTISTS = """
MATCH (user:User {id: $user})-[edge:COLLECTED]->(:Release)-[:BY]->(artist:Artist)
WITH user, artist, count(edge) AS copies
ORDER BY copies DESC, artist.id
LIMIT 10
MATCH (artist)<-[:BY]-(release:Release)
WHERE NOT EXISTS { (release)<-[:COLLECTED|WANTS]-(user) } AND NOT release.id IN $dismissed
WITH release, sum(copies) AS raw, min(artist.name) AS because
ORDER BY raw DESC, release.id
LIMIT $limit
RETURN release.id AS id, release.title AS title, release.year AS year, raw, because,
    head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }) AS artist,
    head(COLLECT {
        MATCH (release)-[:ON]->(label:Label) RETURN label.name AS name ORDER BY name LIMIT 1
    }) AS label,
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN genre.name AS name ORDER BY name } AS genres
ORDER BY raw DESC, id
"""

# A row for each release and label. ``raw``: copies that the user has of the label.
ON_LABELS = """
MATCH (user:User {id: $user})-[edge:COLLECTED]->(:Release)-[:ON]->(label:Label)
WITH user, label, count(edge) AS copies
ORDER BY copies DESC, label.id
LIMIT 10
MATCH (label)<-[:ON]-(release:Release)
WHERE NOT EXISTS { (release)<-[:COLLECTED|WANTS]-(user) } AND NOT release.id IN $dismissed
WITH release, label, copies AS raw
ORDER BY raw DESC, release.id, label.id
LIMIT $limit
RETURN release.id AS id, release.title AS title, release.year AS year, raw, label.name AS label, label.name AS because,
    head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }) AS artist,
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN genre.name AS name ORDER BY name } AS genres
ORDER BY raw DESC, id
"""

# Of each genre that the user has nothing of, five releases of the 20 artists with most copies. ``raw``: how many of
# these artists have releases in the genre.
IN_BLIND_SPOTS = """
MATCH (user:User {id: $user})
WITH user, COLLECT { MATCH (user)-[:COLLECTED]->(:Release)-[:IS]->(genre:Genre) RETURN DISTINCT genre.name } AS known
MATCH (user)-[edge:COLLECTED]->(:Release)-[:BY]->(artist:Artist)
WITH known, artist, count(edge) AS copies
ORDER BY copies DESC, artist.id
LIMIT 20
MATCH (artist)<-[:BY]-(release:Release)-[:IS]->(genre:Genre)
WHERE NOT genre.name IN known
WITH genre, release, collect(DISTINCT artist) AS artists
ORDER BY release.id
WITH genre, collect(release) AS releases, collect(artists) AS by_release
WITH genre, COUNT { UNWIND by_release AS artists UNWIND artists AS artist RETURN DISTINCT artist } AS raw,
    [each IN releases WHERE NOT each.id IN $dismissed][..5] AS releases
UNWIND releases AS release
WITH release, genre.name AS because, raw
ORDER BY raw DESC, release.id, because
LIMIT $limit
RETURN release.id AS id, release.title AS title, release.year AS year, raw, because, [because] AS genres,
    head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }) AS artist,
    head(COLLECT {
        MATCH (release)-[:ON]->(label:Label) RETURN label.name AS name ORDER BY name LIMIT 1
    }) AS label
ORDER BY raw DESC, id
"""

# $ids: [str]
COUNT_COLLECTORS = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN id, COUNT { MATCH (release)<-[:COLLECTED]-(user:User) RETURN DISTINCT user } AS collectors
"""

# Signal → statement.
SIGNALS = {"artist": BY_ARTISTS, "label": ON_LABELS, "blind_spot": IN_BLIND_SPOTS}
# The walks over the releases of ten large artists or labels take seconds.
SECONDS = 60


def find_candidates(user: str, signal: str, dismissed: list[str], limit: int) -> Rows:
    """Return releases that a signal proposes, the best first: neither owned nor dismissed, and
    not wanted unless it is in a blind spot.

    Each is ``{id, title, year, artist, label, genres, raw, because}``: its score, and the name of an artist, a label or
    a genre that proposes it.
    """
    return rows(SIGNALS[signal], seconds=SECONDS, user=user, dismissed=dismissed, limit=limit)


def count_collectors(ids: list[str]) -> dict[str, int]:
    """Return id → how many users own a release."""
    return {each["id"]: each["collectors"] for each in rows(COUNT_COLLECTORS, ids=ids)}
