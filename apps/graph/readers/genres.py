"""All genres with their styles."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from apps.graph import tallies
from apps.graph.reading import Rows, rows

READ_SIZES = """
MATCH (genre:Genre)
RETURN genre.name AS name, coalesce(genre.release_count, COUNT { (genre)<-[:IS]-(:Release) }) AS release_count
ORDER BY release_count DESC, name
"""

# Takes as long as there are releases: for a graph that maintenance has not come to yet.
READ_STYLES_OF_GENRES = """
MATCH (genre:Genre)<-[:IS]-(release:Release)-[:IS]->(style:Style)
WITH genre.name AS genre, style.name AS style, count(release) AS releases
ORDER BY genre, releases DESC, style
RETURN genre, style, releases
"""


# The contract's limit of time.
SECONDS = 30


def get_tree() -> Rows:
    """Return the genres that have releases, ``{name, release_count, styles}``, the largest first.

    A style is under each genre that a release has together with it, with the number of such releases.
    """
    styles: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for genre, style, releases in list_styles_of_genres():
        styles[genre].append({"name": style, "release_count": releases})
    sizes = rows(READ_SIZES, seconds=SECONDS)
    return [{**genre, "styles": styles[genre["name"]]} for genre in sizes if genre["release_count"]]


def list_styles_of_genres() -> list[tuple[str, str, int]]:
    """Return (genre, style, releases), by genre and the most frequent style first."""
    counted = tallies.read_all("genre style")
    if counted is not None:
        return counted
    found = rows(READ_STYLES_OF_GENRES, seconds=SECONDS)
    return [(each["genre"], each["style"], each["releases"]) for each in found]
