"""The whole records of the tables, as a dump had them (docs/contract/data.md#records)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from rest_framework.exceptions import NotFound

from apps.catalog import reading
from apps.catalog.reading import TablesTimeOut
from apps.graph.rows import get_text
from apps.ingest.sources.discogs_ids import id_number

Record = dict[str, Any]

FIND = {
    "artist": "SELECT data FROM artists WHERE data_id = %(id)s",
    "label": "SELECT data FROM labels WHERE data_id = %(id)s",
    "master": "SELECT data FROM masters WHERE data_id = %(id)s",
    "release": "SELECT data FROM releases WHERE data_id = %(id)s",
}
NAMES = {
    "artist": "SELECT data_id, data->>'name' FROM artists WHERE data_id = ANY(%(ids)s)",
    "label": "SELECT data_id, data->>'name' FROM labels WHERE data_id = ANY(%(ids)s)",
    "master": "SELECT data_id, data->>'title' FROM masters WHERE data_id = ANY(%(ids)s)",
    "release": "SELECT data_id, data->>'title' FROM releases WHERE data_id = ANY(%(ids)s)",
}
NUMBERED = re.compile(r" \([0-9]+\)$")
# Scans the table, but only where there is no record.
PURGED = """
SELECT EXISTS (
    SELECT FROM ingest_removedentity
    WHERE data_id = %(id)s AND record_type = %(record_type)s AND purged_at IS NOT NULL
)
"""
PURGED_SECONDS = 1


class Gone(NotFound):
    """The record existed, but a later dump no longer has it."""


def find_record(kind: str, id_: str) -> Record:
    """Return the whole record of an artist, a label, a master or a release.

    Raises:
        Gone: a later dump no longer has it.
        NotFound: there is none, or the id is no id.
        TablesTimeOut: it takes longer than ``SEARCH_SECONDS``.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    number = id_number(id_)
    if number is not None:
        found = reading.rows(FIND[kind], seconds=settings.SEARCH_SECONDS, id=number)
        if found:
            record: Record = orjson.loads(found[0][0])
            return record
        # Only after the lookup failed: a record that was removed and came back with a later dump is there.
        if is_purged(kind, number):
            raise Gone(f"{kind.capitalize()} {id_} is no longer in the dump")
    raise NotFound(f"{kind.capitalize()} {id_} not found")


def is_purged(kind: str, number: int) -> bool:
    """Tell whether a record was removed because a dump no longer had it; False if the query takes too long."""
    try:
        return reading.rows(PURGED, seconds=PURGED_SECONDS, id=number, record_type=f"{kind}s") == [(True,)]
    except TablesTimeOut:
        return False


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as a record names it. ``id`` is None where the catalogue has no such entity: a name without a page.

    ``join`` is what stands between it and the next name, ``detail`` what the record says of it here.
    """

    kind: str
    id: str | None
    name: str
    join: str = ""
    detail: str = ""

    @property
    def joint(self) -> str:
        """The text before the next name: a comma follows this one directly, a word stands between blanks."""
        return f"{'' if self.join == ',' else ' '}{self.join} "


def get_names(kind: str, ids: Iterable[str]) -> dict[str, str]:
    """Return id → name of those artists, labels, masters or releases that have a record."""
    numbers = sorted({number for each in ids if (number := id_number(each)) is not None})
    found = reading.rows(NAMES[kind], seconds=settings.SEARCH_SECONDS, ids=numbers) if numbers else []
    # One query a kind for all names of a page, whatever number of tracks and credits it has.
    return {str(id_): name or f"{kind.capitalize()} {id_}" for id_, name in found}


def get_names_by_kind(ids: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Return kind → id → name of those of some ids by kind that have a record."""
    return {kind: get_names(kind, of_kind) for kind, of_kind in ids.items()}


def get_shown_name(entry: Record) -> str:
    """Return a name as it stands on the record: as it is credited there, without the number that tells namesakes."""
    return get_text(entry.get("anv")) or NUMBERED.sub("", get_text(entry.get("name")) or "") or "Unnamed"
