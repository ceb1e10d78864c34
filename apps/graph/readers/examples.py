"""An example of each kind of entity, for requests that only warm the site up."""

from __future__ import annotations

from apps.graph.reading import ping, row

# A release that has a year, and one of each kind that it has, by id and by what it is shown as; null where it has none.
EXAMPLE = """
MATCH (release:Release)
WHERE release.year > 0
WITH release
LIMIT 1
RETURN release.id AS release,
    head([(release)-[:BY]->(artist:Artist) | artist.id]) AS artist_id,
    head([(release)-[:BY]->(artist:Artist) | coalesce(artist.name, 'Artist ' + artist.id)]) AS artist,
    head([(release)-[:ON]->(label:Label) | label.id]) AS label_id,
    head([(release)-[:ON]->(label:Label) | coalesce(label.name, 'Label ' + label.id)]) AS label,
    head([(release)-[:IS]->(genre:Genre) | genre.name]) AS genre,
    head([(release)-[:IS]->(style:Style) | style.name]) AS style,
    head([(release)<-[:CREDITED_ON]-(person:Person) | person.name]) AS person
"""


# For an empty graph: a statement is planned all the same.
NOTHING = {
    **dict.fromkeys(("artist_id", "label_id", "release"), "1"),
    **dict.fromkeys(("artist", "genre", "label", "person", "style"), "None"),
}


def find_example() -> dict[str, str]:
    """Return the id of a release, and id or name of an artist, label, genre, style and person that it has."""
    # The first statement of a server takes seconds. A short one first, so that the health check waits less.
    ping()
    return {**NOTHING, **{key: value for key, value in (row(EXAMPLE) or {}).items() if value}}
