"""How much each store holds. Contract: docs/contract/rest.md#administration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db import connection

from apps.dashboard import health
from apps.graph.reading import row

Found = dict[str, Any]

MOST_KEYS = 10_000
# Of the count store, so it takes as long whatever the size of the graph. Entries with a label at an end are left out.
GRAPH_COUNTS = (
    "CALL db.stats.retrieve('GRAPH COUNTS') YIELD data RETURN data.nodes AS nodes, data.relationships AS edges"
)
TABLES = """
SELECT relname, n_live_tup, pg_size_pretty(pg_total_relation_size(relid)), pg_size_pretty(pg_indexes_size(relid))
FROM pg_stat_user_tables
ORDER BY pg_total_relation_size(relid) DESC, schemaname, relname
"""
TOTAL = "SELECT pg_size_pretty(pg_database_size(current_database()))"


def measure() -> Found:
    """Return ``{neo4j, postgresql, redis}``; a store that fails is ``{status: error, error}``."""
    asked = health.check_all(STORES)
    return {
        name: {"status": "ok", **check.found} if check.ok else {"status": "error", "error": f"{name} does not answer"}
        for name, check in asked.items()
    }


def measure_neo4j() -> Found:
    """Return the numbers of nodes by label and of relationships by type. Neo4j does not tell the sizes of its files."""
    counts = row(GRAPH_COUNTS) or {"nodes": [], "edges": []}
    nodes = [{"label": each["label"], "count": each["count"]} for each in counts["nodes"] if "label" in each]
    edges = [
        {"type": each["relationshipType"], "count": each["count"]}
        for each in counts["edges"]
        if each.keys() == {"relationshipType", "count"}
    ]
    return {
        "nodes": sorted(nodes, key=itemgetter("label")),
        "relationships": sorted(edges, key=itemgetter("type")),
        "store_sizes": None,
    }


def measure_postgresql() -> Found:
    """Return the tables with their sizes, the largest first; numbers of rows are estimates."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            tables = [
                {"name": name, "row_count": count, "size": size, "index_size": index_size}
                for name, count, size, index_size in cursor.fetchall()
            ]
            cursor.execute(TOTAL)
            return {"tables": tables, "total_size": cursor.fetchone()[0]}
    finally:
        # It runs in a thread of the health checks.
        connection.close()


def measure_redis() -> Found:
    """Return memory and keys of the cache; keys are counted by what is before the first colon."""
    client = health.get_cache_client()
    memory = client.info("memory")
    prefixes: Counter[str] = Counter()
    for key in islice(client.scan_iter(count=1000), MOST_KEYS):
        prefix, colon, _ = key.decode(errors="replace").partition(":")
        prefixes[prefix + colon] += 1
    return {
        "memory_used": memory["used_memory_human"],
        "memory_peak": memory["used_memory_peak_human"],
        "total_keys": client.dbsize(),
        "keys_by_prefix": dict(prefixes.most_common()),
    }


STORES: dict[str, Callable[[], object]] = {
    "neo4j": measure_neo4j,
    "postgresql": measure_postgresql,
    "redis": measure_redis,
}
