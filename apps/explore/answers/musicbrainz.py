"""What MusicBrainz adds to an artist of Discogs, and how much of it the graph shows."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound

from apps.graph.readers import coverage, musicbrainz
from apps.graph.readers.coverage import Amount, Coverage


def get_metadata(artist_id: int) -> dict[str, Any]:
    """Return what MusicBrainz says of an artist.

    Raises:
        NotFound: it says nothing.
    """
    found = musicbrainz.get_metadata(artist_id)
    if found is None:
        raise NotFound(f"No MusicBrainz data for artist {artist_id}")
    return {"discogs_id": artist_id, **found}


def list_relationships(artist_id: int) -> dict[str, Any]:
    """Return the artists that MusicBrainz relates an artist to, ``{discogs_id, relationships}``."""
    return {"discogs_id": artist_id, "relationships": musicbrainz.list_relationships(artist_id)}


def list_external_links(artist_id: int) -> dict[str, Any]:
    """Return the pages about an artist elsewhere, ``{discogs_id, links: [{service, url}]}``."""
    return {"discogs_id": artist_id, "links": musicbrainz.list_external_links(artist_id)}


def get_known_coverage() -> dict[str, Any] | None:
    """Return the coverage that the last run counted; None if it may have changed since."""
    found = coverage.get_known_coverage()
    return None if found is None else describe_coverage(found)


def count_coverage() -> dict[str, Any]:
    """Count the coverage, which takes seconds for a whole catalogue."""
    return describe_coverage(coverage.count_coverage())


def describe_coverage(found: Coverage) -> dict[str, Any]:
    """Return figures as they are told."""
    return {
        "musicbrainz": {
            **{record_type: describe_amount(amount) for record_type, amount in found.types.items()},
            "relationships": {"total_in_mb": found.relations, "created_in_neo4j": found.relationships},
        }
    }


def describe_amount(amount: Amount) -> dict[str, int]:
    """Return the figures of a type as they are told."""
    return {
        "total_mb": amount.total,
        "matched_to_discogs": amount.matched,
        "enriched_in_neo4j": amount.enriched,
    }
