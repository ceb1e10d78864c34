"""Cypher for names as somebody types them, by the full-text indexes.

$query: str, escaped for Lucene; $candidates: int, how many hits are looked at; $limit: int. Words that begin with a
text all score the same, so hits are in the order of their ids.
"""

COMPLETE_ARTIST = """
CALL db.index.fulltext.queryNodes('artist_name_fulltext', $query, {limit: $candidates})
YIELD node, score
RETURN node.id AS id, node.name AS name, score
ORDER BY score DESC, id
LIMIT $limit
"""

COMPLETE_LABEL = """
CALL db.index.fulltext.queryNodes('label_name_fulltext', $query, {limit: $candidates})
YIELD node, score
RETURN node.id AS id, node.name AS name, score
ORDER BY score DESC, id
LIMIT $limit
"""

COMPLETE_GENRE = """
CALL db.index.fulltext.queryNodes('genre_name_fulltext', $query, {limit: $candidates})
YIELD node, score
RETURN node.name AS id, node.name AS name, score
ORDER BY score DESC, id
LIMIT $limit
"""

COMPLETE_STYLE = """
CALL db.index.fulltext.queryNodes('style_name_fulltext', $query, {limit: $candidates})
YIELD node, score
RETURN node.name AS id, node.name AS name, score
ORDER BY score DESC, id
LIMIT $limit
"""

COMPLETE_PERSON = """
CALL db.index.fulltext.queryNodes('person_name_fulltext', $query, {limit: $candidates})
YIELD node, score
RETURN node.name AS name, score
ORDER BY score DESC, name
LIMIT $limit
"""
