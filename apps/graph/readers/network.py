"""Artists by shared releases: collaborators, their collaborators, and clusters of these.

A release has one edge to each of its artists, so two edges of one release lead to two artists.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.graph import collaborations, profiles
from apps.graph.readers.expanding import get_names
from apps.graph.readers.likeness import Vector
from apps.graph.reading import Rows, row, rows

# What only the graph knows of an artist; an edge of whatever type counts for the degree.
CENTRALITY = """
MATCH (artist:Artist {id: $id})
RETURN coalesce(artist.name, 'Artist ' + artist.id) AS name,
    COUNT { (artist)--() } AS degree,
    COUNT {
        MATCH (artist)-[:MEMBER_OF]->(group:Artist)
        RETURN DISTINCT group
    } AS group_count,
    COUNT {
        MATCH (artist)-[:ALIAS_OF]->(primary:Artist)
        RETURN DISTINCT primary
    } AS alias_count
"""

# The next three take as long as artists have releases: for a graph that maintenance has not come to yet, and while
# PostgreSQL is away.

# $limit: int. Who shares releases, and the years of those that have one.
NEAR = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)-[:BY]->(other:Artist)
RETURN other.id AS id, count(release) AS releases,
    collect(CASE WHEN release.year > 0 THEN release.year END) AS years
ORDER BY releases DESC, id
LIMIT $limit
"""

# $limit: int. Who shares releases with those, and how many of them are between.
FAR = """
MATCH (artist:Artist {id: $id})<-[:BY]-(:Release)-[:BY]->(near:Artist)
WITH DISTINCT artist, near
MATCH (near)<-[:BY]-(:Release)-[:BY]->(far:Artist)
WHERE far <> artist
RETURN far.id AS id, count(DISTINCT near) AS between
ORDER BY between DESC, id
LIMIT $limit
"""

COUNT_SHARED = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)-[:BY]->(:Artist)
RETURN count(DISTINCT release) AS releases
"""

# $ids: [str], of artists that have no profile.
GENRES_OF_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})<-[:BY]-(release:Release)-[:IS]->(genre:Genre)
RETURN id, genre.name AS genre, count(release) AS releases
"""


# Within three steps are nearly all artists.
FARTHEST = 2
# The most collaborators of an artist; Various has some ten thousand.
MOST_ARTISTS = 1_000_000
NO_GENRE = "Unknown"

Centrality = dict[str, int]


@dataclass(frozen=True, slots=True)
class Circle:
    """An artist's name, some of the artists around it, and how many there are in all."""

    name: str
    artists: Rows
    total: int


def find_collaborators(artist_id: str, limit: int) -> Circle | None:
    """Return the artists with most dated releases in common with one; None if there is no such artist.

    Each is ``{artist_id, artist_name, release_count, first_year, last_year, yearly_counts: [{year, count}]}``.
    """
    found = collaborations.list_dated(artist_id, limit)
    if found is None:
        shared = [(each["id"], each["years"]) for each in find_nearest(artist_id) if each["years"]]
        # The id decides between equal counts, in the same way as in the tallies: an answer must not change when
        # maintenance has counted.
        shared.sort(key=lambda each: (-len(each[1]), each[0]))
        found = [(id_, years, len(shared)) for id_, years in shared[:limit]]
    return build_circle(artist_id, [(id_, spread_years(years), total) for id_, years, total in found])


def spread_years(years: Iterable[int]) -> dict[str, Any]:
    """Return the figures of a list of years, one for each release."""
    counts = sorted(Counter(years).items())
    return {
        "release_count": sum(count for _, count in counts),
        "first_year": counts[0][0],
        "last_year": counts[-1][0],
        "yearly_counts": [{"year": year, "count": count} for year, count in counts],
    }


def find_network(artist_id: str, depth: int, limit: int) -> Circle | None:
    """Return the artists within ``depth`` of one, the nearest first; None if there is no such artist.

    Each is ``{artist_id, artist_name, distance, collaboration_count}``: the releases in common or, at distance 2, the
    artists in between.
    """
    depth = min(depth, FARTHEST)
    found = collaborations.network(artist_id, depth, limit)
    if found is None:
        found = walk_network(artist_id, depth)[:limit]
    return build_circle(
        artist_id,
        [(id_, {"distance": distance, "collaboration_count": count}, total) for id_, distance, count, total in found],
    )


