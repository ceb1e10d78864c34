"""What a collection says about the taste of its owner. Counts are of copies unless they say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.graph.reading import Rows, row, rows

COUNT_COPIES = """
OPTIONAL MATCH (user:User {id: $user})
RETURN COUNT { (user)-[:COLLECTED]->(:Release) } AS copies
"""

HEATMAP = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(release:Release)-[:IS]->(genre:Genre)
WHERE release.year IS NOT NULL
WITH genre.name AS genre, release.year - release.year % 10 AS decade, count(edge) AS count
RETURN genre, decade, count
ORDER BY count DESC, genre, decade
"""

# Of distinct releases: how many other users have each.
OBSCURITY = """
MATCH (user:User {id: $user})-[:COLLECTED]->(release:Release)
WITH DISTINCT user, release
WITH COUNT {
    MATCH (release)<-[:COLLECTED]-(other:User)
    WHERE other <> user
    RETURN DISTINCT other
} AS collectors
RETURN percentileCont(collectors, 0.5) AS median, max(collectors) AS most, count(*) AS releases
"""

DRIFT = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(:Release)-[:IS]->(genre:Genre)
WHERE edge.date_added IS NOT NULL
WITH left(edge.date_added, 4) AS year, genre.name AS genre, count(edge) AS count
ORDER BY year, count DESC, genre
WITH year, collect({genre: genre, count: count})[0] AS top
RETURN year, top.genre AS top_genre, top.count AS count
ORDER BY year
"""

# The user has nothing of these genres, so no release of them need be looked for in the collection.
BLIND_SPOTS = """
MATCH (user:User {id: $user})
WITH user, COLLECT { MATCH (user)-[:COLLECTED]->(:Release)-[:IS]->(genre:Genre) RETURN DISTINCT genre.name } AS known
MATCH (user)-[edge:COLLECTED]->(:Release)-[:BY]->(artist:Artist)
WITH known, artist, count(edge) AS copies
ORDER BY copies DESC, artist.id
LIMIT 20
MATCH (artist)<-[:BY]-(release:Release)-[:IS]->(genre:Genre)
WHERE NOT genre.name IN known
WITH genre.name AS genre, count(DISTINCT artist) AS artist_overlap, min(release.title) AS example_release
RETURN genre, artist_overlap, example_release
ORDER BY artist_overlap DESC, genre
LIMIT $limit
"""

TOP_LABELS = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(:Release)-[:ON]->(label:Label)
WHERE label.name IS NOT NULL
WITH label, count(edge) AS count
ORDER BY count DESC, label.name, label.id
LIMIT $limit
RETURN label.name AS name, count
"""

# The contract's limit of time for questions of taste.
SECONDS = 120
# There are fewer genres.
ALL = 1000


@dataclass(frozen=True, slots=True)
class Rarity:
    """By how many other users the distinct releases of a collection are owned."""

    median: float
    most: int
    releases: int


def count_copies(user: str) -> int:
    """Return how many copies a user has."""
    found = row(COUNT_COPIES, seconds=SECONDS, user=user)
    return int(found["copies"]) if found else 0


def read_heatmap(user: str) -> Rows:
    """Return how many copies a user has by genre and decade, ``{genre, decade, count}``, the most first."""
    return rows(HEATMAP, seconds=SECONDS, user=user)


def read_obscurity(user: str) -> Rarity:
    """Return by how many others the releases of a user are owned."""
    found = row(OBSCURITY, seconds=SECONDS, user=user) or {}
    return Rarity(float(found.get("median") or 0.0), int(found.get("most") or 0), int(found.get("releases") or 0))


def read_drift(user: str) -> Rows:
    """Return the genre that a user added most copies of in each year, ``{year, top_genre, count}``; years are texts."""
    return rows(DRIFT, seconds=SECONDS, user=user)


def find_blind_spots(user: str, limit: int = ALL) -> Rows:
    """Return genres of which a user has nothing, though the 20 artists with most copies have releases in them.

    Each is ``{genre, artist_overlap, example_release}``.
    """
    return rows(BLIND_SPOTS, seconds=SECONDS, user=user, limit=limit)


def list_top_labels(user: str, limit: int) -> list[dict[str, Any]]:
    """Return the labels of which a user has most copies, ``{name, count}``."""
    return rows(TOP_LABELS, seconds=SECONDS, user=user, limit=limit)
