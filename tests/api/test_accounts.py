"""Accounts over HTTP: registering, logging in and out, and that nobody gets another's answer."""

import itertools

import pytest

from tests.users import PASSWORD, authorize, bearer, forget_users, make_user

numbers = itertools.count(1)


@pytest.fixture
def people(site, django_db_blocker):
    """The site, which is a process of its own, and afterwards nobody in its database."""
    with django_db_blocker.unblock():
        yield site
        forget_users()


def address():
    return f"ada{next(numbers)}@example.com"


def post(site, path, body=None, **headers):
    return site.ask("POST", f"/api/auth/{path}", json=body, headers=headers)


def log_in(site, email, password=PASSWORD, **more):
    return post(site, "login", {"email": email, "password": password, **more})


def me(site, **headers):
    return site.ask("GET", "/api/auth/me", headers=headers)


def test_a_person_registers_logs_in_and_out(people):
    email = address()
    made = post(people, "register", {"email": f" {email.upper()} ", "password": PASSWORD})
    again = post(people, "register", {"email": email, "password": "another horse"})
    assert (made.status_code, made.json()) == (again.status_code, again.json()) == (201, made.json())

    answer = log_in(people, email)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 1800
    own = authorize(answer.json()["access_token"])

    found = me(people, **own)
    assert found.json()["email"] == email
    assert found.headers["Cache-Control"] == "private, no-store"

    assert post(people, "logout", **own).json() == {"logged_out": True}
    refused = me(people, **own)
    assert refused.status_code == 401
    assert "revoked" in refused.json()["detail"]
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_each_is_answered_what_is_theirs(people):
    first, second = make_user(), make_user()

    for user in (first, second, first):
        assert me(people, **bearer(user)).json()["id"] == str(user.pk)
    assert me(people).status_code == 401
