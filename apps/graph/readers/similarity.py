"""Artists with similar releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.graph import profiles, tallies
from apps.graph.readers import entities
from apps.graph.readers.likeness import TooFewReleases, Vector, compute_cosine
from apps.graph.readers.network import list_most_frequent
from apps.graph.reading import Rows, row, rows

# $least: int. How many releases it has, counted up to so many.
TARGET = """
MATCH (artist:Artist {id: $id})
RETURN artist.name AS name,
    COUNT {
        MATCH (artist)<-[:BY]-(release:Release)
        RETURN release
        LIMIT $least
    } AS release_count
"""

# $ids: [str], of artists that have no profile. Labels and artists of one name count once for a release, and all
# without a name are one.
PROFILES = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
RETURN id,
    COLLECT {
        MATCH (artist)<-[:BY]-(release:Release)-[:IS]->(genre:Genre)
        WITH genre.name AS name, count(release) AS releases
        RETURN [name, releases]
    } AS genre,
    COLLECT {
        MATCH (artist)<-[:BY]-(release:Release)-[:IS]->(style:Style)
        WITH style.name AS name, count(release) AS releases
        RETURN [name, releases]
    } AS style,
    COLLECT {
        MATCH (artist)<-[:BY]-(release:Release)-[:ON]->(label:Label)
        WITH coalesce(label.name, '') AS name, count(DISTINCT release) AS releases
        RETURN [name, releases]
    } AS label,
    COLLECT {
        MATCH (artist)<-[:BY]-(release:Release)-[:BY]->(other:Artist)
        WITH coalesce(other.name, '') AS name, count(DISTINCT release) AS releases
        RETURN [name, releases]
    } AS collaborator
"""

# $genres: [str]; $most, $least, $limit: int. Artists with the largest sums of releases over the genres, of each genre
# its $most frequent ones. Takes as long as the genres have releases: for a graph that maintenance has not come to yet.
CANDIDATES = """
UNWIND $genres AS genre
CALL (genre) {
    MATCH (:Genre {name: genre})<-[:IS]-(release:Release)-[:BY]->(artist:Artist)
    WHERE artist.id <> $id AND artist.name IS NOT NULL
    WITH artist, count(release) AS releases
    ORDER BY releases DESC, artist.id
    LIMIT $most
    RETURN artist, releases
}
WITH artist, sum(releases) AS total
WHERE total >= $least
RETURN artist.id AS id, total, artist.name AS name
ORDER BY total DESC, id
LIMIT $limit
"""


# Fewer releases are not enough to compare.
MIN_RELEASES = 3
# Comparing with all artists would take far too long. An artist like the target has many releases of its main genres.
# Each of the target's most frequent genres contributes the artists with most releases; those with the largest sums are
# compared.
GENRES = 5
MOST_OF_GENRE = 500
LEAST_SHARED = 3
COMPARED = 50
# The contract's. They add up to 1, so a similarity is between 0 and 1.
# Weights of the similarity. Entities without a name count as ``NAMELESS``: compared, but never returned.
WEIGHTS = {"genre": 0.35, "style": 0.25, "label": 0.25, "collaborator": 0.15}
NAMELESS = ""
# The contract's time limit of each phase of the search for candidates.
SECONDS = 60

# Dimension → name → releases.
Profile = Mapping[str, Vector]


@dataclass(frozen=True, slots=True)
class Similar:
    """An artist's name and similar artists, the most similar first."""

    name: str
    artists: Rows


def find_similar(artist_id: str) -> Similar | None:
    """Return up to ``COMPARED`` artists that are like one; None if there is no such artist.

    Each is ``{artist_id, artist_name, similarity, breakdown, release_count, shared_genres, shared_labels}``, where
    ``release_count`` is of the target's most frequent genres.

    Raises:
        TooFewReleases: it has fewer than ``MIN_RELEASES``.
    """
    target = row(TARGET, id=artist_id, least=MIN_RELEASES)
    if target is None:
        return None
    if target["release_count"] < MIN_RELEASES:
        raise TooFewReleases(f"Artist {artist_id}", target["release_count"], MIN_RELEASES)
    own = get_profiles([artist_id])[artist_id]
    found = find_candidates(artist_id, list_most_frequent(own["genre"], GENRES))
    others = get_profiles([id_ for id_, _, _ in found])
    scored = [
        {"artist_id": id_, "artist_name": name, **compare_profiles(own, others[id_]), "release_count": total}
        for id_, total, name in found
        if id_ in others
    ]
    # A stable sort: artists of equal similarity stay in the order of their sums.
    scored.sort(key=lambda each: -each["similarity"])
    return Similar(
        entities.get_shown_name("artist", artist_id, target["name"]),
        [each for each in scored if each["similarity"] > 0],
    )


def compare_profiles(one: Profile, other: Profile) -> dict[str, Any]:
    """Return the similarity of two profiles, overall and by dimension, and the genres and labels that they share."""
    alike = {dimension: compute_cosine(one[dimension], other[dimension]) for dimension in WEIGHTS}
    return {
        "similarity": round(sum(weight * alike[dimension] for dimension, weight in WEIGHTS.items()), 4),
        "breakdown": {dimension: round(value, 4) for dimension, value in alike.items()},
        "shared_genres": sorted(one["genre"].keys() & other["genre"].keys()),
        "shared_labels": sorted(one["label"].keys() & other["label"].keys() - {NAMELESS}),
    }


def find_candidates(artist_id: str, genres: list[str]) -> list[tuple[str, int, str]]:
    """Return (id, sum, name) of the artists with most releases of some genres, the largest sums first."""
    if not genres:
        return []
    bounds = {"most": MOST_OF_GENRE, "least": LEAST_SHARED, "limit": COMPARED}
    counted = tallies.read_leading_sums(genres, but=artist_id, **bounds)
    if counted is not None:
        return [(id_, total, name) for id_, total, name in counted]
    found = rows(CANDIDATES, seconds=SECONDS, id=artist_id, genres=genres, **bounds)
    return [(each["id"], each["total"], each["name"]) for each in found]


def get_profiles(ids: list[str]) -> dict[str, Profile]:
    """Return id → profile of those artists that have a node: as counted, or by reading the graph."""
    found = profiles.get_profiles(ids)
    # Artists that came with a load after the last maintenance have no profile yet.
    others = [id_ for id_ in ids if id_ not in found]
    for each in rows(PROFILES, seconds=SECONDS, ids=others) if others else []:
        found[each["id"]] = {dimension: dict(each[dimension]) for dimension in WEIGHTS}
    return {id_: {dimension: names.get(dimension, {}) for dimension in WEIGHTS} for id_, names in found.items()}
