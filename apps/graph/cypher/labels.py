"""Cypher of what a label has released, and which labels release the like. ``$id``: str, the label's id."""

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
