"""Cypher that reads credits: ``(:Person {name})-[:CREDITED_ON {role, category, artist_id}]->(:Release)``.

If two artists share a name, the name may have a role twice on one release. That counts as one credit, so credits are
made distinct by release and role.
"""

# $name: str; $limit: int, of releases. A list of [id, title, year, [[role, category]], [artist name], [label name]].
PERSON_CREDITS = """
MATCH (:Person {name: $name})-[credit:CREDITED_ON]->(release:Release)
WITH release, collect(DISTINCT [credit.role, credit.category]) AS roles
WITH release, roles, coalesce(release.title, 'Unknown') AS title
ORDER BY release.year DESC, title, release.id
LIMIT $limit
RETURN collect([
    release.id, title, release.year, roles,
    [(release)-[:BY]->(artist:Artist) WHERE artist.name IS NOT NULL | artist.name],
    [(release)-[:ON]->(label:Label) WHERE label.name IS NOT NULL | label.name]
]) AS releases
"""

# $name: str; $category: str or null for all; $is_newest_first: bool; $offset, $limit: int, of releases. A list of
# [id, title, year, [role], [[artist id, name]], [[label id, name]]].
PERSON_PAGE = """
MATCH (:Person {name: $name})-[credit:CREDITED_ON]->(release:Release)
WHERE $category IS NULL OR credit.category = $category
WITH release, collect(DISTINCT credit.role) AS roles, coalesce(release.title, 'Unknown') AS title
ORDER BY CASE WHEN $is_newest_first THEN -release.year ELSE release.year END, title, release.id
SKIP $offset
LIMIT $limit
RETURN collect([
    release.id, title, release.year, roles,
    [(release)-[:BY]->(artist:Artist) | [artist.id, coalesce(artist.name, 'Artist ' + artist.id)]],
    [(release)-[:ON]->(label:Label) | [label.id, coalesce(label.name, 'Label ' + label.id)]]
]) AS releases
"""

# $name: str. A list of [year, category, credits].
PERSON_YEARS = """
MATCH (:Person {name: $name})-[credit:CREDITED_ON]->(release:Release)
WHERE release.year IS NOT NULL
WITH DISTINCT release, credit.role AS role, credit.category AS category
WITH release.year AS year, category, count(*) AS credits
ORDER BY year, category
RETURN collect([year, category, credits]) AS years
"""

# $name: str. ``categories``: [category, credits, first year, last year], the most frequent first.
PERSON_PROFILE = """
MATCH (person:Person {name: $name})
RETURN
    COLLECT {
        MATCH (person)-[credit:CREDITED_ON]->(release:Release)
        WITH DISTINCT release, credit.role AS role, credit.category AS category
        WITH category, count(*) AS credits, min(release.year) AS first_year, max(release.year) AS last_year
        ORDER BY credits DESC, category
        RETURN [category, credits, first_year, last_year]
    } AS categories,
    COLLECT {
        MATCH (person)-[:SAME_AS]->(artist:Artist)
        RETURN [artist.id, coalesce(artist.name, 'Artist ' + artist.id)] AS found
        ORDER BY artist.id
        LIMIT 1
    } AS artists
"""

# $id: str, the artist's. Of several people that are this artist, the one with most of its credits.
PERSON_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[same:SAME_AS]-(person:Person)
RETURN person.name AS name
ORDER BY coalesce(same.credits, 0) DESC, name
LIMIT 1
"""

# $id: str, the release's; $limit: int. A row for each artist that a person is the same as.
RELEASE_CREDITS = """
MATCH (:Release {id: $id})<-[credit:CREDITED_ON]-(person:Person)
WITH DISTINCT person, credit.role AS role, credit.category AS category
OPTIONAL MATCH (person)-[:SAME_AS]->(artist:Artist)
RETURN person.name AS name, role, category, artist.id AS artist_id,
    coalesce(artist.name, 'Artist ' + artist.id) AS artist_name
ORDER BY category, name, role, artist_id
LIMIT $limit
"""

# $person1, $person2: str; $limit: int. The credits of both people are read and joined. A walk from one person to the
# other would read all credits of their releases.
SHARED_CREDITS = """
MATCH (:Person {name: $person1})-[first:CREDITED_ON]->(release:Release)<-[second:CREDITED_ON]-(:Person {name: $person2})
USING JOIN ON release
WITH DISTINCT release, first.role AS person1_role, second.role AS person2_role
ORDER BY release.year DESC, release.id, person1_role, person2_role
LIMIT $limit
RETURN release.id AS release_id, coalesce(release.title, 'Unknown') AS title, release.year AS year,
    person1_role, person2_role,
    COLLECT {
        MATCH (release)-[:BY]->(artist:Artist)
        WHERE artist.name IS NOT NULL
        RETURN DISTINCT artist.name AS name
        ORDER BY name
    } AS artists
"""

# $name: str; $limit: int.
CONNECTED_PEOPLE = """
MATCH (person:Person {name: $name})-[:CREDITED_ON]->(release:Release)
WITH DISTINCT person, release
MATCH (release)<-[:CREDITED_ON]-(other:Person)
WHERE other <> person
WITH other, count(DISTINCT release) AS shared_count
RETURN other.name AS name, shared_count
ORDER BY shared_count DESC, name
LIMIT $limit
"""

# The next seven: $limit: int. They follow the order of an index, so that the server reads only the people that are
# returned, and those with the same count as the last one.
LEADERS_OF_PRODUCTION = """
MATCH (person:Person)
WHERE person.production_count > 0
RETURN person.name AS name, person.production_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""

LEADERS_OF_ENGINEERING = """
MATCH (person:Person)
WHERE person.engineering_count > 0
RETURN person.name AS name, person.engineering_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""

LEADERS_OF_MASTERING = """
MATCH (person:Person)
WHERE person.mastering_count > 0
RETURN person.name AS name, person.mastering_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""

LEADERS_OF_SESSION = """
MATCH (person:Person)
WHERE person.session_count > 0
RETURN person.name AS name, person.session_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""

LEADERS_OF_DESIGN = """
MATCH (person:Person)
WHERE person.design_count > 0
RETURN person.name AS name, person.design_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""

LEADERS_OF_MANAGEMENT = """
MATCH (person:Person)
WHERE person.management_count > 0
RETURN person.name AS name, person.management_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""

LEADERS_OF_OTHER = """
MATCH (person:Person)
WHERE person.other_count > 0
RETURN person.name AS name, person.other_count AS credit_count
ORDER BY credit_count DESC, name
LIMIT $limit
"""
