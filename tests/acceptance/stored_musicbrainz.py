"""What the tables of MusicBrainz and the graph hold, in the shapes of ``expected_musicbrainz``."""

import hashlib
import json
from typing import Any

import neo4j

from tests.acceptance import expected_musicbrainz as expected
from tests.acceptance import stored
from tests.acceptance.expected_musicbrainz import Link, Relation, Tables
from tests.acceptance.stored import Connection

ALL = ("artists", "labels", "release_groups", "releases", "relationships", "external_links")
# What is ours and no fact of the source.
OURS = {"mbid", "hash", "rev", "chunk_id", "created_at", "updated_at"}
RELATIONS = """
SELECT source_mbid::text, target_mbid::text, source_entity_type, target_entity_type, relationship_type, begin_date,
    end_date, attributes, ended
FROM musicbrainz.relationships
"""
LINKS = "SELECT mbid::text, entity_type, service_name, url FROM musicbrainz.external_links"
PLACES = "SELECT xmin::text, ctid::text FROM musicbrainz.{table} ORDER BY ctid"
ENRICHED = """
MATCH (node:Artist|Label|Master|Release)
WHERE node.mbid IS NOT NULL
RETURN labels(node)[0], node.id, properties(node)
"""
RELATED = """
MATCH (source:Artist)-[edge]->(target:Artist)
WHERE edge.source = 'musicbrainz'
RETURN type(edge), source.id, target.id, properties(edge)
"""
PRESENT = """
MATCH (node:Artist|Label|Master|Release)
WHERE node.sha256 IS NOT NULL
RETURN labels(node)[0], node.id
"""
# What only says that the graph has the row as it is now.
MARKS = {"mb_sha256", "mb_rev", "mb_updated_at", "by_source", "by_target"}


def tables(connection: Connection) -> Tables:
    """Return the rows of the six tables."""
    found = Tables()
    for table in expected.TABLES.values():
        cursor = connection.execute(f"SELECT * FROM musicbrainz.{table}".encode())
        names = [column.name for column in cursor.description or ()]
        rows = {}
        for values in cursor:
            row = dict(zip(names, values, strict=True))
            assert bytes(row["hash"]) == hash_of(row["data"]), row
            rows[str(row["mbid"])] = {name: make_plain(value) for name, value in row.items() if name not in OURS}
        found.entities[table] = rows
    for *key, attributes, ended in connection.execute(RELATIONS.encode()):
        found.relationships[Relation._make((*key, tuple(attributes)))] = ended
    found.external_links = {Link(*row) for row in connection.execute(LINKS.encode())}
    return found


def hash_of(record: Any) -> bytes:
    """Return the hash of a record's canonical JSON."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def make_plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value if isinstance(value, (str, int, list, dict, bool, type(None))) else str(value)


def table_differences(wanted: Tables, found: Tables) -> list[str]:
    """Return one line for each kind of difference between rows."""
    lines: list[str] = []
    for table, rows in wanted.entities.items():
        stored_rows = found.entities[table]
        lines += stored.describe_cases(f"{table} missing", rows.keys() - stored_rows.keys())
        lines += stored.describe_cases(f"{table} not expected", stored_rows.keys() - rows.keys())
        both = rows.keys() & stored_rows.keys()
        lines += stored.describe_cases(
            f"{table} different",
            [
                (mbid, stored.find_changed(rows[mbid], stored_rows[mbid]))
                for mbid in both
                if rows[mbid] != stored_rows[mbid]
            ],
        )
    lines += stored.describe_cases("relationships missing", wanted.relationships.items() - found.relationships.items())
    lines += stored.describe_cases(
        "relationships not expected", found.relationships.items() - wanted.relationships.items()
    )
    lines += stored.describe_cases("links missing", wanted.external_links - found.external_links)
    lines += stored.describe_cases("links not expected", found.external_links - wanted.external_links)
    return lines


def graph_differences(wanted: Tables, driver: neo4j.Driver) -> list[str]:
    """Return one line for each kind of difference between the graph and what tables make of it."""
    properties: dict[str, dict[str, Any]] = {}
    present: dict[str, set[str]] = {}
    with driver.session() as session:
        for label, node in session.run(PRESENT).values():
            present.setdefault(label, set()).add(node)
        for label, node, values in session.run(ENRICHED).values():
            properties.setdefault(label, {})[node] = {
                name: value for name, value in values.items() if name == "mbid" or name.startswith("mb_")
            }
        edges = {
            (kind, source, target): {name: value for name, value in values.items() if name not in MARKS}
            for kind, source, target, values in session.run(RELATED).values()
        }
    should = expected.enrichment(wanted, present)
    lines: list[str] = []
    for label, nodes in should.properties.items():
        found = {
            node: {name: value for name, value in values.items() if name not in MARKS}
            for node, values in properties.get(label, {}).items()
        }
        lines += stored.describe_cases(f"{label} enriched missing", nodes.keys() - found.keys())
        lines += stored.describe_cases(f"{label} enriched not expected", found.keys() - nodes.keys())
        both = nodes.keys() & found.keys()
        wrong = [(node, stored.find_changed(nodes[node], found[node])) for node in both if nodes[node] != found[node]]
        lines += stored.describe_cases(f"{label} enriched otherwise", wrong)
    lines += stored.describe_cases("edges missing", should.relationships.keys() - edges.keys())
    lines += stored.describe_cases("edges not expected", edges.keys() - should.relationships.keys())
    both_edges = should.relationships.keys() & edges.keys()
    lines += stored.describe_cases(
        "edges otherwise",
        [(key, should.relationships[key], edges[key]) for key in both_edges if should.relationships[key] != edges[key]],
    )
    return lines


def places(connection: Connection) -> list[Any]:
    """Return where each row is and which transaction put it there: any write to a row changes that."""
    return [connection.execute(PLACES.format(table=table).encode()).fetchall() for table in ALL]
