"""Cypher of all genres with the styles that their releases have."""

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
