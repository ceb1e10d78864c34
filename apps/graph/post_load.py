"""Maintenance: what is done to the graph after a run's last relationship, one step at a time.

Each step can be repeated. The run's row lists the steps that are done, so an interrupted run goes on with the next one.

Contract: docs/contract/data.md#maintenance.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import F, QuerySet

from apps.catalog.models import Artist
from apps.graph import (
    collaborations,
    dangling,
    debts,
    leading_names,
    maintenance,
    musicbrainz,
    profiles,
    removal,
    schema,
    statistics,
    tallies,
)
from apps.graph.session import Counters, session
from apps.ingest import ledger
from apps.ingest.models import COMPLETE, Chunk, RemovedEntity, Run

logger = logging.getLogger(__name__)


def pay_debts(run: Run) -> Counters:
    """Bring to the graph what earlier runs owe it and the dump of this one did not bring."""
    return debts.pay(run)


def remove(_: Run) -> Counters:
    """Delete the nodes of removed records."""
    return removal.remove()


def revive(_: Run) -> Counters:
    """Make relationships of dangling references."""
    return dangling.revive()


def link_people(run: Run) -> Counters:
    """Count credits and say which person is which artist."""
    maintenance.mark_credited(new_artist_ids(run))
    return maintenance.link_people()


def drop_unused(_: Run) -> Counters:
    """Delete genres and styles that nothing has."""
    return maintenance.drop_unused()


def write_statistics(_: Run) -> Counters:
    """Say which style is part of which genre, and count what genres, styles, labels and artists have."""
    with statistics.facts():
        tallies.rebuild()
        profiles.rebuild()
        collaborations.rebuild()
        leading_names.rebuild()
        return maintenance.rebuild_part_of() + maintenance.write_statistics()


def enrich(run: Run) -> Counters:
    """Let the nodes that Discogs brought show what MusicBrainz says of them."""
    musicbrainz.make_due(chunks_without_maintenance(run))
    return musicbrainz.settle_all()


def settle(_: Run) -> Counters:
    """Let the graph show what is still due of MusicBrainz: what is gone, and what a run before left behind."""
    return musicbrainz.settle_all()


def count_coverage(run: Run) -> Counters:
    """Note how much of MusicBrainz the graph shows."""
    Run.objects.filter(pk=run.pk).update(coverage=musicbrainz.coverage())
    return Counters()


def create_indexes(_: Run) -> Counters:
    """Make the indexes that a first load went without."""
    with session() as opened:
        schema.create_indexes(opened)
    return Counters()


def has_changes(run: Run) -> bool:
    """Tell whether the graph changed or is owed something: by this run, or by one that ended before its maintenance."""
    linked = chunks_without_maintenance(run).filter(for_graph__gt=0, linked_at__isnull=False)
    removed = RemovedEntity.objects.filter(purged_at__isnull=False, unlinked_at__isnull=True)
    if run.steps_done or linked.exists() or removed.exists():
        return True
    return any(ledger.debts(file) for file in ledger.paying_files(run))


Step = Callable[[Run], Counters]


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The steps after the last relationship of a run, in order, and whether a run needs them."""

    steps: tuple[Step, ...]
    is_needed: Callable[[Run], bool]


DISCOGS = Maintenance(
    steps=(
        pay_debts,
        remove,
        revive,
        enrich,
        link_people,
        drop_unused,
        write_statistics,
        create_indexes,
        count_coverage,
    ),
    is_needed=has_changes,
)
# What is due in the graph stands in its tables, whatever this run changed.
MUSICBRAINZ = Maintenance(steps=(settle, create_indexes, count_coverage), is_needed=lambda _: True)


def do_next_step(run: Run, todo: Maintenance) -> bool:
    """Do the first step that is not done yet; return False if there is none."""
    if not run.has_graph or not todo.is_needed(run):
        return False
    for step in todo.steps:
        if step.__name__ not in run.steps_done:
            written = step(run)
            Run.objects.filter(pk=run.pk).update(
                steps_done=[*run.steps_done, step.__name__],
                nodes_written=F("nodes_written") + written.nodes_written,
                relationships_written=F("relationships_written") + written.relationships_written,
                relationships_deleted=F("relationships_deleted") + written.relationships_deleted,
            )
            ledger.beat(run)
            logger.info("maintenance step done", extra={"run": run.pk, "step": step.__name__})
            return True
    ledger.close_debts(run)
    return False


def chunks_without_maintenance(run: Run) -> QuerySet[Chunk]:
    """Return the chunks of a run, and of the earlier runs since the last one that finished its maintenance."""
    maintained = (
        Run.objects.filter(source=run.source, state__in=COMPLETE).exclude(steps_done=[]).order_by("-pk").first()
    )
    since = maintained.pk if maintained else 0
    return Chunk.objects.filter(file__run__source=run.source, file__run__gt=since, file__run__lte=run.pk)


def new_artist_ids(run: Run) -> Iterator[str]:
    """Yield the artists that are new to the graph, among whom old credits may find theirs.

    In a first load of releases no credit is old: there are none to look up.
    """
    if run.files.filter(type="releases", first_load=True).exists():
        return
    chunks = chunks_without_maintenance(run).filter(file__type="artists")
    for ids in chunks.exclude(new_ids=[]).values_list("new_ids", flat=True):
        yield from map(str, ids)
    first = chunks.filter(file__first_load=True).values("pk")
    yield from map(str, Artist.objects.filter(chunk_id__in=first).values_list("data_id", flat=True).iterator())
