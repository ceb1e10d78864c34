"""The server for assistants over HTTP: who may call, and what is a user's own."""

import secrets
from datetime import datetime

import httpx
import pytest
from django.core.management import call_command
from django_redis import get_redis_connection

from apps.accounts.authentication import COLLECTION_READ, LIBRARY_READ
from apps.accounts.models import AppToken
from apps.accounts.tokens import hash_token
from apps.api import limits
from apps.collections import outbox
from apps.collections.api.collecting import LIMITS
from apps.collections.models import CollectionItem, WantlistItem
from tests.api import assistants
from tests.users import authorize, forget_users, make_user

COLLECTION = "/api/user/collection"
# Enough for all tests but the one that makes too many.
CALLS = 60


@pytest.fixture(scope="module")
def hosted(site, tmp_path_factory):
    log = tmp_path_factory.mktemp("mcp") / "log"
    variables = {"MCP_REQUESTS_PER_MINUTE": str(CALLS), "MCP_ALLOWED_ORIGINS": "https://chat.example"}
    with assistants.run_hosted(site.url, log, **variables) as found:
        yield found
    assert "dscg_" not in log.read_text()


@pytest.fixture(scope="module")
def people(site, django_db_blocker):
    """A collector with gaps and a want; committed, for the site is another process."""
    with django_db_blocker.unblock():
        collector = make_user()
        call_command("seed_collection", collector.email)
        CollectionItem.objects.filter(release_id__in=(103, 104, 108)).delete()
        WantlistItem.objects.create(user=collector, release_id=104)
        outbox.owe(collector.pk, (103, 104, 108))
        outbox.settle(collector.pk)
        yield {"collector": collector}
        forget_users()


@pytest.fixture
def headers(people, django_db_blocker):
    """Return a function that makes an app token, as a header; committed, as all that the site must see."""

    def make(*scopes, user=None):
        token = f"dscg_{secrets.token_urlsafe(32)}"
        with django_db_blocker.unblock():
            AppToken.objects.create(
                user=user or people["collector"], name="app", hash=hash_token(token), scopes=list(scopes)
            )
        return authorize(token)

    return make


# Who may call


# The mark makes the database. The tests below have none: the site would not see what a transaction holds.
@pytest.mark.django_db
def test_health_needs_no_token(hosted):
    found = httpx.get(f"{hosted.url}/health", trust_env=False)

    assert found.status_code == 200
    assert (found.json()["status"], found.json()["service"]) == ("healthy", "mcp")
    assert datetime.fromisoformat(found.json()["timestamp"]).tzinfo


@pytest.mark.parametrize(
    "credential", [None, "Basic dXNlcjpw", "Bearer x", f"Bearer dscg_{'x' * 43}", "Bearer dscg_" + "\u00e9" * 43]
)
def test_a_call_needs_a_valid_token(hosted, people, credential):
    found = hosted.post(**({"Authorization": credential.encode()} if credential else {}))

    assert found.status_code == 401
    assert found.headers["WWW-Authenticate"] == "Bearer"
    assert found.json()["code"] == "unauthorized"


def test_a_revoked_token_is_none(hosted, headers, django_db_blocker):
    own = headers(COLLECTION_READ)
    with django_db_blocker.unblock():
        AppToken.objects.filter(hash=hash_token(own["Authorization"].split()[1])).delete()

    assert hosted.post(**own).status_code == 401


@pytest.mark.parametrize(
    ("name", "value", "status"), [("Origin", "https://evil.example", 403), ("Host", "evil.example", 421)]
)
def test_pages_of_others_cannot_call(hosted, headers, name, value, status):
    assert hosted.post(**headers(COLLECTION_READ), **{name: value}).status_code == status


def test_a_page_that_is_allowed_can(hosted, headers):
    found = hosted.post(**headers(COLLECTION_READ), Origin="https://chat.example")

    assert found.status_code == 200
    assert found.headers["Access-Control-Allow-Origin"] == "https://chat.example"


def test_too_many_calls_are_refused_to_their_caller_alone(hosted, headers):
    own = headers(COLLECTION_READ)
    # A window may end in between.
    found = next(answer for answer in (hosted.post(**own) for _ in range(2 * CALLS + 2)) if answer.status_code != 200)

    assert (found.status_code, found.json()["code"]) == (429, "rate_limited")
    assert 0 < int(found.headers["Retry-After"]) == found.json()["retry_after"] <= 60
    assert hosted.post(**headers(COLLECTION_READ)).status_code == 200


def test_without_the_api_nobody_is_let_in(tmp_path):
    with assistants.run_hosted("http://127.0.0.1:1", tmp_path / "log") as hosted:
        found = hosted.post(**authorize(f"dscg_{'x' * 43}"))

    assert (found.status_code, found.json()["code"], found.headers["Retry-After"]) == (503, "unavailable", "5")


def test_a_server_for_all_has_no_token_of_its_own(site, tmp_path, headers):
    own = headers(COLLECTION_READ)["Authorization"].split()[1]
    variables = {"MCP_ANONYMOUS": "true", "API_TOKEN": own}
    with assistants.run_hosted(site.url, tmp_path / "log", **variables) as hosted, hosted.connect() as assistant:
        assert assistant.ask("get_graph_stats") == site.json("/api/graph/stats")
        assert assistant.refusal("get_my_collection")["code"] == "unauthorized"


