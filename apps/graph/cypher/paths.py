"""Cypher of the shortest path between two entities.

By the edges that loading makes of records: not those of sub-labels, of genres and their styles, of credits, of users,
nor the other ones of MusicBrainz.
"""

# $name: str. Of several of one name, the one of the smallest number.
FIND_ARTIST = """
MATCH (artist:Artist {name: $name})
RETURN elementId(artist) AS element
ORDER BY size(artist.id), artist.id
LIMIT 1
"""

FIND_LABEL = """
MATCH (label:Label {name: $name})
RETURN elementId(label) AS element
ORDER BY size(label.id), label.id
LIMIT 1
"""

FIND_GENRE = """
MATCH (genre:Genre {name: $name})
RETURN elementId(genre) AS element
"""

FIND_STYLE = """
MATCH (style:Style {name: $name})
RETURN elementId(style) AS element
"""

# $start, $end: elementId of two nodes; $max_depth: int, up to 10. The shortest of all is looked for first and then
# compared: a bound on its length would make the server try longer ones too. From both ends, so that an end without
# edges ends it at once.
SHORTEST_PATH = """
MATCH (start), (end)
WHERE elementId(start) = $start AND elementId(end) = $end
MATCH path = shortestPath((start)-[:BY|ON|IS|ALIAS_OF|MEMBER_OF|DERIVED_FROM*1..10]-(end))
WITH path
WHERE length(path) <= $max_depth
RETURN
    [node IN nodes(path) | [labels(node)[0], coalesce(node.id, node.name), coalesce(node.name, node.title)]] AS nodes,
    [edge IN relationships(path) | type(edge)] AS edges
"""

# $start: elementId of a node, from which a path of no edge leads to itself.
THE_NODE = """
MATCH (node)
WHERE elementId(node) = $start
RETURN [[labels(node)[0], coalesce(node.id, node.name), coalesce(node.name, node.title)]] AS nodes, [] AS edges
"""
