"""Errors outside of the API: HTML for people, JSON for programs, whatever is away."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client

from apps.dashboard import error_pages, readiness

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def site():
    """Return a client that gets the answer to a failure instead of the failure."""
    return Client(raise_request_exception=False)


def text(response):
    return " ".join(response.content.decode().split())


def require_page(response, status, title):
    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in response["Vary"].split(", ")
    assert response["Cache-Control"] == "no-store"
    assert f"<h1>{title}</h1>" in text(response)
    # It stands alone.
    assert "<link" not in text(response)
    assert "<script" not in text(response)


def test_a_page_that_is_not_there(site):
    require_page(site.get("/nothing", headers={"Accept": HTML}), 404, "There is nothing here.")


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_program_gets_json(site, accept):
    response = site.get("/nothing", headers={"Accept": accept})

    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/api/nothing", "/api/"])
def test_the_api_answers_json_to_everybody(site, path):
    response = site.get(path, headers={"Accept": HTML})

    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


def test_a_bug_says_under_which_id_it_was_noted(site, monkeypatch):
    monkeypatch.setattr(readiness, "ask_everything", lambda: 1 / 0)

    response = site.get("/ready", headers={"Accept": HTML, "X-Request-ID": "7f3a"})

    require_page(response, 500, "Something broke.")
    assert "<code>7f3a</code>" in text(response)
    assert "ZeroDivisionError" not in text(response)


def test_a_database_that_is_away_is_no_bug(site, monkeypatch):
    def away():
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(readiness, "ask_everything", away)

    response = site.get("/ready", headers={"Accept": HTML})

    require_page(response, 503, "The database does not answer.")
    assert response["Retry-After"] == "30"
    assert "10.0.0.7" not in text(response)


def test_somebody_who_may_not(site, monkeypatch):
    def refuse():
        raise PermissionDenied

    monkeypatch.setattr(readiness, "ask_everything", refuse)

    require_page(site.get("/ready", headers={"Accept": HTML}), 403, "This is not for you.")


@pytest.mark.django_db
def test_a_form_without_its_token():
    site = Client(enforce_csrf_checks=True)

    response = site.post("/admin/login/", {"username": "x", "password": "y"}, headers={"Accept": HTML})

    require_page(response, 403, "This form has expired.")


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/autocomplete?q=nirvana", "/health"])
@pytest.mark.parametrize("accept", [HTML, "*/*"])
def test_a_stranger_gets_no_advice_about_hosts(site, path, accept):
    response = site.get(path, headers={"Accept": accept, "Host": "elsewhere.example"})

    assert response.status_code == 400
    assert "ALLOWED_HOSTS" not in text(response)
    assert "elsewhere" not in text(response)


def test_what_is_shown_is_escaped(rf):
    request = rf.get("/", headers={"Accept": HTML})

    page = error_pages.answer_error(request, 500, "", "<b>", "", request_id="<i>")

    assert "<b>" not in text(page)
    assert "<i>" not in text(page)


# Fixed addresses


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind", "begin"),
    [("/favicon.ico", "image/", b"\0\0\1\0"), ("/robots.txt", "text/plain", b"# Answers of the API")],
)
def test_what_browsers_and_search_engines_ask_for(site, path, kind, begin):
    response = site.get(path)

    assert response.status_code == 200
    assert response["Content-Type"].startswith(kind)
    assert b"".join(response.streaming_content).startswith(begin)
    response.close()
