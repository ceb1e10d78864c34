"""A bulk load makes the same graph as a load over Bolt, to the last property, also when it is killed."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from apps.catalog.models import TABLES
from apps.collections import outbox
from apps.collections.models import CollectionItem
from apps.graph import maintenance
from apps.graph.bulk import importing
from apps.graph.session import Counters as Written
from apps.graph.session import session
from apps.ingest.errors import RunError, WaitError
from apps.ingest.models import DanglingReference, Debt, Run, Source
from apps.ingest.runs import starting
from apps.ingest.runs.starting import Options
from apps.stack import children, environment, processes
from apps.stack.neo4j import Neo4j
from tasks.pipelines import do_maintenance, is_empty, pipeline_of
from tests.conftest import empty
from tests.dumps import FIRST_MONTH, TYPES, pack
from tests.loading import chunks_of, finish, give_up, link, load_nodes, load_tables
from tests.records import artist, label, master, release
from tests.users import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]

NODES = "MATCH (node) RETURN labels(node)[0] AS label, properties(node) AS properties"
EDGES = """
MATCH (start)-[edge]->(end)
RETURN labels(start)[0] AS label, coalesce(start.id, start.name) AS start, type(edge) AS type,
    labels(end)[0] AS to, coalesce(end.id, end.name) AS end, properties(edge) AS properties
