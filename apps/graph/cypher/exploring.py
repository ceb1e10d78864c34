"""Cypher that reads single entities: what they are, what can be expanded from them, their years.

Artists and labels may share a name. ``EXPLORE_…`` takes the one of the smallest number, the oldest, and so does
everything that begins with one node; ``TRENDS_…`` and ``expanding`` take all of them.

$name: str; of artists and labels $id: str or null, the id of one that has no name and is shown as $name.
"""

EXPLORE_ARTIST = """
MATCH (artist:Artist)
WHERE artist.name = $name OR artist.id = $id
WITH artist
ORDER BY size(artist.id), artist.id
LIMIT 1
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name,
    COUNT { (artist)<-[:BY]-(:Release) } AS releases,
    COUNT {
        MATCH (artist)<-[:BY]-(:Release)-[:ON]->(label:Label)
        RETURN DISTINCT label
    } AS labels,
    COUNT {
        MATCH (artist)-[:ALIAS_OF]->(other:Artist)
        RETURN other
        UNION
        MATCH (artist)-[:MEMBER_OF]-(other:Artist)
        RETURN other
    } AS aliases
"""

EXPLORE_GENRE = """
MATCH (genre:Genre {name: $name})
RETURN genre.name AS id, genre.name AS name,
    coalesce(genre.release_count, 0) AS releases,
    coalesce(genre.artist_count, 0) AS artists,
    coalesce(genre.label_count, 0) AS labels,
    coalesce(genre.style_count, 0) AS styles
"""

EXPLORE_STYLE = """
MATCH (style:Style {name: $name})
RETURN style.name AS id, style.name AS name,
    coalesce(style.release_count, 0) AS releases,
    coalesce(style.artist_count, 0) AS artists,
    coalesce(style.label_count, 0) AS labels,
    coalesce(style.genre_count, 0) AS genres
"""

# ``releases`` is null on a label that maintenance has not come to yet: COUNT_LABEL counts it.
EXPLORE_LABEL = """
MATCH (label:Label)
WHERE label.name = $name OR label.id = $id
WITH label
ORDER BY size(label.id), label.id
LIMIT 1
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name,
    label.release_count AS releases, label.artist_count AS artists, label.genre_count AS genres
"""

# $id: str.
COUNT_LABEL = """
MATCH (label:Label {id: $id})
RETURN COUNT { (label)<-[:ON]-(:Release) } AS releases,
    COUNT {
        MATCH (label)<-[:ON]-(:Release)-[:BY]->(artist:Artist)
        RETURN DISTINCT artist
    } AS artists,
    COUNT {
        MATCH (label)<-[:ON]-(:Release)-[:IS]->(genre:Genre)
        RETURN DISTINCT genre
    } AS genres
"""

ARTIST_OF_NAME = """
MATCH (artist:Artist)
WHERE artist.name = $name OR artist.id = $id
RETURN artist.id AS id
ORDER BY size(id), id
LIMIT 1
"""

LABEL_OF_NAME = """
MATCH (label:Label)
WHERE label.name = $name OR label.id = $id
RETURN label.id AS id
ORDER BY size(id), id
LIMIT 1
"""

# $id: str.
NODE_ARTIST = """
MATCH (artist:Artist {id: $id})
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name,
    COLLECT {
        MATCH (artist)<-[:BY]-(:Release)-[:IS]->(genre:Genre)
        RETURN DISTINCT genre.name AS name
        ORDER BY name
    } AS genres,
    COLLECT {
        MATCH (artist)<-[:BY]-(:Release)-[:IS]->(style:Style)
        RETURN DISTINCT style.name AS name
        ORDER BY name
    } AS styles,
    COUNT { (artist)<-[:BY]-(:Release) } AS release_count,
    COLLECT {
        MATCH (artist)-[:MEMBER_OF]->(group:Artist)
        RETURN DISTINCT coalesce(group.name, 'Artist ' + group.id) AS name
        ORDER BY name
    } AS groups
"""

# $id: str.
NODE_RELEASE = """
MATCH (release:Release {id: $id})
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year,
    COLLECT {
        MATCH (release)-[:BY]->(artist:Artist)
        RETURN DISTINCT coalesce(artist.name, 'Artist ' + artist.id) AS name
        ORDER BY name
    } AS artists,
    COLLECT {
        MATCH (release)-[:ON]->(label:Label)
        RETURN DISTINCT coalesce(label.name, 'Label ' + label.id) AS name
        ORDER BY name
    } AS labels,
    COLLECT {
        MATCH (release)-[:IS]->(genre:Genre)
        RETURN genre.name AS name
        ORDER BY name
    } AS genres,
    COLLECT {
        MATCH (release)-[:IS]->(style:Style)
        RETURN style.name AS name
        ORDER BY name
    } AS styles
"""

# $id: str.
NODE_LABEL = """
MATCH (label:Label {id: $id})
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name,
    COUNT { (label)<-[:ON]-(:Release) } AS release_count
"""

# $id: str, the name. The figure is that of maintenance, which counts the artists of its releases.
NODE_GENRE = """
MATCH (genre:Genre {name: $id})
RETURN genre.name AS id, genre.name AS name, coalesce(genre.artist_count, 0) AS artist_count
"""

# $id: str, the name.
NODE_STYLE = """
MATCH (style:Style {name: $id})
RETURN style.name AS id, style.name AS name, coalesce(style.artist_count, 0) AS artist_count
"""

TRENDS_ARTIST = """
MATCH (artist:Artist)<-[:BY]-(release:Release)
WHERE (artist.name = $name OR artist.id = $id) AND release.year > 0
WITH release.year AS year, count(DISTINCT release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

TRENDS_LABEL = """
MATCH (label:Label)<-[:ON]-(release:Release)
WHERE (label.name = $name OR label.id = $id) AND release.year > 0
WITH release.year AS year, count(DISTINCT release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

TRENDS_GENRE = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)
WHERE release.year > 0
WITH release.year AS year, count(release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

TRENDS_STYLE = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)
WHERE release.year > 0
WITH release.year AS year, count(release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

# The index is in the order of years, so both ends of it are the first entry.
FIRST_YEAR = """
MATCH (release:Release)
WHERE release.year > 0
RETURN release.year AS year
ORDER BY year
LIMIT 1
"""

LAST_YEAR = """
MATCH (release:Release)
WHERE release.year > 0
RETURN release.year AS year
ORDER BY year DESC
LIMIT 1
"""

# $before_year: int.
EMERGED_GENRES = """
MATCH (genre:Genre)
WHERE genre.first_year <= $before_year
RETURN genre.name AS name, genre.first_year AS first_year
ORDER BY first_year, name
"""

# $before_year: int.
EMERGED_STYLES = """
MATCH (style:Style)
WHERE style.first_year <= $before_year
RETURN style.name AS name, style.first_year AS first_year
ORDER BY first_year, name
"""
