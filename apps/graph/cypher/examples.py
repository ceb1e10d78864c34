"""Cypher of something to ask for."""

# A release that has a year, and one of each kind that it has, by id and by what it is shown as; null where it has none.
EXAMPLE = """
MATCH (release:Release)
WHERE release.year > 0
WITH release
LIMIT 1
RETURN release.id AS release,
    head([(release)-[:BY]->(artist:Artist) | artist.id]) AS artist_id,
    head([(release)-[:BY]->(artist:Artist) | coalesce(artist.name, 'Artist ' + artist.id)]) AS artist,
    head([(release)-[:ON]->(label:Label) | label.id]) AS label_id,
    head([(release)-[:ON]->(label:Label) | coalesce(label.name, 'Label ' + label.id)]) AS label,
    head([(release)-[:IS]->(genre:Genre) | genre.name]) AS genre,
    head([(release)-[:IS]->(style:Style) | style.name]) AS style,
    head([(release)<-[:CREDITED_ON]-(person:Person) | person.name]) AS person
"""