def test_the_api_counts_by_the_address_of_the_caller(site, hosted, headers):
    used, other, own = "203.0.113.9", "203.0.113.10", headers(COLLECTION_READ)
    for _ in range(30):
        site.get("/api/genre-tree", client=used)

    with hosted.connect(**own, **{"X-Forwarded-For": used}) as assistant:
        found = assistant.refusal("get_genre_tree")
    with hosted.connect(**own, **{"X-Forwarded-For": other}) as assistant:
        assistant.ask("get_genre_tree")

    assert found["code"] == "rate_limited"
    assert 0 < found["retry_after"] <= 60


# A user's own


def test_a_client_lists_the_same_tools_as_over_stdio(site, hosted, headers):
    with hosted.connect(**headers()) as assistant, assistants.over_stdio(site.url) as other:
        assert assistant.run("list_tools").tools == other.run("list_tools").tools


@pytest.mark.parametrize(
    ("name", "arguments", "address"),
    [
        ("get_my_collection_stats", {}, "/api/user/collection/stats"),
        ("get_my_taste", {}, "/api/user/taste/fingerprint"),
        ("get_recommendations", {}, "/api/user/recommendations?limit=20"),
        ("get_recommendations", {"strategy": "multi", "limit": 3}, "/api/user/recommendations?strategy=multi&limit=3"),
    ],
)
def test_a_personal_tool_answers_what_the_api_does(site, hosted, headers, name, arguments, address):
    own = headers(COLLECTION_READ, LIBRARY_READ)
    expected = site.ask("GET", address, headers=own)
    assert expected.status_code == 200

    with hosted.connect(**own) as assistant:
        assert assistant.ask(name, **arguments) == expected.json()


@pytest.mark.parametrize(
    ("name", "arguments", "address", "key"),
    [
        ("get_my_collection", {}, COLLECTION, "releases"),
        ("get_my_collection", {"genre": "Jazz", "sort": "title"}, f"{COLLECTION}?genre=Jazz&sort=title", "releases"),
        ("get_my_wantlist", {}, "/api/user/wantlist", "releases"),
        ("get_my_gaps", {"entity_type": "label", "id": "50"}, "/api/collection/gaps/label/50", "results"),
        (
            "get_my_gaps",
            {"entity_type": "artist", "id": 2, "exclude_wantlist": True, "formats": ["CD", "Vinyl"]},
            "/api/collection/gaps/artist/2?exclude_wantlist=true&formats=CD&formats=Vinyl",
            "results",
        ),
    ],
)
def test_the_pages_of_a_list_are_the_list(site, hosted, headers, name, arguments, address, key):
    own = headers(COLLECTION_READ, LIBRARY_READ)
    expected = site.ask("GET", address, headers=own).json()
    with hosted.connect(**own) as assistant:
        whole = assistant.ask(name, **arguments)
        found, cursor = [], "0"
        while cursor:
            page = assistant.ask(name, limit=5, cursor=cursor, **arguments)
            found += page[key]
            cursor = page["next_cursor"]

    assert whole == {**expected, "next_cursor": None}
    assert found == expected[key]
    assert expected[key]


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("get_my_collection", LIBRARY_READ, COLLECTION_READ),
        ("get_my_collection_stats", LIBRARY_READ, COLLECTION_READ),
        ("get_my_wantlist", COLLECTION_READ, LIBRARY_READ),
        ("get_my_taste", COLLECTION_READ, LIBRARY_READ),
        ("get_recommendations", COLLECTION_READ, LIBRARY_READ),
    ],
)
def test_the_scope_that_lacks_is_named(hosted, headers, name, has, lacks):
    with hosted.connect(**headers(has)) as assistant:
        found = assistant.refusal(name)

    assert (found["code"], found["error"]) == ("missing_scope", f"The app token lacks the scope {lacks}")


def test_a_limit_is_waited_for(site, hosted, headers):
    own = headers(COLLECTION_READ)
    with hosted.connect(**own) as assistant:
        for _ in range(60):
            last = site.ask("GET", COLLECTION, headers=own)
        assert last.headers["X-RateLimit-Remaining"] == "0"
        # The minute of the window is nearly over.
        variables = {"HTTP_AUTHORIZATION": own["Authorization"]}
        key = limits._make_key(variables, COLLECTION, LIMITS[0])
        assert get_redis_connection("default").pexpire(key, 1500)
        # A part of a page does not fit into what is left.
        found = assistant.ask("get_my_collection")

    assert len(found["releases"]) == found["total"] > 0


@pytest.mark.slow
def test_25000_items_are_complete(hosted, headers, people, django_db_blocker):
    """The API gives 200 at once, 60 times a minute: it must be waited for twice."""
    count = 25_000
    with django_db_blocker.unblock():
        collector = make_user()
        CollectionItem.objects.bulk_create(
            (
                CollectionItem(
                    user=collector, release_id=100 + number % 10, instance_id=number, date_added=f"{number:05}"
                )
                for number in range(count)
            ),
            batch_size=5000,
        )
        outbox.owe(collector.pk, range(100, 110))
        outbox.settle(collector.pk)
    found, cursor = [], "0"
    with hosted.connect(**headers(COLLECTION_READ, user=collector)) as assistant:
        while cursor:
            page = assistant.ask("get_my_collection", limit=1000, cursor=cursor)
            found += [each["date_added"] for each in page["releases"]]
            cursor = page["next_cursor"]

    assert found == [f"{number:05}" for number in reversed(range(count))]
