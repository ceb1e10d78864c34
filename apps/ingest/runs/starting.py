"""Starting, resuming and cancelling a run: the one way for the command, the admin and whatever asks next."""

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
from apps.ingest.sources.registry import DUMPS

# Asks of a source's type whether its table has no row.
IsEmpty = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to load, and how. The command, the admin's form and the schedule begin each run with these.

    ``types`` empty: all that the source has. ``version`` None: the newest. ``now``: the run does not wait for the run
    of another source to end.
    """

    source: str
    types: Collection[str] = ()
    version: str | None = None
    stores: Collection[str] = ("tables", "graph")
    force: bool = False
    rewrite: bool = False
    confirm_purge: bool = False
    now: bool = False

    @property
    def wanted(self) -> Collection[str]:
        """The types that are to be loaded."""
        return self.types or DUMPS[self.source].types


def unfinished(source: str) -> Run | None:
    """Return the run of a source that has not ended, if there is one."""
    return Run.objects.filter(source=source).exclude(state__in=ENDED).first()


def start(options: Options, *, folder: Path, is_empty: IsEmpty, by: str = "") -> Run:
    """Enter a run of the newest version in a folder, or of the one asked for, into the ledger. Nothing is dispatched.

    ``by`` is who or what starts it.

    Raises:
        DumpError: The folder has no such dump, or a file of it is empty.
        RulesError: The rules file is invalid.
        RunError: A run of the source is unfinished, or the version is older than what is loaded and not forced.
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
        DumpError: The graph alone is to be loaded, of a version that the tables do not hold.
        RulesError: The rules file is invalid.
        RunError: A run of the source is unfinished, or the version is older than what is loaded and not forced.
    """
    active_rules = rules_in_force()
    types = [file.type for file in files]
    refuse_older(options.source, version, force=options.force)
    if "tables" not in options.stores:
        require_tables(options.source, version, types)
    with transaction.atomic():
        run = create(
            source=options.source,
            version=version,
            folder=str(folder),
            types=types,
            stores=sorted(options.stores),
            rewrite=options.rewrite,
            confirm_purge=options.confirm_purge,
            waits=bool(DUMPS[options.source].waits_for) and not options.now,
            **active_rules,
        )
        for file in files:
            file.run = run
            file.first_load = is_empty(run.source, file.type)
            file.save()
        origin = "the publisher's site" if files[0].url else folder
        ledger.note(run, "started", f"{run} from {origin}", by=by)
    return run


def rebuild(*, by: str = "") -> Run:
    """Enter a run that makes the graph again from the tables: its files have no path. Nothing is dispatched.

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
    """Enter a run, and delete what ended ones left in the spool.

    Raises:
        RunError: One of its source is unfinished.
    """
    try:
        with transaction.atomic():
            run = Run.objects.create(source=source, **fields)
    except IntegrityError as error:
        # Another one began since anybody looked.
        raise is_unfinished(source, unfinished(source)) from error
    spool.sweep(keep=[str(pk) for pk in Run.objects.exclude(state__in=ENDED).values_list("pk", flat=True)])
    return run


def rules_in_force() -> dict[str, str]:
    """Return what a run keeps of the rules that it begins with.

    Raises:
        RulesError: The rules file is invalid.
    """
    active = rules.load(settings.DATA_QUALITY_RULES)
    return {
        "rules_path": str(settings.DATA_QUALITY_RULES or ""),
        "rules_digest": hashing.raw_salt(active.digest).hex(),
    }


def refuse_second(source: str) -> None:
    """Refuse to begin while a run is unfinished: said first, whatever else is wrong with what was asked for."""
    if (going_on := unfinished(source)) is not None:
        raise is_unfinished(source, going_on)


def is_unfinished(source: str, going_on: Run | None) -> RunError:
    """Return the error that names the unfinished run."""
    pk = going_on.pk if going_on else "N"
    return RunError(
        f"Run {pk} is unfinished: go on with it (extract {source} --resume) or end it (manage.py runs cancel {pk})"
    )


def refuse_older(source: str, version: str, *, force: bool) -> None:
    """Refuse to put an old version over a newer one, unless forced."""
    loaded = Run.objects.filter(source=source, state__in=COMPLETE).order_by("-version").first()
    if loaded is not None and version < loaded.version and not force:
        raise RunError(f"Version {version} is older than {loaded.version}, which is loaded: use --force to load it")


def require_tables(source: str, version: str, types: Collection[str]) -> None:
    """Refuse to load a graph alone of what the tables do not hold: its links are made by asking them."""
    if DUMPS[source].graph_needs_tables:
        raise RunError(f"The graph is made from the tables of {source}: load with --stores tables,graph")
    for record_type in types:
        files = DumpFile.objects.filter(type=record_type, run__source=source, state=FileState.COMPLETED)
        loaded = files.order_by("-run").first()
        if loaded is None or loaded.run.version != version:
            raise DumpError(f"The tables do not hold {record_type} of {version}: load with --stores tables,graph")


def wait_for_other_source(run: Run) -> None:
    """Let a run wait while the source that it enriches is being loaded: it would find half of a graph.

    Raises:
        WaitError: A run of that source is unfinished.
    """
    if run.waits and (going_on := unfinished(DUMPS[run.source].waits_for)) is not None:
        raise WaitError(f"{run} waits for {going_on}")


def resume(run: Run, *, by: str = "") -> Run:
    """Make a run ready to go on: what gave up may try again if the run still waits for it. Nothing is dispatched.

    Raises:
        RunError: It has ended.
    """
    with transaction.atomic():
        if not Run.objects.filter(pk=run.pk).exclude(state__in=ENDED).update(heartbeat_at=Now()):
            raise RunError(f"Run {run.pk} has ended ({run.state}): start another")
        reopened = ledger.reopen(Chunk.objects.filter(file__run=run))
        Chunk.objects.filter(file__run=run).update(attempts=0)
        run.dead_letters.filter(record_id="", replayed_at__isnull=True, chunk__in=reopened).update(replayed_at=Now())
        ledger.note(run, "resumed", f"{run} goes on", by=by)
    return run


def cancel(run: Run, *, by: str = "") -> None:
    """End a run where it is; tasks of it that come later do nothing.

    Raises:
        RunError: It has ended.
    """
    with transaction.atomic():
        if not ledger.end(run, RunState.CANCELLED):
            raise RunError(f"Run {run.pk} has ended ({run.state})")
        ledger.note(run, "cancelled", f"{run} was cancelled", by=by)
    markers.write(run)


def complete(run: Run) -> None:
    """End a run whose every stage is settled, and tidy up after it."""
    # A message that died in the broker took nothing with it: the ledger had it sent again.
    dead = run.dead_letters.filter(replayed_at__isnull=True, message_id="").count()
    if dead:
        ledger.warn(run, f"{dead} dead letters: see them in the admin; the next run tries those records again")
    run.refresh_from_db(fields=("warnings",))
    state = RunState.COMPLETED_WITH_WARNINGS if run.warnings else RunState.COMPLETED
    if ledger.end(run, state):
        ledger.note(run, "completed", f"{run} completed")
    markers.write(run)
    spool.delete(str(run.pk))
