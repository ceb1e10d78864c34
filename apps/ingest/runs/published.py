"""Runs of published versions: find the newest one, tell whether it is loaded, start a run that downloads it."""

from __future__ import annotations

from apps.http import client
from apps.http.client import Client
from apps.http.clock import Clock
from apps.ingest import ledger
from apps.ingest.errors import DumpError, NothingToDoError
from apps.ingest.models import DumpFile, Run
from apps.ingest.runs import starting
from apps.ingest.runs.starting import IsEmpty, Options
from apps.ingest.sources.offers import Offer, Overview
from apps.ingest.sources.registry import DUMPS


class AlreadyLoadedError(NothingToDoError):
    """The published version is loaded already, with the same checksums and into the stores asked for."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"Version {run.version} is loaded already (run {run.pk}): --force reads it again")
        self.run = run


def open_client(source: str, clock: Clock | None = None) -> Client:
    """Return a client for a publisher's site. ``clock`` decides how it waits between requests.

    Raises:
        DumpError: The folder of the dumps cannot be created or written.
    """
    folder = DUMPS[source].folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The client locks this file before its first request; here a failure can still be said in plain words.
        (folder / client.pace_file(source)).touch()
    except OSError as error:
        raise DumpError(f"{source.upper()}_ROOT {folder} cannot be written: {error.strerror}") from error
    return client.of(source, folder, clock)


def look(source: str) -> Overview:
    """Ask a publisher which versions are available.

    Raises:
        SiteError: The pages cannot be read.
        DumpError: The folder of the dumps cannot be written.
    """
    return DUMPS[source].site.look(open_client(source), DUMPS[source].url)


def offer(options: Options, clock: Clock | None = None) -> Offer:
    """Return the newest complete published version, or the one in ``options``, with its checksums.

    Raises:
        NothingToDoError: No published version is complete.
        RunError: The version in ``options`` is not published, or lacks a file.
        SiteError: The pages cannot be read.
    """
    dumps = DUMPS[options.source]
    return dumps.site.offer(open_client(options.source, clock), dumps.url, options.version, options.wanted)


def start(options: Options, *, is_empty: IsEmpty, by: str = "", clock: Clock | None = None) -> Run:
    """Enter a run of the newest published version, or of the one in ``options``, into the ledger.

    The run's workers download the files. ``by`` is who or what starts the run; ``clock`` is how the client waits for
    the site. Nothing is dispatched.

    Raises:
        AlreadyLoadedError: The version is loaded as it is published, and none of ``force``, ``rewrite`` and
            ``confirm_purge`` is set.
        NothingToDoError: No complete version is published.
        RunError: A run is unfinished, the version is not published, or older than what is loaded and not forced.
        SiteError: The publisher's pages cannot be read.
    """
    starting.refuse_second(options.source)
    dumps, found = DUMPS[options.source], offer(options, clock)
    is_asked_for = options.force or options.rewrite or options.confirm_purge
    if not is_asked_for and (loaded := find_loading_run(found, options)) is not None:
        raise AlreadyLoadedError(loaded)
    files = [
        DumpFile(
            type=record_type,
            path=str(dumps.folder / dumps.files.path_of(key)),
            url=dumps.address(key),
            checksum=found.checksum(key),
            bytes=0,
        )
        for record_type, key in found.keys.items()
    ]
    run = starting.enter(options, found.version, dumps.folder, files, is_empty, by=by)
    for warning in found.warnings:
        ledger.warn(run, warning)
    run.refresh_from_db()
    return run


def find_loading_run(found: Offer, options: Options) -> Run | None:
    """Return the run that loaded an offer into the stores asked for; None if it is not loaded or something newer is.

    A file that is published again with another checksum counts as not loaded.
    """
    run = None
    for record_type, key in found.keys.items():
        file = find_newest_file(record_type, options.source)
        if file is None or file.run.version != found.version or not set(options.stores) <= set(file.run.stores):
            return None
        published = found.checksum(key)
        # A publisher may replace a file under the same name. The version is then read once more; unchanged records cost
        # nothing.
        if published and file.checksum and published != file.checksum:
            return None
        run = file.run
    return run


def find_newest_file(record_type: str, source: str) -> DumpFile | None:
    """Return the dump file that a type was last loaded from. A rebuild of the graph reads no dump file."""
    return ledger.find_loaded_files(source, record_type).exclude(path="").first()


def find_loaded_version(source: str) -> str | None:
    """Return the oldest of the loaded versions of a source's types; None if a type is not loaded."""
    files = [find_newest_file(record_type, source) for record_type in DUMPS[source].types]
    found = {file.run.version if file else "" for file in files}
    return min(found) or None


def list_downloaded(source: str) -> list[str]:
    """Return the versions whose files are all in the folder of the dumps, newest first."""
    dumps = DUMPS[source]
    return dumps.files.complete_versions(dumps.folder) if dumps.folder.is_dir() else []
