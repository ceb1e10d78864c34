"""Cypher that reads the releases of an entity: their ids, their numbers by year, and a page of them."""

# $id: str. One row if there is such an artist, with the ids of its releases.
RELEASES_OF_ARTIST = """
MATCH (artist:Artist {id: $id})
RETURN COLLECT {
    MATCH (artist)<-[:BY]-(release:Release)
    RETURN release.id
} AS ids
"""

# $id: str.
RELEASES_OF_LABEL = """
MATCH (label:Label {id: $id})
RETURN COLLECT {
    MATCH (label)<-[:ON]-(release:Release)
    RETURN release.id
} AS ids
"""

# The number of an entity's releases by year, where 0 is no year; $id: str.
YEARS_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)
WITH DISTINCT release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""

YEARS_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)
WITH DISTINCT release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""

YEARS_OF_GENRE = """
MATCH (:Genre {name: $id})<-[:IS]-(release:Release)
WITH release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""

YEARS_OF_STYLE = """
MATCH (:Style {name: $id})<-[:IS]-(release:Release)
WITH release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""

YEARS_OF_MASTER = """
MATCH (:Master {id: $id})<-[:DERIVED_FROM]-(release:Release)
WITH release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""

# A page of releases, [id, year], by year and, in a year, by id; those without a year last. $sign: 1 for the oldest,
# -1 for the newest first; the page begins behind $year (times $sign; 9999: none) and $after, an id.
PAGE_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)
WITH DISTINCT release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year > $year OR (year = $year AND release.id > $after)
WITH release, year
ORDER BY year, release.id
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)
WITH DISTINCT release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year > $year OR (year = $year AND release.id > $after)
WITH release, year
ORDER BY year, release.id
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_OF_GENRE = """
MATCH (:Genre {name: $id})<-[:IS]-(release:Release)
WITH release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year > $year OR (year = $year AND release.id > $after)
WITH release, year
ORDER BY year, release.id
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_OF_STYLE = """
MATCH (:Style {name: $id})<-[:IS]-(release:Release)
WITH release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year > $year OR (year = $year AND release.id > $after)
WITH release, year
ORDER BY year, release.id
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_OF_MASTER = """
MATCH (:Master {id: $id})<-[:DERIVED_FROM]-(release:Release)
WITH release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year > $year OR (year = $year AND release.id > $after)
WITH release, year
ORDER BY year, release.id
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

# The same for a person's credits, [id, year, [role]].
PAGE_OF_PERSON = """
MATCH (:Person {name: $id})-[credit:CREDITED_ON]->(release:Release)
WITH release, collect(DISTINCT credit.role) AS roles,
    CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year > $year OR (year = $year AND release.id > $after)
WITH release, roles, year
ORDER BY year, release.id
LIMIT $limit
RETURN collect([release.id, release.year, roles]) AS releases
"""

# For entities with more releases than can be sorted for a request. $bounds: [[year, id]], in the order of the page: up
# to $limit releases behind the id are read of each of these years.
PAGE_OF_YEARS_OF_ARTIST = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id > bound[1] AND EXISTS { (release)-[:BY]->(:Artist {id: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

PAGE_OF_YEARS_OF_LABEL = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id > bound[1] AND EXISTS { (release)-[:ON]->(:Label {id: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

PAGE_OF_YEARS_OF_GENRE = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id > bound[1] AND EXISTS { (release)-[:IS]->(:Genre {name: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

PAGE_OF_YEARS_OF_STYLE = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id > bound[1] AND EXISTS { (release)-[:IS]->(:Style {name: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

# The pages that end before a release, nearest first: a page in its order is the reverse of such a result. $before: the
# id of that release; the other parameters are those of the pages above.
PAGE_BEFORE_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)
WITH DISTINCT release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year < $year OR (year = $year AND release.id < $before)
WITH release, year
ORDER BY year DESC, release.id DESC
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_BEFORE_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)
WITH DISTINCT release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year < $year OR (year = $year AND release.id < $before)
WITH release, year
ORDER BY year DESC, release.id DESC
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_BEFORE_OF_GENRE = """
MATCH (:Genre {name: $id})<-[:IS]-(release:Release)
WITH release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year < $year OR (year = $year AND release.id < $before)
WITH release, year
ORDER BY year DESC, release.id DESC
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_BEFORE_OF_STYLE = """
MATCH (:Style {name: $id})<-[:IS]-(release:Release)
WITH release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year < $year OR (year = $year AND release.id < $before)
WITH release, year
ORDER BY year DESC, release.id DESC
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_BEFORE_OF_MASTER = """
MATCH (:Master {id: $id})<-[:DERIVED_FROM]-(release:Release)
WITH release, CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year < $year OR (year = $year AND release.id < $before)
WITH release, year
ORDER BY year DESC, release.id DESC
LIMIT $limit
RETURN collect([release.id, release.year]) AS releases
"""

PAGE_BEFORE_OF_PERSON = """
MATCH (:Person {name: $id})-[credit:CREDITED_ON]->(release:Release)
WITH release, collect(DISTINCT credit.role) AS roles,
    CASE WHEN release.year > 0 THEN $sign * release.year ELSE 9999 END AS year
WHERE year < $year OR (year = $year AND release.id < $before)
WITH release, roles, year
ORDER BY year DESC, release.id DESC
LIMIT $limit
RETURN collect([release.id, release.year, roles]) AS releases
"""

# $bounds: [[year, id]], from the year of that release backwards: of each, up to $limit releases before the id are read.
PAGE_OF_YEARS_BEFORE_OF_ARTIST = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id < bound[1] AND EXISTS { (release)-[:BY]->(:Artist {id: $id}) }
    WITH release
    ORDER BY release.year DESC, release.id DESC
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

PAGE_OF_YEARS_BEFORE_OF_LABEL = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id < bound[1] AND EXISTS { (release)-[:ON]->(:Label {id: $id}) }
    WITH release
    ORDER BY release.year DESC, release.id DESC
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

PAGE_OF_YEARS_BEFORE_OF_GENRE = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id < bound[1] AND EXISTS { (release)-[:IS]->(:Genre {name: $id}) }
    WITH release
    ORDER BY release.year DESC, release.id DESC
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""

PAGE_OF_YEARS_BEFORE_OF_STYLE = """
UNWIND $bounds AS bound
CALL (bound) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = bound[0] AND release.id < bound[1] AND EXISTS { (release)-[:IS]->(:Style {name: $id}) }
    WITH release
    ORDER BY release.year DESC, release.id DESC
    LIMIT $limit
    RETURN collect([release.id, release.year]) AS releases
}
RETURN collect(releases) AS years
"""
