"""Cypher for type-ahead by the full-text indexes.

A hit is [id, name, releases], of people [null, name, credits]. Genres, styles and people have no id but their name.
"""

# The next five: $query: str, escaped for Lucene; $candidates: int, how many hits are looked at. Beginnings of words all
# score the same, so these are the first ones in the index.
COMPLETE_ARTIST = """
CALL db.index.fulltext.queryNodes('artist_name_fulltext', $query, {limit: $candidates})
YIELD node
RETURN collect([node.id, node.name, COUNT { (node)<-[:BY]-(:Release) }]) AS hits
"""

COMPLETE_LABEL = """
CALL db.index.fulltext.queryNodes('label_name_fulltext', $query, {limit: $candidates})
YIELD node
RETURN collect([node.id, node.name, coalesce(node.release_count, COUNT { (node)<-[:ON]-(:Release) })]) AS hits
"""

COMPLETE_GENRE = """
CALL db.index.fulltext.queryNodes('genre_name_fulltext', $query, {limit: $candidates})
YIELD node
RETURN collect([null, node.name, coalesce(node.release_count, 0)]) AS hits
"""

COMPLETE_STYLE = """
CALL db.index.fulltext.queryNodes('style_name_fulltext', $query, {limit: $candidates})
YIELD node
RETURN collect([null, node.name, coalesce(node.release_count, 0)]) AS hits
"""

COMPLETE_PERSON = """
CALL db.index.fulltext.queryNodes('person_name_fulltext', $query, {limit: $candidates})
YIELD node
RETURN collect([null, node.name, coalesce(node.credit_count, 0)]) AS hits
"""

# The next two: $name: str; $ids: [str]. Everything that has the name, or the same name as one of these ids.
NAMESAKES_OF_ARTISTS = """
CALL () {
    MATCH (artist:Artist {name: $name})
    RETURN artist.name AS name
    UNION
    UNWIND $ids AS id
    MATCH (artist:Artist {id: id})
    WHERE artist.name IS NOT NULL
    RETURN artist.name AS name
}
MATCH (artist:Artist {name: name})
RETURN collect([artist.id, name, COUNT { (artist)<-[:BY]-(:Release) }]) AS hits
"""

NAMESAKES_OF_LABELS = """
CALL () {
    MATCH (label:Label {name: $name})
    RETURN label.name AS name
    UNION
    UNWIND $ids AS id
    MATCH (label:Label {id: id})
    WHERE label.name IS NOT NULL
    RETURN label.name AS name
}
MATCH (label:Label {name: name})
RETURN collect([label.id, name, coalesce(label.release_count, COUNT { (label)<-[:ON]-(:Release) })]) AS hits
"""

# $name: str.
NAMED_PERSON = """
MATCH (person:Person {name: $name})
RETURN collect([null, person.name, coalesce(person.credit_count, 0)]) AS hits
"""
