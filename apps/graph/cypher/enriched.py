"""Cypher that reads what MusicBrainz adds to an artist of Discogs; ``musicbrainz`` writes it."""

# $id: str.
METADATA = """
MATCH (artist:Artist {id: $id})
WHERE artist.mbid IS NOT NULL
RETURN artist.mbid AS mbid, artist.mb_type AS type, artist.mb_gender AS gender,
    artist.mb_begin_date AS begin_date, artist.mb_end_date AS end_date, artist.mb_area AS area,
    artist.mb_begin_area AS begin_area, artist.mb_disambiguation AS disambiguation
"""

# $id: str. Those that begin at the artist come first.
RELATIONSHIPS = """
MATCH (artist:Artist {id: $id})
    -[edge:MEMBER_OF|COLLABORATED_WITH|TAUGHT|TRIBUTE_TO|FOUNDED|SUPPORTED|SUBGROUP_OF|RENAMED_TO]-(target:Artist)
WHERE edge.source = 'musicbrainz'
WITH edge, target, startNode(edge) = artist AS is_outgoing
RETURN type(edge) AS type, target.id AS target_id, coalesce(target.name, 'Artist ' + target.id) AS target_name,
    CASE WHEN is_outgoing THEN 'outgoing' ELSE 'incoming' END AS direction,
    edge.begin_date AS begin_date, edge.end_date AS end_date, edge.attributes AS attributes
ORDER BY is_outgoing DESC, type, target_id
"""

# Whether the server answers.
ONE = "RETURN 1 AS one"
