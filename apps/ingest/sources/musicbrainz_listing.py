"""The versions that MusicBrainz publishes: a folder for each of the two newest, and LATEST, which names one.

Contract: docs/contract/data.md#musicbrainz-files.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urljoin

from apps.http.client import Client
from apps.http.errors import RefusedError, SiteError
from apps.ingest.errors import RunError
from apps.ingest.sources.checksums import parse
from apps.ingest.sources.musicbrainz import ENTITIES, TYPES, VERSION, checksums_path
from apps.ingest.sources.offers import Offer, Overview

PAGE_BYTES = 1024**2
LINK = re.compile(r"href=[\"']?(?:[^\"'> ]*/)?([0-9]{8}-[0-9]{6})/")


def versions(client: Client, base: str) -> list[str]:
    """Return the published versions, newest first; the one that LATEST names comes before all others.

    Raises:
        SiteError: Neither LATEST nor the index can be read.
    """
    listed = sorted(set(LINK.findall(client.text(base, PAGE_BYTES))), reverse=True)
    latest = latest_of(client, base)
    if latest is None and not listed:
        raise SiteError(f"{base} links no version and has no LATEST: is MUSICBRAINZ_DUMP_URL right?")
    return list(dict.fromkeys([*([latest] if latest else []), *listed]))


def latest_of(client: Client, base: str) -> str | None:
    """Return the version that LATEST names; None if there is no LATEST or it names no version."""
    try:
        named = client.text(urljoin(base, "LATEST"), PAGE_BYTES).strip()
    except RefusedError:
        return None
    return named if VERSION.match(named) else None


def look(client: Client, base: str) -> Overview:
    """Return an overview that only covers the newest version: whether it is complete.

    Raises:
        SiteError: The pages cannot be read.
    """
    newest = versions(client, base)[0]
    is_complete = not list_missing(checksums(client, base, newest), ENTITIES.values())
    return Overview(newest) if is_complete else Overview(None, (newest,))


def offer(client: Client, base: str, version: str | None, types: Collection[str]) -> Offer:
    """Return the newest version, or ``version``. A file without a published checksum counts as not published yet.

    Raises:
        RunError: ``version`` is not published, or a checksum is missing.
        SiteError: The pages cannot be read.
    """
    listed = versions(client, base)
    if version is not None and version not in listed:
        raise RunError(
            f"Version {version} is not published. There are {', '.join(listed)}; others load with --from DIR"
        )
    chosen = version or listed[0]
    sums = checksums(client, base, chosen)
    entities = {each: ENTITIES[each] for each in TYPES if each in types}
    if lacking := list_missing(sums, entities.values()):
        raise RunError(f"Version {chosen} has no checksum of {', '.join(lacking)}: it is not complete yet")
    return Offer(chosen, {record_type: f"{chosen}/{entity}.tar.xz" for record_type, entity in entities.items()}, sums)


def file_address(base: str, key: str) -> str:
    """Return the URL of a key's file."""
    return urljoin(base, key)


def checksums(client: Client, base: str, version: str) -> dict[str, str]:
    """Return the published checksums of a version: file name → SHA-256 in hex.

    Raises:
        DumpError: The list cannot be parsed.
        SiteError: The list cannot be downloaded.
    """
    return parse(client.text(urljoin(base, checksums_path(version)), PAGE_BYTES), checksums_path(version))


def list_missing(sums: Collection[str], entities: Collection[str]) -> list[str]:
    """Return the entities whose file has no published checksum."""
    return [entity for entity in entities if f"{entity}.tar.xz" not in sums]
