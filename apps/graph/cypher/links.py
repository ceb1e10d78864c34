"""Cypher for the nodes of releases, the properties of all records' nodes, and the relationships that records assert.

Both ends of a relationship exist already: the statements match them. The properties of a node are set in the
transaction that writes its record's relationships, so ``sha256`` and ``rev`` say that the node is linked.

``LINK_NEW`` statements are for records that the tables did not have. They write nothing for a record that is linked
already, and return the ids of the records that they linked. The other statements reconcile. ``TOUCH`` locks the
records' nodes before ``READ`` reads their relationships, so that the second of two writers sees what the first wrote.
The rows of ``CREATE`` and ``DELETE`` are lists: the record's id, then the values that ``READ`` returns for one
relationship.
"""

# $rows: [{id, title, year, formats, catalog_number, sha256, rev, artists: [id], labels: [id], masters: [id],
# genres: [name], styles: [name], credits: [[name, role, category, artist_id | null]]}]. If one of the releases exists,
# the unique constraint makes the whole transaction fail.
LINK_NEW_RELEASES = """
UNWIND $rows AS row
CREATE (release:Release {
    id: row.id, title: row.title, year: row.year, formats: row.formats, catalog_number: row.catalog_number,
    sha256: row.sha256, rev: row.rev
})
WITH release, row
CALL (release, row) {
    UNWIND row.artists AS id
    MATCH (artist:Artist {id: id})
    CREATE (release)-[:BY]->(artist)
}
WITH release, row
CALL (release, row) {
    UNWIND row.labels AS id
    MATCH (label:Label {id: id})
    CREATE (release)-[:ON]->(label)
}
WITH release, row
CALL (release, row) {
    UNWIND row.masters AS id
    MATCH (master:Master {id: id})
    CREATE (release)-[:DERIVED_FROM]->(master)
}
WITH release, row
CALL (release, row) {
    UNWIND row.genres AS name
    MATCH (genre:Genre {name: name})
    CREATE (release)-[:IS]->(genre)
}
WITH release, row
CALL (release, row) {
    UNWIND row.styles AS name
    MATCH (style:Style {name: name})
    CREATE (release)-[:IS]->(style)
}
WITH release, row
CALL (release, row) {
    UNWIND row.credits AS credit
    MATCH (person:Person {name: credit[0]})
    CREATE (person)-[:CREDITED_ON {role: credit[1], category: credit[2], artist_id: credit[3]}]->(release)
}
RETURN collect(release.id) AS taken
"""

# $rows: [{id, title, year, sha256, rev, artists: [id], genres: [name], styles: [name]}]. The first SET locks the node.
LINK_NEW_MASTERS = """
UNWIND $rows AS row
MATCH (master:Master {id: row.id})
SET master.rev = row.rev
WITH master, row
WHERE master.sha256 IS NULL
SET master.title = row.title, master.year = row.year, master.sha256 = row.sha256
WITH master, row
CALL (master, row) {
    UNWIND row.artists AS id
    MATCH (artist:Artist {id: id})
    CREATE (master)-[:BY]->(artist)
}
WITH master, row
CALL (master, row) {
    UNWIND row.genres AS name
    MATCH (genre:Genre {name: name})
    CREATE (master)-[:IS]->(genre)
}
WITH master, row
CALL (master, row) {
    UNWIND row.styles AS name
    MATCH (style:Style {name: name})
    CREATE (master)-[:IS]->(style)
}
RETURN collect(master.id) AS taken
"""

# $rows: [{id, name, sha256, rev}]. The relationships follow, in the same transaction.
LINK_NEW_ARTISTS = """
UNWIND $rows AS row
MATCH (artist:Artist {id: row.id})
SET artist.rev = row.rev
WITH artist, row
WHERE artist.sha256 IS NULL
SET artist.name = row.name,
    artist.resource_url = 'https://api.discogs.com/artists/' + row.id,
    artist.releases_url = 'https://api.discogs.com/artists/' + row.id + '/releases',
    artist.sha256 = row.sha256
RETURN collect(artist.id) AS taken
"""

