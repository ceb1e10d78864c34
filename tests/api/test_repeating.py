"""What was answered a moment ago is answered again without Django, and nobody can tell which way an answer came."""

import importlib
import logging
import time

import httpx
import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from apps.api import caching, middleware
from apps.api.middleware import Offer, Repeat, Repeats

pytestmark = pytest.mark.django_db

PATH = "/api/trends?name=Jonas%20Ek"
LIMITED = "/api/autocomplete?q=mir"
OF_ONE_REQUEST = {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"}


class Front:
    """The site in this process, which counts what comes to Django."""

    def __init__(self):
        self.whole = 0
        self.repeats = Repeats(self.count)
        self.client = httpx.Client(transport=httpx.WSGITransport(self.repeats), base_url="http://localhost")
        self.django = importlib.import_module("config.wsgi").pages_and_api

    def count(self, environment, start_response):
        self.whole += 1
        return self.django(environment, start_response)

    def get(self, path=PATH, client="192.0.2.10", **headers):
        return self.client.get(path, headers={"X-Forwarded-For": client, **headers})


@pytest.fixture
def front(loaded, settings, monkeypatch):
    # A slow machine would look for the generation between two requests.
    monkeypatch.setattr(caching, "GENERATION_SECONDS", 3600)
    settings.FORWARDED_ALLOW_IPS = ["127.0.0.1"]
    cache.clear()
    caching.forget_generation()
    # The site warms up in a thread, which may be looking the generation up: then it is None for a moment.
    while caching.get_generation() is None:
        time.sleep(0.01)
    # The transaction of a test would not survive it.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Front()
    caching.forget_generation()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def make_plain(response):
    headers = {name: value for name, value in response.headers.items() if name not in OF_ONE_REQUEST}
    return response.status_code, response.content, headers


@pytest.mark.parametrize("path", [PATH, LIMITED, "/api/node/Funk%20%2F%20Soul?type=genre", "/api/genre-tree"])
def test_the_second_answer_is_the_first_one(front, path):
    first, second = front.get(path), front.get(path)

    assert first.status_code == 200
    assert front.whole == 1
    assert make_plain(first) == make_plain(second)
    assert set(first.headers) == set(second.headers)
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_limits_count_both(front):
    remaining = [front.get(LIMITED, "192.0.2.11").headers["X-RateLimit-Remaining"] for _ in range(3)]

    assert remaining == ["29", "28", "27"]
    assert front.whole == 1


def test_one_request_too_many_is_refused_and_counted_once(front):
    responses = [front.get(LIMITED, "192.0.2.12") for _ in range(32)]

    assert [each.status_code for each in responses] == [200] * 30 + [429] * 2
    assert responses[-1].json() == {"error": "Rate limit exceeded: 30 per 1 minute"}
    assert front.whole == 3
    assert front.get(LIMITED, "192.0.2.13").headers["X-RateLimit-Remaining"] == "29"


def test_what_the_client_has_is_not_sent_again(front):
    tag = front.get().headers["ETag"]
    whole = front.get(**{"If-None-Match": tag, "Origin": "http://localhost:3000"})
    front.get(Origin="http://localhost:3000")

    again = front.get(**{"If-None-Match": tag, "Origin": "http://localhost:3000"})

    assert (front.whole, again.status_code, again.content) == (3, 304, b"")
    assert make_plain(again) == make_plain(whole)


def test_origins_are_told_apart(front):
    allowed = [front.get(Origin="http://localhost:3000").headers for _ in range(2)][-1]
    others = [front.get(Origin="http://other.example").headers for _ in range(2)][-1]

    assert allowed["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "Access-Control-Allow-Origin" not in others
    assert front.whole == 2


def test_a_host_that_is_not_ours_is_refused_each_time(front):
    front.get()

    assert [front.get(Host="evil.example").status_code for _ in range(2)] == [400, 400]


@pytest.mark.parametrize("path", ["/api/trends", "/api/explore?name=Nobody%20at%20all", "/health", "/health/live"])
def test_what_is_no_answer_to_all_goes_the_whole_way(front, path):
    for _ in range(2):
        front.get(path)

    assert front.whole == 2


def test_other_methods_go_the_whole_way(front):
    front.get()

    assert front.client.post(PATH).status_code == 405
    assert front.client.head(PATH).status_code == 405


def test_a_run_that_ends_makes_it_old(front, monkeypatch):
    front.get()
    monkeypatch.setattr(caching._generation, "number", 1)
    front.get()

    assert front.whole == 2


def test_after_its_time_somebody_looks_again(front, monkeypatch):
    monkeypatch.setattr(middleware, "REPEAT_SECONDS", 0.0)
    front.get()
    front.get()

    assert front.whole == 2


def test_it_has_its_line_in_the_log(front, caplog):
    front.get()
    caplog.clear()
    with caplog.at_level(logging.INFO, "apps.api.request_ids"):
        front.get()

    (line,) = caplog.records
    assert (line.getMessage(), line.method, line.route, line.status) == ("request", "GET", "api/trends", 200)


def test_what_is_too_long_to_keep_goes_the_whole_way(front, monkeypatch):
    monkeypatch.setattr(middleware, "BODY_BYTES", 10)
    monkeypatch.setattr(middleware, "QUERY_CHARACTERS", 30)
    for path in (PATH, PATH, f"{PATH}&a=23456789012345", f"{PATH}&a=23456789012345"):
        front.get(path)

    assert (front.whole, front.repeats.known) == (4, {})


def test_the_oldest_ones_go_where_there_is_no_room(monkeypatch):
    monkeypatch.setattr(middleware, "MOST_BYTES", 10)
    monkeypatch.setattr(middleware, "BESIDE_BYTES", 1)
    repeats = Repeats(lambda *_: [])
    for name, body in (("a", b"123"), ("b", b"12"), ("a", b"1234"), ("c", b"12")):
        repeats.keep_answer((name,), Repeat(Offer(caching.Answer.from_body(body, 1), 0.0, "/", "", ()), []))

    assert (list(repeats.known), repeats.bytes) == ([("a",), ("c",)], 8)
