"""Start, resume, cancel and complete runs. The commands, the admin and the schedule all call these functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from apps.ingest import hashing, ledger
from apps.ingest.chunks import spool
from apps.ingest.discogs import rules
from apps.ingest.errors import DumpError, RunError, WaitError
from apps.ingest.models import COMPLETE, ENDED, Chunk, DumpFile, FileState, Run, RunState, Source
from apps.ingest.runs import markers
from apps.ingest.sources.discogs_ids import LAST_ID
from apps.ingest.sources.registry import DUMPS

# (source, type) → whether the type's table is empty.
IsEmpty = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Options:
    """The options that a run starts with, from the command, the admin's form or the schedule.

    ``types`` empty: all types of the source. ``version`` None: the newest. ``now``: do not wait until a run of another
    source has ended. ``graph``: ``bolt`` or ``bulk``, how the graph is loaded; empty: what suits the dump.
    """

    source: str
    types: Collection[str] = ()
    version: str | None = None
    stores: Collection[str] = ("tables", "graph")
    force: bool = False
    rewrite: bool = False
    confirm_purge: bool = False
    now: bool = False
    graph: str = ""

    @property
    def wanted(self) -> Collection[str]:
        """The types to load."""
        return self.types or DUMPS[self.source].types


def find_unfinished(source: str) -> Run | None:
    """Return the source's unfinished run, or None. A unique index allows only one."""
    return Run.objects.filter(source=source).exclude(state__in=ENDED).first()


def start(options: Options, *, folder: Path, is_empty: IsEmpty, by: str = "") -> Run:
    """Enter a run of the newest version in a folder, or of the one in ``options``, into the ledger.

    Nothing is dispatched. ``by`` is who or what starts the run.

    Raises:
        DumpError: The folder has no such dump, or a file of the dump is empty.
        RulesError: The rules file is invalid.
        RunError: A run of the source is unfinished, or a newer version is loaded and ``force`` is not set.
    """
    refuse_second(options.source)
    dump = DUMPS[options.source].files.find(folder, options.version, options.wanted)
    files = [
        DumpFile(
            type=record_type,
            path=str(path.resolve()),
            checksum=dump.checksums.get(path.name, ""),
            bytes=path.stat().st_size,
        )
        for record_type, path in dump.files.items()
    ]
    run = enter(options, dump.version, folder.resolve(), files, is_empty, by=by)
    if unverified := [file.path for file in files if not file.checksum]:
        names = ", ".join(Path(path).name for path in unverified)
        ledger.note(run, "unverified", f"{folder} has no checksum of {names}: not verified")
    return run


def enter(
    options: Options, version: str, folder: Path, files: Sequence[DumpFile], is_empty: IsEmpty, *, by: str
) -> Run:
    """Enter a run and its files into the ledger.

    Raises:
        DumpError: Only the graph is to be loaded, and the tables do not hold this version.
        RulesError: The rules file is invalid.
        RunError: A run of the source is unfinished, or a newer version is loaded and ``force`` is not set.
    """
    active_rules = get_active_rules()
    types = [file.type for file in files]
    refuse_older(options.source, version, force=options.force)
    if "tables" not in options.stores:
        require_tables(options.source, version, types)
    # One transaction: no other process sees the run without its files.
    with transaction.atomic():
        run = create(
            source=options.source,
            version=version,
            folder=str(folder),
            types=types,
            stores=sorted(options.stores),
            bulk=options.graph == "bulk",
            rewrite=options.rewrite,
            confirm_purge=options.confirm_purge,
            waits=bool(DUMPS[options.source].waits_for) and not options.now,
            **active_rules,
        )
        for file in files:
            file.run = run
            file.first_load = is_empty(run.source, file.type)
            file.save()
            if run.bulk:
                # Its chunks count as linked before the import: if that never comes, the next run must send every
                # record. A run that completes crosses these out.
                ledger.owe(file.type, [(1, LAST_ID)])
        origin = "the publisher's site" if files[0].url else folder
        ledger.note(run, "started", f"{run} from {origin}", by=by)
    return run


def rebuild(*, by: str = "") -> Run:
    """Enter a run that rebuilds the graph from the tables (decision 11). Its files have no path.

    Nothing is dispatched.

    Raises:
        RunError: Nothing is loaded, or a run is unfinished.
    """
    refuse_second(Source.DISCOGS)
    loaded = Run.objects.filter(source=Source.DISCOGS, state__in=COMPLETE).order_by("-pk").first()
    if loaded is None:
        raise RunError("Nothing is loaded yet: there is no table to rebuild the graph from")
    types = DUMPS[Source.DISCOGS].types
    run = create(source=Source.DISCOGS, version=loaded.version, folder="", types=list(types), stores=["graph"])
    for record_type in types:
        DumpFile.objects.create(run=run, type=record_type, path="", bytes=0, first_load=False)
    ledger.note(run, "started", f"{run}: the graph again from the tables", by=by)
    return run


