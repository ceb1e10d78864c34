"""Delete downloaded dumps and ended runs that nothing needs any more, so that disk and ledger do not fill up."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.ingest import ledger
from apps.ingest.models import (
    COMPLETE,
    ENDED,
    Chunk,
    DeadLetter,
    Event,
    QualityFinding,
    RemovedEntity,
    Run,
)
from apps.ingest.runs import published
from apps.ingest.sources import catalogue
from apps.ingest.sources.registry import DUMPS

logger = logging.getLogger(__name__)

# Suffixes of whole dump files. Others are checksums, markers and unfinished downloads.
WHOLE = (".gz", ".xz", ".jsonl")


def tidy() -> None:
    """Delete what is not needed, in one process at a time and never during a download."""
    with ledger.hold_lock("download", 0) as is_ours:
        if is_ours:
            for source in DUMPS:
                tidy_dumps(source)
    with ledger.hold_lock("tidy", 0) as is_ours:
        if is_ours:
            tidy_ledger()


def tidy_dumps(source: str) -> list[str]:
    """Delete the files of old versions in a source's folder of dumps; return their names.

    Kept are the newest ``DUMPS_KEEP`` versions, those of unfinished runs, and the newest one until it is loaded.
    """
    dumps = DUMPS[source]
    if not dumps.folder.is_dir():
        return []
    by_version = dumps.files.kept(dumps.folder)
    with_dumps = [version for version, paths in by_version.items() if any(path.suffix in WHOLE for path in paths)]
    keep = set(sorted(with_dumps, reverse=True)[: max(settings.DUMPS_KEEP, 0)])
    # A run that is interrupted may have to split its file again, so it needs the file until it has ended.
    keep |= set(Run.objects.exclude(state__in=ENDED).values_list("version", flat=True))
    newest = max(by_version, default="")
    keep |= {newest} if newest > (published.find_loaded_version(source) or "") else set()
    old = sorted(by_version.keys() - keep)
    paths = [path for version in old for path in by_version[version]]
    # A version in a folder of its own has its own catalogue, which is deleted with the folder's files.
    if catalogued := [path.name for path in paths if path.parent == dumps.folder]:
        catalogue.drop(dumps.folder, *catalogued)
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths} - {dumps.folder}:
        # rmdir refuses a folder that is not empty: files that an operator put there stay.
        with suppress(OSError):
            folder.rmdir()
    if paths:
        ledger.note(None, "tidied", f"The dump files of {source} {', '.join(old)} were deleted (DUMPS_KEEP)")
    return [path.name for path in paths]


def tidy_ledger() -> list[int]:
    """Delete runs that ended more than ``LEDGER_KEEP_DAYS`` ago, with all their rows; return their numbers.

    A run that is still needed loses only its events. It keeps its findings, which may still be true of unchanged
    records (decision 31). Events without a run are deleted at the same age.
    """
    before = Now() - timedelta(days=settings.LEDGER_KEEP_DAYS)
    ended = Run.objects.filter(state__in=ENDED, completed_at__lt=before)
    Event.objects.filter(Q(run=None, at__lt=before) | Q(run__in=ended)).delete()
    needed = find_needed_runs()
    QualityFinding.objects.filter(run__in=ended).exclude(run__in=needed).delete()
    deleted = list(ended.exclude(pk__in=needed).order_by("pk").values_list("pk", flat=True))
    for pk in deleted:
        delete(pk)
    if deleted:
        logger.info("runs deleted", extra={"runs": deleted})
    return deleted


def find_needed_runs() -> set[int]:
    """Return the runs that later runs still ask about.

    - runs with a debt to the graph, and runs that deleted rows whose nodes are still in the graph;
    - for each type, the last run that loaded it and the last one whose purge was not vetoed, and for each source the
      run of the newest version: guards compare with them;
    - the last run that did maintenance and all runs since: the next maintenance does what they left.
    """
    needed = set(Chunk.objects.filter(ledger.UNPAID).values_list("file__run", flat=True).distinct())
    unlinked = RemovedEntity.objects.filter(purged_at__isnull=False, unlinked_at__isnull=True)
    needed |= set(unlinked.values_list("run", flat=True).distinct())
    for source, dumps in DUMPS.items():
        files = [published.find_newest_file(record_type, source) for record_type in dumps.types]
        files += [ledger.find_reference_files(source, each).first() for each in dumps.types]
        needed |= {file.run_id for file in files if file}
        complete = Run.objects.filter(source=source, state__in=COMPLETE)
        newest = complete.order_by("-version", "-pk").first()
        maintained = complete.exclude(steps_done=[]).order_by("-pk").first()
        needed |= {newest.pk} if newest else set()
        since = Q(pk__gte=maintained.pk) if maintained else Q()
        needed |= set(Run.objects.filter(since, source=source).values_list("pk", flat=True))
    return needed


def delete(pk: int) -> None:
    """Delete a run, and before it its many rows, which Django would otherwise read one by one to cascade."""
    with transaction.atomic():
        for model in (RemovedEntity, DeadLetter):
            model.objects.filter(run=pk).delete()
        Run.objects.filter(pk=pk).delete()
