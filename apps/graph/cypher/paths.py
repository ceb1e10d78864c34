"""Cypher that finds the shortest path between two entities.

A path uses the relationships that loading makes from records. It does not use those of sublabels, of styles with
genres, of users, or the further ones of MusicBrainz. It uses credits only if they are asked for.

$ends: the start and the end, each as type (artist, label, genre or style), name, and null or the id. Only the id finds
an artist or label without a name. $max_depth: int, up to 10. Of several entities of one name, the smallest id counts.
"""

# One row, without nodes if there is no path. The shortest path is searched without a bound and its length compared
# afterwards: a bound would make the server try longer paths too. The search runs from both ends, so that it stops at
# once if an end has no relationships.
SHORTEST_PATH = """
UNWIND $ends AS asked
WITH asked[0] AS type, asked[1] AS name, asked[2] AS id
OPTIONAL CALL (type, name, id) {
    MATCH (artist:Artist)
    WHERE (artist.name = name OR artist.id = id) AND type = 'artist'
    RETURN artist AS node
    ORDER BY size(artist.id), artist.id
    LIMIT 1
    UNION ALL
    MATCH (label:Label)
    WHERE (label.name = name OR label.id = id) AND type = 'label'
    RETURN label AS node
    ORDER BY size(label.id), label.id
    LIMIT 1
    UNION ALL
    MATCH (node:Genre {name: name})
    WHERE type = 'genre'
    RETURN node
    UNION ALL
    MATCH (node:Style {name: name})
    WHERE type = 'style'
    RETURN node
}
WITH collect([node]) AS placed
WITH placed[0][0] AS start, placed[1][0] AS end
OPTIONAL CALL (start, end) {
    WITH start, end
    WHERE start <> end
    MATCH path = shortestPath((start)-[:BY|ON|IS|ALIAS_OF|MEMBER_OF|DERIVED_FROM*1..10]-(end))
    WITH path
    WHERE length(path) <= $max_depth
    RETURN nodes(path) AS nodes, [edge IN relationships(path) | type(edge)] AS edges
    UNION ALL
    WITH start, end
    WHERE start = end
    RETURN [start] AS nodes, [] AS edges
}
RETURN start IS NOT NULL AS has_start, end IS NOT NULL AS has_end, edges,
    [node IN nodes | [labels(node)[0], coalesce(node.id, node.name), coalesce(node.name, node.title)]] AS nodes
"""

# $types: [str], the relationships that the path may use; $passed, $used: [str], element ids of nodes and relationships
# that it must not use. The server checks each step during the search. The row also has the path's own element ids.
NEXT_PATH = """
UNWIND $ends AS asked
WITH asked[0] AS type, asked[1] AS name, asked[2] AS id
OPTIONAL CALL (type, name, id) {
    MATCH (artist:Artist)
    WHERE (artist.name = name OR artist.id = id) AND type = 'artist'
    RETURN artist AS node
    ORDER BY size(artist.id), artist.id
    LIMIT 1
    UNION ALL
    MATCH (label:Label)
    WHERE (label.name = name OR label.id = id) AND type = 'label'
    RETURN label AS node
    ORDER BY size(label.id), label.id
    LIMIT 1
    UNION ALL
    MATCH (node:Genre {name: name})
    WHERE type = 'genre'
    RETURN node
    UNION ALL
    MATCH (node:Style {name: name})
    WHERE type = 'style'
    RETURN node
}
WITH collect([node]) AS placed
WITH placed[0][0] AS start, placed[1][0] AS end
OPTIONAL CALL (start, end) {
    WITH start, end
    WHERE start <> end
    MATCH path = shortestPath((start)-[:BY|ON|IS|ALIAS_OF|MEMBER_OF|DERIVED_FROM|CREDITED_ON|SAME_AS*1..10]-(end))
    WHERE all(edge IN relationships(path) WHERE type(edge) IN $types AND NOT elementId(edge) IN $used)
        AND none(node IN nodes(path) WHERE elementId(node) IN $passed)
    WITH path
    WHERE length(path) <= $max_depth
    RETURN nodes(path) AS nodes, relationships(path) AS edges
    UNION ALL
    WITH start, end
    WHERE start = end
    RETURN [start] AS nodes, [] AS edges
}
RETURN start IS NOT NULL AS has_start, end IS NOT NULL AS has_end, [edge IN edges | type(edge)] AS edges,
    [node IN nodes | [labels(node)[0], coalesce(node.id, node.name), coalesce(node.name, node.title)]] AS nodes,
    [node IN nodes[1..-1] | elementId(node)] AS passed, [edge IN edges | elementId(edge)] AS used
"""
