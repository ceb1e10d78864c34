"""Stores that are away: a short answer that says so, everything else goes on, and nothing needs a restart."""

import contextlib
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from apps.collections import seeding
from apps.collections.models import Sync, SyncStatus
from tests.api import site as sites
from tests.api.forwarding import Forwarder
from tests.api.routes import PERSONAL, READING
from tests.users import bearer, forget_users, make_user

pytestmark = pytest.mark.django_db

GRAPH, TABLES = "/api/expand?node_id=Rock&type=genre&category=releases", "/api/search?q=kelp"
SECONDS = 2.0


@pytest.fixture(scope="module")
def ways():
    """Return a way that can be cut to each of the stores."""
    postgres = conninfo_to_dict(sites.database_url())
    with (
        Forwarder(int(postgres["port"])) as to_postgres,
        Forwarder(int(urlsplit(settings.NEO4J_URL).port)) as to_neo4j,
        Forwarder(int(urlsplit(str(settings.CACHES["default"]["LOCATION"])).port)) as to_cache,
    ):
        yield {"postgresql": to_postgres, "neo4j": to_neo4j, "cache": to_cache}


@pytest.fixture(scope="module")
def by_ways(ways):
    """Return the variables of a site that reaches its stores by these ways."""
    postgres = conninfo_to_dict(sites.database_url())
    user = f"{postgres['user']}:{postgres['password']}" if postgres.get("password") else postgres["user"]
    return {
        "DATABASE_URL": f"postgresql://{user}@127.0.0.1:{ways['postgresql'].port}/{postgres['dbname']}",
        "NEO4J_URL": move_port(settings.NEO4J_URL, ways["neo4j"].port),
        "CACHE_URL": move_port(settings.CACHES["default"]["LOCATION"], ways["cache"].port),
    }


@pytest.fixture(scope="module")
def fragile(loaded, by_ways, tmp_path_factory):
    with sites.run_site(tmp_path_factory.mktemp("fragile") / "site.log", **by_ways) as found:
        yield found


def move_port(url, port):
    found = urlsplit(url)
    return found._replace(netloc=f"{found.netloc.rpartition(':')[0]}:{port}").geturl()


@contextmanager
def cut_off(way):
    way.cut()
    try:
        yield
    finally:
        way.mend()


fresh = iter(range(10_000))


def ask_each(site, path):
    """Ask for what no cache has: status and body, of two requests to each process at least."""
    found = []
    for _ in range(2 * sites.PROCESSES):
        began = time.monotonic()
        response = site.get(f"{path}&offset={next(fresh)}")
        assert time.monotonic() - began < SECONDS
        found.append((response.status_code, response.json() if response.status_code != 200 else None))
    return found


