"""The benchmark of the API: it asks for every endpoint, and what it asks for has answers."""

import itertools

import pytest
from drf_spectacular.generators import SchemaGenerator

from bench.api import client, measuring, sample
from bench.api.questions import LEFT_OUT, PERSONAL, QUESTIONS
from tests.users import bearer, forget_users, make_user

pytestmark = pytest.mark.django_db


def test_every_endpoint_that_is_read_without_a_login_is_asked_for():
    paths = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)["paths"]
    read = {path for path, methods in paths.items() if "get" in methods and is_open(methods["get"])}

    assert {question.endpoint for question in QUESTIONS} == read - set(LEFT_OUT)
    assert set(LEFT_OUT) <= set(paths)


def test_every_endpoint_about_a_collection_is_asked_for():
    paths = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)["paths"]
    parts = ("/collection", "/wantlist", "/taste/", "/user/recommendations", "/recommend/explore", "/user/status")
    read = {path for path, methods in paths.items() if "get" in methods and any(part in path for part in parts)}
    # The routes of gaps are one for each kind.
    assert {question.endpoint for question in PERSONAL} == read


def is_open(operation):
    """Tell whether an operation needs no login: it takes none, or does without."""
    ways = operation.get("security", [])
    return not ways or {} in ways


@pytest.fixture(scope="module")
def names(loaded, django_db_blocker):
    with django_db_blocker.unblock():
        return sample.draw(10, 2, seed=1)


def test_what_is_heavy_and_what_is_typical_are_two_things(names):
    for kind in sample.KINDS:
        assert getattr(names.heavy, kind), kind
        assert not set(getattr(names.heavy, kind)) & set(getattr(names.typical, kind))


@pytest.fixture(scope="module")
def credentials(site, django_db_blocker):
    with django_db_blocker.unblock():
        token = bearer(make_user())["Authorization"].partition(" ")[2]
        yield itertools.cycle([token])
        forget_users()


@pytest.mark.parametrize("question", [*QUESTIONS, *PERSONAL], ids=lambda question: question.name)
def test_what_is_asked_for_has_an_answer(site, names, credentials, question):
    host, port = site.client.base_url.host, site.client.base_url.port
    paths = list(question.addresses(names))
    with client.Clients(host, port, 3, credentials) as clients:
        found = clients.ask_each(paths)

    assert found.errors == 0
    assert sum(found.statuses.values()) == len(paths) == len(found.latencies)
    # Labels of this catalogue are too small to be compared.
    # Nor has the user anything.
    assert found.statuses[200] or any(word in question.endpoint for word in ("label", "taste"))
    assert set(found.statuses) <= {200, 404, 422}


def test_percentiles_of_a_hundred():
    found = measuring.percentiles([milliseconds / 1000 for milliseconds in range(101)])

    assert found == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "most": 100.0}
    assert measuring.percentiles([0.002])["p99"] == 2.0
    assert measuring.percentiles([])["p50"] is None
