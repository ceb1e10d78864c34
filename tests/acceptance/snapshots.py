"""Everything that the stores hold, bit for bit but for what says when and by which chunk it was written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import neo4j

from apps.stack import environment
from tests.acceptance import stored
from tests.acceptance.stored import Connection

NODES = "MATCH (node) RETURN labels(node), properties(node)"
EDGES = """
MATCH (start)-[edge]->(end)
RETURN type(edge), labels(start), coalesce(start.id, start.name), labels(end), coalesce(end.id, end.name),
       properties(edge)
"""
PLACES = "SELECT data_id, xmin::text, ctid::text FROM {table} ORDER BY data_id"


@dataclass(frozen=True)
class Snapshot:
    """The content of both stores; a node or an edge that is there twice counts twice."""

    tables: dict[str, dict[int, stored.Row]]
    dangling: set[Any]
    nodes: Counter[str]
    edges: Counter[str]


def take(connection: Connection, driver: neo4j.Driver) -> Snapshot:
    with driver.session() as session:
        nodes = Counter(text(record.values()) for record in session.run(NODES))
        edges = Counter(text(record.values()) for record in session.run(EDGES))
    return Snapshot(stored.tables(connection), stored.read_dangling(connection), nodes, edges)


def text(values: Any) -> str:
    return repr([sorted(value.items()) if isinstance(value, dict) else value for value in values])


def differences(wanted: Snapshot, found: Snapshot) -> list[str]:
    """Return one line for each kind of difference, with examples; nothing if there are none."""
    return [line for field in fields(Snapshot) for line in differ(field.name, wanted, found)]


def differ(name: str, wanted: Snapshot, found: Snapshot) -> Iterator[str]:
    these, those = make_set(getattr(wanted, name)), make_set(getattr(found, name))
    yield from stored.describe_cases(f"{name} missing", these - those)
    yield from stored.describe_cases(f"{name} not expected", those - these)


def make_set(content: Any) -> set[Any]:
    match content:
        case Counter():
            return set(content.items())
        case dict():
            return {(table, id_, repr(row)) for table, rows in content.items() for id_, row in rows.items()}
    return set(content)


def places(connection: Connection) -> list[Any]:
    """Return where each row is and which transaction put it there: any write to a row changes that."""
    return [connection.execute(PLACES.format(table=table).encode()).fetchall() for table in stored.TABLES]


def last_write_to_graph() -> int:
    """Return when the graph's last transaction that wrote something was committed, by the log of such transactions.

    The Community edition does not tell the number of the last transaction.
    """
    logs = environment.folder() / "neo4j" / "data" / "transactions" / "neo4j"
    return max(log.stat().st_mtime_ns for log in logs.glob("neostore.transaction.db.*"))