def recovers(site, path, seconds=10.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # As many that each process has one, which takes its time for the first.
        if all(site.get(f"{path}&offset={next(fresh)}").status_code == 200 for _ in range(4 * sites.PROCESSES)):
            return True
        time.sleep(0.2)
    return False


def health(site):
    """Return what the port for health says."""
    response = httpx.get(f"{site.health_url}/health", trust_env=False)
    return response.status_code, response.json()["status"]


NOT_READY = (503, {"error": "Service not ready"})
NOT_READY_IN_DETAIL = (503, {"detail": "Service not ready"})


def test_without_the_graph_the_tables_are_searched(fragile, ways):
    assert recovers(fragile, GRAPH)
    with cut_off(ways["neo4j"]):
        assert set(map(str, ask_each(fragile, GRAPH))) == {str(NOT_READY)}
        assert {status for status, _ in ask_each(fragile, TABLES)} == {200}
        # Names alone decide about the order.
        found = fragile.json("/api/search?q=kelp&rank=names&limit=3")["results"]
        assert [each["relevance"] for each in found] == [0.5, 0.5, 0.5]
        assert fragile.json("/api/release/103")["title"] == "Mooring"
        assert fragile.error("/api/links?nodes=release:100,label:50") == NOT_READY
        assert fragile.error("/api/path?from_id=1&to_id=3&exclude=IS") == NOT_READY
        assert fragile.json("/health")["status"] == "healthy"
    assert recovers(fragile, GRAPH)


def test_without_the_tables_the_graph_is_walked(fragile, ways):
    assert recovers(fragile, GRAPH)
    with cut_off(ways["postgresql"]):
        assert set(map(str, ask_each(fragile, TABLES))) == {str(NOT_READY)}
        assert {status for status, _ in ask_each(fragile, GRAPH)} == {200}
        assert fragile.error("/api/release/104") == NOT_READY
        hints = fragile.json("/api/autocomplete?q=mira&fields=hint&limit=7")["results"]
        assert [each["hint"] for each in hints] == ["3 releases, Rock", "2 releases, Rock"]
        assert fragile.json("/health")["status"] == "starting"
        assert health(fragile) == (503, "starting")
    assert recovers(fragile, TABLES)
    assert fragile.json("/health")["status"] == "healthy"
    assert health(fragile) == (200, "healthy")


@pytest.mark.parametrize(
    ("path", "store", "answer"),
    [
        ("/api/artist/1/musicbrainz?x", "neo4j", NOT_READY_IN_DETAIL),
        ("/api/musicbrainz/artist/1/relationships?x", "neo4j", NOT_READY_IN_DETAIL),
        ("/api/artist/1/external-links?x", "postgresql", NOT_READY_IN_DETAIL),
        ("/api/enrichment/status?x", "neo4j", NOT_READY_IN_DETAIL),
        ("/api/enrichment/status?x", "postgresql", NOT_READY_IN_DETAIL),
        ("/api/insights/top-artists?x", "postgresql", NOT_READY),
        ("/api/insights/status?x", "postgresql", NOT_READY),
        ("/api/rarity/leaderboard?x", "postgresql", NOT_READY),
        ("/api/rarity/100?x", "postgresql", NOT_READY),
        ("/api/rarity/artist/1?x", "neo4j", NOT_READY),
        ("/api/rarity/label/50?x", "postgresql", NOT_READY),
        ("/api/snapshot/none?x", "postgresql", NOT_READY),
    ],
)
def test_what_needs_a_store_that_is_away_says_so_and_works_again_with_it(fragile, ways, path, store, answer):
    before = fragile.error(path)
    with cut_off(ways[store]):
        assert set(map(str, ask_each(fragile, path))) == {str(answer)}
    until = time.monotonic() + 10
    while fragile.error(path) != before:
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.mark.parametrize("path", ["/api/insights/top-artists?x", "/api/rarity/leaderboard?x", "/api/rarity/label/50?x"])
def test_insights_do_without_the_cache(fragile, ways, path):
    with cut_off(ways["cache"]):
        assert {status for status, _ in ask_each(fragile, path)} == {200}
    time.sleep(2.1)


def test_without_the_cache_everything_is_answered_and_nobody_refused(fragile, ways):
    with cut_off(ways["cache"]):
        assert {status for status, _ in ask_each(fragile, GRAPH)} == {200}
        statuses = [fragile.get("/api/autocomplete?q=mir", client="192.0.2.9").status_code for _ in range(32)]
        assert set(statuses) == {200}
    time.sleep(2.1)
    assert fragile.get("/api/autocomplete?q=mir", client="192.0.2.9").headers["X-RateLimit-Remaining"] == "29"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("store", ["neo4j", "postgresql"])
def test_a_site_that_starts_without_a_store_is_warm_once_it_is_there(ways, by_ways, tmp_path, store):
    def is_warm():
        return site.get("/ready").json()["warm"]

    with contextlib.ExitStack() as stack:
        with cut_off(ways[store]):
            site = stack.enter_context(sites.run_site(tmp_path / "site.log", **by_ways))
            time.sleep(SECONDS)
            assert not is_warm()
        until = time.monotonic() + 120
        while not is_warm():
            assert time.monotonic() < until
            time.sleep(0.2)


# Personal routes

# With Redis away these alone have to wait: nothing else remembers what they need.
NEED_REDIS = {"startSync", "startDiscogsLink", "verifyDiscogsLink"}


STORES = ["cache", "neo4j", "postgresql"]


@pytest.fixture(scope="module")
def people(loaded, django_db_blocker):
    """A user with a collection, and for each store one who starts a synchronisation while it is away."""
    with django_db_blocker.unblock():
        found = {name: make_user() for name in ("collector", *STORES)}
        seeding.seed(found["collector"])
        Sync.objects.create(user=found["collector"], status=SyncStatus.COMPLETED)
        yield found
        forget_users()


def ask_personal(site, user):
    """Ask every personal route that is read, with a new login; return the answers by operation."""
    headers, values = bearer(user), {"sync_id": Sync.objects.get(user=user).pk}
    return {each.operation: site.ask("GET", each.make_path(values), headers=headers) for each in READING}


def get_statuses(answers):
    return {operation: answer.status_code for operation, answer in answers.items()}


@pytest.mark.parametrize("store", STORES)
def test_personal_routes_say_what_is_away_and_go_on_with_it(fragile, ways, people, store):
    collector, token = people["collector"], bearer(people[store])
    before = get_statuses(ask_personal(fragile, collector))
    assert set(before.values()) <= {200, 404, 503}
    assert before["getMe"] == before["getTasteCard"] == before["getSyncEvents"] == 200

    with cut_off(ways[store]):
        found = ask_personal(fragile, collector)
        started = fragile.ask("POST", "/api/sync", headers=token)

    away = {operation for operation, answer in found.items() if answer.status_code != before[operation]}
    assert {found[each].status_code for each in away} <= {503}
    for answer in (found[each] for each in away):
        assert int(answer.headers["Retry-After"]) > 0
        assert "not ready" in next(iter(answer.json().values()))
        assert "no-store" in answer.headers["Cache-Control"]
    about_login = {each.operation for each in PERSONAL if each.view.is_about_login}
    if store == "cache":
        assert away <= NEED_REDIS
        assert started.status_code == 503
    if store == "neo4j":
        assert not away & about_login
        assert started.status_code == 202
    if store == "postgresql":
        assert about_login & set(before) <= away | NEED_REDIS
        assert started.status_code == 503
    until = time.monotonic() + 20
    while get_statuses(ask_personal(fragile, collector)) != before:
        assert time.monotonic() < until
        time.sleep(0.5)
