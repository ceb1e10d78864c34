"""Maintenance steps that write derived relationships and figures, after a run's last relationship.

Each step makes the graph equal to what the stores say and writes only differences. So it is idempotent, and may be
interrupted anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from neo4j import Session

from apps.graph import statistics
from apps.graph.bulk import grouping
from apps.graph.cypher import maintenance as cypher
from apps.graph.rows import batches
from apps.graph.session import Counters, run, run_in_batches, session, single_value, write
from apps.ingest.models import Run


def mark_credited(new_artist_ids: Iterable[str]) -> None:
    """Make the people due whose credits name one of these artists, which had no node when the credits were written."""
    with session() as opened:
        _write_batches(opened, cypher.MARK_CREDITED, new_artist_ids)


def write_people(loading: Run) -> Counters:
    """Write what a first load counted of people while it linked (decision 200).

    If the graph has other credits than those, as after a chunk that gave up, this writes nothing, and the people stay
    due for ``link_people``.
    """
    with grouping.open_shared(loading, "people", "same_as") as cursor, session() as opened:
        cursor.execute(grouping.COUNT_CREDITS)
        if cursor.fetchone() != tuple(opened.run(cypher.COUNT_CREDITS).single(strict=True)):
            return Counters()
        # Before the counts, which make a person no longer due: after an interruption, another run may follow.
        linked = _write_batches(opened, cypher.UPSERT_SAME_AS, statistics.read_rows(grouping.SAME_AS))
        return linked + _write_batches(opened, cypher.SET_PEOPLE_FIGURES, statistics.read_rows(grouping.PEOPLE))


def link_people() -> Counters:
    """Count the credits of all due people, derive their SAME_AS, and delete people without a credit (decision 10)."""
    with session() as opened:
        return run_in_batches(opened, cypher.LINK_PEOPLE) + run_in_batches(opened, cypher.DROP_UNCREDITED_PEOPLE)


def drop_unused() -> Counters:
    """Delete the genres and styles that no release and no master has, with their PART_OF relationships."""
    with session() as opened:
        return write(opened, run, cypher.DROP_UNUSED_GENRES) + write(opened, run, cypher.DROP_UNUSED_STYLES)


def rebuild_part_of() -> Counters:
    """Write the PART_OF relationships from styles to genres, weighted by the number of records."""
    # Counted in PostgreSQL: the graph would have to walk from every style over all of its releases.
    weights = statistics.weigh_part_of()
    with session() as opened:
        present = {(style, genre): weight for style, genre, weight in opened.run(cypher.READ_PART_OF)}
        gone = sorted(edge for edge in present if edge not in weights)
        differing = sorted((*edge, weight) for edge, weight in weights.items() if present.get(edge) != weight)
        deleted = _write_batches(opened, cypher.DELETE_PART_OF, gone)
        _write_batches(opened, cypher.UPSERT_PART_OF, differing)
    return deleted + Counters(relationships_written=len(differing))


def write_statistics() -> Counters:
    """Write the changed figures of genres, styles and labels."""
    with statistics.facts(), session() as opened:
        genres = _add_figures(opened, cypher.READ_GENRES, statistics.count_genres())
        styles = _add_figures(opened, cypher.READ_STYLES, statistics.count_styles())
        return (
            _set_figures(opened, cypher.SET_GENRE_FIGURES, genres)
            + _set_figures(opened, cypher.SET_STYLE_FIGURES, styles)
            + _set_figures(opened, cypher.SET_LABEL_FIGURES, statistics.count_labels())
        )


def _add_figures(opened: Session, read_names: str, figures: statistics.Figures) -> list[list[Any]]:
    # A name that only masters have is in the graph and has no figures: it gets zeros.
    return [[name, figures.get(name, [0] * 5)] for name in sorted(opened.run(read_names).value())]


def _set_figures(opened: Session, statement: str, rows: Iterable[Sequence[Any]]) -> Counters:
    changed = sum(write(opened, single_value, statement, batch) for batch in batches(rows))
    return Counters(nodes_written=changed)


def _write_batches(opened: Session, statement: str, rows: Iterable[Any]) -> Counters:
    return sum((write(opened, run, statement, rows=batch) for batch in batches(rows)), Counters())
