"""The shipped nginx file in front of a site in production and of Flower."""

import os
import subprocess
import sys
from contextlib import ExitStack

import httpx
import pytest
from django.conf import settings
from django.test import Client, override_settings

from apps.accounts.models import User
from tests.api import site
from tests.integration.dashboard import nginx
from tests.integration.dashboard.flower import flower
from tests.test_settings import PRODUCTION

pytestmark = [
    pytest.mark.skipif(not nginx.NGINX, reason="there is no nginx; .ci/run installs it"),
    pytest.mark.django_db(transaction=True),
]
OF_PRODUCTION = ("ENVIRONMENT", "DJANGO_SECRET_KEY", "ENCRYPTION_MASTER_KEY")
# Not of this test's interest: a code of a phone.
VARIABLES = {
    "ALLOWED_HOSTS": nginx.NAME,
    "STAFF_TWO_FACTOR": "no",
    **{name: PRODUCTION[name] for name in OF_PRODUCTION},
}
HALF = b"GET /health/live HTTP/1.1\r\nHost: music.example\r\nX-"


def servers():
    """Return the servers of the tests, of which production wants to be told."""
    return {
        "NEO4J_URL": settings.NEO4J_URL,
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "CELERY_RESULT_BACKEND": settings.CELERY_RESULT_BACKEND,
        "CACHE_URL": settings.CACHES["default"]["LOCATION"],
    }


@pytest.fixture(scope="module")
def front(django_db_setup, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    variables = {**VARIABLES, **servers(), "STATIC_ROOT": str(folder / "static")}
    collect = [sys.executable, str(site.PROJECT / "manage.py"), "collectstatic", "--noinput"]
    subprocess.run(collect, env={**os.environ, **variables}, check=True, capture_output=True)
    with (
        site.run_site(folder / "site.log", **variables) as served,
        flower(folder / "flower.log", "--url-prefix=flower") as flower_port,
        nginx.run_nginx(folder, site_port=served.client.base_url.port, flower_port=flower_port) as found,
    ):
        yield found


@pytest.fixture
def client(front):
    with front.client() as opened:
        yield opened


@pytest.fixture
def staff(front):
    """Return a client that is logged in to the admin."""
    with front.client(cookies=session_of(User.objects.create_user("karin@example.com", is_staff=True))) as opened:
        yield opened


def session_of(user):
    """Return the cookies of a user's session, as the site in production signs it."""
    with override_settings(SECRET_KEY=VARIABLES["DJANGO_SECRET_KEY"]):
        browser = Client()
        browser.force_login(user)
    return {"__Host-sessionid": browser.cookies["sessionid"].value}


# The site


@pytest.mark.parametrize("path", ["/", "/health", "/health/live", "/docs", "/static/css/pages.css"])
def test_the_site_is_served_over_https(client, path):
    response = client.get(path)

    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_http_is_sent_on_to_https(client):
    response = client.get(f"http://{nginx.NAME}/docs?x=1")

    assert (response.status_code, response.headers["Location"]) == (301, f"https://{nginx.NAME}/docs?x=1")


def test_a_certificate_is_asked_for_over_http(client, tmp_path_factory):
    assert client.get(f"http://{nginx.NAME}/.well-known/acme-challenge/token").status_code == 404


def test_a_name_that_is_not_ours_gets_no_answer(client):
    with pytest.raises(httpx.ConnectError, match="UNRECOGNIZED_NAME"):
        client.get("https://other.example/")


@pytest.mark.parametrize("path", ["/metrics", "/ready", "/health/ready", "/auth/staff", "/x/..//metrics", "/%6Detrics"])
def test_what_is_for_programs_inside_is_not_there(client, path):
    assert client.get(path).status_code == 404


def test_an_address_that_a_client_makes_up_does_not_count(client):
    made_up = [client.get("/api/autocomplete?q=mir", headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(2)]

    remaining = [int(response.headers["X-RateLimit-Remaining"]) for response in made_up]
    assert remaining[0] - remaining[1] == 1


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/static/css/pages.css"])
def test_long_answers_are_compressed(client, path):
    response = client.get(path, headers={"Accept-Encoding": "gzip"})

    assert (response.status_code, response.headers["Content-Encoding"]) == (200, "gzip")
    assert "Accept-Encoding" in response.headers["Vary"]


def test_clients_that_send_slowly_stop_nobody_else(front, client):
    with ExitStack() as held:
        # The site alone would be stopped by 32 of them.
        for _ in range(100):
            held.enter_context(front.connect()).sendall(HALF)

        assert client.get("/health/live").status_code == 200


# Flower


def test_staff_see_flower(staff):
    page = staff.get("/flower/")

    assert (page.status_code, "/flower/static/" in page.text) == (200, True)
    assert staff.get("/flower/static/css/flower.css").status_code == 200
    assert staff.get("/flower").headers["Location"].endswith("/flower/")


def test_others_are_asked_to_log_in(client, front):
    user = User.objects.create_user("karl@example.com")
    with front.client(cookies=session_of(user)) as other:
        for response in (client.get("/flower/workers"), other.get("/flower/workers")):
            assert (response.status_code, response.headers["Location"]) == (302, "/admin/login/?next=/flower/")


@pytest.mark.parametrize("path", ["/flower/metrics", "/flower/healthcheck", "/flower//metrics", "/flower/x/../metrics"])
def test_nobody_is_told_what_flower_tells_everybody(staff, path):
    assert staff.get(path).status_code == 404


def test_flower_does_nothing_for_staff_either(staff):
    assert staff.post("/flower/api/worker/shutdown/nobody@nowhere").status_code == 401
