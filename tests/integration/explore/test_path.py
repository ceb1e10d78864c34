"""A path that takes too long, and the readers of its steps."""

import pytest
from django.test import Client

from apps.explore.answers import ways
from apps.graph.readers import paths, steps

pytestmark = pytest.mark.django_db

CHAIN = """
CREATE (one:Artist {id: '1', name: 'One'}), (two:Artist {id: '2', name: 'Two'}),
    (first:Release {id: '11', title: 'First', year: 1991})-[:BY]->(one),
    (first)-[:BY]->(two),
    (second:Release {id: '12', title: 'Second'})-[:BY]->(one),
    (second)-[:BY]->(two)
"""
ENDS = (paths.End("artist", None, "1"), paths.End("artist", None, "2"))


@pytest.fixture
def chain(graph):
    graph.run(CHAIN).consume()
    return graph


def test_a_path_that_takes_too_long_offers_smaller_questions(chain, monkeypatch):
    monkeypatch.setattr(ways, "SECONDS", 0)
    response = Client().get("/path/?from_id=1&to_id=2&max_depth=9")

    assert response.status_code == 504
    text = response.content.decode()
    assert "Too big a question." in text
    assert "4 steps at most" in text
    assert "exclude=IS" in text


def test_the_first_way_is_told_where_there_is_no_time_for_others(chain):
    found = paths.find_ways(*ENDS, 6, edges=["BY"], most=4, more_seconds=0)
    every = paths.find_ways(*ENDS, 6, edges=["BY"], most=4)

    assert len(found) == 1
    assert len(every) == 2


def test_steps_have_the_years_that_are_known(chain):
    found = paths.find_ways(*ENDS, 6, edges=["BY"], most=4)

    assert steps.get_years(found) == {("release", "11"): 1991}
    assert steps.find_members(found) == set()
    assert steps.find_roles(found) == {}