def create(*, source: str, **fields: Any) -> Run:
    """Enter a run, and delete what ended runs left in the spool.

    Raises:
        RunError: A run of the source is unfinished.
    """
    try:
        # A transaction of its own, as a savepoint: after an IntegrityError the one around it could not be used.
        with transaction.atomic():
            run = Run.objects.create(source=source, **fields)
    except IntegrityError as error:
        # Another run began after the check; the unique index refuses the second.
        raise build_unfinished_error(source, find_unfinished(source)) from error
    spool.sweep(keep=[str(pk) for pk in Run.objects.exclude(state__in=ENDED).values_list("pk", flat=True)])
    return run


def get_active_rules() -> dict[str, str]:
    """Return the run's fields about rules: the path of the file and a digest over rules and extraction revision.

    Raises:
        RulesError: The rules file is invalid.
    """
    active = rules.load(settings.DATA_QUALITY_RULES)
    return {
        "rules_path": str(settings.DATA_QUALITY_RULES or ""),
        "rules_digest": hashing.raw_salt(active.digest).hex(),
    }


def refuse_second(source: str) -> None:
    """Raise ``RunError`` if a run of the source is unfinished. Called first, so that no other error hides this one."""
    if (going_on := find_unfinished(source)) is not None:
        raise build_unfinished_error(source, going_on)


def build_unfinished_error(source: str, going_on: Run | None) -> RunError:
    """Return the error that names the unfinished run and the commands to resume or cancel it."""
    pk = going_on.pk if going_on else "N"
    return RunError(
        f"Run {pk} is unfinished: go on with it (extract {source} --resume) or end it (manage.py runs cancel {pk})"
    )


def refuse_older(source: str, version: str, *, force: bool) -> None:
    """Raise ``RunError`` if a newer version is loaded, unless ``force`` is set."""
    loaded = Run.objects.filter(source=source, state__in=COMPLETE).order_by("-version").first()
    if loaded is not None and version < loaded.version and not force:
        raise RunError(f"Version {version} is older than {loaded.version}, which is loaded: use --force to load it")


def require_tables(source: str, version: str, types: Collection[str]) -> None:
    """Raise if the tables do not hold this version: links of the graph are made by asking the tables."""
    if DUMPS[source].graph_needs_tables:
        raise RunError(f"The graph is made from the tables of {source}: load with --stores tables,graph")
    for record_type in types:
        files = DumpFile.objects.filter(type=record_type, run__source=source, state=FileState.COMPLETED)
        loaded = files.order_by("-run").first()
        if loaded is None or loaded.run.version != version:
            raise DumpError(f"The tables do not hold {record_type} of {version}: load with --stores tables,graph")


def wait_for_other_source(run: Run) -> None:
    """Raise while a run of the source that this run enriches is unfinished: it would enrich half of a graph.

    Raises:
        WaitError: A run of that source is unfinished. The task is retried later.
    """
    if run.waits and (going_on := find_unfinished(DUMPS[run.source].waits_for)) is not None:
        raise WaitError(f"{run} waits for {going_on}")


def resume(run: Run, *, by: str = "") -> Run:
    """Make a run ready to continue: stages that gave up may try again if the run still waits for them.

    Nothing is dispatched.

    Raises:
        RunError: The run has ended.
    """
    with transaction.atomic():
        # A conditional UPDATE: it locks the row, so that the run cannot end while its stages are reopened.
        if not Run.objects.filter(pk=run.pk).exclude(state__in=ENDED).update(heartbeat_at=Now()):
            raise RunError(f"Run {run.pk} has ended ({run.state}): start another")
        reopened = ledger.reopen(Chunk.objects.filter(file__run=run))
        Chunk.objects.filter(file__run=run).update(attempts=0)
        run.dead_letters.filter(record_id="", replayed_at__isnull=True, chunk__in=reopened).update(replayed_at=Now())
        ledger.note(run, "resumed", f"{run} goes on", by=by)
    return run


def cancel(run: Run, *, by: str = "") -> None:
    """End a run at once. Its tasks that are delivered later do nothing.

    Raises:
        RunError: The run has ended already.
    """
    with transaction.atomic():
        if not ledger.end(run, RunState.CANCELLED):
            raise RunError(f"Run {run.pk} has ended ({run.state})")
        ledger.note(run, "cancelled", f"{run} was cancelled", by=by)
    markers.write(run)


def complete(run: Run) -> None:
    """End a run whose stages are all settled, write its marker and delete its blobs."""
    # Messages that died in the broker do not count: the watchdog dispatched from the ledger what they would have done.
    dead = run.dead_letters.filter(replayed_at__isnull=True, message_id="").count()
    if dead:
        ledger.warn(run, f"{dead} dead letters: see them in the admin; the next run tries those records again")
    run.refresh_from_db(fields=("warnings",))
    state = RunState.COMPLETED_WITH_WARNINGS if run.warnings else RunState.COMPLETED
    if ledger.end(run, state):
        ledger.note(run, "completed", f"{run} completed")
    markers.write(run)
    spool.delete(str(run.pk))
