"""Runs of what the publisher offers: what is newest there, whether it is loaded, the start of a run that fetches it."""

from __future__ import annotations

from apps.ingest import ledger
from apps.ingest.errors import DumpError, NothingToDoError
from apps.ingest.models import DumpFile, Run
from apps.ingest.runs import starting
from apps.ingest.runs.starting import IsEmpty, Options
from apps.ingest.sources import client
from apps.ingest.sources.client import Client
from apps.ingest.sources.clock import Clock
from apps.ingest.sources.offers import Offer, Overview
from apps.ingest.sources.registry import DUMPS


class AlreadyLoadedError(NothingToDoError):
    """The version is in the stores that were asked for, as it is published."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"Version {run.version} is loaded already (run {run.pk}): --force reads it again")
        self.run = run


def open_client(source: str, clock: Clock | None = None) -> Client:
    """Return a client for a publisher's site, which waits by a clock.

    Raises:
        DumpError: The folder of the dumps cannot be made or written.
    """
    folder = DUMPS[source].folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / client.pace_file(source)).touch()
    except OSError as error:
        raise DumpError(f"{source.upper()}_ROOT {folder} cannot be written: {error.strerror}") from error
    return client.of(source, folder, clock)


def look(source: str) -> Overview:
    """Ask a publisher which versions there are.

    Raises:
        SiteError: Its pages cannot be read.
        DumpError: The folder of the dumps cannot be written.
    """
    return DUMPS[source].site.look(open_client(source), DUMPS[source].url)


def offer(options: Options, clock: Clock | None = None) -> Offer:
    """Find the newest complete version at a publisher's, or the one that is asked for, with its checksums.

    Raises:
        NothingToDoError: No version there is complete.
        RunError: The one that is asked for is not there, or lacks a file.
        SiteError: The pages cannot be read.
    """
    dumps = DUMPS[options.source]
    return dumps.site.offer(open_client(options.source, clock), dumps.url, options.version, options.wanted)


def start(options: Options, *, is_empty: IsEmpty, by: str = "", clock: Clock | None = None) -> Run:
    """Enter a run of the newest published version, or of the one asked for, into the ledger: its workers fetch it.

    ``by`` is who or what starts it, ``clock`` what is waited by for the site. Nothing is dispatched.

    Raises:
        AlreadyLoadedError: It is loaded as it is published, and nothing of ``force``, ``rewrite`` and ``confirm_purge``
            asks for it again.
        NothingToDoError: Nothing complete is published.
        RunError: A run is unfinished, the version is not published, or older than what is loaded and not forced.
        SiteError: The publisher's pages cannot be read.
    """
    starting.refuse_second(options.source)
    dumps, found = DUMPS[options.source], offer(options, clock)
    is_asked_for = options.force or options.rewrite or options.confirm_purge
    if not is_asked_for and (loaded := loaded_by(found, options)) is not None:
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


def loaded_by(found: Offer, options: Options) -> Run | None:
    """Return the run that loaded an offer into the stores asked for, if nothing else was loaded over it since.

    Files that are published under the same name with another checksum are another version.
    """
    run = None
    for record_type, key in found.keys.items():
        file = newest_file(record_type, options.source)
        if file is None or file.run.version != found.version or not set(options.stores) <= set(file.run.stores):
            return None
        published = found.checksum(key)
        if published and file.checksum and published != file.checksum:
            return None
        run = file.run
    return run


def newest_file(record_type: str, source: str) -> DumpFile | None:
    """Return the dump file that a type was loaded from last; the table itself, as of a rebuild, is none."""
    return ledger.loaded_files(source, record_type).exclude(path="").first()


def loaded_version(source: str) -> str | None:
    """Return the version up to which every type of a source is loaded, None if a type is not."""
    files = [newest_file(record_type, source) for record_type in DUMPS[source].types]
    found = {file.run.version if file else "" for file in files}
    return min(found) or None


def here(source: str) -> list[str]:
    """Return the versions of which all files are in the folder of the dumps, newest first."""
    dumps = DUMPS[source]
    return dumps.files.complete_versions(dumps.folder) if dumps.folder.is_dir() else []
