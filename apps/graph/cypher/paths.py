"""Cypher of the shortest path between two entities.

By the edges that loading makes of records: not those of sub-labels, of genres and their styles, of users, nor the other
ones of MusicBrainz; those of credits only where they are asked for.

$ends: of where it starts and of where it ends, the type (artist, label, genre or style), the name, and null or the id,
which alone finds an artist or label without a name. $max_depth: int, up to 10. Of several of one name, the smallest id.
"""

# One row; without nodes if there is no path. The shortest of all is looked for first and then compared: a bound on its
# length would make the server try longer ones too. From both ends, so that an end without edges ends it at once.
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

# $types: [str], of the edges that it may go along; $passed, $used: [str], element ids of nodes and of edges that it may
# not. Each step is checked while the server looks for the path. The row has those of the path as well.
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
