"""Cypher of artists by the releases that they share. ``$id``: str, an artist's id.

A release has one edge to each of its artists, so two edges of one release lead to two artists.
"""

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
