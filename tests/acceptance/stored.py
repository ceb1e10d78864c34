"""What the stores hold, in the shapes of ``tests.acceptance.expected``, and how the two differ."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import neo4j
import psycopg
from psycopg.rows import dict_row

from apps.graph.roles import OTHER, PHRASES
from tests.acceptance.expected import Dangling, Edge, Expected, Statistics

Connection: TypeAlias = psycopg.Connection[Any]

KEYS = {"Genre": "name", "Style": "name", "Person": "name"}
STATISTIC_NAMES = {
    "release_count",
    "artist_count",
    "label_count",
    "style_count",
    "genre_count",
    "first_year",
    "credit_count",
    *(f"{category}_count" for category in (*PHRASES, OTHER)),
}
MARKED = {"Artist", "Label", "Master", "Release"}
# When and by which hash MusicBrainz enriched a node: no part of what it says.
ENRICHED = {"mb_sha256", "mb_rev", "mb_updated_at"}
COUNTED = {"Genre", "Style", "Label", "Person"}
TABLES = ("artists", "labels", "masters", "releases")
EXAMPLES = 2

# Everything that is not a user's: nodes of a kind that nobody expects are differences too.
ALL_NODES = """
MATCH (node)
WHERE NOT node:User
RETURN labels(node)[0] AS label, properties(node) AS properties
"""
ALL_EDGES = """
MATCH (start)-[edge]->(end)
WHERE NOT start:User
RETURN type(edge) AS type, labels(start)[0] AS start_label, coalesce(start.id, start.name) AS start_key,
       labels(end)[0] AS end_label, coalesce(end.id, end.name) AS end_key, properties(edge) AS properties
"""
ROWS = "SELECT data_id, hash, raw_hash, rev, data FROM {table}"
DANGLING = """
SELECT record_type, record_id, relationship, target_type, target_id, direction
FROM ingest_danglingreference
"""


class Row(NamedTuple):
    """A row of a record table."""

    hash: bytes
    raw_hash: bytes | None
    rev: int
    data: dict[str, Any]


class Mark(NamedTuple):
    """What a node says about the version of its record that its relationships are of."""

    sha256: str | None
    rev: int | None


@dataclass
class Graph:
    """The content of the graph.

    ``marks`` are those of records, ``enriched`` those of MusicBrainz, ``repeated`` are edges that exist more than once.
    """

    nodes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    statistics: Statistics = field(default_factory=dict)
    marks: dict[str, dict[str, Mark]] = field(default_factory=dict)
    repeated: list[Edge] = field(default_factory=list)
    enriched: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)


def graph(driver: neo4j.Driver) -> Graph:
    """Return all nodes and relationships of the database, users and what is theirs left out."""
    found = Graph()
    with driver.session() as session:
        for record in session.run(ALL_NODES):
            add_node(found, record["label"], dict(record["properties"]))
        edges = Counter(edge(*record.values()) for record in session.run(ALL_EDGES))
    found.edges = set(edges)
    found.repeated = [repeated for repeated, times in edges.items() if times > 1]
    return found


def add_node(found: Graph, label: str, properties: dict[str, Any]) -> None:
    key = properties.pop(KEYS.get(label, "id"), None)
    found.nodes.setdefault(label, {})[key] = properties
    if label in MARKED:
        mark = Mark(properties.pop("sha256", None), properties.pop("rev", None))
        found.marks.setdefault(label, {})[key] = mark
        marks = {name: properties.pop(name) for name in ENRICHED & properties.keys()}
        if marks:
            found.enriched.setdefault(label, {})[key] = marks
    if label in COUNTED:
        counts = {name: properties.pop(name) for name in STATISTIC_NAMES & properties.keys()}
        found.statistics.setdefault(label, {})[key] = counts


def edge(type_: str, start_label: str, start: str, end_label: str, end: str, properties: dict[str, Any]) -> Edge:
    hashable = {name: tuple(value) if isinstance(value, list) else value for name, value in properties.items()}
    return (type_, start_label, start, end_label, end, *sorted(hashable.items()))


def tables(connection: Connection) -> dict[str, dict[int, Row]]:
    """Return the rows of the four record tables by type and id."""
    return {table: dict(rows(connection, table)) for table in TABLES}


def rows(connection: Connection, table: str) -> Iterator[tuple[int, Row]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(ROWS.format(table=table).encode()):
            yield row["data_id"], Row(row["hash"], row["raw_hash"], row["rev"], row["data"])


def read_dangling(connection: Connection) -> set[Dangling]:
    """Return the references to records that no dump has."""
    with connection.cursor() as cursor:
        found = cursor.execute(DANGLING).fetchall()
    return {
        (record, int(id_), relationship, target, int(to), way) for record, id_, relationship, target, to, way in found
    }


def hash_of(type_: str, data: dict[str, Any]) -> bytes:
    """Return the content hash that a stored record must have: that of the record without its derived year."""
    record = {key: value for key, value in data.items() if key not in ("sha256", "year_source")}
    if type_ == "releases":
        record.pop("year", None)
    if type_ == "masters" and "year" in record:
        record["year"] = source_year(data)
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).digest()


def source_year(data: dict[str, Any]) -> str | None:
    year = data.get("year_source", data.get("year"))
    return None if year is None else str(year)


def differences(expected: Expected, graph: Graph) -> list[str]:
    """Return one line for each kind of difference, with how many there are and examples; nothing if there are none."""
    return [
        *node_differences(expected, graph),
        *edge_differences(expected.edges, graph.edges),
        *describe_cases("edges that exist more than once", graph.repeated),
        *statistic_differences(expected.statistics, graph.statistics),
        *(line for label, marks in graph.marks.items() for line in find_unmarked(label, marks)),
    ]


def node_differences(expected: Expected, graph: Graph) -> Iterator[str]:
    for label in sorted(expected.nodes.keys() | graph.nodes.keys()):
        wanted, found = expected.nodes.get(label, {}), graph.nodes.get(label, {})
        yield from describe_cases(f"{label} nodes missing", wanted.keys() - found.keys())
        yield from describe_cases(f"{label} nodes not expected", found.keys() - wanted.keys())
        yield from describe_cases(f"{label} nodes with other properties (expected, found)", find_changed(wanted, found))


def edge_differences(wanted: set[Edge], found: set[Edge]) -> Iterator[str]:
    for type_ in sorted({edge[0] for edge in wanted ^ found}):
        yield from describe_cases(f"{type_} edges missing", [edge for edge in wanted - found if edge[0] == type_])
        yield from describe_cases(f"{type_} edges not expected", [edge for edge in found - wanted if edge[0] == type_])


def statistic_differences(wanted: Statistics, found: Statistics) -> Iterator[str]:
    for label in sorted(wanted.keys() | found.keys()):
        wrong = find_changed(wanted.get(label, {}), found.get(label, {}))
        yield from describe_cases(f"{label} statistics that differ (expected, found)", wrong)


def find_unmarked(label: str, marks: dict[str, Mark]) -> Iterator[str]:
    return describe_cases(f"{label} nodes without sha256", [key for key, mark in marks.items() if not mark.sha256])


def find_changed(wanted: dict[str, Any], found: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(key, wanted[key], found[key]) for key in wanted.keys() & found.keys() if wanted[key] != found[key]]


def describe_cases(kind: str, cases: Any) -> Iterator[str]:
    if cases:
        examples = ", ".join(map(str, sorted(cases, key=str)[:EXAMPLES]))
        yield f"{len(cases)} {kind}: {examples}"
