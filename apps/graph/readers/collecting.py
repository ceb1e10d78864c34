"""What users own and want, by COLLECTED and WANTS. ``$user``: id of an account; one without a node owns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from apps.graph.reading import Rows, row, rows

# Parts of the statements on lists. $folder, $format, $decade, $genre, $text: a value, or null for any; $text in lower
# case. A row for each copy: Neo4j counts paths, and each copy is a relationship.
PARTS: dict[str, LiteralString] = {
    "collected": """
MATCH (:User {id: $user})-[edge:COLLECTED]->(release:Release)
WHERE ($folder IS NULL OR edge.folder_id = $folder)
""",
    "wanted": """
MATCH (:User {id: $user})-[edge:WANTS]->(release:Release)
WHERE true
""",
    "matching": """
    AND ($format IS NULL OR $format IN release.formats)
    AND ($decade IS NULL OR (release.year >= $decade AND release.year < $decade + 10))
    AND ($genre IS NULL OR EXISTS { (release)-[:IS]->(:Genre {name: $genre}) })
    AND ($text IS NULL OR toLower(release.title) CONTAINS $text OR toLower(release.catalog_number) CONTAINS $text
        OR EXISTS { MATCH (release)-[:BY|ON]->(maker:Artist|Label) WHERE toLower(maker.name) CONTAINS $text })
""",
    # $sort: one of ``SORTS``.
    "valued": """
WITH edge, release, CASE $sort
    WHEN 'title' THEN toLower(release.title)
    WHEN 'year' THEN release.year
    WHEN 'rating' THEN edge.rating
    WHEN 'artist' THEN toLower(head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }))
    WHEN 'label' THEN toLower(head(COLLECT {
        MATCH (release)-[:ON]->(label:Label) RETURN label.name AS name ORDER BY name LIMIT 1
    }))
    ELSE edge.date_added
END AS value
""",
    # $offset, $limit: int.
    "page": """
SKIP $offset LIMIT $limit
RETURN release.id AS id, release.title AS title, release.year AS year, release.catalog_number AS catalog_number,
    head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }) AS artist,
    head(COLLECT {
        MATCH (release)-[:ON]->(label:Label) RETURN label.name AS name ORDER BY name LIMIT 1
    }) AS label,
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN genre.name AS name ORDER BY name } AS genres,
    COLLECT { MATCH (release)-[:IS]->(style:Style) RETURN style.name AS name ORDER BY name } AS styles,
    edge.rating AS rating, edge.date_added AS date_added, edge.folder_id AS folder_id
""",
}
COUNT_COLLECTED: LiteralString = PARTS["collected"] + PARTS["matching"] + "RETURN count(*) AS total"
COUNT_WANTED: LiteralString = PARTS["wanted"] + PARTS["matching"] + "RETURN count(*) AS total"
LIST_COLLECTED: LiteralString = (
    PARTS["collected"]
    + PARTS["matching"]
    + PARTS["valued"]
    + "ORDER BY value, release.id, edge.instance_id"
    + PARTS["page"]
)
LIST_COLLECTED_DOWN: LiteralString = (
    PARTS["collected"]
    + PARTS["matching"]
    + PARTS["valued"]
    + "ORDER BY value DESC, release.id, edge.instance_id"
    + PARTS["page"]
)
LIST_WANTED: LiteralString = (
    PARTS["wanted"] + PARTS["matching"] + PARTS["valued"] + "ORDER BY value, release.id" + PARTS["page"]
)
LIST_WANTED_DOWN: LiteralString = (
    PARTS["wanted"] + PARTS["matching"] + PARTS["valued"] + "ORDER BY value DESC, release.id" + PARTS["page"]
)
# (wanted, descending) → statement
LISTS = {
    (False, False): LIST_COLLECTED,
    (False, True): LIST_COLLECTED_DOWN,
    (True, False): LIST_WANTED,
    (True, True): LIST_WANTED_DOWN,
}
SORTS = ("added", "artist", "label", "rating", "title", "year")

STATISTICS = """
OPTIONAL MATCH (user:User {id: $user})
CALL (user) {
    MATCH (user)-[edge:COLLECTED]->(:Release)
    WHERE edge.rating > 0
    RETURN avg(edge.rating) AS average_rating
}
RETURN COUNT { (user)-[:COLLECTED]->(:Release) } AS total,
    COUNT { MATCH (user)-[:COLLECTED]->(:Release)-[:BY]->(artist:Artist) RETURN DISTINCT artist } AS unique_artists,
    COUNT { MATCH (user)-[:COLLECTED]->(:Release)-[:ON]->(label:Label) RETURN DISTINCT label } AS unique_labels,
    average_rating,
    COLLECT {
        MATCH (user)-[edge:COLLECTED]->(:Release)-[:IS]->(genre:Genre)
        WITH genre.name AS name, count(edge) AS copies ORDER BY copies DESC, name LIMIT 20
        RETURN {name: name, count: copies}
    } AS by_genre,
    COLLECT {
        MATCH (user)-[edge:COLLECTED]->(release:Release) WHERE release.year IS NOT NULL
        WITH release.year - release.year % 10 AS decade, count(edge) AS copies ORDER BY decade
        RETURN {decade: decade, count: copies}
    } AS by_decade,
    COLLECT {
        MATCH (user)-[edge:COLLECTED]->(:Release)-[:ON]->(label:Label)
        WITH label, count(edge) AS copies ORDER BY copies DESC, label.name LIMIT 20
        RETURN {name: label.name, count: copies}
    } AS by_label
