"""A label's releases in figures, and labels with similar genres."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.graph import tallies
from apps.graph.readers import entities
from apps.graph.readers.likeness import TooFewReleases, compute_cosine
from apps.graph.reading import Rows, row, rows

# Counts are of releases; a format counts once for a release that names it twice.
DNA = """
MATCH (label:Label {id: $id})
RETURN label.name AS name,
    COUNT { (label)<-[:ON]-(:Release) } AS release_count,
    COUNT {
        MATCH (label)<-[:ON]-(:Release)-[:BY]->(artist:Artist)
        RETURN DISTINCT artist
    } AS artist_count,
    COLLECT {
        MATCH (label)<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
        WITH genre.name AS name, count(release) AS releases
        ORDER BY releases DESC, name
        RETURN [name, releases]
    } AS genres,
    COLLECT {
        MATCH (label)<-[:ON]-(release:Release)-[:IS]->(style:Style)
        WITH style.name AS name, count(release) AS releases
        ORDER BY releases DESC, name
        RETURN [name, releases]
    } AS styles,
    COLLECT {
        MATCH (label)<-[:ON]-(release:Release)
        UNWIND release.formats AS name
        WITH name, count(DISTINCT release) AS releases
        ORDER BY releases DESC, name
        RETURN [name, releases]
    } AS formats,
    COLLECT {
        MATCH (label)<-[:ON]-(release:Release)
        WHERE release.year > 0
        WITH release.year AS year, count(release) AS releases
        ORDER BY year
        RETURN [year, releases]
    } AS years
"""

# The target's name, size, genres and most frequent styles.
TARGET = """
MATCH (label:Label {id: $id})
RETURN label.name AS name,
    COUNT { (label)<-[:ON]-(:Release) } AS release_count,
    COLLECT {
        MATCH (label)<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
        WITH genre.name AS name, count(release) AS releases
        RETURN [name, releases]
    } AS genres,
    COLLECT {
        MATCH (label)<-[:ON]-(release:Release)-[:IS]->(style:Style)
        WITH style.name AS name, count(release) AS releases
        ORDER BY releases DESC, name
        LIMIT 5
        RETURN name
    } AS styles
"""

# $styles: [str]; $least, $limit: int. Labels with the largest sums of releases over the styles. Takes as long as the
# styles have releases: for a graph that maintenance has not come to yet.
CANDIDATES = """
UNWIND $styles AS name
MATCH (style:Style {name: name})<-[:IS]-(release:Release)-[:ON]->(label:Label)
WHERE label.id <> $id
WITH label, count(*) AS total
WHERE total >= $least
RETURN label.id AS id, total
ORDER BY total DESC, id
LIMIT $limit
"""

# $ids: [str]. Those that have a name.
NAMED_CANDIDATES = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
WHERE label.name IS NOT NULL
RETURN id, label.name AS name, coalesce(label.release_count, COUNT { (label)<-[:ON]-(:Release) }) AS release_count
"""

# $ids: [str]. Takes as long as the labels have releases.
GENRES_OF_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
RETURN id, genre.name AS genre, count(release) AS releases
"""


# Fewer releases are not enough for figures.
MIN_RELEASES = 5
# The labels that share most releases of the target's styles are compared.
MOST_CANDIDATES = 100
LEAST_SHARED = 5
# The contract's limit of time for each phase of looking for candidates.
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Similar:
    """A label's name and similar labels, the most similar first."""

    name: str
    labels: Rows


