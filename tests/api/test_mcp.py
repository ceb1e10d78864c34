"""The server for assistants, asked by the client of the package mcp: its answers are the API's."""

import json
from urllib.parse import quote

import pytest
from mcp import MCPError

from scripts import make_mcp_schemas
from tests.api import assistants

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

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
    ("get_similar_artists", {"artist_id": "40", "limit": 99}, "/api/recommend/similar/artist/40?limit=50"),
    ("get_label_dna", {"label_id": "50"}, "/api/label/50/dna"),
    ("get_insights", {"kind": "top-artists", "limit": 2}, "/api/insights/top-artists?limit=2"),
    (
        "get_insights",
        {"kind": "genre-trends", "genre": "Funk / Soul"},
        "/api/insights/genre-trends?genre=Funk%20/%20Soul",
    ),
    ("get_insights", {"kind": "label-longevity"}, "/api/insights/label-longevity?limit=20"),
    ("get_insights", {"kind": "this-month"}, "/api/insights/this-month"),
    ("get_insights", {"kind": "data-completeness"}, "/api/insights/data-completeness"),
    ("get_insights", {"kind": "release-rarity"}, "/api/insights/release-rarity?limit=20"),
    ("get_insights", {"kind": "status"}, "/api/insights/status"),
]
RESOURCES = {
    "discogs://artist/2": "/api/node/2?type=artist",
    "discogs://label/50": "/api/node/50?type=label",
    "discogs://release/111": "/api/release/111",
    "discogs://master/500": "/api/master/500",
    "discogs://genre/Funk%20%2F%20Soul": "/api/node/Funk%20%2F%20Soul?type=genre",
    "discogs://style/Dub": "/api/node/Dub?type=style",
}


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


def test_credits_go_on_by_a_cursor(assistant, site):
    whole = site.json("/api/credits/person/Lena%20%C3%96st")
    cursor, found = None, []
    while True:
        page = assistant.ask("get_credits", person="Lena Öst", limit=2, **({"cursor": cursor} if cursor else {}))
        assert page["total_credits"] == whole["total_credits"]
        found += page["credits"]
        if not (cursor := page["next_cursor"]):
            break

    assert len(found) == whole["total_credits"] > 4
    assert found == whole["credits"]
    assert assistant.ask("get_credits", person="Lena Öst") == {**whole, "next_cursor": None}


def test_musicbrainz_is_one_answer(assistant, site):
    found = assistant.ask("get_artist_musicbrainz", artist_id="1")

    assert found == {
        **site.json("/api/artist/1/musicbrainz"),
        "relationships": site.json("/api/artist/1/relationships")["relationships"],
        "links": site.json("/api/artist/1/external-links")["links"],
    }
    assert found["links"]


@pytest.mark.parametrize("uri", RESOURCES)
def test_a_record_has_an_address(assistant, site, uri):
    (content,) = assistant.run("read_resource", uri).contents

    assert content.mime_type == "application/json"
    assert json.loads(content.text) == site.json(RESOURCES[uri])


@pytest.mark.parametrize("uri", ["discogs://artist/999999", "discogs://artist/..", "discogs://song/1"])
def test_an_address_of_nothing_is_an_error(assistant, uri):
    with pytest.raises(MCPError):
        assistant.run("read_resource", uri)


def test_prompts_begin_conversations(assistant):
    named = {each.name: each.title for each in assistant.run("list_prompts").prompts}
    prompt = assistant.run("get_prompt", "find_gaps", {"entity_type": "label", "name": "Pier Dub"})

    assert named == {"compare_two_artists": "Compare two artists", "find_gaps": "Find gaps"}
    assert "'Pier Dub'" in prompt.messages[0].content.text


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
        ("get_insights", {"kind": "../artists"}, "kind: "),
        ("get_insights", {"kind": "genre-trends"}, "genre"),
        ("get_credits", {"person": "Lena Öst", "cursor": "-1"}, "cursor: "),
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


# Tokens over stdio


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("get_my_collection", "collection:read"),
        ("get_my_collection_stats", "collection:read"),
        ("get_my_wantlist", "library:read"),
        ("get_my_taste", "library:read"),
        ("get_recommendations", "library:read"),
    ],
)
def test_without_a_token_a_personal_tool_names_what_it_needs(assistant, name, scope):
    found = assistant.refusal(name)

    assert (found["code"], found["error"]) == ("unauthorized", f"This needs an app token with the scope {scope}")


def test_the_token_comes_from_a_file(site, tmp_path):
    (tmp_path / "token").write_text(f"dscg_{'x' * 43}\n")

    with assistants.over_stdio(site.url, {"API_TOKEN_FILE": str(tmp_path / "token")}) as assistant:
        found = assistant.refusal("get_my_collection")

    assert (found["code"], found["error"]) == ("unauthorized", "Unknown or revoked app token")
