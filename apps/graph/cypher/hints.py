"""Cypher that tells entities of one name apart: how many releases each has.

$ids: [str]. Each row is (id, releases); an id without a node has none.
"""

COUNT_OF_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
RETURN collect([id, COUNT { (artist)<-[:BY]-() }]) AS counts
"""

COUNT_OF_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN collect([id, COUNT { (label)<-[:ON]-() }]) AS counts
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
