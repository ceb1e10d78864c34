"""Everything that the stores hold of dumps, without when and by which chunk it was written; and what is right of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from apps.graph import verifying
from apps.graph.session import session
from apps.ingest.models import Chunk, RemovedEntity
from tests.acceptance import expected, expected_musicbrainz, snapshots, stored, stored_musicbrainz
from tests.acceptance.expected import Expected
from tests.acceptance.expected_musicbrainz import Tables
from tests.months.entries import MARK, Entry, Id

# Says when a row was written and by whom, and nothing of what it says.
BOOKKEEPING = {"chunk_id", "created_at", "updated_at", "mb_updated_at"}
# Surrogate keys, beside what identifies the row.
SURROGATES = {"ingest_danglingreference", "tally", "collaboration", "profile", "relationships", "external_links"}
OF_RECORDS = ("artists", "labels", "masters", "releases")
DERIVED = ("ingest_danglingreference", "tally", "collaboration", "profile")
OF_MUSICBRAINZ = tuple(f"musicbrainz.{each}" for each in (*stored_musicbrainz.ALL, "due"))
TABLES = (*OF_RECORDS, *DERIVED, *OF_MUSICBRAINZ)
DRIVER: Any = SimpleNamespace(session=session)

Snapshot = dict[str, Counter[str]]


def snapshot() -> Snapshot:
    """Return every row, node and relationship as text, with how often it is there."""
    found = {table: Counter(rows(table)) for table in TABLES}
    with session() as opened:
        found["nodes"] = Counter(make_plain(each.values()) for each in opened.run(snapshots.NODES))
        found["relationships"] = Counter(make_plain(each.values()) for each in opened.run(snapshots.EDGES))
    return found


def rows(table: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column.name for column in cursor.description]
        left_out = BOOKKEEPING | ({"id"} if table.rpartition(".")[2] in SURROGATES else set())
        for row in cursor:
            yield repr([(name, value) for name, value in zip(names, row, strict=True) if name not in left_out])


def make_plain(values: Any) -> str:
    return repr(
        [
            sorted(item for item in value.items() if item[0] not in BOOKKEEPING) if isinstance(value, dict) else value
            for value in values
        ]
    )


def differences(wanted: Snapshot, found: Snapshot) -> list[str]:
    """Return one line for each kind of difference, with examples."""
    lines: list[str] = []
    for name in wanted:
        lines += stored.describe_cases(f"{name} missing", wanted[name] - found[name])
        lines += stored.describe_cases(f"{name} not expected", found[name] - wanted[name])
    return lines


def find_faults(discogs: Path | None, musicbrainz: Path | None) -> list[str]:
    """Return how the stores differ from what the independent check reads in folders of what they must hold."""
    wanted = expected.read(discogs) if discogs else NOTHING
    rows = expected_musicbrainz.tables(musicbrainz) if musicbrainz else NO_TABLES
    present = {label: set(nodes) for label, nodes in wanted.nodes.items()}
    graph = expected_musicbrainz.add_enrichment(wanted, expected_musicbrainz.enrichment(rows, present))
    lines = stored.differences(graph, stored.graph(DRIVER))
    with plain_connection() as opened:
        found, dangling = stored.tables(opened), stored.read_dangling(opened)
        if musicbrainz:
            lines += stored_musicbrainz.table_differences(rows, stored_musicbrainz.tables(opened))
    lines += stored.describe_cases("dangling references missing", wanted.dangling - dangling)
    lines += stored.describe_cases("dangling references not expected", dangling - wanted.dangling)
    for record_type in OF_RECORDS:
        lines += stored.describe_cases(
            f"{record_type} missing", wanted.records[record_type].keys() - found[record_type].keys()
        )
        lines += stored.describe_cases(
            f"{record_type} not expected", found[record_type].keys() - wanted.records[record_type].keys()
        )
        bad = [key for key, row in found[record_type].items() if row.hash != stored.hash_of(record_type, row.data)]
        lines += stored.describe_cases(f"{record_type} with a wrong hash", bad)
        for key, leaves in expected.leaves(discogs, record_type) if discogs else ():
            row = found[record_type].get(key)
            # White space around an id is no part of it.
            texts = [str(key) if leaf.strip() == str(key) else leaf for leaf in leaves]
            if row is not None and (lost := expected.missing_leaves(texts, row.data)):
                lines.append(f"{record_type} {key} lacks {lost}")
    return lines


def plain_connection() -> stored.Connection:
    """Connect to the database without what Django changes in the types of values."""
    given = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: given[name] for name in names if name in given}, autocommit=True)


NOTHING = Expected({}, set(), set(), {each: {} for each in OF_RECORDS}, {})
NO_TABLES = Tables(entities={each: {} for each in expected_musicbrainz.TABLES.values()})


def list_unsettled() -> list[str]:
    """Return what is left to do, or left over, in stores where every run has ended well."""
    lines = []
    for record_type in OF_RECORDS:
        difference = verifying.verify(record_type)
        if not difference.is_none:
            lines.append(f"verify_graph: {record_type} {difference}")
    owed = Chunk.objects.filter(paid_at__isnull=True, linked_at__isnull=True, for_graph__gt=0)
    lines += stored.describe_cases("debts", list(owed.values_list("file__run", "file__type", "seq")))
    removed = RemovedEntity.objects.filter(purged_at__isnull=False, unlinked_at__isnull=True)
    lines += stored.describe_cases("removals left", list(removed.values_list("record_type", "data_id", "mbid")))
    blobs = [path for path in Path(settings.SPOOL_URL).rglob("*") if path.is_file()]
    lines += stored.describe_cases("blobs in the spool", blobs)
    return lines


def find_origins(table: str, key: str, entries: dict[int, list[Entry]], salt: bytes) -> dict[Id, list[Entry]]:
    """Return for every row of a table the entries that it may have been made of, by its mark and by its raw hash."""
    with connection.cursor() as cursor:
        raw_hash = "raw_hash" if "." not in table else "NULL"
        cursor.execute(f"SELECT {key}, {raw_hash}, data::text FROM {table}")
        found = {}
        for row_id, raw, data in cursor:
            mark = MARK.search(data)
            made = entries.get(int(mark[1]), []) if mark else []
            exact = [each for each in made if raw and hashlib.sha256(salt + each.bytes).digest() == bytes(raw)]
            found[row_id if isinstance(row_id, int) else str(row_id)] = exact or made
    return found
