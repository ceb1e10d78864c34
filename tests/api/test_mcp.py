"""The server for assistants, asked by the client of the package mcp: its answers are the API's."""

import json
from urllib.parse import quote

import pytest

from scripts import make_mcp_schemas
from tests.api import assistants

pytestmark = pytest.mark.django_db

# Tool, its arguments, and what the API is asked.
ANSWERS = [
    (
        "search",
        {"query": "kelp"},
        "/api/search?q=kelp&types=artist%2Clabel%2Cmaster%2Crelease&limit=20",
    ),
    ("search", {"query": "kelp", "types": "label", "limit": 1}, "/api/search?q=kelp&types=label&limit=1"),
    (
        "search",
        {"query": "kelp", "limit": 1000},
        "/api/search?q=kelp&types=artist%2Clabel%2Cmaster%2Crelease&limit=100",
    ),
    ("get_artist_details", {"artist_id": "2"}, "/api/node/2?type=artist"),
    ("get_artist_details", {"artist_id": 2}, "/api/node/2?type=artist"),
    ("get_label_details", {"label_id": "50"}, "/api/node/50?type=label"),
    ("get_release_details", {"release_id": "104"}, "/api/node/104?type=release"),
    ("get_genre_details", {"genre_name": "Funk / Soul"}, "/api/node/Funk%20%2F%20Soul?type=genre"),
    ("get_style_details", {"style_name": "Dub"}, "/api/node/Dub?type=style"),
    (
        "find_path",
        {"from_name": "Mira Holt", "from_type": "artist", "to_name": "Dub", "to_type": "style", "max_depth": 99},
        "/api/path?from_name=Mira%20Holt&from_type=artist&to_name=Dub&to_type=style&max_depth=10",
    ),
    ("get_trends", {"name": "Jazz", "entity_type": "genre"}, "/api/trends?name=Jazz&type=genre"),
    ("get_graph_stats", {}, "/api/graph/stats"),
    ("get_collaborators", {"artist_id": "40", "limit": 2}, "/api/collaborators/40?limit=2"),
    ("get_genre_tree", {}, "/api/genre-tree"),
]


@pytest.fixture(scope="module")
def assistant(site):
    with assistants.over_stdio(site.url) as found:
        yield found


@pytest.mark.parametrize(
    ("name", "arguments", "address"), ANSWERS, ids=lambda each: each if isinstance(each, str) else ""
)
def test_a_tool_answers_what_the_api_does(assistant, site, name, arguments, address):
    result = assistant.call(name, **arguments)

    assert not result.is_error, result.content
    assert result.structured_content == site.json(address)
    summary, text = (each.text for each in result.content)
    assert json.loads(text) == result.structured_content
    assert 0 < len(summary) <= 300
    assert "\n" not in summary


def test_every_tool_says_what_it_is(assistant):
    tools = assistant.run("list_tools").tools

    for tool in tools:
        assert tool.title
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.annotations.idempotent_hint
        assert tool.output_schema["type"] == "object", tool.name
        assert tool.input_schema["type"] == "object", tool.name


def test_the_schemas_are_those_of_the_document():
    made = make_mcp_schemas.make_schemas()

    assert json.loads(make_mcp_schemas.SCHEMAS.read_text()) == made, "make openapi writes them anew"


# Errors


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("search", {"query": "ab"}, "query: "),
        ("search", {}, "query: "),
        ("search", {"query": "kelp", "limit": "many"}, "limit: "),
        ("search", {"query": "kelp", "types": "song"}, "song"),
        ("get_artist_details", {"artist_id": "²"}, "artist_id: "),
        ("get_artist_details", {"artist_id": "2/../3"}, "artist_id: "),
        ("get_artist_details", {"artist_id": True}, "artist_id: "),
        ("get_genre_details", {"genre_name": ".."}, "name"),
        ("get_trends", {"name": "Jazz", "entity_type": "release"}, "entity_type: "),
        ("find_path", {"from_name": "x" * 2001, "to_name": "Dub"}, "from_name: "),
        ("search", {"query": "kelp\0"}, "q: "),
    ],
)
def test_what_is_no_argument_is_refused_with_a_reason(assistant, name, arguments, word):
    found = assistant.refusal(name, **arguments)

    assert found["code"] == "invalid_arguments"
    assert word in found["error"]


def test_the_error_of_the_api_has_a_code_and_its_address(assistant, site):
    found = assistant.refusal("get_artist_details", artist_id="999999")

    status, body = site.error("/api/node/999999?type=artist")
    assert status == 404
    address = f"{site.url}/api/node/999999?type=artist"
    assert found == {"error": body["error"], "code": "not_found", "url": address, "retry_after": None}


@pytest.mark.parametrize("name", ["<script>", "\u202ekelp", "ä" * 2000, "a%2Fb", "?type=artist", "a\nb"])
def test_a_hostile_name_is_only_a_name(assistant, site, name):
    found = assistant.refusal("get_style_details", style_name=name)

    status = site.get(f"/api/node/{quote(name, safe='')}?type=style").status_code
    assert found["code"] == {404: "not_found", 414: "invalid_arguments"}[status]