# $rows: [{id, name, sha256, rev}]. The relationships follow, in the same transaction.
LINK_NEW_LABELS = """
UNWIND $rows AS row
MATCH (label:Label {id: row.id})
SET label.rev = row.rev
WITH label, row
WHERE label.sha256 IS NULL
SET label.name = row.name, label.sha256 = row.sha256
RETURN collect(label.id) AS taken
"""

# $rows: [{id, title, year, formats, catalog_number, sha256, rev}].
TOUCH_RELEASES = """
UNWIND $rows AS row
MERGE (release:Release {id: row.id})
SET release.title = row.title, release.year = row.year, release.formats = row.formats,
    release.catalog_number = row.catalog_number, release.sha256 = row.sha256, release.rev = row.rev, release.gone = null
"""

# $rows: [{id, title, year, sha256, rev}].
TOUCH_MASTERS = """
UNWIND $rows AS row
MATCH (master:Master {id: row.id})
SET master.title = row.title, master.year = row.year, master.sha256 = row.sha256, master.rev = row.rev
"""

# $rows: [{id, name, sha256, rev}].
TOUCH_ARTISTS = """
UNWIND $rows AS row
MATCH (artist:Artist {id: row.id})
SET artist.name = row.name,
    artist.resource_url = 'https://api.discogs.com/artists/' + row.id,
    artist.releases_url = 'https://api.discogs.com/artists/' + row.id + '/releases',
    artist.sha256 = row.sha256, artist.rev = row.rev
"""

# $rows: [{id, name, sha256, rev}].
TOUCH_LABELS = """
UNWIND $rows AS row
MATCH (label:Label {id: row.id})
SET label.name = row.name, label.sha256 = row.sha256, label.rev = row.rev
"""

# $ids: [id].
READ_RELEASES = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN id,
    [(release)-[:BY]->(artist:Artist) | [artist.id]] AS artists,
    [(release)-[:ON]->(label:Label) | [label.id]] AS labels,
    [(release)-[:DERIVED_FROM]->(master:Master) | [master.id]] AS masters,
    [(release)-[:IS]->(genre:Genre) | [genre.name]] AS genres,
    [(release)-[:IS]->(style:Style) | [style.name]] AS styles,
    [(person:Person)-[edge:CREDITED_ON]->(release) | [person.name, edge.role, edge.category, edge.artist_id]] AS credits
"""

# $ids: [id].
READ_MASTERS = """
UNWIND $ids AS id
MATCH (master:Master {id: id})
RETURN id,
    [(master)-[:BY]->(artist:Artist) | [artist.id]] AS artists,
    [(master)-[:IS]->(genre:Genre) | [genre.name]] AS genres,
    [(master)-[:IS]->(style:Style) | [style.name]] AS styles
"""

# $ids: [id].
READ_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
RETURN id,
    [(other:Artist)-[:ALIAS_OF]->(artist) | [other.id]] AS aliases,
    [(other:Artist)-[edge:MEMBER_OF]->(artist) WHERE edge.by_target | [other.id]] AS members,
    [(artist)-[edge:MEMBER_OF]->(other:Artist) WHERE edge.by_source | [other.id]] AS groups
"""

# $ids: [id].
READ_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN id,
    [(label)-[edge:SUBLABEL_OF]->(other:Label) WHERE edge.by_source | [other.id]] AS parents,
    [(other:Label)-[edge:SUBLABEL_OF]->(label) WHERE edge.by_target | [other.id]] AS sublabels
"""

# $rows: [[release id, artist id]]
CREATE_RELEASE_BY = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (artist:Artist {id: row[1]})
CREATE (release)-[:BY]->(artist)
"""

# $rows: [[release id, artist id]]
DELETE_RELEASE_BY = """
UNWIND $rows AS row
MATCH (:Release {id: row[0]})-[edge:BY]->(:Artist {id: row[1]})
DELETE edge
"""

