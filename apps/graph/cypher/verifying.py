"""Cypher that compares the nodes of records with rows of the tables. It only reads."""

# $rows: [[id: str, sha256: str]]. Returns (id, whether there is a node) for each record that differs: it has no node,
# is not linked, or is linked in another version.
DIFFERING_ARTISTS = """
UNWIND $rows AS row
OPTIONAL MATCH (artist:Artist {id: row[0]})
WITH row, artist
WHERE artist.sha256 IS NULL OR artist.sha256 <> row[1]
RETURN row[0], artist IS NOT NULL
"""

# $rows: [[id: str, sha256: str]].
DIFFERING_LABELS = """
UNWIND $rows AS row
OPTIONAL MATCH (label:Label {id: row[0]})
WITH row, label
WHERE label.sha256 IS NULL OR label.sha256 <> row[1]
RETURN row[0], label IS NOT NULL
"""

# $rows: [[id: str, sha256: str]].
DIFFERING_MASTERS = """
UNWIND $rows AS row
OPTIONAL MATCH (master:Master {id: row[0]})
WITH row, master
WHERE master.sha256 IS NULL OR master.sha256 <> row[1]
RETURN row[0], master IS NOT NULL
"""

# $rows: [[id: str, sha256: str]].
DIFFERING_RELEASES = """
UNWIND $rows AS row
OPTIONAL MATCH (release:Release {id: row[0]})
WITH row, release
WHERE release.sha256 IS NULL OR release.sha256 <> row[1]
RETURN row[0], release IS NOT NULL
"""

COUNT_ARTISTS = "MATCH (artist:Artist) RETURN count(artist)"

COUNT_LABELS = "MATCH (label:Label) RETURN count(label)"

COUNT_MASTERS = "MATCH (master:Master) RETURN count(master)"

COUNT_RELEASES = "MATCH (release:Release) RETURN count(release)"
