"""Cypher that expands an entity by its name: a page of children, and their number.

$name: str. $id, for artists and labels: str or null, the id of one without a name that is shown as $name. $before_year:
int or null; with a year, only releases of that year or before count, and none without a year. $offset, $limit: int, in
statements that return a page. All artists or labels of the name count; a release that two of them have counts once.
"""

ARTIST_RELEASES = """
MATCH (artist:Artist)<-[:BY]-(release:Release)
WHERE (artist.name = $name OR artist.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH DISTINCT release
ORDER BY release.year IS NULL, release.year DESC, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

ARTIST_RELEASES_OLDEST_FIRST = """
MATCH (artist:Artist)<-[:BY]-(release:Release)
WHERE (artist.name = $name OR artist.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH DISTINCT release
ORDER BY release.year IS NULL, release.year, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

COUNT_ARTIST_RELEASES = """
MATCH (artist:Artist)<-[:BY]-(release:Release)
WHERE (artist.name = $name OR artist.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
RETURN count(DISTINCT release) AS total
"""

ARTIST_ALIASES = """
MATCH (artist:Artist)
WHERE artist.name = $name OR artist.id = $id
CALL (artist) {
    MATCH (artist)-[:ALIAS_OF]->(other:Artist)
    RETURN other
    UNION
    MATCH (artist)-[:MEMBER_OF]-(other:Artist)
    RETURN other
}
WITH DISTINCT other
ORDER BY other.id
SKIP $offset
LIMIT $limit
RETURN other.id AS id, coalesce(other.name, 'Artist ' + other.id) AS name
"""

COUNT_ARTIST_ALIASES = """
MATCH (artist:Artist)
WHERE artist.name = $name OR artist.id = $id
CALL (artist) {
    MATCH (artist)-[:ALIAS_OF]->(other:Artist)
    RETURN other
    UNION
    MATCH (artist)-[:MEMBER_OF]-(other:Artist)
    RETURN other
}
RETURN count(DISTINCT other) AS total
"""

ARTIST_LABELS = """
MATCH (artist:Artist)<-[:BY]-(release:Release)-[:ON]->(label:Label)
WHERE (artist.name = $name OR artist.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH label, count(DISTINCT release) AS release_count
ORDER BY release_count DESC, label.id
SKIP $offset
LIMIT $limit
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name, release_count
"""

COUNT_ARTIST_LABELS = """
MATCH (artist:Artist)<-[:BY]-(release:Release)-[:ON]->(label:Label)
WHERE (artist.name = $name OR artist.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
RETURN count(DISTINCT label) AS total
"""

GENRE_RELEASES = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH release
ORDER BY release.year IS NULL, release.year DESC, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

GENRE_RELEASES_OLDEST_FIRST = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH release
ORDER BY release.year IS NULL, release.year, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

# $year: int. The order is that of the index, so nothing is sorted and the query ends with the last row of the page. The
# server recognises that only if ORDER BY names the year too.
GENRE_RELEASES_OF_YEAR = """
MATCH (release:Release)
USING INDEX release:Release(year, id)
WHERE release.year = $year AND release.id IS NOT NULL AND EXISTS { (release)-[:IS]->(:Genre {name: $name}) }
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
ORDER BY release.year, release.id
SKIP $offset
LIMIT $limit
"""

COUNT_GENRE_RELEASES = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(release) AS total
"""

GENRE_ARTISTS = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)-[:BY]->(artist:Artist)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH artist, count(release) AS release_count
ORDER BY release_count DESC, artist.id
SKIP $offset
LIMIT $limit
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name, release_count
"""

COUNT_GENRE_ARTISTS = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)-[:BY]->(artist:Artist)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(DISTINCT artist) AS total
"""

GENRE_LABELS = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)-[:ON]->(label:Label)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH label, count(release) AS release_count
ORDER BY release_count DESC, label.id
SKIP $offset
LIMIT $limit
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name, release_count
"""

COUNT_GENRE_LABELS = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)-[:ON]->(label:Label)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(DISTINCT label) AS total
"""

GENRE_STYLES = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)-[:IS]->(style:Style)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH style, count(release) AS release_count
ORDER BY release_count DESC, style.name
SKIP $offset
LIMIT $limit
RETURN style.name AS id, style.name AS name, release_count
"""

COUNT_GENRE_STYLES = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)-[:IS]->(style:Style)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(DISTINCT style) AS total
"""

LABEL_RELEASES = """
MATCH (label:Label)<-[:ON]-(release:Release)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH DISTINCT release
ORDER BY release.year IS NULL, release.year DESC, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

LABEL_RELEASES_OLDEST_FIRST = """
MATCH (label:Label)<-[:ON]-(release:Release)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH DISTINCT release
ORDER BY release.year IS NULL, release.year, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

COUNT_LABEL_RELEASES = """
MATCH (label:Label)<-[:ON]-(release:Release)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
RETURN count(DISTINCT release) AS total
"""

LABEL_ARTISTS = """
MATCH (label:Label)<-[:ON]-(release:Release)-[:BY]->(artist:Artist)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH artist, count(DISTINCT release) AS release_count
ORDER BY release_count DESC, artist.id
SKIP $offset
LIMIT $limit
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name, release_count
"""

COUNT_LABEL_ARTISTS = """
MATCH (label:Label)<-[:ON]-(release:Release)-[:BY]->(artist:Artist)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
RETURN count(DISTINCT artist) AS total
"""

LABEL_GENRES = """
MATCH (label:Label)<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
WITH genre, count(DISTINCT release) AS release_count
ORDER BY release_count DESC, genre.name
SKIP $offset
LIMIT $limit
RETURN genre.name AS id, genre.name AS name, release_count
"""

COUNT_LABEL_GENRES = """
MATCH (label:Label)<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
WHERE (label.name = $name OR label.id = $id) AND ($before_year IS NULL OR release.year <= $before_year)
RETURN count(DISTINCT genre) AS total
"""

STYLE_RELEASES = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH release
ORDER BY release.year IS NULL, release.year DESC, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

STYLE_RELEASES_OLDEST_FIRST = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH release
ORDER BY release.year IS NULL, release.year, release.id
SKIP $offset
LIMIT $limit
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
"""