"""
INDEXES = "SHOW INDEXES YIELD name, state, labelsOrTypes, properties"
ODD = 'Quo"te, \\ and "'
BROKEN = "two\nlines\x85"
# What CSV could get wrong, and what two records assert.
ODD_RECORDS = {
    "artists": [
        artist(9_000_001, ODD, aliases=[9_000_002], members=[9_000_002, 9_000_001, 404], groups=[9_000_002]),
        artist(9_000_002, f" {BROKEN} ", groups=[9_000_001], members=[9_000_001]),
        artist(9_000_003, ""),
    ],
    "labels": [label(9_000_001, ODD, sublabels=[9_000_002]), label(9_000_002, BROKEN, parent=9_000_001)],
    "masters": [
        master(9_000_001, BROKEN, year=1990, artists=[9_000_001], genres=["Only, here"], styles=[ODD, "Both"]),
        master(9_000_002, "", genres=["Both"]),
    ],
    "releases": [
        release(
            9_000_001,
            BROKEN,
            artists=[9_000_001, 404],
            labels=[9_000_001],
            master_id=9_000_001,
            genres=[ODD],
            styles=["Both", BROKEN],
            credits=[(ODD, "Mixed By", 9_000_001), (ODD, "Mixed By [a, b]", 9_000_001), (BROKEN, ODD, 404)],
            released="1990",
            more='<formats><format name="" qty="1"/></formats>',
        ),
        release(
            9_000_002,
            ODD,
            credits=[(ODD, "Guitar", 9_000_002), (ODD, "Guitar", 0), ("x" * 2100, "Drums", 0)],
            more='<formats><format name="" qty="1"/><format name="" qty="1"/></formats>',
        ),
        release(9_000_003, "t" * 2_100_000, more='<formats><format name="CD" qty="1"/></formats>'),
    ],
}


@pytest.fixture(autouse=True)
def _small_chunks(settings):
    settings.INGEST_CHUNK_BYTES = 1500


@pytest.fixture(autouse=True)
def _forget_bookmarks(_graph_with_constraints):
    """Let the session of all tests not wait for transactions of a database that the import has replaced."""
    yield
    _graph_with_constraints._initialize_bookmarks(None)


@pytest.fixture
def dump(tmp_path):
    """Return the folder of a dump with the records of a month, some odd ones, and one that is there twice."""
    folder = tmp_path / "month"
    folder.mkdir()
    for record_type in TYPES:
        text = (FIRST_MONTH / f"{record_type}.xml").read_bytes()
        records = [*ODD_RECORDS[record_type], ODD_RECORDS[record_type][0]]
        end = f"</{record_type}>".encode()
        (folder / f"{record_type}.xml").write_bytes(text.replace(end, "".join(records).encode() + end))
    return pack(folder, "20260101", tmp_path / "dump")


def begin(dump: Path, graph: str) -> Run:
    """Bring a run to where its links are to be written."""
    run = starting.start(Options(Source.DISCOGS, graph=graph), folder=dump, is_empty=is_empty)
    for file in run.files.all():
        pipeline_of(file).split(file)
    load_tables(run)
    load_nodes(run)
    return run


def give_up_some(run: Run) -> None:
    """Let two chunks give up their links."""
    for record_type in ("artists", "releases"):
        give_up(list(chunks_of(run, file__type=record_type))[1], "link")


def forget(graph) -> None:
    """Empty both stores and the ledger."""
    Run.objects.all().delete()
    Debt.objects.all().delete()
    DanglingReference.objects.all().delete()
    with connection.cursor() as cursor:
        for table in (*TABLES, "tally"):
            cursor.execute(f"DELETE FROM {table}")
    empty(graph)


def snapshot() -> dict[str, Counter[str]]:
    """Return what the graph and the dangling references hold."""
    with session() as graph:
        read = {
            # Tried again: the server may have been started anew.
            name: Counter(
                repr({**row, "properties": sorted(row["properties"].items())})
                for row in graph.execute_read(lambda reading, each: list(reading.run(each)), statement)
            )
            for name, statement in {"nodes": NODES, "edges": EDGES}.items()
        }
        indexes = Counter(
            f"{row['labelsOrTypes']} {row['properties']}" for row in graph.run(INDEXES) if row["state"] == "ONLINE"
        )
    dangling = DanglingReference.objects.values_list(
        "record_type", "record_id", "relationship", "direction", "target_id"
    )
    return {**read, "dangling": Counter(map(repr, dangling)), "indexes": indexes}


def require_same(wanted: dict[str, Counter[str]]) -> None:
    found = snapshot()
    for name, content in wanted.items():
        assert found[name] - content == Counter(), f"{name} too many"
        assert content - found[name] == Counter(), f"{name} missing"


def kill_when(run: Run, holds: Callable[[], object]) -> None:
    """Start the import, and kill it with all that it started, but for Neo4j, when something holds."""
    command = [*children.MANAGE, "stack", "import", str(importing.get_folder(run))]
    process = subprocess.Popen(command, start_new_session=True)
    while not holds():
        assert process.poll() is None
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        processes.os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_the_graph_is_the_same_as_over_bolt_also_when_the_import_is_killed(graph, dump):
    over_bolt = begin(dump, "bolt")
    give_up_some(over_bolt)
    link(over_bolt)
    finish(over_bolt)
    wanted = snapshot()
    assert wanted["edges"]
    forget(graph)

    user = make_user()
    CollectionItem.objects.create(user=user, release_id=9_000_001, instance_id=7)
    outbox.owe(user.pk, [9_000_001])
    outbox.settle_all()
    run = begin(dump, "bulk")
    give_up_some(run)
    link(run)
    assert do_maintenance(run)
    run.refresh_from_db()
    importing.write_arguments(run)
    server = Neo4j(environment.folder())
    new = server.folder.with_name("neo4j.import")
    kill_when(run, lambda: processes.find("java", new))
    assert server.pid() is not None, "the import does not touch the server"
    kill_when(run, lambda: server.pid() is None)
    finish(run)

    with session() as opened:
        assert opened.run(COLLECTED).values() == [[str(user.pk), "7", "9000001"]]
    user.delete()
    require_same(wanted)
    assert set(Debt.objects.values_list("record_type", flat=True)) == {"artists", "releases"}
    assert not new.exists()
    assert not (server.folder / "data.old").exists()

    # As after a kill between the two renames that put the imported data in their place.
    server.down(lambda _: None)
    (server.folder / "data").replace(server.folder / "data.new")
    server.up(lambda _: None)
    require_same(wanted)


COLLECTED = "MATCH (user)-[edge:COLLECTED]->(release) RETURN user.id, edge.instance_id, release.id"
PEOPLE = "MATCH (person:Person) RETURN properties(person) AS properties"
SAME_AS = "MATCH (person)-[same:SAME_AS]->(artist) RETURN person.name, artist.id, same.credits"


def test_people_of_a_first_load_over_bolt_are_those_that_a_walk_counts(graph, dump):
    run = begin(dump, "bolt")
    link(run)
    # A credit that no chunk of the run has counted.
    graph.run(
        "MATCH (person:Person), (release:Release) WITH * LIMIT 1 CREATE (person)-[:CREDITED_ON]->(release)"
    ).consume()
    assert maintenance.write_people(run) == Written()
    assert count_due(graph) == graph.run("MATCH (person:Person) RETURN count(person)").value()
    graph.run("MATCH ()-[credit:CREDITED_ON]->() WHERE credit.role IS NULL DELETE credit").consume()

    maintenance.write_people(run)
    assert count_due(graph) == [0]
    written = [sorted(map(repr, graph.run(statement).data())) for statement in (PEOPLE, SAME_AS)]
    graph.run("MATCH (person:Person) SET person = {name: person.name}").consume()
    graph.run("MATCH ()-[same:SAME_AS]->() DELETE same").consume()
    maintenance.link_people()

    assert [sorted(map(repr, graph.run(statement).data())) for statement in (PEOPLE, SAME_AS)] == written


def count_due(graph):
    return graph.run("MATCH (person:Person) WHERE person.credit_count IS NULL RETURN count(person)").value()


def test_what_a_bulk_load_did_not_import_is_a_debt(graph, dump, settings):
    run = begin(dump, "bulk")
    link(run)
    # As if the graph were that of another server.
    settings.NEO4J_URL = "bolt://elsewhere:7687"
    with pytest.raises(WaitError, match="neo4j-admin database import full"):
        importing.import_graph(run)
    assert run.events.filter(kind="waits for import").count() == 1
    starting.cancel(run)

    again = begin(dump, "bolt")
    link(again)
    finish(again)

    for record_type, table in TABLES.items():
        label_ = record_type.capitalize().removesuffix("s")
        (found,) = graph.run(f"MATCH (node:{label_}) WHERE node.sha256 IS NOT NULL RETURN count(node)").value()
        assert found == table.objects.count()
    with pytest.raises(RunError, match="empty"):
        importing.require_empty(Source.DISCOGS, TYPES, ("tables", "graph"))
