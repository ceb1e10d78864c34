"""Maintenance: the steps after a run's last relationship, one at a time.

Each step is idempotent. The run's row lists the steps that are done, so an interrupted run continues with the next one.

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
    large_discographies,
    leading_names,
    maintenance,
    profiles,
    removal,
    schema,
    statistics,
    tallies,
)
from apps.graph.bulk import grouping, importing
from apps.graph.musicbrainz import due, enrichment
from apps.graph.musicbrainz.coverage import measure_coverage
from apps.graph.session import Counters, session
from apps.ingest import ledger
from apps.ingest.models import COMPLETE, Chunk, RemovedEntity, Run

logger = logging.getLogger(__name__)


def pay_debts(run: Run) -> Counters:
    """Write the records that earlier runs owe the graph and that this run's dump did not bring."""
    return debts.pay(run)


def remove(_: Run) -> Counters:
    """Delete the nodes of removed records."""
    return removal.remove()


def revive(_: Run) -> Counters:
    """Write the relationships of dangling references whose other end exists now."""
    return dangling.revive()


def link_people(run: Run) -> Counters:
    """Count people's credits and derive which artists they are."""
    maintenance.mark_credited(list_new_artist_ids(run))
    return maintenance.write_people(run) + maintenance.link_people()


def drop_unused(_: Run) -> Counters:
    """Delete genres and styles that no record has."""
    return maintenance.drop_unused()


def write_statistics(_: Run) -> Counters:
    """Write the figures of genres, styles, labels and artists, and the PART_OF relationships."""
    with statistics.facts():
        rebuild_tables()
        return maintenance.rebuild_part_of() + maintenance.write_statistics()


def rebuild_tables() -> None:
    """Count the tables of figures that pages read."""
    tallies.rebuild()
    profiles.rebuild()
    collaborations.rebuild()
    leading_names.rebuild()
    large_discographies.rebuild()


def group_parts(run: Run) -> Counters:
    """Count and merge what the chunks of a bulk load share, and count the tables of figures."""
    with statistics.facts():
        rebuild_tables()
        return grouping.group(run)


def import_graph(run: Run) -> Counters:
    """Take the files of a bulk load into the graph. They were counted when they were written."""
    importing.import_graph(run)
    return Counters()


def enrich(run: Run) -> Counters:
    """Enrich the nodes that this run brought from MusicBrainz."""
    due.make_due(find_chunks_without_maintenance(run))
    return enrichment.settle_all()


def settle(_: Run) -> Counters:
    """Update the nodes that are still due: of entities that are gone, and what earlier runs left."""
    return enrichment.settle_all()


def count_coverage(run: Run) -> Counters:
    """Store in the run how much of MusicBrainz the graph shows."""
    Run.objects.filter(pk=run.pk).update(coverage=measure_coverage())
    return Counters()


def create_indexes(_: Run) -> Counters:
    """Create the missing indexes; a first load runs without them."""
    with session() as opened:
        schema.create_indexes(opened)
    return Counters()


def has_changes(run: Run) -> bool:
    """Tell whether this run, or an earlier one that ended before its maintenance, changed the graph or left debts."""
    linked = find_chunks_without_maintenance(run).filter(for_graph__gt=0, linked_at__isnull=False)
    removed = RemovedEntity.objects.filter(purged_at__isnull=False, unlinked_at__isnull=True)
    # ``steps_done`` comes first: a run that has begun its maintenance finishes it, although its own steps have used up
    # what made it necessary.
    if run.steps_done or linked.exists() or removed.exists():
        return True
    return any(ledger.list_debts(file) for file in ledger.list_paying_files(run))


Step = Callable[[Run], Counters]


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The maintenance steps of a source, in order, and the test whether a run needs them."""

    steps: tuple[Step, ...]
    is_needed: Callable[[Run], bool]


DISCOGS = Maintenance(
    # The order matters. Debts are paid before anything is derived from the graph. Removal makes dangling references and
    # comes before ``revive``, which turns some of them into relationships. People and figures are counted when all
    # nodes and relationships are there, and indexes are filled last, in one go.
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
# A bulk load: people and figures come with the import, and there is nothing in the graph to be repaired.
BULK = Maintenance(steps=(group_parts, import_graph, enrich, create_indexes, count_coverage), is_needed=lambda _: True)
# Always needed: the table of due pages says what is to be done, whatever this run changed.
MUSICBRAINZ = Maintenance(steps=(settle, create_indexes, count_coverage), is_needed=lambda _: True)


def do_next_step(run: Run, todo: Maintenance) -> bool:
    """Do the first step that is not done yet; return False if no step is left."""
    if not run.has_graph or not todo.is_needed(run):
        return False
    for step in todo.steps:
        # The names of these functions are stored in the run's row, so a new name would make an interrupted run repeat
        # the step.
        if step.__name__ not in run.steps_done:
            written = step(run)
            # Noted after the step: if the process dies in between, the step runs again, which changes nothing.
            Run.objects.filter(pk=run.pk).update(
                steps_done=[*run.steps_done, step.__name__],
                nodes_written=F("nodes_written") + written.nodes_written,
                relationships_written=F("relationships_written") + written.relationships_written,
                relationships_deleted=F("relationships_deleted") + written.relationships_deleted,
            )
            ledger.touch_heartbeat(run)
            logger.info("maintenance step done", extra={"run": run.pk, "step": step.__name__})
            return True
    # Only when every step is done: if a step fails for good, the run fails and its debts stay.
    ledger.close_debts(run)
    return False


def find_chunks_without_maintenance(run: Run) -> QuerySet[Chunk]:
    """Return the chunks of a run and of all earlier runs after the last one that finished its maintenance."""
    # Runs that were cancelled or failed after they had linked some chunks left their maintenance to this run.
    maintained = (
        Run.objects.filter(source=run.source, state__in=COMPLETE).exclude(steps_done=[]).order_by("-pk").first()
    )
    since = maintained.pk if maintained else 0
    return Chunk.objects.filter(file__run__source=run.source, file__run__gt=since, file__run__lte=run.pk)


def list_new_artist_ids(run: Run) -> Iterator[str]:
    """Yield the ids of artists that are new to the graph, since older credits may name them.

    In a first load of releases there are no older credits, so nothing is yielded.
    """
    if run.files.filter(type="releases", first_load=True).exists():
        return
    chunks = find_chunks_without_maintenance(run).filter(file__type="artists")
    for ids in chunks.exclude(new_ids=[]).values_list("new_ids", flat=True):
        yield from map(str, ids)
    first = chunks.filter(file__first_load=True).values("pk")
    yield from map(str, Artist.objects.filter(chunk_id__in=first).values_list("data_id", flat=True).iterator())
