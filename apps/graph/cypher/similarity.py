"""Cypher of artists whose releases are like those of another one. ``$id``: str, the artist's id."""

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
