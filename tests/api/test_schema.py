"""The OpenAPI document: committed, the same as the code's, with examples, and what a page needs to show it."""

import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from openapi_spec_validator import validate

from apps.api import limits
from apps.graph.readers.credits import LEADERS

pytestmark = pytest.mark.django_db

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def document():
    GENERATOR_STATS.reset()
    found = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)
    assert not GENERATOR_STATS
    return found


def operations(document):
    return {(path, method): each for path, methods in document["paths"].items() for method, each in methods.items()}


def success(operation):
    """Return the status of an operation that did what was wanted."""
    (found,) = (status for status in operation["responses"] if status.startswith("2"))
    return found


def test_the_committed_document_is_that_of_the_code(document):
    """``make openapi`` writes it anew."""
    assert COMMITTED.read_bytes() == OpenApiYamlRenderer().render(document, renderer_context={})


def test_the_document_is_valid():
    validate(yaml.safe_load(COMMITTED.read_text()))


def test_the_document_says_what_whoever_uses_it_must_know(document):
    assert document["info"]["license"]["name"] == "Apache-2.0"
    assert document["servers"]
    assert document["security"] == []
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_operation_has_a_name_a_summary_and_a_heading(document):
    headings = {tag["name"]: tag["description"] for tag in document["tags"]}
    verbs = "ask|change|compare|complete|confirm|delete|disable|end|expand|explore|export|find|get|import|list|log|make"
    verbs += "|register|request|revoke|save|search|set|start|stop|verify"
    names = [operation["operationId"] for operation in operations(document).values()]

    assert len(set(names)) == len(names)
    assert not [name for name in names if not re.fullmatch(rf"({verbs})[A-Z]\w+", name)]
    for name, operation in operations(document).items():
        assert re.match(r"[A-Z]", operation["summary"]), name
        assert not operation["summary"].endswith("."), name
        assert set(operation["tags"]) <= set(headings), name
    assert {tag for operation in operations(document).values() for tag in operation["tags"]} == set(headings)


def test_every_operation_has_an_example_and_names_its_errors(document):
    for name, operation in operations(document).items():
        assert operation["description"], name
        answer = operation["responses"][success(operation)]
        assert all(each["examples"] for each in answer.get("content", {}).values()), name
        if operation.get("parameters"):
            assert "422" in operation["responses"] or all(each["in"] == "path" for each in operation["parameters"]), (
                name
            )


def test_what_can_be_exceeded_has_the_headers_of_its_limit(document):
    for name, operation in operations(document).items():
        with_headers = {status for status, response in operation["responses"].items() if "headers" in response}
        refusal = operation["responses"].get("429", {}).get("content", {}).get("application/json", {}).get("schema", {})
        # A second factor that is locked is another 429.
        assert bool(with_headers) == (refusal.get("$ref", "Detail").rpartition("/")[2] != "Detail"), name
        assert not with_headers or with_headers >= {success(operation), "429"}, name
    assert set(document["components"]["headers"]) == set(limits.HEADERS)


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [
        ("/api/explore", "type", {"artist", "genre", "label", "style"}),
        ("/api/node/{node_id}", "type", {"artist", "genre", "label", "release", "style"}),
        ("/api/expand", "category", {"aliases", "artists", "genres", "labels", "releases", "styles"}),
        ("/api/path", "to_type", {"artist", "genre", "label", "style"}),
        ("/api/credits/role/{role}/top", "role", set(LEADERS)),
        ("/api/rarity/leaderboard", "tier", {"ultra-rare", "rare", "scarce", "uncommon", "common"}),
        ("/api/nlq/suggestions", "focus_type", {"artist", "genre", "label", "style"}),
    ],
)
def test_closed_sets_are_told(document, path, name, words):
    parameters = {each["name"]: each["schema"] for each in document["paths"][path]["get"]["parameters"]}

    assert set(parameters[name]["enum"]) == words


def test_a_default_can_be_sent(document):
    for name, operation in operations(document).items():
        for parameter in operation.get("parameters", ()):
            shape = parameter["schema"]
            assert "default" not in shape or jsonschema.validate(shape["default"], shape) is None, name


def test_what_is_not_there_is_said_by_the_endpoint_or_by_the_routes(document):
    shapes = {each["$ref"].rpartition("/")[2] for each in document["components"]["schemas"]["NotFound"]["anyOf"]}

    assert shapes == {"Error", "Detail"}
    for (path, _), operation in operations(document).items():
        assert "{" not in path or "404" in operation["responses"], path


def test_bounds_are_told(document):
    parameters = {each["name"]: each["schema"] for each in document["paths"]["/api/expand"]["get"]["parameters"]}

    assert (parameters["limit"]["minimum"], parameters["limit"]["maximum"]) == (1, 200)


def test_the_document_and_its_page_are_served_from_here(site):
    assert site.json("/openapi.json")["openapi"].startswith("3.")
    page = site.get("/docs").text
    assert "/static/drf_spectacular_sidecar/" in page
    assert "://" not in page
    assert site.get("/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js").status_code == 200
