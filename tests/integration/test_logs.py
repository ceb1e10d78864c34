"""What stands in the log: one line a chunk and stage, and each line of a task or of a request says what it is about."""

import io
import json
import logging
from dataclasses import replace
from logging.config import DictConfigurator

import pytest
import structlog

from apps.ingest import ledger
from apps.ingest.models import Chunk
from tasks.extractor import extract_chunk, extract_file
from tasks.graphinator import link_graph, load_graph
from tasks.pipelines import PIPELINES
from tasks.tableinator import load_table
from tests.loading import add_chunks, start
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


@pytest.fixture
def lines(settings):
    """Return a function that returns the lines of the log so far, as the settings shape them."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    shape = dict(settings.LOGGING["formatters"]["json"])
    handler.setFormatter(DictConfigurator(settings.LOGGING).configure_formatter(shape))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def chunk():
    (made,) = add_chunks(start("artists"), "artists", [artist(1, aliases=[2]), artist(2)])
    return made


@pytest.mark.usefixtures("graph")
def test_each_stage_of_a_chunk_is_one_line_with_counts_and_seconds(chunk, lines):
    for task in (extract_chunk, load_table, load_graph, link_graph):
        # The second time, nothing is done and nothing said.
        for _ in range(2):
            task.apply(args=[chunk.pk], throw=True)

    found = lines()
    assert [line["stage"] for line in found] == ["extract", "table", "graph", "link"]
    for line in found:
        assert (line["run"], line["file"], line["chunk"]) == (chunk.file.run_id, "artists", 0)
        assert line["event"] == "stage done"
        assert line["seconds"] >= 0
        assert line["task_id"]
        assert (line["level"], line["service"], line["environment"]) == ("info", "linernotes", "development")
        assert {"timestamp", "logger", "lineno"} <= line.keys()
    assert [line["task"] for line in found[:2]] == ["tasks.extractor.extract_chunk", "tasks.tableinator.load_table"]
    assert (found[0]["records"], found[0]["new"], found[0]["removed"]) == (2, 2, 0)
    assert found[2]["nodes_written"] == 2
    assert found[3]["relationships_written"] == 1


@pytest.mark.usefixtures("graph")
def test_the_ledger_remembers_how_long_each_stage_took(chunk):
    for task in (extract_chunk, load_table, load_graph, link_graph):
        task.apply(args=[chunk.pk], throw=True)

    found = Chunk.objects.get()
    assert all(getattr(found, f"{stage}_seconds") > 0 for stage in ledger.MARKS)


def test_a_failure_says_which_chunk_it_was(chunk, lines, monkeypatch):
    ledger.mark(chunk, "extract")
    monkeypatch.setitem(PIPELINES, "discogs", replace(PIPELINES["discogs"], load=lambda _: {"rows": 1 // 0}))

    load_table.apply(args=[chunk.pk])

    last = lines()[-1]
    assert "gave up" in last["event"]
    assert "ZeroDivisionError" in last["exception"]
    assert (last["run"], last["file"], last["chunk"]) == (chunk.file.run_id, "artists", 0)


def test_a_failure_of_a_file_says_which_file_it_was(chunk, lines):
    file = chunk.file
    type(file).objects.update(split_at=None, path="/nowhere/artists.xml.gz")

    extract_file.apply(args=[file.pk])

    last = lines()[-1]
    assert (last["run"], last["file"]) == (file.run_id, "artists")
    assert "chunk" not in last


def test_a_task_leaves_nothing_behind_for_the_next(chunk):
    extract_chunk.apply(args=[chunk.pk], throw=True)

    assert structlog.contextvars.get_contextvars() == {}


# Requests


def test_a_request_is_one_line_with_its_id_and_route(client, lines):
    response = client.get("/health/live?name=somebody")

    (line,) = lines()
    assert line["request_id"] == response["X-Request-ID"]
    assert (line["event"], line["method"], line["route"], line["status"]) == ("request", "GET", "health/live", 200)
    assert "somebody" not in json.dumps(line)


def test_the_id_of_the_proxy_is_taken_over(client):
    assert client.get("/health/live", headers={"X-Request-ID": "abc-123"})["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"}'])
def test_an_id_that_is_none_is_not_taken_over(client, given):
    assert client.get("/health/live", headers={"X-Request-ID": given})["X-Request-ID"] != given


def test_an_address_that_does_not_exist_has_no_route(client, lines):
    client.get("/no/such/page?token=s3cret")

    assert [line["status"] for line in lines() if line["event"] == "request"] == [404]
    assert "s3cret" not in json.dumps(lines())
