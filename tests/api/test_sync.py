"""The link to Discogs and synchronisation over HTTP, without a worker: who may ask, statuses, streams."""

import json

import pytest

from apps.collections.models import Sync
from tests.users import bearer, forget_users, make_user


@pytest.fixture
def people(site, django_db_blocker):
    """Return a function that makes a user and returns the header with which they ask."""
    with django_db_blocker.unblock():
        yield lambda: bearer(make_user())
        forget_users()


def ask(site, method, path, headers, **options):
    return site.ask(method, path, headers=headers, **options)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/oauth/authorize/discogs"),
        ("POST", "/api/oauth/verify/discogs"),
        ("GET", "/api/oauth/status/discogs"),
        ("DELETE", "/api/oauth/revoke/discogs"),
        ("POST", "/api/sync"),
        ("GET", "/api/sync/status"),
        ("GET", "/api/sync/schedule"),
        ("PUT", "/api/sync/schedule"),
        ("GET", "/api/sync/8f14e45f-ceea-467f-a0d6-1b6c2f4c9a31"),
        ("GET", "/api/sync/8f14e45f-ceea-467f-a0d6-1b6c2f4c9a31/events"),
        ("DELETE", "/api/sync/8f14e45f-ceea-467f-a0d6-1b6c2f4c9a31"),
    ],
)
def test_a_login_is_needed(site, method, path):
    response = site.ask(method, path)

    assert (response.status_code, response.json()) == (401, {"detail": "Not authenticated"})


def test_a_site_without_an_application_says_so(site, people):
    response = ask(site, "GET", "/api/oauth/authorize/discogs", people())

    assert response.status_code == 503
    assert "discogs_setup" in response.json()["detail"]


def test_nobody_is_linked_and_may_revoke_all_the_same(site, people):
    me = people()

    assert ask(site, "GET", "/api/oauth/status/discogs", me).json() == {"connected": False}
    assert ask(site, "DELETE", "/api/oauth/revoke/discogs", me).json() == {"revoked": True}
    missing = ask(site, "POST", "/api/oauth/verify/discogs", me, json={"state": "x"})
    assert [(each["type"], each["loc"]) for each in missing.json()["detail"]] == [
        ("missing", ["body", "oauth_verifier"])
    ]


def test_a_sync_is_started_once_a_minute(site, people):
    me = people()
    assert ask(site, "GET", "/api/sync/status", me).json() == {"syncs": []}

    started = ask(site, "POST", "/api/sync", me)
    again = ask(site, "POST", "/api/sync", me)

    assert (started.status_code, started.json().get("status")) == (202, "started"), started.text
    assert again.status_code == 429
    assert again.json()["status"] == "cooldown"
    assert set(again.json()) == {"status", "message"}
    (listed,) = ask(site, "GET", "/api/sync/status", me).json()["syncs"]
    assert (listed["sync_id"], listed["sync_type"], listed["status"]) == (started.json()["sync_id"], "full", "running")
    assert set(listed) == {"sync_id", "sync_type", "status", "items_synced", "error", "started_at", "completed_at"}


def test_a_linked_user_sets_the_schedule(site, people, django_db_blocker):
    from apps.accounts.models import User  # noqa: PLC0415 - models can be imported only when the servers run
    from apps.collections.models import Link  # noqa: PLC0415

    path, me, somebody = "/api/sync/schedule", people(), people()
    assert ask(site, "GET", path, me).status_code == 404
    assert ask(site, "PUT", path, me, json={"schedule": "daily"}).status_code == 404
    id_ = ask(site, "GET", "/api/auth/me", me).json()["id"]
    Link.objects.create(user=User.objects.get(pk=id_), access_token="", access_secret="")

    assert ask(site, "GET", path, me).json() == {"schedule": "off"}
    assert ask(site, "PUT", path, me, json={"schedule": "weekly"}).json() == {"schedule": "weekly"}
    assert ask(site, "PUT", path, somebody, json={"schedule": "daily"}).status_code == 404
    for wrong in ({"schedule": "hourly"}, {"schedule": 5}, {}):
        assert ask(site, "PUT", path, me, json=wrong).status_code == 422
    assert ask(site, "GET", path, me).json() == {"schedule": "weekly"}


def test_a_sync_is_followed_and_cancelled_by_its_user_alone(site, people):
    me, somebody = people(), people()
    path = f"/api/sync/{ask(site, 'POST', '/api/sync', me).json()['sync_id']}"
    for method, rest in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        other = ask(site, method, path + rest, somebody)
        assert (other.status_code, list(other.json())) == (404, ["detail"])
        assert ask(site, method, f"/api/sync/x{rest}", me).status_code == 422

    running = ask(site, "GET", path, me).json()
    assert (running["status"], running["phase"], running["page"], running["pages"]) == (
        "running",
        "collection",
        0,
        None,
    )
    assert ask(site, "DELETE", path, me).json()["status"] == "cancelled"

    stream = ask(site, "GET", f"{path}/events", me)
    assert stream.headers["Content-Type"] == "text/event-stream"
    event, data = stream.text.strip().split("\n\n")[-1].split("\n")
    assert event == "event: end"
    assert json.loads(data.removeprefix("data: "))["status"] == "cancelled"


def test_a_running_sync_is_not_started_again(site, people):
    me = people()
    started = ask(site, "POST", "/api/sync", me).json()
    # The cooldown is over.
    from django.core.cache import cache  # noqa: PLC0415
    from django_redis import get_redis_connection  # noqa: PLC0415

    user = Sync.objects.get(pk=started["sync_id"]).user_id
    get_redis_connection("default").delete(cache.make_key(f"sync:cooldown:{user}", version=0))

    assert ask(site, "POST", "/api/sync", me).json() == {"sync_id": started["sync_id"], "status": "already_running"}
