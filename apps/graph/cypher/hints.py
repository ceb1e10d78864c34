"""Cypher that tells entities of one name apart: how many releases each has.

$ids: [str]. Each row is (id, releases); an id without a node has none.
"""

# Masters are by an artist too. Of the few who have more, such as Various, they are not told from releases: that would
# read every one of a million.
COUNT_OF_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
WITH artist, COUNT { (artist)<-[:BY]-() } AS works
RETURN collect([artist.id, CASE WHEN works > 10000 THEN works ELSE COUNT { (artist)<-[:BY]-(:Release) } END]) AS counts
"""

COUNT_OF_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN collect([id, COUNT { (label)<-[:ON]-() }]) AS counts
"""

COUNT_OF_MASTERS = """
UNWIND $ids AS id
MATCH (master:Master {id: id})
RETURN collect([id, COUNT { (master)<-[:DERIVED_FROM]-() }]) AS counts
"""

# Of artists that have up to 500 works, the genre that most of their releases have.
MAIN_GENRES_OF_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
WHERE COUNT { (artist)<-[:BY]-() } <= 500
CALL (artist) {
    MATCH (artist)<-[:BY]-(:Release)-[:IS]->(genre:Genre)
    WITH genre.name AS genre, count(*) AS releases
    ORDER BY releases DESC, genre DESC
    LIMIT 1
    RETURN genre
}
RETURN collect([artist.id, genre]) AS genres
"""

# Of a release, the editions of its master.
COUNT_OF_RELEASES = """
UNWIND $ids AS id
MATCH (:Release {id: id})-[:DERIVED_FROM]->(master:Master)
RETURN collect([id, COUNT { (master)<-[:DERIVED_FROM]-() }]) AS counts
"""

COUNT_OF_GENRES = """
UNWIND $ids AS id
MATCH (genre:Genre {name: id})
RETURN collect([id, coalesce(genre.release_count, 0)]) AS counts
"""

COUNT_OF_STYLES = """
UNWIND $ids AS id
MATCH (style:Style {name: id})
RETURN collect([id, coalesce(style.release_count, 0)]) AS counts
"""

COUNT_OF_PEOPLE = """
UNWIND $ids AS id
MATCH (person:Person {name: id})
RETURN collect([id, COUNT { (person)-[:CREDITED_ON]->() }]) AS counts
"""
