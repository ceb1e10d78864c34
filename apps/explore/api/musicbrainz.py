"""What MusicBrainz adds to the artists of Discogs, and how much of it the graph shows."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.explore.answers import musicbrainz as answers
from apps.explore.serializers import musicbrainz as serializers


class MetadataView(ApiView):
    """``GET /api/artist/{artist_id}/musicbrainz``: what an artist is in MusicBrainz."""

    operation = "getArtistMetadata"
    path_parameters = serializers.ArtistPath
    limits = (Limit(30),)
    family = "detail"
    output = serializers.MetadataOfArtistSerializer
    errors = (404, 503, 504)
    example = {
        "discogs_id": 125246,
        "mbid": "5b11f4ce-a62d-471e-81fc-a69a8278c7da",
        "type": "Group",
        "gender": None,
        "begin_date": "1987",
        "end_date": "1994-04-05",
        "area": "United States",
        "begin_area": "Aberdeen",
        "disambiguation": "1980s-1990s US grunge band",
    }

    def get(self, request: Request, artist_id: int) -> HttpResponse:
        return self.reply(answers.get_metadata(artist_id))


class RelationshipsView(ApiView):
    """``GET /api/artist/{artist_id}/relationships``: the other artists that MusicBrainz relates an artist to."""

    operation = "listArtistRelationships"
    path_parameters = serializers.ArtistPath
    limits = (Limit(30),)
    family = "detail"
    output = serializers.RelationshipsSerializer
    errors = (503, 504)
    example = {
        "discogs_id": 252121,
        "relationships": [
            {
                "type": "MEMBER_OF",
                "target_id": "125246",
                "target_name": "Nirvana",
                "direction": "outgoing",
                "begin_date": "1990",
                "end_date": "1994",
                "attributes": ["drums (drum set)"],
            }
        ],
    }

    def get(self, request: Request, artist_id: int) -> HttpResponse:
        return self.reply(answers.list_relationships(artist_id))


class ExternalLinksView(ApiView):
    """``GET /api/artist/{artist_id}/external-links``: pages about an artist elsewhere."""

    operation = "listArtistLinks"
    path_parameters = serializers.ArtistPath
    limits = (Limit(30),)
    family = "detail"
    output = serializers.ExternalLinksSerializer
    errors = (503,)
    example = {
        "discogs_id": 125246,
        "links": [{"service": "wikidata", "url": "https://www.wikidata.org/wiki/Q11649"}],
    }

    def get(self, request: Request, artist_id: int) -> HttpResponse:
        return self.reply(answers.list_external_links(artist_id))


class EnrichmentStatusView(ApiView):
    """``GET /api/enrichment/status``: how much of MusicBrainz the graph shows."""

    operation = "getEnrichmentStatus"
    limits = (Limit(10),)
    family = "detail"
    output = serializers.EnrichmentSerializer
    errors = (503, 504)
    example = {
        "musicbrainz": {
            "artists": {"total_mb": 2100000, "matched_to_discogs": 950000, "enriched_in_neo4j": 948120},
            "labels": {"total_mb": 180000, "matched_to_discogs": 85000, "enriched_in_neo4j": 84770},
            "releases": {"total_mb": 3200000, "matched_to_discogs": 1400000, "enriched_in_neo4j": 1398804},
            "relationships": {"total_in_mb": 5000000, "created_in_neo4j": 420000},
        }
    }

    def get(self, request: Request) -> HttpResponse:
        """Answer with the counts of the last run; while a run is loading, with counts of the last five minutes."""
        found = answers.get_known_coverage()
        if found is not None:
            return self.reply(found)
        return self.reply_cached("enrichment-status", SHORT, answers.count_coverage)
