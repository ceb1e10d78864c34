"""The dumps of each source: the names of their files, and how the publisher's site is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from apps.http.client import Client
from apps.ingest.models import Source
from apps.ingest.sources import discogs, listing, musicbrainz, musicbrainz_listing
from apps.ingest.sources.discogs import Dump
from apps.ingest.sources.offers import Offer, Overview


class Files(Protocol):
    """The functions of a source's module about files. Paths are relative to the folder of the source's dumps."""

    @property
    def TYPES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """The source's record types, in the order in which they are loaded."""

    def find(self, folder: Path, version: str | None, types: Collection[str]) -> Dump:
        """Return the dump of a version in a folder, or the newest one for None."""

    def complete_versions(self, folder: Path) -> list[str]:
        """Return the versions whose files are all in the folder, newest first."""

    def path_of(self, key: str) -> str:
        """Return the path of the file with a publisher's key."""

    def checksums_path(self, version: str) -> str:
        """Return the path of a version's list of checksums."""

    def marker_path(self, version: str) -> str:
        """Return the path of a version's marker."""

    def kept(self, folder: Path) -> dict[str, list[Path]]:
        """Return the files that retention may delete: version → paths."""


class Site(Protocol):
    """The functions of a source's module about the publisher's site, whose address is ``base``."""

    def look(self, client: Client, base: str) -> Overview:
        """Return an overview of the published versions."""

    def offer(self, client: Client, base: str, version: str | None, types: Collection[str]) -> Offer:
        """Return the newest version, or ``version``, with its checksums."""

    def file_address(self, base: str, key: str) -> str:
        """Return the URL of a key's file."""


@dataclass(frozen=True, slots=True)
class Dumps:
    """The dumps of one source. The names of its settings begin with the source's name.

    fragment: the suffix of a file that holds one record in the dump's format.
    waits_for: the source whose unfinished run must end first, unless a run is told not to wait.
    graph_needs_tables: the graph is made from the source's tables and cannot be loaded without them.
    """

    source: str
    files: Files
    site: Site
    fragment: str
    waits_for: str = ""
    graph_needs_tables: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The source's record types, in the order in which they are loaded."""
        return self.files.TYPES

    @property
    def folder(self) -> Path:
        """The folder for downloaded dumps."""
        return Path(getattr(settings, f"{self.source.upper()}_ROOT")).resolve()

    @property
    def url(self) -> str:
        """The address of the publisher's site."""
        return str(getattr(settings, f"{self.source.upper()}_DUMP_URL"))

    def address(self, key: str) -> str:
        """Return the URL of a key's file."""
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
