"""Pay debts to the graph from the tables, for records that a run's dump did not bring (decision 110).

Extraction sends every record of a debt that it can read. Some records stay in their table as an earlier run wrote them:
those that cannot be read, that PostgreSQL refused, or that the dump lacks while the purge was vetoed. They are sent
from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson
from django.conf import settings
from neo4j import Session

from apps.catalog import loader, readback
from apps.graph import maintenance, verifying
from apps.graph.dangling import Ends
from apps.graph.links import write_links
from apps.graph.musicbrainz import due
from apps.graph.rows import GraphRows
from apps.graph.session import Counters, session
from apps.graph.writer import write_nodes
from apps.ingest import ledger
from apps.ingest.models import DumpFile, Run


def pay(run: Run) -> Counters:
    """Write the records to the graph that it lacks of the debts that a run pays. A repeat finds nothing to write."""
    return sum((pay_file(file) for file in ledger.list_paying_files(run)), Counters())


def pay_file(file: DumpFile) -> Counters:
    """Write the records to the graph that it lacks of the debts of a file's type."""
    written = Counters()
    with session() as opened:
        for ids in find_lacking(opened, file.type, ledger.list_debts(file)):
            written += send(opened, file, ids)
    return written


def find_lacking(opened: Session, record_type: str, ranges: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield groups of ids whose nodes differ from the table. The records of a group are about a chunk in size."""
    for low_id, high_id in ranges:
        # By pages of ids and hashes, since a debt may be a whole type, as after ``rebuild_graph``. Nothing is
        # remembered between the pages: after a crash the paid records are found equal and skipped.
        for page in loader.read_hash_pages(record_type, low_id, high_id, settings.GRAPH_BATCH_ROWS):
            differing = verifying.compare(opened, record_type, [(data_id, sha256) for data_id, sha256, _ in page])
            group: list[int] = []
            size = 0
            for data_id, _, data_bytes in page:
                if data_id not in differing:
                    continue
                # The records of a group are in memory together, so a group is as large as a chunk.
                if group and size + data_bytes > settings.INGEST_CHUNK_BYTES:
                    yield group
                    group, size = [], 0
                group.append(data_id)
                size += data_bytes
            if group:
                yield group


def send(opened: Session, file: DumpFile, ids: Sequence[int]) -> Counters:
    """Write the nodes and relationships of these records as the table has them.

    What later maintenance steps must do for new nodes is entered first: after a crash, a repeat would find the nodes
    and not take them for new.
    """
    due.make_ids_due(file.type, ids)
    if file.type == "artists":
        maintenance.mark_credited(map(str, ids))
    rows = GraphRows(file.type)
    for record in readback.read_records(file.type, ids):
        rows.add(record)
    written = write_nodes(opened, file.type, rows.node_keys())
    # Made after the nodes: a record of this group may refer to another one of it.
    ends = Ends(file.run.source, opened)
    for line in rows.link_lines():
        written += write_links(opened, file.type, orjson.loads(line), ends)
    return written
