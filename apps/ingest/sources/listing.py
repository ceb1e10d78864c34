"""The versions that Discogs publishes, read from its web pages. The bucket behind them offers no listing.

The front page links a page for each year, ``?prefix=data%2F2026%2F``, and that links the files,
``?download=data%2F2026%2Fdiscogs_20260601_labels.xml.gz``.

Contract: docs/contract/data.md#discogs-files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

from apps.http.client import Client
from apps.http.errors import SiteError
from apps.ingest.errors import NothingToDoError, RunError
from apps.ingest.sources.checksums import parse
from apps.ingest.sources.discogs import TYPES, checksums_path
from apps.ingest.sources.offers import Offer, Overview, file_name

PAGE_BYTES = 8 * 1024**2
CHECKSUM_BYTES = 1024**2
YEARS = 2
PREFIX = re.compile(r"data/([0-9]{4})/")
KEY = re.compile(r"data/[0-9]{4}/discogs_([0-9]{8})_(?:(artists|labels|masters|releases)\.xml\.gz|(CHECKSUM)\.txt)")


@dataclass(slots=True)
class Published:
    """One published version: the key of each type's file, and of the list of checksums if there is one."""

    version: str
    keys: dict[str, str] = field(default_factory=dict)
    checksum_key: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all five files are published; Discogs publishes a version file by file."""
        return self.checksum_key is not None and self.keys.keys() == set(TYPES)


@dataclass(frozen=True, slots=True)
class Listing:
    """The versions of the newest years, newest first, and warnings about the pages for an operator."""

    versions: tuple[Published, ...]
    warnings: tuple[str, ...]

    @property
    def newest(self) -> Published | None:
        """The newest complete version, or None."""
        return next((each for each in self.versions if each.is_complete), None)

    def find(self, version: str) -> Published | None:
        """Return a listed version, complete or not; None if it is not listed."""
        return next((each for each in self.versions if each.version == version), None)


class Links(HTMLParser):
    """Collects the addresses of all links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the address if the tag is a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def parameters(page: str, name: str) -> list[str]:
    """Return the values of one query parameter in all links of a page."""
    links = Links()
    links.feed(page)
    links.close()
    return [value for link in links.found for value in parse_qs(query(link)).get(name, [])]


def query(link: str) -> str:
    """Return the query of an address; "" if the address is invalid."""
    try:
        return urlsplit(link).query
    except ValueError:
        return ""


def years(page: str) -> list[str]:
    """Return the years that the front page links, newest first."""
    return sorted(
        {match[1] for value in parameters(page, "prefix") if (match := PREFIX.fullmatch(value))}, reverse=True
    )


def keys(page: str) -> list[str]:
    """Return the keys of the dump files that a year's page links; other files are ignored."""
    return [value for value in parameters(page, "download") if KEY.fullmatch(value)]


def versions(found: Iterable[str]) -> tuple[Published, ...]:
    """Group keys by version, newest first."""
    by_version: dict[str, Published] = {}
    for key in found:
        match = KEY.fullmatch(key)
        if match is None:
            raise ValueError(key)
        version = by_version.setdefault(match[1], Published(match[1]))
        if match[3]:
            version.checksum_key = key
        else:
            version.keys[match[2]] = key
    return tuple(by_version[each] for each in sorted(by_version, reverse=True))


def address(base: str, **parameter: str) -> str:
    """Return the address of a page or a file of the site."""
    return f"{base}?{urlencode(parameter)}"


def file_address(base: str, key: str) -> str:
    """Return the URL of a key's file."""
    return address(base, download=key)


def read(client: Client, base: str) -> Listing:
    """Read the pages of the two newest years.

    If a year's page cannot be read or links no file, that is a warning, since the other page may suffice.

    Raises:
        SiteError: The front page cannot be read or links no year, or no page links a file.
    """
    newest = years(client.text(base, PAGE_BYTES))[:YEARS]
    if not newest:
        raise SiteError(f"{base} links no year: its mark-up may have changed, or DISCOGS_DUMP_URL is wrong")
    found: list[str] = []
    warnings = []
    for year in newest:
        url = address(base, prefix=f"data/{year}/")
        try:
            listed = keys(client.text(url, PAGE_BYTES))
        except SiteError as error:
            warnings.append(f"The page of {year} cannot be read: {error}")
            continue
        if not listed:
            warnings.append(f"{url} links no dump file: its mark-up may have changed")
        found += listed
    if not found:
        raise SiteError(f"{base} lists no dump file. {'; '.join(warnings)}")
    return Listing(versions(found), tuple(warnings))


def look(client: Client, base: str) -> Overview:
    """Return an overview of the published versions.

    Raises:
        SiteError: The pages cannot be read.
    """
    found = read(client, base)
    incomplete = tuple(each.version for each in found.versions if not each.is_complete)
    return Overview(found.newest.version if found.newest else None, incomplete, found.warnings)


def offer(client: Client, base: str, version: str | None, types: Collection[str]) -> Offer:
    """Return the newest complete version, or ``version``, with its checksums if there are any.

    Raises:
        NothingToDoError: No version is complete.
        RunError: ``version`` is not published, or lacks a file.
        SiteError: The pages cannot be read.
    """
    found = read(client, base)
    chosen = choose(found, version, types)
    sums, warnings = checksums(client, base, chosen)
    keys = {record_type: chosen.keys[record_type] for record_type in TYPES if record_type in types}
    unverified = [name for name in map(file_name, keys.values()) if name not in sums]
    if unverified and not warnings:
        warnings = [f"{', '.join(unverified)} unverified: no checksum is published"]
    return Offer(chosen.version, keys, sums, (*found.warnings, *warnings))


def choose(found: Listing, version: str | None, types: Collection[str]) -> Published:
    """Return the newest complete version, or ``version``, of which only the files of ``types`` must be there."""
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


def checksums(client: Client, base: str, chosen: Published) -> tuple[dict[str, str], list[str]]:
    """Return (file name → SHA-256 in hex, warnings); the checksums are empty if they cannot be downloaded."""
    if chosen.checksum_key is None:
        return {}, [f"Version {chosen.version} has no CHECKSUM file: its files are unverified"]
    try:
        text = client.text(file_address(base, chosen.checksum_key), CHECKSUM_BYTES)
    except SiteError as error:
        return {}, [f"The CHECKSUM file of version {chosen.version} cannot be had, its files are unverified: {error}"]
    return parse(text, checksums_path(chosen.version)), []