def compute_dna(label_id: str) -> dict[str, Any] | None:
    """Return the figures of a label's releases; None if there is no such label.

    Raises:
        TooFewReleases: it has fewer than ``MIN_RELEASES``.
    """
    found = row(DNA, id=label_id)
    if found is None:
        return None
    releases, artists, years = found["release_count"], found["artist_count"], found["years"]
    if releases < MIN_RELEASES:
        raise TooFewReleases(f"Label {label_id}", releases, MIN_RELEASES)
    decades = count_decades(years)
    return {
        "label_id": label_id,
        "label_name": entities.get_shown_name("label", label_id, found["name"]),
        "release_count": releases,
        "artist_count": artists,
        # Compilations have more artists than the label has releases; the contract's figure ends at 1.
        "artist_diversity": round(min(artists / releases, 1.0), 4),
        "active_years": [year for year, _ in years],
        # The earliest of those with the most.
        "peak_decade": max(decades, key=lambda decade: (decades[decade], -decade), default=None),
        "prolificacy": round(releases / len(years), 2) if years else 0.0,
        "genres": compute_shares("name", found["genres"]),
        "styles": compute_shares("name", found["styles"]),
        "formats": compute_shares("name", found["formats"]),
        "decades": compute_shares("decade", sorted(decades.items())),
    }


def count_decades(years: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Add up releases by decade."""
    found: defaultdict[int, int] = defaultdict(int)
    for year, releases in years:
        found[year // 10 * 10] += releases
    return dict(found)


def compute_shares(key: str, counts: Iterable[tuple[Any, int]]) -> Rows:
    """Return ``{key, count, percentage}``, where all percentages are of the counts together."""
    counts = list(counts)
    # Of all names, not of all releases: a release with two genres counts twice, and the shares still add up to 100.
    whole = sum(count for _, count in counts)
    return [{key: each, "count": count, "percentage": round(count / whole * 100, 1)} for each, count in counts]


def find_similar(label_id: str, limit: int) -> Similar | None:
    """Return the labels whose genres are most like those of a label; None if there is no such label.

    Raises:
        TooFewReleases: it has fewer than ``MIN_RELEASES``.
    """
    target = row(TARGET, id=label_id)
    if target is None:
        return None
    if target["release_count"] < MIN_RELEASES:
        raise TooFewReleases(f"Label {label_id}", target["release_count"], MIN_RELEASES)
    own = dict(target["genres"])
    ids = find_candidates(label_id, target["styles"]) if own and target["styles"] else []
    named = {each["id"]: each for each in rows(NAMED_CANDIDATES, seconds=SECONDS, ids=ids)}
    vectors = count_genres(list(named))
    scored = [
        {
            "label_id": id_,
            "label_name": named[id_]["name"],
            "similarity": round(compute_cosine(own, vectors.get(id_, {})), 4),
            "release_count": named[id_]["release_count"],
            "shared_genres": sorted(own.keys() & vectors.get(id_, {}).keys()),
        }
        for id_ in ids
        if id_ in named and compute_cosine(own, vectors.get(id_, {})) > 0
    ]
    # A stable sort: labels of equal similarity stay in the order of their sums.
    scored.sort(key=lambda each: -each["similarity"])
    return Similar(entities.get_shown_name("label", label_id, target["name"]), scored[:limit])


def find_candidates(label_id: str, styles: list[str]) -> list[str]:
    """Return the ids of labels to compare, those that share most first."""
    bounds = {"least": LEAST_SHARED, "limit": MOST_CANDIDATES}
    counted = tallies.read_largest_sums("style label", styles, but=label_id, **bounds)
    if counted is not None:
        return [id_ for id_, _ in counted]
    found = rows(CANDIDATES, seconds=SECONDS, id=label_id, styles=styles, **bounds)
    return [each["id"] for each in found]


def count_genres(ids: list[str]) -> dict[str, dict[str, int]]:
    """Return the genres of some labels with the number of their releases."""
    counted = tallies.read_parents("label genre", ids)
    if counted is None:
        found = rows(GENRES_OF_LABELS, seconds=SECONDS, ids=ids)
        counted = [(each["id"], each["genre"], each["releases"]) for each in found]
    vectors: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for id_, genre, releases in counted:
        vectors[id_][genre] = releases
    return vectors
