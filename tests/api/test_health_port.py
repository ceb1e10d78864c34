"""The port that tells health and nothing else (api.md 1.1, 5). What it says of servers away: test_outages."""

import httpx
import pytest

pytestmark = pytest.mark.django_db


def ask(site, path, method="GET", **headers):
    return httpx.request(method, f"{site.health_url}{path}", headers=headers, trust_env=False)


def test_it_says_what_the_site_says(site):
    response = ask(site, "/health")

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    there, here = response.json(), site.json("/health")
    assert {**there, "timestamp": None} == {**here, "timestamp": None}
    assert there["status"] == "healthy"


@pytest.mark.parametrize("path", ["/", "/health/", "/health/live", "/api/trends?name=x", "/admin/"])
def test_it_has_nothing_else(site, path):
    response = ask(site, path)

    assert (response.status_code, response.content) == (404, b"")


def test_it_asks_for_no_name_of_ours(site):
    assert ask(site, "/health", Host="web-7d9f").status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_it_is_there_to_be_read(site, method):
    response = ask(site, "/health", method)

    assert (response.status_code, response.headers["Allow"], response.content) == (405, "GET", b"")
