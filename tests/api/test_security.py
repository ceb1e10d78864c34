"""Every route that needs a login, asked by two users: nobody gets, changes or caches what is another's."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from django_redis import get_redis_connection

from apps.accounts.authentication import SCOPES
from apps.accounts.models import AppToken, Authenticator, Login, User
from apps.accounts.tokens import hash_token
from apps.collections import outbox
from apps.collections.discogs import application, links
from apps.collections.models import AppConfig, CollectionItem, Link, Sync, SyncStatus, WantlistItem
from apps.explore.models import Snapshot
from tests.accounts.asking import KEY
from tests.api.routes import ADMIN, CHANGING, ENDPOINTS, OF_A_USER, OPTIONAL, PERSONAL, READING
from tests.api.site import another_client, run_site
from tests.users import PASSWORD, authorize, bearer, forget_users, make_user

STATE, SNAPSHOT, APP = "state-of-nina", "snapshot-nina-16", "dscg_token-of-nina"
# What shows that an answer is about Nina.
MARKS = (STATE, SNAPSHOT, "app-of-nina", "device-of-nina", "digger-nina", "77310531", "note-of-nina")


@pytest.fixture(scope="module")
def guarded(loaded, tmp_path_factory):
    """A site with keys, which reaches no Discogs."""
    variables = {"ENCRYPTION_MASTER_KEY": KEY, "DISCOGS_API_URL": "http://127.0.0.1:1"}
    with run_site(tmp_path_factory.mktemp("guarded") / "site.log", **variables) as found:
        yield found


@pytest.fixture(scope="module")
def nina(guarded, django_db_blocker):
    """A collector who has one of everything."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ENCRYPTION_MASTER_KEY", KEY)
        user, later = make_user("nina@example.com"), timezone.now() + timedelta(hours=1)
        call_command("seed_collection", user.email)
        CollectionItem.objects.filter(user=user).update(notes="note-of-nina")
        WantlistItem.objects.create(user=user, release_id=104, notes="note-of-nina")
        # What she lacks can be recommended.
        CollectionItem.objects.filter(user=user, release_id__in=(103, 104, 108)).delete()
        outbox.owe(user.pk, (103, 104, 108))
        outbox.settle(user.pk)
        AppToken.objects.create(user=user, name="app-of-nina", hash=hash_token(APP), scopes=list(SCOPES))
        Login.objects.create(id="1" * 32, user=user, kind="token", expires_at=later, device="device-of-nina")
        Sync.objects.create(user=user, status=SyncStatus.COMPLETED)
        Link.objects.create(user=user, provider_username="digger-nina", provider_user_id="77310531")
        Authenticator.objects.create(user=user, confirmed=True)
        Snapshot.objects.create(token=SNAPSHOT, user=user, data={}, expires_at=later)
        application.store(application.Application("key", "secret"))
        yield user
        AppConfig.objects.all().delete()
        forget_users()
        cache.clear()


@pytest.fixture(scope="module")
def values(nina):
    """Values of the variables that name what Nina has."""
    return {
        "token_id": nina.app_tokens.get().pk,
        "session_id": "1" * 32,
        "sync_id": Sync.objects.get(user=nina).pk,
    }


