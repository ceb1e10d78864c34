"""What MusicBrainz says of an artist: in the graph its properties and relationships, in the tables its links."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.catalog import reading as tables
from apps.graph.cypher import enriched as cypher
from apps.graph.reading import Rows, row, rows

# A link's texts in the order of their code points, whatever the database's language.
LINKS = """
SELECT link.service_name AS service, link.url
FROM musicbrainz.artists AS artist
JOIN musicbrainz.external_links AS link ON link.mbid = artist.mbid AND link.entity_type = 'artist'
WHERE artist.discogs_artist_id = %(id)s
ORDER BY link.service_name COLLATE "C", link.url COLLATE "C"
"""


def metadata(artist_id: int) -> dict[str, Any] | None:
    """Return what the artist with a Discogs id is in MusicBrainz, None if nothing is known of that."""
    return row(cypher.METADATA, id=str(artist_id))


def relationships(artist_id: int) -> Rows:
    """Return the relationships of an artist that MusicBrainz asserts, those that begin at it first."""
    return rows(cypher.RELATIONSHIPS, id=str(artist_id))


def external_links(artist_id: int) -> list[dict[str, str]]:
    """Return the pages about an artist elsewhere, ``{service, url}``."""
    found = tables.rows(LINKS, seconds=settings.SEARCH_SECONDS, id=artist_id)
    return [{"service": service, "url": url} for service, url in found]
