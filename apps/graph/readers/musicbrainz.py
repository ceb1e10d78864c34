"""What MusicBrainz says of an artist: in the graph its properties and relationships, in the tables its links."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings

from apps.catalog import reading as tables
from apps.graph.reading import Rows, row, rows

# $id: str.
METADATA = """
MATCH (artist:Artist {id: $id})
WHERE artist.mbid IS NOT NULL
RETURN artist.mbid AS mbid, artist.mb_type AS type, artist.mb_gender AS gender,
    artist.mb_begin_date AS begin_date, artist.mb_end_date AS end_date, artist.mb_area AS area,
    artist.mb_begin_area AS begin_area, artist.mb_disambiguation AS disambiguation
"""

# $id: str. Those that begin at the artist come first.
RELATIONSHIPS = """
MATCH (artist:Artist {id: $id})
    -[edge:MEMBER_OF|COLLABORATED_WITH|TAUGHT|TRIBUTE_TO|FOUNDED|SUPPORTED|SUBGROUP_OF|RENAMED_TO]-(target:Artist)
WHERE edge.source = 'musicbrainz'
WITH edge, target, startNode(edge) = artist AS is_outgoing
RETURN type(edge) AS type, target.id AS target_id, coalesce(target.name, 'Artist ' + target.id) AS target_name,
    CASE WHEN is_outgoing THEN 'outgoing' ELSE 'incoming' END AS direction,
    edge.begin_date AS begin_date, edge.end_date AS end_date, edge.attributes AS attributes
ORDER BY is_outgoing DESC, type, target_id
"""


SITES = ("http://", "https://")

# Sorted by code point, whatever the collation of the database.
LINKS = """
SELECT link.service_name AS service, link.url
FROM musicbrainz.artists AS artist
JOIN musicbrainz.external_links AS link ON link.mbid = artist.mbid AND link.entity_type = 'artist'
WHERE artist.discogs_artist_id = %(id)s
ORDER BY link.service_name COLLATE "C", link.url COLLATE "C"
"""

# MusicBrainz's entity of a page of Discogs, as JSON. If several claim it, the one that the graph shows: one whose link
# has not ended comes first, then the lowest MBID.
ENTITIES = {
    "label": """
    SELECT row_to_json(found)::text
    FROM (
        SELECT mbid, type, label_code, begin_date, end_date, area
        FROM musicbrainz.labels
        WHERE discogs_label_id = %(id)s
        ORDER BY discogs_link_ended, mbid
        LIMIT 1
    ) AS found
    """,
    "master": """
    SELECT row_to_json(found)::text
    FROM (
        SELECT mbid, type, secondary_types, first_release_date, disambiguation
        FROM musicbrainz.release_groups
        WHERE discogs_master_id = %(id)s
        ORDER BY discogs_link_ended, mbid
        LIMIT 1
    ) AS found
    """,
    "release": """
    SELECT row_to_json(found)::text
    FROM (
        SELECT mbid, status, barcode, release_group_mbid
        FROM musicbrainz.releases
        WHERE discogs_release_id = %(id)s
        ORDER BY discogs_link_ended, mbid
        LIMIT 1
    ) AS found
    """,
}
# Kind → the path of its pages at MusicBrainz.
PAGES = {"label": "label", "master": "release-group", "release": "release"}
LINKS_OF_ENTITY = """
SELECT service_name, url
FROM musicbrainz.external_links
WHERE mbid = %(mbid)s
ORDER BY service_name COLLATE "C", url COLLATE "C"
LIMIT 100
"""


def get_entity(kind: str, number: int) -> dict[str, Any] | None:
    """Return what MusicBrainz says of a label, a master or a release, ``{mbid, …, page, links: [{service, url}]}``.

    None if there is none.
    """
    found = tables.rows(ENTITIES[kind], seconds=settings.SEARCH_SECONDS, id=number)
    if not found:
        return None
    told: dict[str, Any] = orjson.loads(found[0][0])
    links = tables.rows(LINKS_OF_ENTITY, seconds=settings.SEARCH_SECONDS, mbid=told["mbid"])
    return {
        **told,
        "page": f"https://musicbrainz.org/{PAGES[kind]}/{told['mbid']}",
        "links": [{"service": service, "url": url} for service, url in links if url.startswith(SITES)],
    }


def get_metadata(artist_id: int) -> dict[str, Any] | None:
    """Return MusicBrainz's metadata of the artist with a Discogs id; None if there are none."""
    return row(METADATA, id=str(artist_id))


def list_relationships(artist_id: int) -> Rows:
    """Return the relationships of an artist that MusicBrainz asserts, those that begin at it first."""
    return rows(RELATIONSHIPS, id=str(artist_id))


def list_external_links(artist_id: int) -> list[dict[str, str]]:
    """Return the pages about an artist elsewhere, ``{service, url}``."""
    found = tables.rows(LINKS, seconds=settings.SEARCH_SECONDS, id=artist_id)
    return [{"service": service, "url": url} for service, url in found]
