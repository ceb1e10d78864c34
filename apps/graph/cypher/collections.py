"""Cypher that writes what users own and want: ``(:User {id, discogs_username})``, COLLECTED, WANTS.

``$user``: the id of the account. ``$rows``: [{release: str, …}].
"""

MERGE_USER = """
MERGE (user:User {id: $user})
SET user.discogs_username = $username
"""

# $rows: [{release, title, year}]. Releases that no dump has any more stay where a user owns or wants them.
MERGE_GONE = """
UNWIND $rows AS row
MERGE (release:Release {id: row.release})
ON CREATE SET release.gone = true, release.title = row.title, release.year = row.year
"""

# $rows: [{release, instances: [str]}], the copies that are left of each release.
DELETE_COLLECTED = """
UNWIND $rows AS row
MATCH (user:User {id: $user})
MATCH (release:Release {id: row.release})
MATCH (user)-[edge:COLLECTED]->(release)
WHERE NOT edge.instance_id IN row.instances
DELETE edge
"""

# $rows: [{release, instance_id, rating, folder_id, date_added, synced_at}]
MERGE_COLLECTED = """
UNWIND $rows AS row
MATCH (user:User {id: $user})
MATCH (release:Release {id: row.release})
MERGE (user)-[edge:COLLECTED {instance_id: row.instance_id}]->(release)
SET edge.rating = row.rating, edge.folder_id = row.folder_id, edge.date_added = row.date_added,
    edge.synced_at = row.synced_at
"""

# $rows: [{release}], those that are not wanted any more.
DELETE_WANTS = """
UNWIND $rows AS row
MATCH (user:User {id: $user})
MATCH (release:Release {id: row.release})
MATCH (user)-[edge:WANTS]->(release)
DELETE edge
"""

# $rows: [{release, rating, date_added, synced_at}]
MERGE_WANTS = """
UNWIND $rows AS row
MATCH (user:User {id: $user})
MATCH (release:Release {id: row.release})
MERGE (user)-[edge:WANTS]->(release)
SET edge.rating = row.rating, edge.date_added = row.date_added, edge.synced_at = row.synced_at
"""

# $rows: [{release}]. A release that no dump has stays only as long as a user has or wants it.
DELETE_UNOWNED = """
UNWIND $rows AS row
MATCH (release:Release {id: row.release})
WHERE release.gone AND NOT EXISTS { (release)<-[:COLLECTED|WANTS]-(:User) }
DETACH DELETE release
"""

READ_COLLECTED = """
MATCH (:User {id: $user})-[edge:COLLECTED]->(release:Release)
RETURN release.id AS release, edge.instance_id AS instance_id
"""

READ_WANTS = """
MATCH (:User {id: $user})-[:WANTS]->(release:Release)
RETURN release.id AS release
"""

# Returns the releases that were kept for the user alone or with others.
READ_GONE = """
MATCH (:User {id: $user})-[:COLLECTED|WANTS]->(release:Release)
WHERE release.gone
RETURN DISTINCT release.id AS release
"""

DELETE_USER = """
MATCH (user:User {id: $user})
DETACH DELETE user
"""
