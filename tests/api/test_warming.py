"""What a process asks for when it starts: everything, without a trace, and visitors wait for none of it."""

import os
import subprocess
import sys
import time
from threading import Thread

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import URLPattern, get_resolver, resolve

from apps.api import warming
from apps.api.middleware import ROUTES
from apps.explore.pages.base import PersonalPage
from apps.explore.pages.forms import FormPage
from tests.api.site import PROJECT, database_url

pytestmark = pytest.mark.django_db

# Endpoints that ask neither store, tell of servers, or are a second address of another one.
LEFT_OUT = {
    "health",
    "api/snapshot/<str:token>",
    "api/nlq/status",
    *(f"api/{name}" for name in ("databases", "metrics", "queue-prefixes", "queues", "services", "status/stream")),
    *(f"api/musicbrainz/artist/<str:artist_id>{rest}" for rest in ("", "/relationships", "/external-links")),
}
# Pages of what somebody shared: they have no address of their own before.
SHARED = {"snapshot", "snapshot_picture"}
WARM_SECONDS = 300


def test_every_endpoint_is_asked_for(loaded):
    # What a login or a secret opens is not for everyone.
    readers = {str(each.pattern): find_reader(each.callback.view_class) for each in get_resolver(ROUTES).url_patterns}
    routes = {route for route, view in readers.items() if view and not hasattr(view, "caller_is")}
    asked = {resolve(path, ROUTES).route for path in paths() if path.startswith("/api/")}

    assert asked == routes - LEFT_OUT
    assert routes >= LEFT_OUT


def find_reader(view):
    """Return the endpoint that answers GET at an address; None if there is none."""
    view = getattr(view, "by_method", {}).get("GET", view)
    return view if hasattr(view, "get") else None


def paths():
    return [address.partition("?")[0] for address in warming.list_addresses()]


def test_every_page_is_asked_for(loaded):
    known = [each for each in get_resolver("apps.explore.pages.urls").url_patterns if isinstance(each, URLPattern)]
    public = [each for each in known if not issubclass(each.callback.view_class, (PersonalPage, FormPage))]
    pages = {each.name for each in public if each.name and not each.name.endswith("-csv")} - SHARED
    asked = {resolve(path).url_name for path in paths() if not path.startswith("/api/")}

    assert asked == pages


def test_every_question_has_an_answer(loaded):
    statuses = run_in_thread(lambda: {address: warming.ask(address) for address in warming.list_addresses()})

    # Labels and artists of this catalogue are too small to be compared; nothing of MusicBrainz is loaded, nor master 1.
    assert set(statuses.values()) <= {200, 404, 422}
    missing = [address for address, status in statuses.items() if status == 404]
    assert not [each for each in missing if not any(word in each for word in ("musicbrainz", "rarity", "/master/"))]


def test_nothing_is_kept_or_counted(loaded):
    client = cache.client.get_client()
    before = set(client.keys("*"))

    assert run_in_thread(warming.ask_for_everything)
    # Counts of limits expire meanwhile.
    assert set(client.keys("*")) <= before


def test_each_process_takes_its_turn(loaded):
    done = []
    with connection.cursor() as cursor:
        cursor.execute(warming.TAKE_TURN)
        try:
            waiting = Thread(target=lambda: done.append(warming.ask_for_everything()))
            waiting.start()
            waiting.join(1)
            assert waiting.is_alive()
        finally:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    waiting.join(WARM_SECONDS)
    assert done == [True]


def test_a_site_says_when_it_is_warm(site):
    until = time.monotonic() + WARM_SECONDS
    warm = False
    while not warm:
        assert time.monotonic() < until
        response = site.get("/ready")
        assert response.status_code == 200, response.text
        warm = response.json()["warm"]


@pytest.mark.parametrize("module", ["config.wsgi", "config.asgi"])
def test_it_begins_with_the_process_and_with_a_child_of_it(module):
    """A server may load the site before it forks; threads do not come along."""
    report = "print('warming' in [each.name for each in threading.enumerate()], flush=True)"
    # Python cannot end in order while a thread writes to its log.
    script = (
        f"import os, threading, {module}\n{report}\nif not os.fork():\n    {report}\n    os._exit(0)\n"
        "os.wait()\nos._exit(0)"
    )
    environment = {**os.environ, "DATABASE_URL": database_url(), "PYTHONWARNINGS": "ignore"}

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )

    assert [line for line in done.stdout.splitlines() if line in ("True", "False")] == ["True", "True"]


def run_in_thread(function):
    """Return what a function returns in a thread, as which it has a connection of its own."""
    found = []

    def run():
        try:
            found.append(function())
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return found[0]
