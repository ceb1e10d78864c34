"""The whole records of the tables, as a dump had them (docs/contract/data.md#records)."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from rest_framework.exceptions import NotFound

from apps.catalog import reading
from apps.catalog.reading import TablesTimeOut
from apps.ingest.sources.discogs_ids import id_number

Record = dict[str, Any]

FIND = {
    "artist": "SELECT data FROM artists WHERE data_id = %(id)s",
    "label": "SELECT data FROM labels WHERE data_id = %(id)s",
    "master": "SELECT data FROM masters WHERE data_id = %(id)s",
    "release": "SELECT data FROM releases WHERE data_id = %(id)s",
}
# Read from end to end, but only where there is no record.
PURGED = """
SELECT EXISTS (
    SELECT FROM ingest_removedentity
    WHERE data_id = %(id)s AND record_type = %(record_type)s AND purged_at IS NOT NULL
)
"""
PURGED_SECONDS = 1


class Gone(NotFound):
    """There was such a record, and a later dump no longer has it."""


def find(kind: str, id_: str) -> Record:
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
        if is_purged(kind, number):
            raise Gone(f"{kind.capitalize()} {id_} is no longer in the dump")
    raise NotFound(f"{kind.capitalize()} {id_} not found")


def is_purged(kind: str, number: int) -> bool:
    """Tell whether a record was removed because a dump no longer had it; not so if that takes too long to find out."""
    try:
        return reading.rows(PURGED, seconds=PURGED_SECONDS, id=number, record_type=f"{kind}s") == [(True,)]
    except TablesTimeOut:
        return False
