"""Runs of what the publisher offers: what is newest there, whether it is loaded, the start of a run that fetches it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction

from apps.ingest import ledger, runs
from apps.ingest.errors import DumpError, NothingToDoError, RunError, SiteError
from apps.ingest.models import COMPLETE, DumpFile, FileState, Run, Source
from apps.ingest.sources import client, discogs, listing, musicbrainz, musicbrainz_listing
from apps.ingest.sources.client import Client
from apps.ingest.sources.clock import Clock
from apps.ingest.sources.listing import Listing, Published

CHECKSUM_BYTES = 1024**2


class AlreadyLoadedError(NothingToDoError):
    """The version is in the stores that were asked for, as it is published."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"Version {run.version} is loaded already (run {run.pk}): --force reads it again")
        self.run = run


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that can be downloaded: the key of each file that is wanted, and their published checksums."""

    version: str
    keys: dict[str, str]
    checksums: dict[str, str]
    warnings: tuple[str, ...]
    source: str = Source.DISCOGS


def folder(source: str = Source.DISCOGS) -> Path:
    """Return the folder of a source's downloaded dumps."""
    root = settings.MUSICBRAINZ_ROOT if source == Source.MUSICBRAINZ else settings.DISCOGS_ROOT
    return Path(root).resolve()


def open_client(source: str = Source.DISCOGS, clock: Clock | None = None) -> Client:
    """Return a client for a publisher's site, which waits by a clock.

    Raises:
        DumpError: The folder of the dumps cannot be made or written.
    """
    root = folder(source)
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / client.pace_file(source)).touch()
    except OSError as error:
        raise DumpError(f"{source.upper()}_ROOT {root} cannot be written: {error.strerror}") from error
    return client.of(source, root, clock)


def look() -> Listing:
    """Ask the publisher which versions there are.

    Raises:
        SiteError: Its pages cannot be read.
        DumpError: The folder of the dumps cannot be written.
    """
    return listing.read(open_client(), settings.DISCOGS_DUMP_URL)


def offer(
    version: str | None = None,
    types: Collection[str] | None = None,
    source: str = Source.DISCOGS,
    clock: Clock | None = None,
) -> Offer:
    """Find the newest complete version at a publisher's, or the one that is asked for, with its checksums.

    Raises:
        NothingToDoError: No version there is complete.
        RunError: The one that is asked for is not there, or lacks a file.
        SiteError: The pages cannot be read.
    """
    types = types or runs.SOURCES[source].TYPES
    asking = open_client(source, clock)
    if source == Source.MUSICBRAINZ:
        return offer_of_musicbrainz(asking, version, types)
    found = listing.read(asking, settings.DISCOGS_DUMP_URL)
    chosen = choose(found, version, types)
    sums, warnings = checksums(asking, chosen)
    keys = {record_type: chosen.keys[record_type] for record_type in discogs.TYPES if record_type in types}
    unverified = [key for key in keys.values() if file_name(key) not in sums]
    if unverified and not warnings:
        warnings = [f"{', '.join(map(file_name, unverified))} unverified: no checksum is published"]
    return Offer(chosen.version, keys, sums, (*found.warnings, *warnings))


def offer_of_musicbrainz(asking: Client, version: str | None, types: Collection[str]) -> Offer:
    """Find a version of MusicBrainz. Its checksums are required: without one a file is not there yet."""
    listed = musicbrainz_listing.versions(asking, settings.MUSICBRAINZ_DUMP_URL)
    if version is not None and version not in listed:
        raise RunError(
            f"Version {version} is not published. There are {', '.join(listed)}; others load with --from DIR"
        )
    chosen = version or listed[0]
    sums = discogs.parse_checksums(musicbrainz_listing.checksums(asking, settings.MUSICBRAINZ_DUMP_URL, chosen))
    entities = {each: musicbrainz.ENTITIES[each] for each in musicbrainz.TYPES if each in types}
    if missing := musicbrainz_listing.missing(sums, entities.values()):
        raise RunError(f"Version {chosen} has no checksum of {', '.join(missing)}: it is not complete yet")
    keys = {record_type: musicbrainz_listing.key(chosen, entity) for record_type, entity in entities.items()}
    return Offer(chosen, keys, sums, (), Source.MUSICBRAINZ)


def choose(found: Listing, version: str | None, types: Collection[str]) -> Published:
    """Return the newest complete version, or the one that is asked for, which has to have the types alone."""
    if version is None:
        if found.newest is None:
            raise NothingToDoError("No complete version is published at the moment: there is nothing to load")
        return found.newest
    chosen = found.find(version)
    if chosen is None:
        listed = ", ".join(each.version for each in found.versions)
        raise RunError(f"Version {version} is not published. There are {listed}; older ones load with --from DIR")
    if missing := sorted(set(types) - chosen.keys.keys()):
        raise RunError(f"Version {version} is not complete at the publisher's yet: {', '.join(missing)} missing")
    return chosen


