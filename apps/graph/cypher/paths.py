"""Cypher of the shortest path between two entities.

By the edges that loading makes of records: not those of sub-labels, of genres and their styles, of credits, of users,
nor the other ones of MusicBrainz.
"""

# $start_name, $end_name: str; $start_type, $end_type: artist, label, genre or style; $max_depth: int, up to 10. Of
# several of one name, the one of the smallest number. One row; without nodes if there is no path. The shortest of all
# is looked for first and then compared: a bound on its length would make the server try longer ones too. From both
# ends, so that an end without edges ends it at once.
SHORTEST_PATH = """
OPTIONAL CALL () {
    MATCH (artist:Artist {name: $start_name})
    WHERE $start_type = 'artist'
    RETURN artist AS start
    ORDER BY size(artist.id), artist.id
    LIMIT 1
    UNION ALL
    MATCH (label:Label {name: $start_name})
    WHERE $start_type = 'label'
    RETURN label AS start
    ORDER BY size(label.id), label.id
    LIMIT 1
    UNION ALL
    MATCH (start:Genre {name: $start_name})
    WHERE $start_type = 'genre'
    RETURN start
    UNION ALL
    MATCH (start:Style {name: $start_name})
    WHERE $start_type = 'style'
    RETURN start
}
OPTIONAL CALL () {
    MATCH (artist:Artist {name: $end_name})
    WHERE $end_type = 'artist'
    RETURN artist AS end
    ORDER BY size(artist.id), artist.id
    LIMIT 1
    UNION ALL
    MATCH (label:Label {name: $end_name})
    WHERE $end_type = 'label'
    RETURN label AS end
    ORDER BY size(label.id), label.id
    LIMIT 1
    UNION ALL
    MATCH (end:Genre {name: $end_name})
    WHERE $end_type = 'genre'
    RETURN end
    UNION ALL
    MATCH (end:Style {name: $end_name})
    WHERE $end_type = 'style'
    RETURN end
}
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