"""

# $span: 1 or 10 years. Of distinct releases with a year.
TIMELINE = """
MATCH (:User {id: $user})-[:COLLECTED]->(release:Release)
WHERE release.year > 0
WITH DISTINCT release
WITH release.year - release.year % $span AS year, collect(release) AS releases
ORDER BY year
RETURN year, size(releases) AS count,
    COLLECT {
        UNWIND releases AS release
        MATCH (release)-[:IS]->(genre:Genre)
        WITH genre.name AS name, count(*) AS found ORDER BY found DESC, name
        RETURN [name, found]
    } AS genres,
    COLLECT {
        UNWIND releases AS release
        MATCH (release)-[:ON]->(label:Label)
        WHERE label.name IS NOT NULL
        WITH label, count(*) AS found ORDER BY found DESC, label.name LIMIT 5
        RETURN label.name
    } AS labels,
    COLLECT {
        UNWIND releases AS release
        MATCH (release)-[:IS]->(style:Style)
        RETURN DISTINCT style.name AS name ORDER BY name
    } AS styles
"""

# Copies by year and value.
GENRES_BY_YEAR = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(release:Release)-[:IS]->(value:Genre)
WHERE release.year > 0
WITH release.year AS year, value.name AS name, count(edge) AS copies
ORDER BY year, copies DESC, name
RETURN year, collect([name, copies]) AS counts
ORDER BY year
"""
STYLES_BY_YEAR = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(release:Release)-[:IS]->(value:Style)
WHERE release.year > 0
WITH release.year AS year, value.name AS name, count(edge) AS copies
ORDER BY year, copies DESC, name
RETURN year, collect([name, copies]) AS counts
ORDER BY year
"""
LABELS_BY_YEAR = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(release:Release)-[:ON]->(value:Label)
WHERE release.year > 0 AND value.name IS NOT NULL
WITH release.year AS year, value.name AS name, count(edge) AS copies
ORDER BY year, copies DESC, name
RETURN year, collect([name, copies]) AS counts
ORDER BY year
"""
METRICS: dict[str, LiteralString] = {"genre": GENRES_BY_YEAR, "style": STYLES_BY_YEAR, "label": LABELS_BY_YEAR}

# $ids: [str]
OWNERSHIP = """
MATCH (user:User {id: $user})
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN id, EXISTS { (user)-[:COLLECTED]->(release) } AS in_collection,
    EXISTS { (user)-[:WANTS]->(release) } AS in_wantlist
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items of a list, in which order; None is any. ``sort``: one of ``SORTS``; ``decade``: its first year."""

    sort: str = "added"
    is_descending: bool = True
    text: str | None = None
    genre: str | None = None
    decade: int | None = None
    format: str | None = None
    folder: int | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of the statements."""
        return {
            "sort": self.sort,
            "text": self.text and self.text.lower(),
            "genre": self.genre,
            "decade": self.decade,
            "format": self.format,
            "folder": self.folder,
        }


def list_items(user: str, selection: Selection, limit: int, offset: int, *, wanted: bool) -> tuple[Rows, int]:
    """Return a page of what a user owns, a row for each copy, or ``wanted``; and how many items there are in all.

    Each is ``{id, title, year, catalog_number, artist, label, genres, styles, rating, date_added, folder_id}``; a
    wanted one has no folder.
    """
    parameters = {"user": user, **selection.parameters}
    total = rows(COUNT_WANTED if wanted else COUNT_COLLECTED, **parameters)[0]["total"]
    if offset >= total:
        # Not asked for: the server takes no number beyond 64 bits.
        return [], total
    return rows(LISTS[wanted, selection.is_descending], **parameters, limit=limit, offset=offset), total


def compute_statistics(user: str) -> dict[str, Any]:
    """Return the figures of a collection: ``{total, unique_artists, unique_labels, average_rating, by_…}``."""
    found = row(STATISTICS, user=user)
    assert found is not None  # noqa: S101 - a RETURN without a MATCH has one row
    return found


def read_timeline(user: str, span: int) -> Rows:
    """Return the distinct releases of a collection by years or decades.

    Each is ``{year, count, genres: [[name, count]], labels: the five most frequent, styles}``, with all styles.
    """
    return rows(TIMELINE, user=user, span=span)


def count_by_year(user: str, metric: str) -> Rows:
    """Return how many copies a collection has by release year and value, ``{year, counts: [[name, count]]}``."""
    return rows(METRICS[metric], user=user)


def read_ownership(user: str, ids: list[str]) -> dict[str, dict[str, bool]]:
    """Return id → ``{in_collection, in_wantlist}`` of the releases that have a node; empty for an unknown user."""
    return {each.pop("id"): each for each in rows(OWNERSHIP, user=user, ids=ids)}
