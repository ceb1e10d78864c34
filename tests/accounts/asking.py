"""What tests of accounts ask a site."""

import itertools

from tests.users import PASSWORD, authorize

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

numbers = itertools.count(1)


def address():
    return f"ada{next(numbers)}@example.com"


def post(site, path, body=None, **headers):
    return site.ask("POST", f"/api/{path}", json=body, headers=headers)


def log_in(site, email, password=PASSWORD, **more):
    return post(site, "auth/login", {"email": email, "password": password, **more})


def log_in_as(site, user, password=PASSWORD):
    """Log in and return the header to ask with."""
    return authorize(log_in(site, user.email, password).json()["access_token"])


def me(site, **headers):
    return site.ask("GET", "/api/auth/me", headers=headers)


def detail(answer):
    return answer.status_code, answer.json()["detail"]