# $rows: [[release id, label id]]
CREATE_ON = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (label:Label {id: row[1]})
CREATE (release)-[:ON]->(label)
"""

# $rows: [[release id, label id]]
DELETE_ON = """
UNWIND $rows AS row
MATCH (:Release {id: row[0]})-[edge:ON]->(:Label {id: row[1]})
DELETE edge
"""

# $rows: [[release id, master id]]
CREATE_DERIVED_FROM = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (master:Master {id: row[1]})
CREATE (release)-[:DERIVED_FROM]->(master)
"""

# $rows: [[release id, master id]]
DELETE_DERIVED_FROM = """
UNWIND $rows AS row
MATCH (:Release {id: row[0]})-[edge:DERIVED_FROM]->(:Master {id: row[1]})
DELETE edge
"""

# $rows: [[release id, genre name]]
CREATE_RELEASE_GENRE = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (genre:Genre {name: row[1]})
CREATE (release)-[:IS]->(genre)
"""

# $rows: [[release id, genre name]]
DELETE_RELEASE_GENRE = """
UNWIND $rows AS row
MATCH (:Release {id: row[0]})-[edge:IS]->(:Genre {name: row[1]})
DELETE edge
"""

# $rows: [[release id, style name]]
CREATE_RELEASE_STYLE = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (style:Style {name: row[1]})
CREATE (release)-[:IS]->(style)
"""

# $rows: [[release id, style name]]
DELETE_RELEASE_STYLE = """
UNWIND $rows AS row
MATCH (:Release {id: row[0]})-[edge:IS]->(:Style {name: row[1]})
DELETE edge
"""

