"""What MusicBrainz publishes (data.md 1.4): a folder for each of the two newest versions, and a file that names one."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urljoin

from apps.ingest.errors import RefusedError, SiteError
from apps.ingest.sources.client import Client
from apps.ingest.sources.musicbrainz import CHECKSUMS, VERSION

PAGE_BYTES = 1024**2
LINK = re.compile(r"href=[\"']?(?:[^\"'> ]*/)?([0-9]{8}-[0-9]{6})/")


def versions(client: Client, url: str) -> list[str]:
    """Return the versions that are there, newest first; the one that LATEST names comes before all others.

    Raises:
        SiteError: Neither LATEST nor the index can be read.
    """
    listed = sorted(set(LINK.findall(client.text(url, PAGE_BYTES))), reverse=True)
    latest = latest_of(client, url)
    if latest is None and not listed:
        raise SiteError(f"{url} links no version and has no LATEST: is MUSICBRAINZ_DUMP_URL right?")
    return list(dict.fromkeys([*([latest] if latest else []), *listed]))


def latest_of(client: Client, url: str) -> str | None:
    """Return the version that LATEST names, if there is one."""
    try:
        named = client.text(urljoin(url, "LATEST"), PAGE_BYTES).strip()
    except RefusedError:
        return None
    return named if VERSION.match(named) else None


def checksums(client: Client, url: str, version: str) -> str:
    """Return the list of checksums of a version.

    Raises:
        SiteError: It cannot be had.
    """
    return client.text(urljoin(url, f"{version}/{CHECKSUMS}"), PAGE_BYTES)


def key(version: str, entity: str) -> str:
    """Return the key of an entity's file: where it is below the site's address, and below the folder of the dumps."""
    return f"{version}/{entity}.tar.xz"


def missing(sums: Collection[str], entities: Collection[str]) -> list[str]:
    """Return the entities whose file has no published checksum."""
    return [entity for entity in entities if f"{entity}.tar.xz" not in sums]
