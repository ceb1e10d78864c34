"""Cypher for the map of an entity: the entity, its neighbours, their years, and the links between them.

Artists and labels are found by their ids, so that two of one name stay apart. $id: str. $until: int or null; with a
year, only neighbours with a release of that year or before. $limit: int. An alias counts, whichever of the two artists
asserts it.
"""

CENTRE_ARTIST = """
MATCH (artist:Artist {id: $id})
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name,
    COUNT { (artist)<-[:BY]-(:Release) } AS releases,
    COUNT {
        MATCH (artist)<-[:BY]-(:Release)-[:ON]->(label:Label)
        RETURN DISTINCT label
    } AS labels,
    COUNT {
        MATCH (artist)-[:ALIAS_OF]-(other:Artist)
        RETURN other
        UNION
        MATCH (artist)-[:MEMBER_OF]-(other:Artist)
        RETURN other
    } AS aliases
"""

# ``releases`` is null on a label that maintenance has not come to yet: exploring.COUNT_LABEL counts it.
CENTRE_LABEL = """
MATCH (label:Label {id: $id})
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name,
    label.release_count AS releases, label.artist_count AS artists, label.genre_count AS genres
"""

# The neighbours with the most releases shared with the centre until $until, with the first and last of all shared
# years.
LABELS_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)-[:ON]->(label:Label)
WITH label,
    count(DISTINCT CASE WHEN $until IS NULL OR release.year <= $until THEN release END) AS releases,
    min(CASE WHEN release.year > 0 THEN release.year END) AS first,
    max(CASE WHEN release.year > 0 THEN release.year END) AS last
WHERE releases > 0
WITH label, releases, first, last
ORDER BY releases DESC, label.id
WITH collect([label, releases, first, last]) AS found
RETURN size(found) AS total,
    [each IN found[..$limit] | [each[0].id, coalesce(each[0].name, 'Label ' + each[0].id), each[1], each[2], each[3]]]
        AS members
"""

ARTISTS_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)-[:BY]->(artist:Artist)
WITH artist,
    count(DISTINCT CASE WHEN $until IS NULL OR release.year <= $until THEN release END) AS releases,
    min(CASE WHEN release.year > 0 THEN release.year END) AS first,
    max(CASE WHEN release.year > 0 THEN release.year END) AS last
WHERE releases > 0
WITH artist, releases, first, last
ORDER BY releases DESC, artist.id
WITH collect([artist, releases, first, last]) AS found
RETURN size(found) AS total,
    [each IN found[..$limit] | [each[0].id, coalesce(each[0].name, 'Artist ' + each[0].id), each[1], each[2], each[3]]]
        AS members
"""

GENRES_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)-[:IS]->(genre:Genre)
WITH genre,
    count(DISTINCT CASE WHEN $until IS NULL OR release.year <= $until THEN release END) AS releases,
    min(CASE WHEN release.year > 0 THEN release.year END) AS first,
    max(CASE WHEN release.year > 0 THEN release.year END) AS last
WHERE releases > 0
WITH genre, releases, first, last
ORDER BY releases DESC, genre.name
WITH collect([genre, releases, first, last]) AS found
RETURN size(found) AS total,
    [each IN found[..$limit] | [each[0].name, each[0].name, each[1], each[2], each[3]]] AS members
"""

# Other names of an artist, groups that it is in, and its members: those with most releases first.
RELATIVES_OF_ARTIST = """
MATCH (artist:Artist {id: $id})
CALL (artist) {
    MATCH (artist)-[:ALIAS_OF]-(other:Artist)
    RETURN other, 'alias' AS relation
    UNION
    MATCH (artist)-[:MEMBER_OF]->(other:Artist)
    RETURN other, 'group' AS relation
    UNION
    MATCH (artist)<-[:MEMBER_OF]-(other:Artist)
    RETURN other, 'member' AS relation
}
WITH other, min(relation) AS relation, COUNT { (other)<-[:BY]-(:Release) } AS releases
ORDER BY releases DESC, size(other.id), other.id
WITH collect([other, releases, relation]) AS found
RETURN size(found) AS total,
    [each IN found[..$limit] | [each[0].id, coalesce(each[0].name, 'Artist ' + each[0].id), each[1], each[2]]]
        AS members
"""

# $releases, $masters, $artists, $labels, $genres, $styles: [str]. Which of some are linked to which of the others.
LINKS_OF_RELEASES = """
UNWIND $releases AS id
MATCH (release:Release {id: id})
RETURN collect([
    id,
    [(release)-[:BY]->(artist:Artist) WHERE artist.id IN $artists | artist.id],
    [(release)-[:ON]->(label:Label) WHERE label.id IN $labels | label.id],
    [(release)-[:DERIVED_FROM]->(master:Master) WHERE master.id IN $masters | master.id],
    [(release)-[:IS]->(genre:Genre) WHERE genre.name IN $genres | genre.name],
    [(release)-[:IS]->(style:Style) WHERE style.name IN $styles | style.name]
]) AS links
"""

LINKS_OF_MASTERS = """
UNWIND $masters AS id
MATCH (master:Master {id: id})
RETURN collect([
    id,
    [(master)-[:BY]->(artist:Artist) WHERE artist.id IN $artists | artist.id],
    [(master)-[:IS]->(genre:Genre) WHERE genre.name IN $genres | genre.name],
    [(master)-[:IS]->(style:Style) WHERE style.name IN $styles | style.name]
]) AS links
"""

LINKS_OF_ARTISTS = """
UNWIND $artists AS id
MATCH (artist:Artist {id: id})
RETURN collect([
    id,
    [(artist)-[:ALIAS_OF]->(other:Artist) WHERE other.id IN $artists | other.id],
    [(artist)-[:MEMBER_OF]->(other:Artist) WHERE other.id IN $artists | other.id]
]) AS links
"""

LINKS_OF_LABELS = """
UNWIND $labels AS id
MATCH (label:Label {id: id})
RETURN collect([id, [(label)-[:SUBLABEL_OF]->(other:Label) WHERE other.id IN $labels | other.id]]) AS links
"""

# A release as a panel shows it; $id: str.
PANEL_RELEASE = """
MATCH (release:Release {id: $id})
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year,
    release.formats AS formats, release.catalog_number AS catalog_number,
    [(release)-[:DERIVED_FROM]->(master:Master) | [master.id, coalesce(master.title, '')]][0] AS master,
    COLLECT {
        MATCH (release)-[:BY]->(artist:Artist)
        WITH DISTINCT artist
        ORDER BY size(artist.id), artist.id
        RETURN [artist.id, coalesce(artist.name, 'Artist ' + artist.id)]
    } AS artists,
    COLLECT {
        MATCH (release)-[:ON]->(label:Label)
        WITH DISTINCT label
        ORDER BY size(label.id), label.id
        RETURN [label.id, coalesce(label.name, 'Label ' + label.id)]
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
