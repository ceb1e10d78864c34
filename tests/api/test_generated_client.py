"""A client that openapi-python-client makes of the committed document, on a running site."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """Make a client, without a warning, and return its package."""
    folder = tmp_path_factory.mktemp("client")
    scripts = str(Path(sys.executable).parent)
    # It knows neither pictures nor archives nor tables by itself.
    kinds = ("image/svg+xml", "image/png", "application/zip", "text/csv")
    files = ", ".join(f"{each}: application/octet-stream" for each in kinds)
    (folder / "config.yaml").write_text(f"content_type_overrides: {{{files}}}")
    subprocess.run(
        [
            f"{scripts}/openapi-python-client",
            "generate",
            "--path",
            DOCUMENT,
            "--output-path",
            "made",
            "--fail-on-warning",
            "--config",
            "config.yaml",
        ],
        cwd=folder,
        # It formats what it makes with ruff.
        env={**os.environ, "PATH": os.pathsep.join((scripts, os.environ["PATH"]))},
        check=True,
    )
    sys.path.insert(0, str(folder / "made"))
    yield importlib.import_module("linernotes_client")
    sys.path.remove(str(folder / "made"))


@pytest.fixture
def ask(package, site):
    """Return a function that sends an operation, named by its module, and returns what the client read."""
    with package.Client(base_url=site.url) as client:

        def send(operation, *path, **parameters):
            module = importlib.import_module(f"linernotes_client.api.{operation}")
            return module.sync_detailed(*path, client=client, **parameters)

        yield send


@pytest.fixture
def word(package):
    """Return a function that makes a word of a closed set of the client's."""
    models = importlib.import_module(f"{package.__name__}.models")
    return lambda name, value: getattr(models, name)(value)


def children(ask, word, name, kind, category):
    found = ask(
        "explore.expand_entity",
        node_id=name,
        type_=word("ExpandEntityType", kind),
        category=word("ExpandEntityCategory", category),
    )
    return [each.to_dict() for each in found.parsed.children]


def test_children_have_what_the_site_sends_of_them(ask, word, site):
    for kind, name, category in [
        ("artist", "Mira Holt", "releases"),
        ("label", "Pier Dub", "releases"),
        ("artist", "Mira Holt", "labels"),
        ("artist", "The Harbour Lights", "aliases"),
        ("genre", "Rock", "styles"),
    ]:
        sent = site.json("/api/expand", node_id=name, type=kind, category=category)["children"]
        assert children(ask, word, name, kind, category) == sent


def test_years_of_releases_are_there_and_may_be_none(ask, word):
    found = children(ask, word, "Pier Dub", "label", "releases")

    assert {each["year"] for each in found} == {None, 1981, 1983, 1995}


def test_every_kind_of_node_is_what_it_is(ask, word):
    kinds = {"artist": "2", "release": "101", "label": "50", "genre": "Rock"}
    found = {
        kind: type(ask("explore.get_node", id_, type_=word("GetNodeType", kind)).parsed).__name__
        for kind, id_ in kinds.items()
    }

    assert found == {"artist": "Artist", "release": "Release", "label": "Label", "genre": "Tag"}


def test_a_path_has_its_edges(ask):
    found = ask("paths.find_path", from_name="Mira Holt", to_name="Jonas Ek").parsed

    assert (found.length, found.path[0].rel, found.path[1].rel.value) == (2, None, "BY")


def test_other_answers_are_read(ask):
    assert ask("explore.complete_names", q="mira").parsed.results[0].id == "2"
    assert ask("search.search_catalogue", q="breakwater").parsed.results[0].metadata.year == 1981
    assert ask("credits_.get_person_profile", "Jonas Ek").parsed.categories
    assert ask("overview.get_graph_stats").parsed.counts.labels


def test_errors_are_read_too(ask):
    nobody, asked_wrongly = ask("explore.explore_entity", name="nobody"), ask("explore.complete_names", q="mi")

    assert (nobody.status_code, "not found" in nobody.parsed.error) == (404, True)
    assert (asked_wrongly.status_code, asked_wrongly.parsed.detail[0].loc) == (422, ["query", "q"])
