"""A site over stores that nothing was ever loaded into: it finds nothing, and nothing of it is an error of ours."""

import pytest
from django.core.cache import cache

from apps.graph import schema
from tests.api import site as sites

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = {"artists": 0, "labels": 0, "releases": 0, "masters": 0, "genres": 0, "styles": 0}
EMPTY = {
    **{f"autocomplete?type={kind}&q=mir": {"results": []} for kind in ("artist", "label", "genre", "style")},
    "explore/year-range": {"min_year": None, "max_year": None},
    "explore/genre-emergence?before_year=2020": {"genres": [], "styles": []},
    "expand?node_id=Rock&type=genre&category=releases": {
        "children": [],
        "total": 0,
        "offset": 0,
        "limit": 50,
        "has_more": False,
    },
    "trends?name=Rock&type=genre": {"name": "Rock", "type": "genre", "data": []},
    "genre-tree": {"genres": []},
    "graph/stats": {"total_entities": 0, "counts": NOTHING},
    "search?q=mir": {
        "query": "mir",
        "total": 0,
        "facets": {"type": {"artist": 0, "label": 0, "master": 0, "release": 0}, "genre": {}, "decade": {}},
        "results": [],
        "pagination": {"limit": 20, "offset": 0, "has_more": False},
    },
}
UNKNOWN = (
    "explore?name=Mira&type=artist",
    "node/1?type=artist",
    "node/Rock?type=genre",
    "label/1/dna",
    "label/1/similar",
    "label/dna/compare?ids=1,2",
    "path?from_name=Mira&to_name=Jonas",
)


@pytest.fixture
def site(graph, tmp_path):
    """A site whose graph has neither a node nor an index nor a constraint."""
    for name in names(graph, "SHOW CONSTRAINTS YIELD name"):
        graph.run(f"DROP CONSTRAINT `{name}`").consume()
    for name in names(graph, "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"):
        graph.run(f"DROP INDEX `{name}`").consume()
    cache.clear()
    with sites.run_site(tmp_path / "site.log") as found:
        yield found
    schema.create_constraints(graph)


def names(graph, statement):
    return [record["name"] for record in graph.run(statement)]


def test_everything_answers_that_there_is_nothing(site):
    assert {path: site.json(f"/api/{path}") for path in EMPTY} == EMPTY
    assert {path: site.get(f"/api/{path}").status_code for path in UNKNOWN} == dict.fromkeys(UNKNOWN, 404)
    assert site.get("/").status_code == 200
