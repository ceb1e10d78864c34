"""Runs that end at any point: after the next one that completes, the graph is what the tables say.

What the tables say is what a rebuild makes of them.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from apps.catalog import completion, loader, readback
from apps.graph import clearing, links, post_load, verifying, writer
from apps.graph.rows import GraphRows
from apps.ingest import ledger
from apps.ingest.models import Chunk, DanglingReference, Debt, Run, RunState
from apps.ingest.runs import starting
from tasks.pipelines import finish_file
from tests.integration.graph.reading import read_all
from tests.loading import add_chunks, chunks_of, extract, finish, link, load, load_nodes, month, reload, start
from tests.records import artist, label, master, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
# What becomes of a record in a month, compared with the one before.
FATES = ("same", "changed", "gone", "unreadable")
# One record of each type for every fate in the first month, the second and the third.
FATES_OF = dict(enumerate(product(("changed", "gone"), FATES, FATES), start=1))
# Enough others, so that no guard of the purge is in the way, half of them in the middle of these.
OTHERS = (*range(50, 70), *range(150, 170))


def records(record_type: str, number: int) -> list[str]:
    """Return the records of a type in the first, the second or the third month."""
    found = []
    for place, fates in FATES_OF.items():
        data_id = place if place <= len(FATES_OF) // 2 else place + 70
        if fates[number - 1] != "gone":
            version = max((each for each in range(1, number + 1) if fates[each - 1] == "changed"), default=0)
            text = record(record_type, data_id, version, is_readable=fates[number - 1] != "unreadable")
            found.append((data_id, text))
    found += [(data_id, record(record_type, data_id, 0)) for data_id in OTHERS]
    return [text for _, text in sorted(found)]


def record(record_type: str, data_id: int, version: int, *, is_readable: bool = True) -> str:
    """Return a version of a record: it refers to others, among them one that comes later and one that never does."""
    near, late, never = data_id % 30 + version + 1, 290 + version, 900 + version
    refers = [near, late, never]
    found = {
        "artists": lambda: artist(data_id, f"v{version}", aliases=[near], members=[late, never], groups=refers),
        "labels": lambda: label(data_id, f"v{version}", parent=near, sublabels=[late, never]),
        "masters": lambda: master(data_id, f"v{version}", artists=refers, genres=[f"g{version}"], styles=["s"]),
        "releases": lambda: release(
            data_id,
            f"v{version}",
            artists=refers,
            labels=refers,
            master_id=near,
            credits=[(f"p{version}", "Bass", near)],
        ),
    }[record_type]()
    return found if is_readable else found.replace("</title>", "").replace("</name>", "")


def dump(number: int) -> dict[str, list[str]]:
    """Return the records of a month; in the third, those that many referred to have come."""
    types = ("artists", "labels", "masters", "releases")
    late = {each: [record(each, data_id, 0) for data_id in range(290, 294)] if number == 3 else [] for each in types}
    return {each: [*records(each, number), *late[each]] for each in types}


def begin(number: int, *, is_reversed: bool = False, **fields: Any) -> Run:
    """Enter a month as a run of two chunks a type, with the second half of the ids first where it is reversed."""
    run = start(*dump(number), **fields)
    for record_type, found in dump(number).items():
        half = len(found) // 2
        parts = [found[:half], found[half:]]
        add_chunks(run, record_type, parts[::-1] if is_reversed else parts)
    return run


def steps(run: Run) -> Iterator[str]:
    """Take a run through all of its stages; yield the name of each piece of work after it is done."""
    for name, mark, work in (
        ("extract", "extracted_at", extract),
        ("table", "tabled_at", loader.load),
        ("graph", "graphed_at", writer.load),
    ):
        for chunk in chunks_of(run, **{mark: None}):
            work(chunk)
            yield name
    for file in run.files.order_by("pk"):
        completion.complete(file.pk, finish_file)
        yield "complete"
    for chunk in chunks_of(run, linked_at=None):
        links.link(chunk)
        yield "link"
    run.refresh_from_db()
    while post_load.do_next_step(run, post_load.DISCOGS):
        run.refresh_from_db()
        yield run.steps_done[-1]


def stop_after(run: Run, step: str, times: int) -> None:
    """Take a run so far and let it fail."""
    for name in steps(run):
        times -= name == step
        if times == 0:
            break
    assert times == 0
    ledger.end(run, RunState.FAILED)


def rebuild() -> None:
    """Make the graph again from the tables."""
    run = starting.rebuild()
    clearing.clear()
    for file in run.files.all():
        readback.split(file)
    for chunk in chunks_of(run, extracted_at=None):
        readback.extract(reload(chunk), [GraphRows(chunk.file.type)])
        Chunk.objects.filter(pk=chunk.pk).update(tabled_at=chunk.file.run.started_at)
    load_nodes(run)
    link(run)
    finish(run)


def read_dangling() -> set[tuple[object, ...]]:
    fields = ("record_type", "record_id", "relationship", "direction", "target_type", "target_id")
    return set(DanglingReference.objects.values_list(*fields))


def assert_as_rebuilt(graph) -> None:
    """Assert that the graph is what the tables say."""
    found = read_all(graph), read_dangling()
    assert not Chunk.objects.filter(ledger.UNPAID).exists()
    assert not Debt.objects.exists()
    rebuild()
    again = read_all(graph), read_dangling()
    assert [sorted({*found[0]} - {*again[0]}), sorted({*again[0]} - {*found[0]})] == [[], []]
    assert found[1] == again[1]


# After what piece of work the second month fails, and whether the third removes what it does not have.
STOPS = [
    ("extract", 5, True),
    ("table", 3, True),
    ("table", 8, False),
    ("graph", 3, False),
    ("complete", 2, False),
    ("complete", 4, True),
    ("link", 1, False),
    ("link", 5, True),
    ("pay_debts", 1, False),
    ("revive", 1, True),
    ("link_people", 1, False),
]


@pytest.mark.parametrize(("step", "times", "removes"), STOPS)
def test_the_run_after_one_that_failed_anywhere(graph, settings, step, times, removes):
    load(begin(1))
    stop_after(begin(2), step, times)
    settings.PURGE_MAX_DELETE_FRACTION = 0.9 if removes else 0.0

    load(begin(3, is_reversed=True))

    assert_as_rebuilt(graph)


def test_tables_alone_and_then_the_graph_alone(graph):
    load(begin(1))
    load(begin(2, stores=["tables"]))

    load(begin(2, stores=["graph"]))

    assert_as_rebuilt(graph)


def test_a_graph_that_was_emptied_by_a_rebuild_that_never_went_on(graph):
    load(begin(1))
    run = starting.rebuild()
    clearing.clear()
    ledger.end(run, RunState.CANCELLED)

    load(begin(1))

    assert_as_rebuilt(graph)


def test_what_a_comparison_found_is_written_though_the_chunk_that_wrote_it_was_tidied_away(graph):
    world = {"artists": [artist(1), artist(2, aliases=[1])]}
    run = month(**world)
    before = read_all(graph)
    graph.run("MATCH (artist:Artist {id: '2'}) DETACH DELETE artist").consume()
    Run.objects.filter(pk=run.pk).delete()

    assert verifying.verify("artists").missing == 1
    month(**world)

    assert read_all(graph) == before
