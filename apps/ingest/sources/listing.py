"""What Discogs publishes, read from the pages of its site (data.md 1.1). A bucket without a listing is behind them.

The front page links a page for each year, ``?prefix=data%2F2026%2F``, and that links the files,
``?download=data%2F2026%2Fdiscogs_20260601_labels.xml.gz``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

from apps.ingest.errors import SiteError
from apps.ingest.sources.client import Client
from apps.ingest.sources.discogs import TYPES

PAGE_BYTES = 8 * 1024**2
YEARS = 2
PREFIX = re.compile(r"data/([0-9]{4})/")
KEY = re.compile(r"data/[0-9]{4}/discogs_([0-9]{8})_(?:(artists|labels|masters|releases)\.xml\.gz|(CHECKSUM)\.txt)")


@dataclass(slots=True)
class Published:
    """One version at the publisher's: the key of each type's file, and of the list of checksums if there is one."""

    version: str
    keys: dict[str, str] = field(default_factory=dict)
    checksum_key: str | None = None

    @property
    def is_complete(self) -> bool:
        """All five files are there: a version appears file by file."""
        return self.checksum_key is not None and self.keys.keys() == set(TYPES)


@dataclass(frozen=True, slots=True)
class Listing:
    """Every version of the newest years, the newest first, and what an operator should know about the pages."""

    versions: tuple[Published, ...]
    warnings: tuple[str, ...]

    @property
    def newest(self) -> Published | None:
        """The newest complete version."""
        return next((each for each in self.versions if each.is_complete), None)

    def find(self, version: str) -> Published | None:
        """Return a version that is listed, complete or not."""
        return next((each for each in self.versions if each.version == version), None)


class Links(HTMLParser):
    """Collects the addresses that a page links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def parameters(page: str, name: str) -> list[str]:
    """Return the values of a query's parameter in the links of a page."""
    links = Links()
    links.feed(page)
    links.close()
    return [value for link in links.found for value in parse_qs(query(link)).get(name, [])]


def query(link: str) -> str:
    """Return the query of an address, none if it is not one."""
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
    """Return the keys of the dump files that a year's page links; other files are none of ours."""
    return [value for value in parameters(page, "download") if KEY.fullmatch(value)]


def versions(found: Iterable[str]) -> tuple[Published, ...]:
    """Sort keys by their version, newest first."""
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


def read(client: Client, base: str) -> Listing:
    """Read the pages of the two newest years.

    A year's page that cannot be read, or links no file, is a warning: the other may do.

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
