"""Loaded records and the last runs, for the status page."""

from __future__ import annotations

import logging
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, InterfaceError, ProgrammingError
from django.db.models import QuerySet
from neo4j.exceptions import DriverError, Neo4jError

from apps.catalog.models import TABLES
from apps.dashboard import health
from apps.graph.session import session
from apps.ingest.models import COMPLETE, RecordType, Run, Source
from apps.ingest.progress import estimates, summaries
from apps.ingest.progress.estimates import Amount
from apps.ingest.progress.summaries import Summary

logger = logging.getLogger(__name__)

RECENT = 10

# Both are answered from the count store, whatever the size of the graph.
COUNT_NODES = "MATCH (node) RETURN count(node) AS found"
COUNT_RELATIONSHIPS = "MATCH ()-[edge]->() RETURN count(edge) AS found"


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run on the page."""

    run: Run
    summary: Summary
    duration: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The part from PostgreSQL: records by type, the newest loaded version, and the last runs."""

    records: dict[str, Amount]
    version: str
    runs: list[RunLine]

    @property
    def is_loading(self) -> bool:
        """Whether a run has not ended: then the page will change soon."""
        return any(not line.run.is_ended for line in self.runs)


@dataclass(frozen=True, slots=True)
class GraphSize:
    """The part from Neo4j."""

    nodes: int
    relationships: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole page; the part of a store that is away is None, and ``problems`` has the reason."""

    catalogue: Catalogue | None
    graph: GraphSize | None
    problems: list[str]


def read_overview() -> Overview:
    """Query both stores, independently of each other."""
    problems: list[str] = []
    return Overview(ask_catalogue(problems), ask_graph(problems), problems)


def ask_catalogue(problems: list[str]) -> Catalogue | None:
    """Query PostgreSQL, or add the reason why that failed to the problems."""
    try:
        return Catalogue(count_records(), find_newest_version(), list_recent_runs())
    except ProgrammingError as error:
        problems.append("PostgreSQL has no tables yet: make migrate creates them.")
        logger.warning("The first page found no tables: %s", error)
    except (DatabaseError, InterfaceError) as error:
        problems.append("PostgreSQL does not answer.")
        logger.warning("The first page could not ask PostgreSQL: %s", error)
    return None


def ask_graph(problems: list[str]) -> GraphSize | None:
    """Query Neo4j, or add to the problems that it does not answer."""
    try:
        # In a thread of the pool, because the driver may retry for long, and the page should come all the same.
        return health.pool.submit(measure_graph).result(timeout=health.TIMEOUT_SECONDS)
    except (DriverError, Neo4jError, Late) as error:
        problems.append("Neo4j does not answer.")
        logger.warning("The first page could not ask Neo4j: %r", error)
    return None


def count_records() -> dict[str, Amount]:
    """Return how many records each table has, artists first."""
    return {kind.label: estimates.count_or_estimate(QuerySet(TABLES[kind])) for kind in RecordType if kind in TABLES}


def measure_graph() -> GraphSize:
    """Return how many nodes and relationships the graph has."""
    with session() as opened:
        found = [opened.run(statement).single(strict=True)[0] for statement in (COUNT_NODES, COUNT_RELATIONSHIPS)]
    return GraphSize(*found)


def find_newest_version() -> str:
    """Return the newest version of Discogs that is loaded, empty if there is none."""
    complete = Run.objects.filter(source=Source.DISCOGS, state__in=COMPLETE).order_by("-version")
    return complete.values_list("version", flat=True).first() or ""


def list_recent_runs() -> list[RunLine]:
    """Return the last runs, the latest first."""
    runs = list(Run.objects.order_by("-pk")[:RECENT])
    found = summaries.summarise_runs(runs)
    return [RunLine(run, found[run.pk], format_duration(measure_duration(run))) for run in runs]


def measure_duration(run: Run) -> timedelta:
    """Return how long a run took, or has been going on."""
    return (run.completed_at or datetime.now(UTC)) - run.started_at


def format_duration(duration: timedelta) -> str:
    """Write a duration in its two largest units: ``3 min 12 s``."""
    seconds = max(int(duration.total_seconds()), 0)
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
