"""Cypher for what MusicBrainz adds to the nodes and relationships of Discogs (docs/contract/data.md#enrichment).

Nodes are found by their Discogs id, a string. Only nodes whose record is linked (``sha256``) are enriched, and no node
is created. A relationship that MusicBrainz asserts has ``source: 'musicbrainz'``. On MEMBER_OF this is a mark beside
those of Discogs. The relationship exists as long as it has a mark.
"""

# $rows: [{id, mbid, sha256, rev, type, gender, begin_date, end_date, area, begin_area, end_area, disambiguation,
# updated_at}]. Returns the number of nodes written; nodes that are up to date are not written.
ENRICH_ARTISTS = """
UNWIND $rows AS row
MATCH (artist:Artist {id: row.id})
WHERE artist.sha256 IS NOT NULL
    AND (artist.mbid IS NULL OR artist.mbid <> row.mbid OR artist.mb_sha256 <> row.sha256 OR artist.mb_rev <> row.rev)
SET artist.mbid = row.mbid, artist.mb_sha256 = row.sha256, artist.mb_rev = row.rev, artist.mb_type = row.type,
    artist.mb_gender = row.gender, artist.mb_begin_date = row.begin_date, artist.mb_end_date = row.end_date,
    artist.mb_area = row.area, artist.mb_begin_area = row.begin_area, artist.mb_end_area = row.end_area,
    artist.mb_disambiguation = row.disambiguation, artist.mb_updated_at = row.updated_at
RETURN count(*) AS written
"""

# $rows: [{id, mbid, sha256, rev, type, label_code, begin_date, end_date, area, updated_at}].
ENRICH_LABELS = """
UNWIND $rows AS row
MATCH (label:Label {id: row.id})
WHERE label.sha256 IS NOT NULL
    AND (label.mbid IS NULL OR label.mbid <> row.mbid OR label.mb_sha256 <> row.sha256 OR label.mb_rev <> row.rev)
SET label.mbid = row.mbid, label.mb_sha256 = row.sha256, label.mb_rev = row.rev, label.mb_type = row.type,
    label.mb_label_code = row.label_code, label.mb_begin_date = row.begin_date, label.mb_end_date = row.end_date,
    label.mb_area = row.area, label.mb_updated_at = row.updated_at
RETURN count(*) AS written
"""

# $rows: [{id, mbid, sha256, rev, type, secondary_types, first_release_date, disambiguation, updated_at}].
ENRICH_MASTERS = """
UNWIND $rows AS row
MATCH (master:Master {id: row.id})
WHERE master.sha256 IS NOT NULL
    AND (master.mbid IS NULL OR master.mbid <> row.mbid OR master.mb_sha256 <> row.sha256 OR master.mb_rev <> row.rev)
SET master.mbid = row.mbid, master.mb_sha256 = row.sha256, master.mb_rev = row.rev, master.mb_type = row.type,
    master.mb_secondary_types = row.secondary_types, master.mb_first_release_date = row.first_release_date,
    master.mb_disambiguation = row.disambiguation, master.mb_updated_at = row.updated_at
RETURN count(*) AS written
"""

# $rows: [{id, mbid, sha256, rev, barcode, status, release_group_mbid, updated_at}].
ENRICH_RELEASES = """
UNWIND $rows AS row
MATCH (release:Release {id: row.id})
WHERE release.sha256 IS NOT NULL
    AND (release.mbid IS NULL OR release.mbid <> row.mbid OR release.mb_sha256 <> row.sha256
        OR release.mb_rev <> row.rev)
SET release.mbid = row.mbid, release.mb_sha256 = row.sha256, release.mb_rev = row.rev,
    release.mb_barcode = row.barcode, release.mb_status = row.status,
    release.mb_release_group_mbid = row.release_group_mbid, release.mb_updated_at = row.updated_at
RETURN count(*) AS written
"""

# $rows: [id]. Removes the properties of MusicBrainz. Returns the number of nodes written.
STRIP_ARTISTS = """
UNWIND $rows AS id
MATCH (artist:Artist {id: id})
WHERE artist.mbid IS NOT NULL
SET artist.mbid = null, artist.mb_sha256 = null, artist.mb_rev = null, artist.mb_type = null, artist.mb_gender = null,
    artist.mb_begin_date = null, artist.mb_end_date = null, artist.mb_area = null, artist.mb_begin_area = null,
    artist.mb_end_area = null, artist.mb_disambiguation = null, artist.mb_updated_at = null
RETURN count(*) AS written
"""

# $rows: [id].
STRIP_LABELS = """
UNWIND $rows AS id
MATCH (label:Label {id: id})
WHERE label.mbid IS NOT NULL
SET label.mbid = null, label.mb_sha256 = null, label.mb_rev = null, label.mb_type = null, label.mb_label_code = null,
    label.mb_begin_date = null, label.mb_end_date = null, label.mb_area = null, label.mb_updated_at = null
RETURN count(*) AS written
"""

# $rows: [id].
STRIP_MASTERS = """
UNWIND $rows AS id
MATCH (master:Master {id: id})
WHERE master.mbid IS NOT NULL
SET master.mbid = null, master.mb_sha256 = null, master.mb_rev = null, master.mb_type = null,
    master.mb_secondary_types = null, master.mb_first_release_date = null, master.mb_disambiguation = null,
    master.mb_updated_at = null
RETURN count(*) AS written
"""

