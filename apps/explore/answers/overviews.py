"""All of the graph at a glance: its genres, its size."""

from __future__ import annotations

from typing import Any

from apps.graph.readers import counting, genres


def get_genre_tree() -> dict[str, Any]:
    """Return all genres with their styles, ``{genres: [{name, release_count, styles}]}``."""
    return {"genres": genres.get_tree()}


def count_nodes() -> dict[str, Any]:
    """Return the number of all nodes, and of each kind, ``{total_entities, counts}``."""
    counts = counting.count_nodes()
    return {"total_entities": sum(counts.values()), "counts": counts}
