"""The live status: one frame from every process, streams and sockets of the relay, and who sees what of it."""

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from apps.dashboard.live import snapshots, store
from apps.stack import ports
from tests.api import site as sites
from tests.api.site import PROJECT, wait_for
from tests.users import bearer, forget_users, make_user

SECRET = "the password of host db7 is wrong"
# All but one: the site, which is a process of its own, sees no session of a transaction that does not end.
usual = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
KEYS = (store.SNAPSHOT, store.LOCK, store.WATCHED)
RELAY = ("--ws-ping-interval=1", "--ws-ping-timeout=2", "--ws-per-message-deflate=false")


def redis():
    return cache.client.get_client()


@pytest.fixture(autouse=True)
def _forget():
    redis().delete(*KEYS)
    yield
    redis().delete(*KEYS)


def snapshot(**changes):
    found = snapshots.make_unknown()
    found["data"] |= {
        "events": [event(7)],
        "runs": [{"id": 3, "source": "discogs", "error": SECRET, "is_ended": True}],
        "workers": [
            {"name": "graphinator@db7", "status": "healthy", "queues": ["graphinator"], "load": 0.5, "pool": 2}
        ],
        "overall": {"status": "operational", "heading": "Everything works", "reasons": []},
        **changes,
    }
    return found


def event(number):
    return {
        "id": number,
        "at": "2026-11-30T12:00:00+00:00",
        "kind": "check failed",
        "level": "error",
        "message": SECRET,
        "by": "karin@example.com",
        "source": "site",
        "run": None,
        "version": "",
    }


def publish(found=None, *messages):
    found = found or snapshot()
    store.publish([found, *messages], found)


@pytest.fixture(scope="module")
def live(loaded, tmp_path_factory):
    """Run the process of the live status, and return its address."""
    port, log = ports.choose(), tmp_path_factory.mktemp("live") / "live.log"
    command = [sys.executable, "-m", "uvicorn", "config.live:application", "--port", str(port), *RELAY]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT, env={**os.environ, **sites.stores()}, stdout=output, stderr=output
        )
    try:
        wait_for(process, port, log)
        yield f"{ports.HOST}:{port}"
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in log.read_text()


@pytest.fixture
def staff_cookie(live, django_db_blocker):
    """Return the cookie of a session of staff."""
    with django_db_blocker.unblock():
        yield from log_in_staff()


def log_in_staff():
    user = make_user(is_staff=True)
    session = SessionStore()
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()}
    )
    session.save()
    yield f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    session.delete()
    user.delete()


def wait_for_subscription():
    until = time.monotonic() + 10
    while count_subscriptions() != 1:
        assert time.monotonic() < until
        time.sleep(0.05)


def count_subscriptions():
    return redis().pubsub_numsub(store.CHANNEL)[0][1]


@contextmanager
def stream(address, path="/api/status/stream", **headers):
    with (
        httpx.Client(trust_env=False, timeout=10) as client,
        client.stream("GET", f"http://{address}{path}", headers=headers) as response,
    ):
        yield response


def read_events(response, count):
    """Return the first events of a stream: pairs of name and data."""
    found, name = [], ""
    for line in response.iter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            found.append((name, json.loads(value)))
            if len(found) == count:
                break
    return found


# REST


@pytest.fixture
def people(site, django_db_blocker):
    """An administrator and a user; committed, for the site is another process."""
    with django_db_blocker.unblock():
        yield make_user("root@example.com", is_staff=True, is_superuser=True), make_user("reader@example.com")
        forget_users()


@usual
def test_without_a_collector_everything_is_unknown(site):
    body = site.json("/api/metrics")

    assert body["overall"]["status"] == "unknown"
    assert body["pipelines"] == {name: {"services": [], "queues": []} for name in ("discogs", "musicbrainz")}
    assert site.json("/api/databases") == site.json("/api/queues") == []
    assert site.json("/api/services") == {"discogs": [], "musicbrainz": []}


@usual
def test_prefixes_are_those_of_the_feed(site):
    assert site.json("/api/queue-prefixes") == {
        "discogs": settings.DISCOGS_EXCHANGE_PREFIX,
        "musicbrainz": settings.MUSICBRAINZ_EXCHANGE_PREFIX,
    }


@usual
def test_anyone_sees_figures_and_no_words(site):
    publish()

    response = site.get("/api/metrics")

    assert response.json()["overall"]["heading"] == "Everything works"
    assert response.json()["workers"][0]["name"] == "worker 1"
    for each in (SECRET, "db7", "karin"):
        assert each not in response.text
    assert store.is_watched()


@pytest.mark.parametrize("path", ["metrics", "databases"])
def test_an_administrator_sees_all(site, people, path):
    publish(snapshot(databases=[{"version": SECRET}]))
    admin, user = people

    whole = site.ask("GET", f"/api/{path}", headers=bearer(admin, kind="admin"))
    public = [
        site.ask("GET", f"/api/{path}", headers=headers)
        for headers in (bearer(user), bearer(user, kind="admin"), bearer(admin), {"Authorization": "Bearer x"}, {})
    ]

    assert SECRET in whole.text
    assert whole.headers["Cache-Control"] == "private, no-store"
    assert [each.status_code for each in public] == [200] * 5
    assert all(SECRET not in each.text for each in public)


@usual
def test_a_process_with_threads_sends_one_frame_and_ends(site):
    publish()

    response = site.get("/api/status/stream")

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.text.startswith("retry: 5000\n\nid: ")
    assert response.text.count("event: metrics_update") == 1
    assert SECRET not in response.text


# The stream


