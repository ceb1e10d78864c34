"""Artists by what connects them: releases in common, and releases of the same kind."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.caching import HOUR, SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.explore.answers import artists as answers
from apps.explore.serializers import artists as serializers

ARTIST = {"artist_id": "1", "artist_name": "The Persuader"}
OTHER = {"artist_id": "239", "artist_name": "Jesper Dahlbäck"}


class SimilarArtistsView(ApiView):
    """``GET /api/recommend/similar/artist/{artist_id}``: artists whose releases are most like those of an artist."""

    operation = "listSimilarArtists"
    query_parameters = serializers.SimilarArtistsQuery
    limits = (Limit(30),)
    output = serializers.SimilarArtistsSerializer
    errors = (404, 422, 503, 504)
    example = {
        **ARTIST,
        "similar": [
            {
                **OTHER,
                "similarity": 0.8412,
                "breakdown": {"genre": 0.9981, "style": 0.8722, "label": 0.6103, "collaborator": 0.8072},
                "release_count": 194,
                "shared_genres": ["Electronic"],
                "shared_labels": ["Svek"],
            }
        ],
    }

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        """Answer with the first of those that are kept."""
        return self.reply(answers.list_similar_artists(artist_id, self.query["limit"]))


class CollaboratorsView(ApiView):
    """``GET /api/collaborators/{artist_id}``: artists that share releases with an artist, and in which years."""

    operation = "listCollaborators"
    query_parameters = serializers.CollaboratorsQuery
    limits = (Limit(30),)
    output = serializers.CollaboratorsSerializer
    errors = (404, 503, 504)
    example = {
        **ARTIST,
        "collaborators": [
            {
                **OTHER,
                "release_count": 3,
                "first_year": 1997,
                "last_year": 1999,
                "yearly_counts": [{"year": 1997, "count": 1}, {"year": 1999, "count": 2}],
            }
        ],
        "total": 1,
    }

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        limit = self.query["limit"]
        return self.reply_cached(
            f"collaborators:{artist_id}:{limit}", SHORT, lambda: answers.list_collaborators(artist_id, limit)
        )


class NetworkView(ApiView):
    """``GET /api/network/artist/{artist_id}/collaborators``: artists within two steps of an artist."""

    operation = "listArtistNetwork"
    query_parameters = serializers.NetworkQuery
    limits = (Limit(30),)
    output = serializers.NetworkSerializer
    errors = (404, 503, 504)
    example = {
        **ARTIST,
        "depth": 2,
        "collaborators": [{**OTHER, "distance": 1, "collaboration_count": 3}],
        "total": 1,
    }

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        depth, limit = self.query["depth"], self.query["limit"]
        key = f"network:collaborators:{artist_id}:{depth}:{limit}"
        return self.reply_cached(key, SHORT, lambda: answers.list_neighbours(artist_id, depth, limit))


class CentralityView(ApiView):
    """``GET /api/network/artist/{artist_id}/centrality``: how connected an artist is."""

    operation = "getArtistCentrality"
    limits = (Limit(30),)
    output = serializers.CentralitySerializer
    errors = (404, 503, 504)
    example = {
        **ARTIST,
        "centrality": {
            "degree": 84,
            "collaborator_count": 12,
            "collaboration_releases": 9,
            "group_count": 1,
            "alias_count": 6,
        },
    }

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        return self.reply_cached(f"network:centrality:{artist_id}", HOUR, lambda: answers.get_centrality(artist_id))


class ClusterView(ApiView):
    """``GET /api/network/cluster/{artist_id}``: the artists that share most releases with an artist, by genre."""

    operation = "listArtistClusters"
    query_parameters = serializers.ClusterQuery
    limits = (Limit(30),)
    output = serializers.ClustersSerializer
    errors = (404, 503, 504)
    example = {
        **ARTIST,
        "clusters": [{"cluster_label": "Electronic", "members": [{**OTHER, "shared_releases": 3}], "size": 1}],
        "total_clusters": 1,
        "total_members": 1,
    }

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        limit = self.query["limit"]
        return self.reply_cached(
            f"network:cluster:{artist_id}:{limit}", HOUR, lambda: answers.list_clusters(artist_id, limit)
        )
