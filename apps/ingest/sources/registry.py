"""The dumps of each source: what their files are called here, and how the site of their publisher is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from apps.ingest.models import Source
from apps.ingest.sources import discogs, listing, musicbrainz, musicbrainz_listing
from apps.ingest.sources.client import Client
from apps.ingest.sources.discogs import Dump
from apps.ingest.sources.offers import Offer, Overview


class Files(Protocol):
    """What is known of a source's files. Paths are from the folder of its dumps."""

    @property
    def TYPES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """The types that it has, in the order in which they are loaded."""

    def find(self, folder: Path, version: str | None, types: Collection[str]) -> Dump:
        """Find the dump of a version, or the newest."""

    def complete_versions(self, folder: Path) -> list[str]:
        """Return the versions that a folder has all files of, newest first."""

    def path_of(self, key: str) -> str:
        """Return where the file of a publisher's key is kept."""

    def checksums_path(self, version: str) -> str:
        """Return where the checksums of a version are."""

    def marker_path(self, version: str) -> str:
        """Return where the marker of a version is."""

    def kept(self, folder: Path) -> dict[str, list[Path]]:
        """Return the files that are ours to delete: version → paths."""


class Site(Protocol):
    """What is known of a publisher's site, whose address is ``base``."""

    def look(self, client: Client, base: str) -> Overview:
        """Return which versions there are."""

    def offer(self, client: Client, base: str, version: str | None, types: Collection[str]) -> Offer:
        """Find the newest version, or the one that is asked for, with its checksums."""

    def file_address(self, base: str, key: str) -> str:
        """Return where the file of a key is downloaded from."""


@dataclass(frozen=True, slots=True)
class Dumps:
    """The dumps of one source, whose settings begin with its name.

    fragment: suffix of a file that holds one record as the dump has it.
    waits_for: the source whose unfinished run ends first, unless a run is told not to wait.
    graph_needs_tables: the graph is made from its tables, so it cannot be loaded without them.
    """

    source: str
    files: Files
    site: Site
    fragment: str
    waits_for: str = ""
    graph_needs_tables: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The types that it has, in the order in which they are loaded."""
        return self.files.TYPES

    @property
    def folder(self) -> Path:
        """The folder of those that are downloaded."""
        return Path(getattr(settings, f"{self.source.upper()}_ROOT")).resolve()

    @property
    def url(self) -> str:
        """The address of its publisher's site."""
        return str(getattr(settings, f"{self.source.upper()}_DUMP_URL"))

    def address(self, key: str) -> str:
        """Return where the file of a key is downloaded from."""
        return self.site.file_address(self.url, key)


DUMPS = {
    each.source: each
    for each in (
        Dumps(Source.DISCOGS.value, discogs, listing, "xml"),
        Dumps(
            Source.MUSICBRAINZ.value,
            musicbrainz,
            musicbrainz_listing,
            "jsonl",
            waits_for=Source.DISCOGS.value,
            graph_needs_tables=True,
        ),
    )
}
