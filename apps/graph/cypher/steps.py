"""Cypher of what is told of the steps of a path beside their names."""

# $releases, $masters: [id]. One row: [id, year] of those that have a year.
YEARS = """
OPTIONAL CALL () {
    UNWIND $releases AS id
    MATCH (release:Release {id: id})
    WHERE release.year > 0
    RETURN collect([id, release.year]) AS releases
}
OPTIONAL CALL () {
    UNWIND $masters AS id
    MATCH (master:Master {id: id})
    WHERE master.year > 0
    RETURN collect([id, master.year]) AS masters
}
RETURN releases, masters
"""

# $pairs: [[artist id, artist id]]. One row: the pairs whose first one is a member of the second one.
MEMBERS = """
UNWIND $pairs AS pair
MATCH (:Artist {id: pair[0]})-[:MEMBER_OF]->(:Artist {id: pair[1]})
RETURN collect(DISTINCT pair) AS pairs
"""

# $pairs: [[name of a person, release id]]. One row: [name, release id, role], one role of each pair.
ROLES = """
UNWIND $pairs AS pair
MATCH (:Person {name: pair[0]})-[credit:CREDITED_ON]->(:Release {id: pair[1]})
WITH pair, min(credit.role) AS role
RETURN collect([pair[0], pair[1], role]) AS roles
"""