@pytest.fixture(autouse=True)
def _committed(django_db_setup, django_db_blocker):
    """The site is a process of its own: it sees what is committed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def otto(nina):
    # Hashing a password anew would take longer than the request.
    user = User.objects.create(email="otto@example.com", password=nina.password)
    yield user
    user.delete()


def list_marks(user, values):
    return (str(user.pk), user.email, *map(str, values.values()), *MARKS)


def find_marks(answer, user, values):
    """Return what an answer shows of a user."""
    is_zip = "zip" in answer.headers.get("Content-Type", "")
    text = unpack(answer.content) if is_zip else answer.text
    shown = f"{answer.headers} {text}"
    return {each for each in list_marks(user, values) if each in shown}


def unpack(content):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


def describe_all(user):
    """Return all that a user has, to be compared."""
    of_user = {
        model: list(model.objects.filter(user=user).order_by("pk").values())
        for model in (AppToken, Login, Sync, Link, Authenticator, Snapshot, CollectionItem, WantlistItem)
    }
    return {**of_user, User: list(User.objects.filter(pk=user.pk).values())}


def is_kept_private(answer):
    return "no-store" in answer.headers["Cache-Control"] and "public" not in answer.headers["Cache-Control"]


# Without a test that asks for the database there is none, should this module run alone.
@pytest.mark.django_db
def test_there_are_routes_to_ask():
    assert len(PERSONAL) >= 45
    assert len(ADMIN) >= 18
    assert len(ENDPOINTS) > len(PERSONAL) + len(ADMIN) >= len(READING) + len(CHANGING)


@pytest.mark.parametrize("endpoint", PERSONAL, ids=str)
def test_nobody_reads_or_changes_what_is_another_users(guarded, nina, otto, values, endpoint):
    before = describe_all(nina)
    # Fields that nobody asked for, as if they could choose whose it is.
    theirs = {"user_id": str(nina.pk), "user": str(nina.pk), "id": str(nina.pk), "email": nina.email}
    body = endpoint.body
    if body is not None:
        body = {**body, **theirs, **({"state": STATE} if "state" in body else {})}
    begun = orjson.dumps({"secret": "x", "user_id": str(nina.pk)})
    get_redis_connection("default").set(links.make_key(STATE), begun, ex=600)

    answer = guarded.ask(
        endpoint.method, f"{endpoint.make_path(values)}&{urlencode(theirs)}", json=body, headers=bearer(otto)
    )

    assert answer.status_code < 500 or answer.status_code in (502, 503), answer.text
    # A refusal may repeat what was sent.
    sent = {*theirs.values(), STATE, *map(str, values.values())} if answer.status_code >= 400 else set()
    assert not find_marks(answer, nina, values) - sent
    assert is_kept_private(answer)
    if endpoint.variables & OF_A_USER:
        assert answer.status_code == 404
    if endpoint.operation == "verifyDiscogsLink":
        assert answer.status_code == 403
    assert describe_all(nina) == before


@pytest.mark.parametrize("endpoint", READING, ids=str)
def test_each_is_answered_their_own_in_turn(guarded, nina, otto, values, endpoint):
    path, own, other = endpoint.make_path(values), bearer(nina), bearer(otto)
    first, second, third, nobody = (guarded.ask("GET", path, headers=headers) for headers in (own, other, own, {}))

    assert first.status_code == third.status_code
    assert first.status_code in (200, 502)
    for answer in (first, second, third, nobody):
        assert is_kept_private(answer)
    for answer in (second, nobody):
        # A refusal may repeat the id that was asked for.
        assert not find_marks(answer, nina, values) - {str(values["sync_id"])}
        # What all three lack of an entity is the same.
        assert first.status_code == 502 or answer.content != first.content or "/gaps/" in endpoint.route
    assert nobody.status_code == (200 if endpoint in OPTIONAL else 401)


def test_what_the_cache_has_of_a_user_is_under_their_id(guarded, nina, values):
    cache.clear()
    for endpoint in READING:
        guarded.ask("GET", endpoint.make_path(values), headers=bearer(nina))

    redis = get_redis_connection("default")
    stored = {key.decode(): redis.get(key) for key in redis.keys("*") if redis.type(key) == b"string"}
    marks = [each.encode() for each in list_marks(nina, values)]
    of_nina = [key for key, value in stored.items() if any(mark in value for mark in marks)]
    assert of_nina
    assert not [key for key in of_nina if str(nina.pk) not in key]


@pytest.mark.parametrize("endpoint", ADMIN, ids=str)
def test_administration_is_for_administrators(guarded, nina, otto, values, endpoint):
    path = endpoint.make_path(values)

    for headers, status in (({}, 401), (authorize(APP), 401), (bearer(otto), 403), (bearer(otto, kind="admin"), 403)):
        answer = guarded.ask(endpoint.method, path, json=endpoint.body, headers=headers)
        assert answer.status_code == status
        assert list(answer.json()) == ["detail"]
        assert is_kept_private(answer)


@pytest.mark.parametrize("endpoint", PERSONAL, ids=str)
def test_the_token_of_an_app_opens_what_its_scope_says(guarded, nina, values, endpoint):
    if endpoint in OPTIONAL:
        pytest.skip("to it, whoever has no login is nobody")
    before = describe_all(nina)
    answer = guarded.ask(endpoint.method, endpoint.make_path(values), json=endpoint.body, headers=authorize(APP))

    if endpoint.view.scope is None:
        assert answer.status_code == 401
        assert describe_all(nina) == before
    else:
        assert endpoint.method == "GET"
        assert answer.status_code == 200


@pytest.fixture(scope="module")
def browser(guarded, nina):
    """A browser in which a user without a second factor is logged in."""
    user = make_user()
    with httpx.Client(base_url=guarded.url, trust_env=False, headers={"X-Forwarded-For": another_client()}) as found:
        found.post("/api/auth/login", json={"email": user.email, "password": PASSWORD, "session": True})
        assert found.get("/api/auth/me").json()["id"] == str(user.pk)
        yield found


# To an optional one, a session without the token is nobody.
@pytest.mark.parametrize("endpoint", [each for each in CHANGING if each not in OPTIONAL], ids=str)
def test_a_session_changes_nothing_without_the_token_against_forgery(browser, values, endpoint):
    token = browser.cookies["csrftoken"]
    for headers in ({}, {"X-CSRFToken": "x" * 32}, {"X-CSRFToken": token, "Origin": "https://evil.example"}):
        answer = browser.request(endpoint.method, endpoint.make_path(values), json=endpoint.body, headers=headers)
        assert (answer.status_code, answer.json()["detail"][:5]) == (403, "CSRF:")


@pytest.mark.parametrize("endpoint", ADMIN, ids=str)
def test_a_session_opens_no_administration(browser, values, endpoint):
    headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
    answer = browser.request(endpoint.method, endpoint.make_path(values), json=endpoint.body, headers=headers)

    assert answer.status_code == 401
