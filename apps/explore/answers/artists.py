"""Artists by what connects them: releases in common, and releases of the same kind.

Each function raises ``NotFound`` if there is no such artist.
"""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from rest_framework.exceptions import NotFound

from apps.api import caching
from apps.api.caching import DAY
from apps.api.responses import NotEnough, encode_as
from apps.explore.serializers.artists import SimilarArtistsSerializer
from apps.graph.readers import network, similarity
from apps.graph.readers.likeness import TooFewReleases

Found = TypeVar("Found")


def list_similar_artists(artist_id: str, limit: int) -> dict[str, Any]:
    """Return up to ``limit`` artists that are like one, ``{artist_id, artist_name, similar}``.

    All of them are cached at once, under one key.
    """
    key = f"recommend:similar:artist:{artist_id}"
    compute = lambda: encode_as(SimilarArtistsSerializer, find_similar_artists(artist_id))  # noqa: E731
    found = orjson.loads(caching.get_or_compute(key, DAY, compute).body)
    return {**found, "similar": found["similar"][:limit]}


def find_similar_artists(artist_id: str) -> dict[str, Any]:
    """Return the artists that are like one."""
    try:
        found = require_artist(similarity.find_similar(artist_id), artist_id)
    except TooFewReleases as error:
        raise NotEnough(str(error)) from error
    return {"artist_id": artist_id, "artist_name": found.name, "similar": found.artists}


def list_collaborators(artist_id: str, limit: int) -> dict[str, Any]:
    """Return the collaborators of an artist."""
    found = require_artist(network.find_collaborators(artist_id, limit), artist_id)
    return {
        "artist_id": artist_id,
        "artist_name": found.name,
        "collaborators": found.artists,
        "total": found.total,
    }


def list_neighbours(artist_id: str, depth: int, limit: int) -> dict[str, Any]:
    """Return the artists around one."""
    found = require_artist(network.find_network(artist_id, depth, limit), artist_id)
    return {
        "artist_id": artist_id,
        "artist_name": found.name,
        "depth": depth,
        "collaborators": found.artists,
        "total": found.total,
    }


def get_centrality(artist_id: str) -> dict[str, Any]:
    """Return how connected an artist is."""
    name, figures = require_artist(network.measure_centrality(artist_id), artist_id)
    return {"artist_id": artist_id, "artist_name": name, "centrality": figures}


def list_clusters(artist_id: str, limit: int) -> dict[str, Any]:
    """Return the artists around one by genre."""
    name, clusters = require_artist(network.find_clusters(artist_id, limit), artist_id)
    return {
        "artist_id": artist_id,
        "artist_name": name,
        "clusters": clusters,
        "total_clusters": len(clusters),
        "total_members": sum(cluster["size"] for cluster in clusters),
    }


def require_artist(found: Found | None, artist_id: str) -> Found:
    """Return what was found of an artist.

    Raises:
        NotFound: that is None.
    """
    if found is None:
        raise NotFound(f"Artist {artist_id} not found")
    return found
