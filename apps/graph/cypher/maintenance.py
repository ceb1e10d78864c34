"""Cypher of the maintenance steps that write derived relationships and figures.

``(:Person {name, credit_count, production_count, …})``. A person without ``credit_count`` is due to be counted: it got
or lost a credit since the last count. The other counts are of releases in a category of roles; a count of 0 is left
out. ``(person)-[:SAME_AS {credits}]->(artist)`` has the number of the person's credits that name the artist.
``(style)-[:PART_OF {weight}]->(genre)`` has the number of releases and masters with the style and this genre alone.
"""

# $rows: [artist_id: str]. Marks people as due whose credits name an artist that got its node later.
MARK_CREDITED = """
UNWIND $rows AS id
MATCH (person:Person)-[credit:CREDITED_ON {artist_id: id}]->()
USING INDEX credit:CREDITED_ON(artist_id)
WHERE person.credit_count IS NOT NULL
    AND NOT EXISTS { (person)-[:SAME_AS]->(:Artist {id: id}) }
SET person.credit_count = null
"""

# The number is kept by the server: nothing is scanned.
COUNT_CREDITS = """
MATCH ()-[credit:CREDITED_ON]->()
RETURN count(credit)
"""

# $rows: [[name: str, artist id: str, credits: int]].
UPSERT_SAME_AS = """
UNWIND $rows AS row
MATCH (person:Person {name: row[0]})
MATCH (artist:Artist {id: row[1]})
MERGE (person)-[same:SAME_AS]->(artist)
SET same.credits = row[2]
"""

# $rows: [[name: str, credit_count: int, the count of each category in the order of ``CATEGORIES``: int or null]].
SET_PEOPLE_FIGURES = """
UNWIND $rows AS row
MATCH (person:Person {name: row[0]})
SET person.production_count = row[2],
    person.mastering_count = row[3],
    person.engineering_count = row[4],
    person.design_count = row[5],
    person.management_count = row[6],
    person.session_count = row[7],
    person.other_count = row[8],
    person.credit_count = row[1]
"""

# Runs outside of a transaction: it commits every 2,000 people by itself, with the count that makes them no longer due.
# It is one statement for all people, because reading their ids first would cost more than the work on them.
LINK_PEOPLE = """
MATCH (person:Person)
WHERE person.credit_count IS NULL
CALL (person) {
    CALL (person) {
        MATCH (person)-[same:SAME_AS]->(artist:Artist)
        WHERE NOT EXISTS {
            MATCH (person)-[credit:CREDITED_ON]->()
            WHERE credit.artist_id = artist.id
        }
        DELETE same
    }
    CALL (person) {
        MATCH (person)-[credit:CREDITED_ON]->()
        WHERE credit.artist_id IS NOT NULL
        WITH person, credit.artist_id AS artist_id, count(credit) AS credits
        MATCH (artist:Artist {id: artist_id})
        MERGE (person)-[same:SAME_AS]->(artist)
        SET same.credits = credits
    }
    CALL (person) {
        MATCH (person)-[credit:CREDITED_ON]->(release)
        WITH credit.category AS category, count(DISTINCT release) AS releases
        RETURN collect([category, releases]) AS counted
    }
    SET person.production_count = head([each IN counted WHERE each[0] = 'production' | each[1]]),
        person.engineering_count = head([each IN counted WHERE each[0] = 'engineering' | each[1]]),
        person.mastering_count = head([each IN counted WHERE each[0] = 'mastering' | each[1]]),
        person.session_count = head([each IN counted WHERE each[0] = 'session' | each[1]]),
        person.design_count = head([each IN counted WHERE each[0] = 'design' | each[1]]),
        person.management_count = head([each IN counted WHERE each[0] = 'management' | each[1]]),
        person.other_count = head([each IN counted WHERE each[0] = 'other' | each[1]]),
        person.credit_count = COUNT { (person)-[:CREDITED_ON]->() }
} IN TRANSACTIONS OF 2000 ROWS
"""

# Outside a transaction.
DROP_UNCREDITED_PEOPLE = """
MATCH (person:Person {credit_count: 0})
CALL (person) {
    DETACH DELETE person
} IN TRANSACTIONS OF 1000 ROWS
"""

DROP_UNUSED_GENRES = """
MATCH (genre:Genre)
WHERE NOT EXISTS { (genre)<-[:IS]-() }
DETACH DELETE genre
"""

DROP_UNUSED_STYLES = """
MATCH (style:Style)
WHERE NOT EXISTS { (style)<-[:IS]-() }
DETACH DELETE style
"""

READ_PART_OF = """
MATCH (style:Style)-[edge:PART_OF]->(genre:Genre)
RETURN style.name, genre.name, edge.weight
"""

# $rows: [[style: str, genre: str, weight: int]].
UPSERT_PART_OF = """
UNWIND $rows AS row
MATCH (style:Style {name: row[0]})
MATCH (genre:Genre {name: row[1]})
MERGE (style)-[edge:PART_OF]->(genre)
SET edge.weight = row[2]
"""

# $rows: [[style: str, genre: str]].
DELETE_PART_OF = """
UNWIND $rows AS row
MATCH (:Style {name: row[0]})-[edge:PART_OF]->(:Genre {name: row[1]})
DELETE edge
"""

READ_GENRES = """
MATCH (genre:Genre)
RETURN genre.name
"""

READ_STYLES = """
MATCH (style:Style)
RETURN style.name
"""

# The next three write only figures that differ, and return the number of changed nodes. Sending all figures and
# comparing them in Neo4j costs a third of reading them from Neo4j.

# $rows: [[name: str, [release_count, artist_count, label_count, style_count, first_year or 0: int]]].
SET_GENRE_FIGURES = """
UNWIND $rows AS row
MATCH (genre:Genre {name: row[0]})
WHERE NOT coalesce([
    genre.release_count, genre.artist_count, genre.label_count, genre.style_count, coalesce(genre.first_year, 0)
] = row[1], false)
SET genre.release_count = row[1][0],
    genre.artist_count = row[1][1],
    genre.label_count = row[1][2],
    genre.style_count = row[1][3],
    genre.first_year = nullIf(row[1][4], 0)
RETURN count(genre)
"""

# $rows: [[name: str, [release_count, artist_count, label_count, genre_count, first_year or 0: int]]].
SET_STYLE_FIGURES = """
UNWIND $rows AS row
MATCH (style:Style {name: row[0]})
WHERE NOT coalesce([
    style.release_count, style.artist_count, style.label_count, style.genre_count, coalesce(style.first_year, 0)
] = row[1], false)
SET style.release_count = row[1][0],
    style.artist_count = row[1][1],
    style.label_count = row[1][2],
    style.genre_count = row[1][3],
    style.first_year = nullIf(row[1][4], 0)
RETURN count(style)
"""

# $rows: [[id: str, [release_count, artist_count, genre_count: int]]], ids ascending.
SET_LABEL_FIGURES = """
UNWIND $rows AS row
MATCH (label:Label {id: row[0]})
WHERE NOT coalesce([label.release_count, label.artist_count, label.genre_count] = row[1], false)
SET label.release_count = row[1][0],
    label.artist_count = row[1][1],
    label.genre_count = row[1][2]
RETURN count(label)
"""