def checksums(asking: Client, chosen: Published) -> tuple[dict[str, str], list[str]]:
    """Return the published checksums of a version, file name → hex, and a warning if they cannot be had."""
    if chosen.checksum_key is None:
        return {}, [f"Version {chosen.version} has no CHECKSUM file: its files are unverified"]
    try:
        text = asking.text(address(chosen.checksum_key), CHECKSUM_BYTES)
    except SiteError as error:
        return {}, [f"The CHECKSUM file of version {chosen.version} cannot be had, its files are unverified: {error}"]
    return discogs.parse_checksums(text), []


def address(key: str, source: str = Source.DISCOGS) -> str:
    """Return where the file of a key is downloaded from."""
    if source == Source.MUSICBRAINZ:
        return str(urljoin(settings.MUSICBRAINZ_DUMP_URL, key))
    return listing.address(settings.DISCOGS_DUMP_URL, download=key)


def path(key: str, source: str) -> Path:
    """Return where the file of a key is kept: those of MusicBrainz have the same names in each version's folder."""
    return folder(source) / (key if source == Source.MUSICBRAINZ else file_name(key))


def file_name(key: str) -> str:
    """Return the name of a key's file."""
    return key.rpartition("/")[2]


def start(  # noqa: PLR0913 - by keyword alone, one for each option of the command
    *,
    is_empty: Callable[[str], bool],
    source: str = Source.DISCOGS,
    types: Collection[str] | None = None,
    version: str | None = None,
    stores: Collection[str] = ("tables", "graph"),
    force: bool = False,
    rewrite: bool = False,
    confirm_purge: bool = False,
    waits: bool = False,
    clock: Clock | None = None,
) -> Run:
    """Enter a run of the newest published version, or of the one asked for, into the ledger: its workers fetch it.

    ``is_empty`` tells of a type whether its table has no row; ``clock`` is what is waited by for the site. Nothing is
    dispatched.

    Raises:
        AlreadyLoadedError: It is loaded as it is published, and nothing of ``force``, ``rewrite`` and ``confirm_purge``
            asks for it again.
        NothingToDoError: Nothing complete is published.
        RunError: A run is unfinished, the version is not published, or older than what is loaded and not forced.
        SiteError: The publisher's pages cannot be read.
    """
    runs.refuse_second(source)
    active_rules = runs.rules_in_force()
    found = offer(version, types, source, clock)
    if not (force or rewrite or confirm_purge) and (loaded := loaded_by(found, stores)) is not None:
        raise AlreadyLoadedError(loaded)
    runs.refuse_older(source, found.version, force=force)
    if "tables" not in stores:
        runs.require_tables(source, found.version, list(found.keys))
    with transaction.atomic():
        run = runs.create(
            source=source,
            version=found.version,
            folder=str(folder(source)),
            types=list(found.keys),
            stores=sorted(stores),
            rewrite=rewrite,
            confirm_purge=confirm_purge,
            waits=waits,
            **active_rules,
        )
        for record_type, key in found.keys.items():
            DumpFile.objects.create(
                run=run,
                type=record_type,
                path=str(path(key, source)),
                url=address(key, source),
                checksum=found.checksums.get(file_name(key), ""),
                bytes=0,
                first_load=is_empty(record_type),
            )
        ledger.note(run, "started", f"{run} from the publisher's site")
    for warning in found.warnings:
        ledger.warn(run, warning)
    run.refresh_from_db()
    return run


def loaded_by(found: Offer, stores: Collection[str]) -> Run | None:
    """Return the run that loaded an offer into these stores, if nothing else was loaded over it since.

    Files that are published under the same name with another checksum are another version.
    """
    run = None
    for record_type, key in found.keys.items():
        file = newest_file(record_type, found.source)
        if file is None or file.run.version != found.version or not set(stores) <= set(file.run.stores):
            return None
        published = found.checksums.get(file_name(key), "")
        if published and file.checksum and published != file.checksum:
            return None
        run = file.run
    return run


def newest_file(record_type: str, source: str = Source.DISCOGS) -> DumpFile | None:
    """Return the dump file that a type was loaded from last; the table itself, as of a rebuild, is none."""
    loaded = DumpFile.objects.filter(
        type=record_type, state=FileState.COMPLETED, run__source=source, run__state__in=COMPLETE
    )
    return loaded.exclude(path="").select_related("run").order_by("-run").first()


def loaded_version(source: str = Source.DISCOGS) -> str | None:
    """Return the version up to which every type of a source is loaded, None if a type is not."""
    files = [newest_file(record_type, source) for record_type in runs.SOURCES[source].TYPES]
    found = {file.run.version if file else "" for file in files}
    return min(found) or None


def here() -> list[str]:
    """Return the versions of which all files are in the folder of the dumps, newest first."""
    return discogs.complete_versions(folder()) if folder().is_dir() else []
