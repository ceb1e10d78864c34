"""The OpenAPI document: committed, the same as the code's, with examples, and what a page needs to show it."""

from pathlib import Path

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

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


def test_the_committed_document_is_that_of_the_code(document):
    """``make openapi`` writes it anew."""
    assert COMMITTED.read_bytes() == OpenApiYamlRenderer().render(document, renderer_context={})


def test_the_document_is_valid(document):
    validate_schema(yaml.safe_load(COMMITTED.read_text()))


def test_every_operation_has_an_example_and_names_its_errors(document):
    for name, operation in operations(document).items():
        assert operation["description"], name
        answer = operation["responses"]["200"]
        assert answer["content"]["application/json"]["examples"], name
        if operation.get("parameters"):
            assert "422" in operation["responses"] or all(each["in"] == "path" for each in operation["parameters"]), (
                name
            )


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