def walk_network(artist_id: str, depth: int) -> list[tuple[str, int, int, int]]:
    """Return (id, distance, count, total) of the artists within ``depth``, by reading the graph."""
    # An artist at distance 1 is often at distance 2 as well; it counts once, as a near one.
    nearest = {each["id"]: each["releases"] for each in find_nearest(artist_id)}
    far = rows(FAR, id=artist_id, limit=MOST_ARTISTS) if depth == FARTHEST else []
    farther = [(each["id"], 2, each["between"]) for each in far if each["id"] not in nearest]
    found = [*((id_, 1, releases) for id_, releases in nearest.items()), *farther]
    return [(*each, len(found)) for each in found]


def find_nearest(artist_id: str) -> Rows:
    """Return the artists that share releases with one, ``{id, releases, years}``, by reading the graph."""
    return rows(NEAR, id=artist_id, limit=MOST_ARTISTS)


def build_circle(artist_id: str, found: Sequence[tuple[str, dict[str, Any], int]]) -> Circle | None:
    """Return an artist and its neighbours, given as (id, figures, total), with their names."""
    names = get_names("artist", [artist_id, *(id_ for id_, _, _ in found)])
    if artist_id not in names:
        return None
    # An artist that left the graph since it was counted is left out.
    artists = [{"artist_id": id_, "artist_name": names[id_], **said} for id_, said, _ in found if id_ in names]
    return Circle(names[artist_id], artists, found[0][2] if found else 0)


def measure_centrality(artist_id: str) -> tuple[str, Centrality] | None:
    """Return an artist's name, and how many edges, collaborators, shared releases, groups and aliases it has.

    None if there is no such artist.
    """
    found = row(CENTRALITY, id=artist_id)
    if found is None:
        return None
    size = collaborations.size(artist_id)
    if size is None:
        shared = row(COUNT_SHARED, id=artist_id)
        size = (len(find_nearest(artist_id)), shared["releases"] if shared else 0)
    collaborator_count, collaboration_releases = size
    name = found.pop("name")
    return name, {
        **found,
        "collaborator_count": collaborator_count,
        "collaboration_releases": collaboration_releases,
    }


def find_clusters(artist_id: str, limit: int) -> tuple[str, Rows] | None:
    """Return an artist's name, and the artists that share most releases with it by their most frequent genres.

    A cluster is ``{cluster_label, members: [{artist_id, artist_name, shared_releases}], size}``, the largest first.
    None if there is no such artist.
    """
    circle = find_network(artist_id, 1, limit)
    if circle is None:
        return None
    genres = find_primary_genres([each["artist_id"] for each in circle.artists])
    members: defaultdict[str, Rows] = defaultdict(list)
    for each in circle.artists:
        member = {"shared_releases": each["collaboration_count"], **each}
        members[genres.get(each["artist_id"], NO_GENRE)].append(member)
    found = [{"cluster_label": genre, "members": each, "size": len(each)} for genre, each in members.items()]
    # A stable sort: clusters of equal size stay in the order of their first members.
    return circle.name, sorted(found, key=lambda cluster: -cluster["size"])


def find_primary_genres(ids: list[str]) -> dict[str, str]:
    """Return id → main genre of those artists that have a genre."""
    counts = profiles.get_genres(ids)
    others = [id_ for id_ in ids if id_ not in counts]
    for each in rows(GENRES_OF_ARTISTS, ids=others) if others else []:
        counts.setdefault(each["id"], {})[each["genre"]] = each["releases"]
    return {id_: list_most_frequent(genres, 1)[0] for id_, genres in counts.items()}


def list_most_frequent(counts: Vector, limit: int) -> list[str]:
    """Return the names with the largest counts; equal counts are sorted by name."""
    return sorted(counts, key=lambda name: (-counts[name], name))[:limit]
