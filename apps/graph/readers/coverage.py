"""How much of MusicBrainz the graph shows: as counted at the end of a run, or counted now.

A run stores its counts at its end (``apps.graph.post_load``). They hold until another run may have written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from apps.catalog import loader
from apps.catalog.musicbrainz.tables import statement
from apps.graph.cypher import musicbrainz as cypher
from apps.graph.musicbrainz import coverage
from apps.graph.reading import ping, row
from apps.ingest.models import COMPLETE, Run, Source

TYPES = ("artists", "labels", "releases")


@dataclass(frozen=True, slots=True)
class Amount:
    """Of one type: rows, rows with a Discogs id, nodes with data of such a row."""

    total: int
    matched: int
    enriched: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The amounts of each type, the relations in the tables, and the relationships of them in the graph."""

    types: dict[str, Amount]
    relations: int
    relationships: int


def get_known_coverage() -> Coverage | None:
    """Return the counts of the last run, if nothing can have changed since; else None.

    Raises:
        GraphAway: Neo4j does not answer: without it the counts mean nothing.
    """
    run = Run.objects.filter(coverage__has_key="counted_at").order_by("-coverage__counted_at").first()
    if run is None or find_later_runs(run).exists():
        return None
    ping()
    types = {record_type: Amount(**run.coverage["types"][record_type]) for record_type in TYPES}
    return Coverage(types, run.coverage["relations"], run.coverage["relationships"])


def find_later_runs(counted: Run) -> QuerySet[Run]:
    """Return the runs that may have changed the counts of a run: those that ended later or are unfinished."""
    at = datetime.fromisoformat(counted.coverage["counted_at"])
    later = Run.objects.exclude(pk=counted.pk).filter(Q(completed_at__isnull=True) | Q(completed_at__gt=at))
    # A run of Discogs that wrote no graph, or completed without a maintenance step, changed nothing here.
    idle = ~Q(stores__contains=["graph"]) | Q(state__in=COMPLETE, steps_done=[])
    return later.exclude(Q(source=Source.DISCOGS) & idle)


def count_coverage() -> Coverage:
    """Count the coverage, which takes seconds for a whole catalogue.

    Raises:
        GraphAway: Neo4j does not answer.
        GraphTimeOut: It takes too long.
    """
    relationships = row(cypher.COUNT_RELATIONSHIPS) or {}
    return Coverage(
        {record_type: count_type(record_type) for record_type in TYPES},
        loader.fetch_value(coverage.COUNT_ALL_RELATIONS),
        relationships["count"],
    )


def count_type(record_type: str) -> Amount:
    """Count the rows of a type, and the nodes that show one."""
    with connection.cursor() as cursor:
        cursor.execute(statement(coverage.COVERAGE, record_type))
        total, matched = cursor.fetchone()
    enriched_nodes = row(coverage.COUNT[record_type]) or {}
    return Amount(total, matched, enriched_nodes["count"])