# $rows: [id].
STRIP_RELEASES = """
UNWIND $rows AS id
MATCH (release:Release {id: id})
WHERE release.mbid IS NOT NULL
SET release.mbid = null, release.mb_sha256 = null, release.mb_rev = null, release.mb_barcode = null,
    release.mb_status = null, release.mb_release_group_mbid = null, release.mb_updated_at = null
RETURN count(*) AS written
"""

# $rows: [id]. Returns the artists whose record is linked: only those have relationships.
LINKED_ARTISTS = """
UNWIND $rows AS id
MATCH (artist:Artist {id: id})
WHERE artist.sha256 IS NOT NULL
RETURN id
"""

# $rows: [id]. Returns the relationships from MusicBrainz at either end of these artists: [source id, type, target id,
# begin date, end date, ended, attributes].
READ_RELATIONSHIPS = """
UNWIND $rows AS id
MATCH (:Artist {id: id})
    -[edge:MEMBER_OF|COLLABORATED_WITH|TAUGHT|TRIBUTE_TO|FOUNDED|SUPPORTED|SUBGROUP_OF|RENAMED_TO]-()
WHERE edge.source = 'musicbrainz'
RETURN DISTINCT startNode(edge).id AS source, type(edge) AS type, endNode(edge).id AS target,
    edge.begin_date AS begin_date, edge.end_date AS end_date, edge.ended AS ended, edge.attributes AS attributes
"""

# $rows: [{source, target, begin_date, end_date, ended, attributes}], by source and target. If Discogs asserts the same
# relationship between the two, MERGE finds that one.
MERGE_MEMBER_OF = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:MEMBER_OF]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

# $rows: as above, in this and the following statements.
MERGE_COLLABORATED_WITH = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:COLLABORATED_WITH]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

MERGE_TAUGHT = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:TAUGHT]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

MERGE_TRIBUTE_TO = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:TRIBUTE_TO]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

MERGE_FOUNDED = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:FOUNDED]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

MERGE_SUPPORTED = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:SUPPORTED]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

MERGE_SUBGROUP_OF = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:SUBGROUP_OF]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

MERGE_RENAMED_TO = """
UNWIND $rows AS row
MATCH (source:Artist {id: row.source})
MATCH (target:Artist {id: row.target})
MERGE (source)-[edge:RENAMED_TO]->(target)
SET edge.source = 'musicbrainz', edge.begin_date = row.begin_date, edge.end_date = row.end_date,
    edge.ended = row.ended, edge.attributes = row.attributes
"""

# $rows: [{source, type, target}]. Removes MusicBrainz's mark from relationships that it no longer asserts.
WITHDRAW = """
UNWIND $rows AS row
MATCH (:Artist {id: row.source})
    -[edge:MEMBER_OF|COLLABORATED_WITH|TAUGHT|TRIBUTE_TO|FOUNDED|SUPPORTED|SUBGROUP_OF|RENAMED_TO]->
    (:Artist {id: row.target})
WHERE type(edge) = row.type
SET edge.source = null, edge.begin_date = null, edge.end_date = null, edge.ended = null, edge.attributes = null
"""

# $rows: as above. Runs after it and deletes the relationships that have no mark left.
DELETE_WITHDRAWN = """
UNWIND $rows AS row
MATCH (:Artist {id: row.source})
    -[edge:MEMBER_OF|COLLABORATED_WITH|TAUGHT|TRIBUTE_TO|FOUNDED|SUPPORTED|SUBGROUP_OF|RENAMED_TO]->
    (:Artist {id: row.target})
WHERE type(edge) = row.type AND edge.source IS NULL AND edge.by_source IS NULL AND edge.by_target IS NULL
DELETE edge
"""

# The number of enriched nodes, counted by the index on mbid.
COUNT_ARTISTS = "MATCH (artist:Artist) WHERE artist.mbid IS NOT NULL RETURN count(artist) AS count"

COUNT_LABELS = "MATCH (label:Label) WHERE label.mbid IS NOT NULL RETURN count(label) AS count"

COUNT_MASTERS = "MATCH (master:Master) WHERE master.mbid IS NOT NULL RETURN count(master) AS count"

COUNT_RELEASES = "MATCH (release:Release) WHERE release.mbid IS NOT NULL RETURN count(release) AS count"

# The number of relationships that MusicBrainz asserts, including those of Discogs that it confirms. All are between
# enriched nodes.
COUNT_RELATIONSHIPS = """
MATCH (source:Artist)
    -[edge:MEMBER_OF|COLLABORATED_WITH|TAUGHT|TRIBUTE_TO|FOUNDED|SUPPORTED|SUBGROUP_OF|RENAMED_TO]->
    (:Artist)
WHERE source.mbid IS NOT NULL AND edge.source = 'musicbrainz'
RETURN count(edge) AS count
"""

# $rows: [id]. Returns the nodes that are enriched.
ENRICHED_ARTISTS = """
UNWIND $rows AS id
MATCH (artist:Artist {id: id})
WHERE artist.mbid IS NOT NULL
RETURN id
"""

ENRICHED_LABELS = """
UNWIND $rows AS id
MATCH (label:Label {id: id})
WHERE label.mbid IS NOT NULL
RETURN id
"""

ENRICHED_MASTERS = """
UNWIND $rows AS id
MATCH (master:Master {id: id})
WHERE master.mbid IS NOT NULL
RETURN id
"""

ENRICHED_RELEASES = """
UNWIND $rows AS id
MATCH (release:Release {id: id})
WHERE release.mbid IS NOT NULL
RETURN id
"""
