"""What a caller has of releases (docs/contract/rest.md#ownership-of-releases); see test_collections.py as well."""

import pytest

pytestmark = pytest.mark.django_db

STATUS = "/api/user/status"
NOTHING = {"in_collection": False, "in_wantlist": False}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}])
def test_who_has_no_login_has_nothing(site, headers):
    response = site.ask("GET", STATUS, params={"ids": "3,1, 2,,1"}, headers=headers)

    assert response.status_code == 200
    assert list(response.json()["status"].items()) == [("3", NOTHING), ("1", NOTHING), ("2", NOTHING)]


@pytest.mark.parametrize("ids", ["", ",", " , ,"])
def test_nothing_is_said_of_no_release(site, ids):
    assert site.json(STATUS, ids=ids) == {"status": {}}


def test_a_hundred_are_enough(site):
    assert len(site.json(STATUS, ids=",".join(map(str, range(100))))["status"]) == 100
    status, body = site.error(STATUS, ids=",".join(["7"] * 101))

    assert status == 422
    assert "Too many IDs" in body["error"]
    assert "maximum is 100" in body["error"]


def test_the_ids_are_needed(site):
    assert site.invalid(STATUS) == [("missing", "query", "ids")]