# $rows: [[release id, person name, role, category, artist id | null]]. The person is due to be counted again.
CREATE_CREDITED_ON = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (person:Person {name: row[1]})
SET person.credit_count = null
CREATE (person)-[:CREDITED_ON {role: row[2], category: row[3], artist_id: row[4]}]->(release)
"""

# $rows: [[release id, person name, role, category, artist id | null]]. The person is due to be counted again.
DELETE_CREDITED_ON = """
UNWIND $rows AS row
MATCH (person:Person {name: row[1]})-[edge:CREDITED_ON {role: row[2], category: row[3]}]->(:Release {id: row[0]})
WHERE coalesce(edge.artist_id, '') = coalesce(row[4], '')
SET person.credit_count = null
DELETE edge
"""

# $rows: [[master id, artist id]]
CREATE_MASTER_BY = """
UNWIND $rows AS row
MATCH (master:Master {id: row[0]})
MATCH (artist:Artist {id: row[1]})
CREATE (master)-[:BY]->(artist)
"""

# $rows: [[master id, artist id]]
DELETE_MASTER_BY = """
UNWIND $rows AS row
MATCH (:Master {id: row[0]})-[edge:BY]->(:Artist {id: row[1]})
DELETE edge
"""

# $rows: [[master id, genre name]]
CREATE_MASTER_GENRE = """
UNWIND $rows AS row
MATCH (master:Master {id: row[0]})
MATCH (genre:Genre {name: row[1]})
CREATE (master)-[:IS]->(genre)
"""

# $rows: [[master id, genre name]]
DELETE_MASTER_GENRE = """
UNWIND $rows AS row
MATCH (:Master {id: row[0]})-[edge:IS]->(:Genre {name: row[1]})
DELETE edge
"""

# $rows: [[master id, style name]]
CREATE_MASTER_STYLE = """
UNWIND $rows AS row
MATCH (master:Master {id: row[0]})
MATCH (style:Style {name: row[1]})
CREATE (master)-[:IS]->(style)
"""

# $rows: [[master id, style name]]
DELETE_MASTER_STYLE = """
UNWIND $rows AS row
MATCH (:Master {id: row[0]})-[edge:IS]->(:Style {name: row[1]})
DELETE edge
"""

# $rows: [[artist id, alias id]]. Only the record at the end asserts it.
CREATE_ALIAS_OF = """
UNWIND $rows AS row
MATCH (artist:Artist {id: row[0]})
MATCH (alias:Artist {id: row[1]})
CREATE (alias)-[:ALIAS_OF]->(artist)
"""

# $rows: [[artist id, alias id]]
DELETE_ALIAS_OF = """
UNWIND $rows AS row
MATCH (:Artist {id: row[1]})-[edge:ALIAS_OF]->(:Artist {id: row[0]})
DELETE edge
"""

# $rows: [[group id, member id]]. MERGE, because the member's own record may assert the same relationship.
MARK_MEMBERS = """
UNWIND $rows AS row
MATCH (group:Artist {id: row[0]})
MATCH (member:Artist {id: row[1]})
MERGE (member)-[edge:MEMBER_OF]->(group)
SET edge.by_target = true
"""

# $rows: [[group id, member id]]
UNMARK_MEMBERS = """
UNWIND $rows AS row
MATCH (:Artist {id: row[1]})-[edge:MEMBER_OF]->(:Artist {id: row[0]})
SET edge.by_target = null
"""

# $rows: [[group id, member id]]. Deletes only relationships without a mark.
DELETE_MEMBERS = """
UNWIND $rows AS row
MATCH (:Artist {id: row[1]})-[edge:MEMBER_OF]->(:Artist {id: row[0]})
WHERE edge.by_source IS NULL AND edge.by_target IS NULL AND edge.source IS NULL
DELETE edge
"""

# $rows: [[member id, group id]]
MARK_GROUPS = """
UNWIND $rows AS row
MATCH (member:Artist {id: row[0]})
MATCH (group:Artist {id: row[1]})
MERGE (member)-[edge:MEMBER_OF]->(group)
SET edge.by_source = true
"""

# $rows: [[member id, group id]]
UNMARK_GROUPS = """
UNWIND $rows AS row
MATCH (:Artist {id: row[0]})-[edge:MEMBER_OF]->(:Artist {id: row[1]})
SET edge.by_source = null
"""

# $rows: [[member id, group id]]. Deletes only relationships without a mark.
DELETE_GROUPS = """
UNWIND $rows AS row
MATCH (:Artist {id: row[0]})-[edge:MEMBER_OF]->(:Artist {id: row[1]})
WHERE edge.by_source IS NULL AND edge.by_target IS NULL AND edge.source IS NULL
DELETE edge
"""

# $rows: [[label id, parent id]]
MARK_PARENTS = """
UNWIND $rows AS row
MATCH (label:Label {id: row[0]})
MATCH (parent:Label {id: row[1]})
MERGE (label)-[edge:SUBLABEL_OF]->(parent)
SET edge.by_source = true
"""

# $rows: [[label id, parent id]]
UNMARK_PARENTS = """
UNWIND $rows AS row
MATCH (:Label {id: row[0]})-[edge:SUBLABEL_OF]->(:Label {id: row[1]})
SET edge.by_source = null
"""

# $rows: [[label id, parent id]]. Deletes only relationships without a mark.
DELETE_PARENTS = """
UNWIND $rows AS row
MATCH (:Label {id: row[0]})-[edge:SUBLABEL_OF]->(:Label {id: row[1]})
WHERE edge.by_source IS NULL AND edge.by_target IS NULL
DELETE edge
"""

# $rows: [[label id, sublabel id]]
MARK_SUBLABELS = """
UNWIND $rows AS row
MATCH (label:Label {id: row[0]})
MATCH (sublabel:Label {id: row[1]})
MERGE (sublabel)-[edge:SUBLABEL_OF]->(label)
SET edge.by_target = true
"""

# $rows: [[label id, sublabel id]]
UNMARK_SUBLABELS = """
UNWIND $rows AS row
MATCH (:Label {id: row[1]})-[edge:SUBLABEL_OF]->(:Label {id: row[0]})
SET edge.by_target = null
"""

# $rows: [[label id, sublabel id]]. Deletes only relationships without a mark.
DELETE_SUBLABELS = """
UNWIND $rows AS row
MATCH (:Label {id: row[1]})-[edge:SUBLABEL_OF]->(:Label {id: row[0]})
WHERE edge.by_source IS NULL AND edge.by_target IS NULL
DELETE edge
"""