@usual
def test_the_first_frame_comes_at_once_and_the_next_ones_as_they_are_measured(live):
    publish()
    began = time.monotonic()
    with stream(live) as response:
        lines = response.iter_lines()
        first = next(line for line in lines if line.startswith("id: "))
        # A second is promised; a machine with other work to do is slow, not wrong.
        assert time.monotonic() - began < 5
        wait_for_subscription()
        publish()
        second = next(line for line in lines if line.startswith("id: "))

    assert int(second[4:]) > int(first[4:])
    assert response.headers["X-Accel-Buffering"] == "no"


@usual
def test_events_of_the_ledger_come_as_they_happen(live):
    publish()
    with stream(live) as response:
        lines = response.iter_lines()
        next(line for line in lines if line.startswith("data: "))
        wait_for_subscription()
        publish(None, {"type": "event", "data": event(8)})
        name = next(line for line in lines if line == "event: event")
        words = json.loads(next(lines)[6:])

    assert name
    assert (words["id"], words["message"], words["by"]) == (8, "check failed", "")


@usual
def test_a_page_gets_html_without_words_for_staff(live):
    publish()
    with stream(live, "/api/status/stream?page=1") as response:
        ((name, found),) = read_events(response, 1)

    assert name == "page"
    assert '<h1 tabindex="-1">Everything works</h1>' in found["html"]
    assert SECRET not in found["html"]


def test_staff_sees_all_of_it(live, staff_cookie):
    publish()
    with stream(live, "/api/status/stream?page=1&events=problems", Cookie=staff_cookie) as response:
        ((_, found),) = read_events(response, 1)

    for each in (SECRET, "graphinator@db7", "karin@example.com"):
        assert each in found["html"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 400),
        ({"Cookie": "sessionid=%00;sessionid=" + "x" * 2000}, 200),
        ({"Origin": "http://[", "X": "y"}, 403),
    ],
)
@usual
def test_strangers_are_refused_and_nothing_breaks(live, headers, status):
    with stream(live, "/api/status/stream?page=%00&events=" + "x" * 2000, **headers) as response:
        assert response.status_code == status


@usual
def test_an_address_has_ten_connections(live):
    asyncio.run(fill(live))


async def fill(address):
    publish()
    opened = [await connect(f"ws://{address}/ws", proxy=None) for _ in range(10)]
    with pytest.raises(InvalidStatus):
        await connect(f"ws://{address}/ws", proxy=None)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://{address}/api/status/stream")).status_code == 429
    for each in opened:
        await each.close()
    # The place is free again, once the process has seen that they went.
    until = time.monotonic() + 10
    async with httpx.AsyncClient(trust_env=False) as client:
        while await is_refused(client, address):
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


async def is_refused(client, address):
    async with client.stream("GET", f"http://{address}/api/status/stream") as response:
        return response.status_code == 429


@usual
def test_other_addresses_are_not_found_and_the_process_is_alive(live):
    with httpx.Client(trust_env=False, base_url=f"http://{live}") as client:
        assert client.get("/health/live").json() == {"status": "healthy", "service": "live"}
        assert client.get("/status/").status_code == 404
        assert client.post("/api/status/stream").status_code == 405


# The socket


@usual
def test_the_socket_has_the_seeds_message(live):
    publish(snapshot(queues=[queue()]))

    first, second = asyncio.run(listen(live))

    assert first["type"] == "metrics_update"
    assert {"pipelines", "databases", "timestamp"} <= first["data"].keys()
    assert "history" not in first["data"]["queues"][0]
    assert SECRET not in json.dumps(first)
    assert (second["type"], second["data"]["id"], second["data"]["message"]) == ("event", 9, "check failed")


def queue():
    names = ("messages", "messages_ready", "messages_unacknowledged", "consumers", "dead")
    return {"name": "graphinator", "history": [[1, 2]], "message_rate": 0.0, "ack_rate": 0.0} | dict.fromkeys(names, 1)


async def listen(address):
    async with connect(f"ws://{address}/ws", proxy=None) as socket:
        first = json.loads(await asyncio.wait_for(socket.recv(), 5))
        await asyncio.to_thread(wait_for_subscription)
        # Two sockets and a stream are one subscription.
        async with connect(f"ws://{address}/ws", proxy=None):
            assert count_subscriptions() == 1
        redis().publish(store.CHANNEL, json.dumps({"type": "event", "data": event(9)}))
        return first, await find_event(socket)


async def find_event(socket):
    """Return the next event; the newest frame may come again before it."""
    while (message := json.loads(await asyncio.wait_for(socket.recv(), 5)))["type"] != "event":
        pass
    return message


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}])
@usual
def test_a_page_of_another_site_opens_no_socket(live, headers):
    async def try_it():
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{live}/ws", proxy=None, additional_headers=headers)
        assert refused.value.response.status_code == 403

    asyncio.run(try_it())


@usual
def test_a_client_that_takes_nothing_is_dropped_and_the_others_go_on(live):
    publish()

    code, others = asyncio.run(stall(live))

    assert code == 1011
    assert others == "event"


async def stall(address):
    stalled = await connect(f"ws://{address}/ws", proxy=None, ping_interval=None)
    async with connect(f"ws://{address}/ws", proxy=None) as other:
        await other.recv()
        # Neither its frames nor the pings are taken.
        stalled.transport.pause_reading()
        await asyncio.sleep(3.5)
        redis().publish(store.CHANNEL, json.dumps({"type": "event", "data": event(9)}))
        said = (await find_event(other))["type"]
    stalled.transport.resume_reading()
    await asyncio.wait_for(stalled.wait_closed(), 5)
    return stalled.close_code, said