STYLE_RELEASES_OF_YEAR = """
MATCH (release:Release)
USING INDEX release:Release(year, id)
WHERE release.year = $year AND release.id IS NOT NULL AND EXISTS { (release)-[:IS]->(:Style {name: $name}) }
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year
ORDER BY release.year, release.id
SKIP $offset
LIMIT $limit
"""

COUNT_STYLE_RELEASES = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(release) AS total
"""

STYLE_ARTISTS = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)-[:BY]->(artist:Artist)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH artist, count(release) AS release_count
ORDER BY release_count DESC, artist.id
SKIP $offset
LIMIT $limit
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name, release_count
"""

COUNT_STYLE_ARTISTS = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)-[:BY]->(artist:Artist)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(DISTINCT artist) AS total
"""

STYLE_LABELS = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)-[:ON]->(label:Label)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH label, count(release) AS release_count
ORDER BY release_count DESC, label.id
SKIP $offset
LIMIT $limit
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name, release_count
"""

COUNT_STYLE_LABELS = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)-[:ON]->(label:Label)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(DISTINCT label) AS total
"""

STYLE_GENRES = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)-[:IS]->(genre:Genre)
WHERE $before_year IS NULL OR release.year <= $before_year
WITH genre, count(release) AS release_count
ORDER BY release_count DESC, genre.name
SKIP $offset
LIMIT $limit
RETURN genre.name AS id, genre.name AS name, release_count
"""

COUNT_STYLE_GENRES = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)-[:IS]->(genre:Genre)
WHERE $before_year IS NULL OR release.year <= $before_year
RETURN count(DISTINCT genre) AS total
"""

# $ids: [str]. The first and the last year of the releases that children share with their parent.
YEARS_OF_LABELS_OF_ARTIST = """
MATCH (artist:Artist)<-[:BY]-(release:Release)-[:ON]->(label:Label)
WHERE (artist.name = $name OR artist.id = $id) AND release.year > 0
WITH label, min(release.year) AS first, max(release.year) AS last
WHERE label.id IN $ids
RETURN collect([label.id, first, last]) AS years
"""

YEARS_OF_ARTISTS_OF_LABEL = """
MATCH (label:Label)<-[:ON]-(release:Release)-[:BY]->(artist:Artist)
WHERE (label.name = $name OR label.id = $id) AND release.year > 0
WITH artist, min(release.year) AS first, max(release.year) AS last
WHERE artist.id IN $ids
RETURN collect([artist.id, first, last]) AS years
"""

YEARS_OF_GENRES_OF_LABEL = """
MATCH (label:Label)<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
WHERE (label.name = $name OR label.id = $id) AND release.year > 0
WITH genre, min(release.year) AS first, max(release.year) AS last
WHERE genre.name IN $ids
RETURN collect([genre.name, first, last]) AS years
"""

# $ids: [str]. First and last year of the releases of artists.
YEARS_OF_ARTISTS = """
UNWIND $ids AS artist_id
MATCH (artist:Artist {id: artist_id})<-[:BY]-(release:Release)
WHERE release.year > 0
WITH artist, min(release.year) AS first, max(release.year) AS last
RETURN collect([artist.id, first, last]) AS years
"""

# $ids: [str].
NAME_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
RETURN collect([id, coalesce(artist.name, 'Artist ' + id)]) AS names
"""

# $ids: [str].
NAME_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN collect([id, coalesce(label.name, 'Label ' + id)]) AS names
"""

# The sample of releases; $id: str, $limit: int.
# Rows are [year (0: none), number of releases, works]. Works are the first $limit of the year, each as [id of its
# oldest edition in that year, key]. The key is the master's id or, without a master, ``r`` and the release's id.
WORKS_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)
WITH DISTINCT release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

WORKS_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)
WITH DISTINCT release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

WORKS_OF_GENRE = """
MATCH (:Genre {name: $id})<-[:IS]-(release:Release)
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

WORKS_OF_STYLE = """
MATCH (:Style {name: $id})<-[:IS]-(release:Release)
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

# $years: [int]. For entities with more releases than can be walked for a request: the first $limit of each year.
RELEASES_OF_YEARS_OF_GENRE = """
UNWIND $years AS year
CALL (year) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = year AND release.id IS NOT NULL AND EXISTS { (release)-[:IS]->(:Genre {name: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, 'r' + release.id]) AS works
}
RETURN collect([year, works]) AS years
"""

RELEASES_OF_YEARS_OF_STYLE = """
UNWIND $years AS year
CALL (year) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = year AND release.id IS NOT NULL AND EXISTS { (release)-[:IS]->(:Style {name: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, 'r' + release.id]) AS works
}
RETURN collect([year, works]) AS years
"""

# $ids: [str]. Titles and years of releases, in no order.
NAME_RELEASES = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN collect([id, coalesce(release.title, ''), release.year]) AS names
"""
