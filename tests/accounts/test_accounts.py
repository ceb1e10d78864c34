"""Accounts over HTTP: registering, logging in and out, passwords, second factors, tokens, export and deletion."""

import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.cache import cache
from django_otp.oath import TOTP
from django_redis import get_redis_connection

from apps.accounts.models import AuditEvent, Authenticator, Login, MailedToken, User
from tests.accounts import mailbox
from tests.accounts.asking import KEY, address, detail, log_in, log_in_as, me, post
from tests.api.site import another_client, run_site
from tests.users import PASSWORD, authorize, bearer, make_user

# The site is a process of its own: what a test writes is committed, and deleted after it.
pytestmark = pytest.mark.django_db(transaction=True)

NEW_KEY, OLD_KEY = "new key of the tokens " * 2, "old key of the tokens " * 2
NEW_PASSWORD = "another horse"
SHORT = ("string_too_short", "body", "password")
SHORT_NAME = ("string_too_short", ["body", "name"])


@pytest.fixture(scope="module")
def mails():
    with mailbox.run_mailbox() as server:
        yield server


@pytest.fixture(scope="module")
def people(mails, django_db_setup, tmp_path_factory):
    variables = {"EMAIL_PROVIDER": "smtp", "EMAIL_URL": mails.url, "ENCRYPTION_MASTER_KEY": KEY}
    variables |= {"JWT_SECRET_KEY": NEW_KEY, "JWT_PREVIOUS_SECRET_KEY": OLD_KEY}
    with run_site(tmp_path_factory.mktemp("accounts") / "site.log", **variables) as found:
        yield found


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    settings.JWT_SECRET_KEY = NEW_KEY


def code(secret, seconds=0):
    """Return the code that a phone with this secret shows."""
    totp = TOTP(secret)
    totp.time = time.time() + seconds
    return f"{totp.token():06}"


def enrol(site, user, **own):
    """Turn on a second factor; return its secret and recovery codes."""
    found = post(site, "auth/2fa/setup", **own).json()
    secret = Authenticator.objects.get(user=user).key
    assert post(site, "auth/2fa/confirm", {"code": code(secret)}, **own).status_code == 200
    return secret, found["recovery_codes"]


# Logging in and out


def test_a_person_registers_logs_in_and_out(people):
    email = address()
    made = post(people, "auth/register", {"email": f" {email.upper()} ", "password": PASSWORD})
    again = post(people, "auth/register", {"email": email, "password": NEW_PASSWORD})
    assert (made.status_code, made.json()) == (again.status_code, again.json()) == (201, made.json())

    answer = log_in(people, email)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 1800
    own = authorize(answer.json()["access_token"])

    found = me(people, **own)
    assert found.json()["email"] == email
    assert found.headers["Cache-Control"] == "private, no-store"

    assert post(people, "auth/logout", **own).json() == {"logged_out": True}
    status, text = detail(me(people, **own))
    assert (status, "revoked" in text) == (401, True)
    assert me(people, **own).headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_was_ended_stays_so_when_redis_forgets(people):
    user = make_user()
    own = log_in_as(people, user)
    other = log_in_as(people, user)
    post(people, "auth/logout", **own)

    get_redis_connection("default").flushdb()

    assert me(people, **own).status_code == 401
    assert me(people, **other).status_code == 200


def test_whoever_cannot_log_in_is_answered_the_same(people):
    inactive, unverified = make_user(is_active=False), make_user(must_verify_email=True)
    known = make_user()

    answers = {detail(log_in(people, each.email)) for each in (inactive, unverified)}
    answers |= {detail(log_in(people, known.email, "wrong")), detail(log_in(people, address()))}

    assert len(answers) == 1
    assert log_in(people, known.email, "wrong").headers["WWW-Authenticate"] == "Bearer"


def test_the_token_of_a_deactivated_user_is_refused(people):
    user = make_user()
    own = bearer(user)
    User.objects.update(is_active=False)

    assert me(people, **own).status_code == 401


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({}, "Not authenticated"),
        ({"Authorization": "Basic abc"}, "Not authenticated"),
        ({"Authorization": "Bearer"}, "Not authenticated"),
        ({"Authorization": "Bearer a.b.c"}, "Invalid or expired token"),
        ({"Authorization": "Bearer dscg_x"}, "Invalid or expired token"),
        ({"Authorization": f"bearer {'x' * 3000}"}, "Invalid or expired token"),
    ],
)
def test_what_is_no_token_opens_nothing(people, sent, found):
    assert detail(me(people, **sent)) == (401, found)


def test_tokens_of_another_kind_open_nothing(people):
    admin = make_user(is_superuser=True)

    assert detail(me(people, **bearer(admin, kind="admin"))) == (401, "Invalid token")
    assert detail(me(people, **bearer(admin, kind="2fa_challenge"))) == (401, "Invalid token")
    assert detail(me(people, **bearer(admin, seconds=-5))) == (401, "Invalid or expired token")
    assert people.ask("GET", "/api/user/app-tokens", headers=bearer(admin, kind="admin")).status_code == 403
    assert detail(post(people, "admin/auth/logout", **bearer(admin))) == (403, "Admin access required")


@pytest.mark.parametrize(("key", "status"), [(NEW_KEY, 200), (OLD_KEY, 200), ("n" * 40, 401)])
def test_a_key_is_replaced_while_tokens_of_the_old_one_live(people, settings, key, status):
    settings.JWT_SECRET_KEY = key

    assert me(people, **bearer(make_user())).status_code == status


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"email": "a b@x.com", "password": PASSWORD}, [("value_error", "body", "email")]),
        ({"email": f"{'a' * 250}@x.com", "password": PASSWORD}, [("value_error", "body", "email")]),
        ({"email": "a\0@x.com", "password": PASSWORD}, [("value_error", "body", "email")]),
        ({"email": "@b.c", "password": "short"}, [("value_error", "body", "email"), SHORT]),
        ({"email": 1}, [("string_type", "body", "email"), ("missing", "body", "password")]),
    ],
)  # fmt: skip
def test_what_cannot_be_registered_is_told(people, body, found):
    answer = post(people, "auth/register", body)

    assert answer.status_code == 422
    assert [(each["type"], *each["loc"]) for each in answer.json()["detail"]] == found


def test_hostile_texts_are_no_error_of_the_server(people):
    own = bearer(make_user())
    for text in ("\0", "x" * 2000, "<b>", "\u202e", "é" * 2000):
        for path, body in {
            "auth/login": {"email": text, "password": text},
            "auth/reset-request": {"email": text},
            "auth/reset-confirm": {"token": text, "new_password": PASSWORD},
            "auth/2fa/verify": {"challenge_token": text, "code": "123456"},
            "auth/2fa/recovery": {"challenge_token": text, "code": text},
            "admin/auth/login": {"email": text, "password": text},
            "user/app-tokens": {"name": text, "scopes": [text]},
        }.items():
            assert post(people, path, body, **own, **{"User-Agent": "x" * 3000}).status_code < 500, (path, text[:5])
    for path in ("app-tokens", "sessions"):
        assert people.ask("DELETE", f"/api/user/{path}/%00", headers=own).status_code == 404


def test_limits_count_each_client(people):
    for path, count in (("auth/register", 3), ("auth/login", 5), ("admin/auth/login", 5), ("auth/reset-request", 3)):
        who, body = {"X-Forwarded-For": another_client()}, {"email": address(), "password": PASSWORD}
        answers = [post(people, path, body, **who) for _ in range(count + 1)]

        assert [each.status_code == 429 for each in answers] == [False] * count + [True]
        assert answers[-1].json() == {"error": f"Rate limit exceeded: {count} per 1 minute"}


# Nobody gets what is another's

PERSONAL = ("/api/auth/me", "/api/user/app-tokens", "/api/user/sessions", "/api/user/export")


@pytest.mark.parametrize("path", PERSONAL)
def test_each_is_answered_what_is_theirs(people, path):
    first, second = make_user(), make_user()
    for user in (first, second):
        post(people, "user/app-tokens", {"name": user.email, "scopes": ["collection:read"]}, **bearer(user))
    mine, theirs = bearer(first), bearer(second)

    for own, other, headers in ((first, second, mine), (second, first, theirs)) * 2:
        answer = people.ask("GET", path, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        text = unpacked(answer) if "zip" in answer.headers["Content-Type"] else answer.text
        assert str(other.pk) not in text
        assert other.email not in text
        assert own.email in text or path not in PERSONAL[:2]
    assert people.get(path).status_code == 401


def unpacked(answer):
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


# Sessions of browsers


@pytest.fixture
def browser(people):
    """A client with cookies of its own."""
    with httpx.Client(base_url=people.url, trust_env=False, headers={"X-Forwarded-For": another_client()}) as found:
        yield found


def test_a_browser_has_a_session_and_a_csrf_token(people, browser):
    user = make_user()
    answer = browser.post("/api/auth/login", json={"email": user.email, "password": PASSWORD, "session": True})

    assert answer.json() == {"session": True, "expires_in": 1209600}
    cookie = next(each for each in answer.headers.get_list("Set-Cookie") if each.startswith("sessionid="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/api/auth/me").json()["email"] == user.email

    assert browser.post("/api/auth/logout").status_code == 403
    done = browser.post("/api/auth/logout", headers={"X-CSRFToken": browser.cookies["csrftoken"]})
    assert done.json() == {"logged_out": True}
    assert browser.get("/api/auth/me").status_code == 401


def test_a_bearer_wins_over_a_session(people, browser):
    first, second = make_user(), make_user()
    browser.post("/api/auth/login", json={"email": first.email, "password": PASSWORD, "session": True})

    assert browser.get("/api/auth/me", headers=bearer(second)).json()["email"] == second.email
    assert browser.get("/api/auth/me", headers=authorize("x")).status_code == 401


def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(people, browser):
    user = make_user()
    browser.post("/api/auth/login", json={"email": user.email, "password": PASSWORD, "session": True})
    own, other = log_in_as(people, user), log_in_as(people, user)
    found = people.ask("GET", "/api/user/sessions", headers=own).json()["sessions"]
    assert sorted(each["kind"] for each in found) == ["browser", "token", "token"]
    assert sum(each["is_current"] for each in found) == 1

    for each in found:
        if each["kind"] == "browser":
            ended = people.ask("DELETE", f"/api/user/sessions/{each['id']}", headers=own)
            assert (ended.status_code, ended.content) == (204, b"")
            assert people.ask("DELETE", f"/api/user/sessions/{each['id']}", headers=own).status_code == 404
    assert browser.get("/api/auth/me").status_code == 401
    assert me(people, **other).status_code == 200

    assert people.ask("DELETE", "/api/user/sessions", headers=own).json() == {"ended": 2}
    assert [me(people, **each).status_code for each in (own, other)] == [401, 401]


def test_nobody_ends_the_session_of_another(people):
    mine, theirs = make_user(), make_user()
    own = bearer(theirs)
    login = Login.objects.get(user=theirs)

    assert people.ask("DELETE", f"/api/user/sessions/{login.pk}", headers=bearer(mine)).status_code == 404
    assert me(people, **own).status_code == 200


# Passwords


def test_a_change_of_password_ends_all_that_was_before(people, browser):
    user = make_user()
    browser.post("/api/auth/login", json={"email": user.email, "password": PASSWORD, "session": True})
    own = log_in_as(people, user)
    token = make_app_token(people, own, "collection:read")["token"]
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    status, text = detail(post(people, "auth/change-password", {**change, "current_password": "bad horse"}, **own))
    assert (status, "Incorrect" in text) == (401, True)
    answer = post(people, "auth/change-password", change, **own)
    assert answer.json() == {"message": "Password has been changed"}

    assert "password change" in me(people, **own).json()["detail"]
    assert browser.get("/api/auth/me").status_code == 401
    assert not User.objects.get().app_tokens.filter(revoked_at=None).exists()
    assert token.startswith("dscg_")
    assert log_in(people, user.email).status_code == 401
    # A token of this second would be taken for one of before.
    time.sleep(1.1)
    assert me(people, **log_in_as(people, user, NEW_PASSWORD)).status_code == 200


def test_a_token_of_the_second_of_the_change_is_refused(people):
    user = make_user()
    post(people, "auth/change-password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, **bearer(user))
    changed = int(User.objects.get().password_changed_at.timestamp())

    assert me(people, **bearer(user, issued=changed)).status_code == 401
    assert me(people, **bearer(user, issued=changed + 1)).status_code in (200, 401)


def test_a_mailed_link_sets_a_password_once(people, mails):
    user = make_user()
    own = log_in_as(people, user)
    known = post(people, "auth/reset-request", {"email": f" {user.email.upper()}"})
    unknown = post(people, "auth/reset-request", {"email": address()})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    token = mails.take_token("reset_token", user.email)
    assert not MailedToken.objects.filter(hash__contains=token).exists()

    body = {"token": token, "new_password": NEW_PASSWORD}
    assert "reset" in post(people, "auth/reset-confirm", body).json()["message"]
    assert post(people, "auth/reset-confirm", body).status_code == 400
    assert me(people, **own).status_code == 401
    assert log_in(people, user.email, NEW_PASSWORD).status_code == 200


def test_changes_of_a_password_hold_when_redis_forgets(people, mails):
    user = make_user()
    changed, reset = log_in_as(people, user), log_in_as(people, user)
    assert [me(people, **each).status_code for each in (changed, reset)] == [200, 200]
    post(people, "auth/reset-request", {"email": user.email})
    body = {"token": mails.take_token("reset_token", user.email), "new_password": NEW_PASSWORD}
    assert post(people, "auth/reset-confirm", body).status_code == 200
    get_redis_connection("default").flushdb()
    assert me(people, **reset).status_code == 401

    # A token of this second would be taken for one of before.
    time.sleep(1.1)
    own = log_in_as(people, user, NEW_PASSWORD)
    change = {"current_password": NEW_PASSWORD, "new_password": PASSWORD}
    assert post(people, "auth/change-password", change, **own).status_code == 200
    get_redis_connection("default").flushdb()
    assert [me(people, **each).status_code for each in (changed, own)] == [401, 401]


def test_a_link_ends(people, mails):
    user = make_user()
    post(people, "auth/reset-request", {"email": user.email})
    token = mails.take_token("reset_token", user.email)
    MailedToken.objects.update(expires_at=user.created_at)

    assert post(people, "auth/reset-confirm", {"token": token, "new_password": NEW_PASSWORD}).status_code == 400


# The second factor


def test_a_second_factor_from_its_setup_to_its_end(people):
    user = make_user()
    own = bearer(user)
    first = post(people, "auth/2fa/setup", **own).json()
    found = post(people, "auth/2fa/setup", **own).json()
    assert found["secret"] != first["secret"]
    assert len(found["secret"]) == 32
    assert [len(each) for each in found["recovery_codes"]] == [16] * 8
    uri = urlsplit(found["otpauth_uri"])
    assert uri.path == f"/Linernotes:{user.email}"
    assert parse_qs(uri.query) == {"secret": [found["secret"]], "issuer": ["Linernotes"]}
    secret = Authenticator.objects.get().key

    wrong = code(secret, 3600)
    assert "Invalid TOTP" in detail(post(people, "auth/2fa/confirm", {"code": wrong}, **own))[1]
    assert me(people, **own).json()["totp_enabled"] is False
    assert "enabled" in post(people, "auth/2fa/confirm", {"code": code(secret)}, **own).json()["message"]
    assert me(people, **own).json()["totp_enabled"] is True
    assert "already enabled" in detail(post(people, "auth/2fa/setup", **own))[1]

    challenge = log_in(people, user.email).json()
    assert challenge["requires_2fa"] is True
    assert me(people, **authorize(challenge["challenge_token"])).status_code == 401
    given = {"challenge_token": challenge["challenge_token"], "code": wrong}
    assert detail(post(people, "auth/2fa/verify", given)) == (401, "Invalid TOTP code")
    given["code"] = code(secret)
    answer = post(people, "auth/2fa/verify", given)
    assert me(people, **authorize(answer.json()["access_token"])).status_code == 200
    assert post(people, "auth/2fa/verify", given).status_code == 401

    # The code of a login logs nobody in again, but proves a change.
    second = log_in(people, user.email).json()["challenge_token"]
    assert detail(post(people, "auth/2fa/verify", {**given, "challenge_token": second}))[0] == 401
    off = {"code": given["code"], "password": PASSWORD}
    assert "Incorrect password" in detail(post(people, "auth/2fa/disable", {**off, "password": "bad"}, **own))[1]
    assert "disabled" in post(people, "auth/2fa/disable", off, **own).json()["message"]
    assert "not enabled" in detail(post(people, "auth/2fa/disable", off, **own))[1]


def test_five_wrong_codes_lock_and_a_recovery_code_opens(people):
    user = make_user()
    secret, codes = enrol(people, user, **bearer(user))
    challenge = log_in(people, user.email).json()["challenge_token"]
    wrong = {"challenge_token": challenge, "code": code(secret, 3600)}
    for _ in range(5):
        assert post(people, "auth/2fa/verify", wrong).status_code == 401
    status, text = detail(post(people, "auth/2fa/verify", {**wrong, "code": code(secret)}))
    assert (status, "locked" in text) == (429, True)

    given = {"challenge_token": challenge, "code": codes[0]}
    assert detail(post(people, "auth/2fa/recovery", {**given, "code": "nope"})) == (401, "Invalid recovery code")
    assert "access_token" in post(people, "auth/2fa/recovery", given).json()
    assert Authenticator.objects.get().failures == 0
    given["challenge_token"] = log_in(people, user.email).json()["challenge_token"]
    assert post(people, "auth/2fa/recovery", given).status_code == 401

    made = post(people, "auth/2fa/recovery-codes", {"code": code(secret), "password": PASSWORD}, **bearer(user)).json()
    assert not set(made["recovery_codes"]) & set(codes)
    Authenticator.objects.update(recovery_codes=Authenticator.objects.get().recovery_codes[:1])
    given["code"] = made["recovery_codes"][0]
    assert "warning" in post(people, "auth/2fa/recovery", given).json()


def test_a_challenge_ends_with_the_password(people):
    user = make_user()
    secret, _ = enrol(people, user, **bearer(user))
    challenge = log_in(people, user.email).json()["challenge_token"]
    post(people, "auth/change-password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, **bearer(user))

    answer = post(people, "auth/2fa/verify", {"challenge_token": challenge, "code": code(secret)})

    assert detail(answer) == (401, "Challenge invalidated by password change")


def test_a_browser_turns_its_second_factor_on_and_stays_logged_in(people, browser):
    user = make_user()
    browser.post("/api/auth/login", json={"email": user.email, "password": PASSWORD, "session": True})
    enrol(people, user, **{"X-CSRFToken": browser.cookies["csrftoken"], "Cookie": cookies(browser)})

    assert browser.get("/api/auth/me").json()["totp_enabled"] is True
    everywhere = browser.delete("/api/user/sessions", headers={"X-CSRFToken": browser.cookies["csrftoken"]})
    assert everywhere.json() == {"ended": 1}
    assert browser.get("/api/auth/me").status_code == 401


def cookies(browser):
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def test_a_session_of_before_the_second_factor_is_not_enough(people, browser):
    user = make_user()
    browser.post("/api/auth/login", json={"email": user.email, "password": PASSWORD, "session": True})
    secret, _ = enrol(people, user, **bearer(user))
    assert browser.get("/api/auth/me").status_code == 401

    login = {"email": user.email, "password": PASSWORD, "session": True}
    challenge = browser.post("/api/auth/login", json=login).json()["challenge_token"]
    given = {"challenge_token": challenge, "code": code(secret), "session": True}
    assert browser.post("/api/auth/2fa/verify", json=given).json()["session"] is True
    assert browser.get("/api/auth/me").json()["totp_enabled"] is True


# Administrators


def test_an_administrator_gets_a_token_that_opens_administration(people):
    admin, user = make_user(is_superuser=True), make_user()

    def enter(email, password=PASSWORD):
        return post(people, "admin/auth/login", {"email": email, "password": password})

    assert enter(address()).status_code == enter(admin.email, "wrong").status_code == 401
    assert detail(enter(user.email)) == (403, "Admin access required")
    answer = enter(admin.email)
    assert answer.json()["expires_in"] == 1800
    own = authorize(answer.json()["access_token"])
    assert post(people, "admin/auth/logout", **own).json() == {"logged_out": True}
    assert post(people, "admin/auth/logout", **own).status_code == 401
    events = AuditEvent.objects.filter(action__startswith="admin.").order_by("at")
    assert [(each.action, each.target, each.details) for each in events] == [
        ("admin.login", admin.email, {"success": False}),
        ("admin.login", user.email, {"success": False, "reason": "not_admin"}),
        ("admin.login", admin.email, {"success": True}),
        ("admin.logout", "", None),
    ]

    own = bearer(admin, kind="admin")
    User.objects.filter(pk=admin.pk).update(is_superuser=False)
    assert post(people, "admin/auth/logout", **own).status_code == 403


def test_an_administrator_with_a_second_factor_gives_it(people):
    admin = make_user(is_superuser=True)
    secret, _ = enrol(people, admin, **bearer(admin))
    challenge = post(people, "admin/auth/login", {"email": admin.email, "password": PASSWORD}).json()
    given = {"challenge_token": challenge["challenge_token"], "code": code(secret)}

    own = authorize(post(people, "auth/2fa/verify", given).json()["access_token"])

    assert post(people, "admin/auth/logout", **own).status_code == 200


# Tokens of apps


def make_app_token(site, own, *scopes):
    return post(site, "user/app-tokens", {"name": " pad ", "scopes": scopes}, **own).json()


def test_tokens_of_apps_are_made_listed_and_revoked(people):
    user, other = make_user(), make_user()
    own = bearer(user)
    made = make_app_token(people, own, "collection:read")
    assert (made["name"], made["scopes"], len(made["token"])) == ("pad", ["collection:read"], 48)
    assert made["token"] not in json.dumps(list(user.app_tokens.values("hash", "name")), default=str)

    found = people.ask("GET", "/api/user/app-tokens", headers=own).json()
    assert [each["id"] for each in found["active"]] == [made["id"]]
    path = f"/api/user/app-tokens/{made['id']}"
    assert people.ask("DELETE", path, headers=bearer(other)).status_code == 404
    assert people.ask("DELETE", path, headers=own).status_code == 204
    assert people.ask("DELETE", path, headers=own).status_code == 404
    found = people.ask("GET", "/api/user/app-tokens", headers=own).json()
    assert (found["active"], [each["id"] for each in found["revoked"]]) == ([], [made["id"]])


@pytest.mark.parametrize(
    ("body", "status", "found"),
    [
        ({"name": "a", "scopes": []}, 422, [("too_short", ["body", "scopes"])]),
        ({"name": "", "scopes": [1]}, 422, [SHORT_NAME, ("string_type", ["body", "scopes", 0])]),
        ({"name": "a", "scopes": "x"}, 422, [("list_type", ["body", "scopes"])]),
        ({"name": "a", "scopes": ["foo", "collection:read"]}, 400, "Unknown scope: foo"),
        ({"name": " ", "scopes": ["collection:read"]}, 400, "A token needs a name"),
    ],
)  # fmt: skip
def test_what_is_no_token_of_an_app_is_told(people, body, status, found):
    answer = post(people, "user/app-tokens", body, **bearer(make_user()))

    assert answer.status_code == status
    given = answer.json()["detail"]
    assert given.startswith(found) if status == 400 else [(each["type"], each["loc"]) for each in given] == found


# What one has, and the end of it


def test_an_account_is_exported_and_deleted(people):
    user, other = make_user(), make_user()
    own = log_in_as(people, user)
    make_app_token(people, own, "collection:read")

    answer = people.ask("GET", "/api/user/export", headers=own)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert json.loads(packed.read("account.json"))[0]["email"] == user.email
        assert packed.read("account.csv").decode().splitlines()[1].startswith(str(user.pk))
        assert json.loads(packed.read("app_tokens.json"))[0]["name"] == "pad"

    assert post(people, "user/delete", {"password": "wrong"}, **own).status_code == 401
    assert post(people, "user/delete", {"password": PASSWORD}, **own).json() == {"deleted": True}
    assert list(User.objects.all()) == [other]
    assert not Login.objects.filter(user_id=user.pk).exists()
    assert log_in(people, user.email).status_code == 401
    assert me(people, **own).status_code == 401
    assert AuditEvent.objects.filter(action="account.delete", target=str(user.pk)).exists()


def test_with_a_second_factor_a_deletion_takes_a_code(people):
    user = make_user()
    own = bearer(user)
    secret, _ = enrol(people, user, **own)

    assert post(people, "user/delete", {"password": PASSWORD}, **own).status_code == 400
    assert post(people, "user/delete", {"password": PASSWORD, "code": code(secret)}, **own).status_code == 200


def test_no_answer_of_a_user_is_in_the_cache(people):
    cache.clear()
    user = make_user()
    for path in PERSONAL:
        people.ask("GET", path, headers=bearer(user))

    redis = get_redis_connection("default")
    kept = [value for key in redis.keys("*") if redis.type(key) == b"string" and (value := redis.get(key))]
    assert not [value for value in kept if user.email.encode() in value]


# Several at once


def ask_at_once(ask, given):
    """Ask with each of these at the same time; return the statuses in order."""
    with ThreadPoolExecutor(len(given)) as many:
        return sorted(each.status_code for each in many.map(ask, given))


def test_of_several_registrations_at_once_one_makes_the_account(people):
    body = {"email": address(), "password": PASSWORD}

    assert ask_at_once(lambda each: post(people, "auth/register", each), [body] * 4) == [201] * 4
    assert User.objects.filter(email=body["email"]).count() == 1


def test_a_code_logs_in_once_however_often_it_is_sent_at_once(people):
    user = make_user()
    secret, codes = enrol(people, user, **bearer(user))

    for path, given in (("auth/2fa/verify", code(secret)), ("auth/2fa/recovery", codes[0])):
        challenges = [log_in(people, user.email).json()["challenge_token"] for _ in range(4)]
        bodies = [{"challenge_token": each, "code": given} for each in challenges]
        assert ask_at_once(lambda each, path=path: post(people, path, each), bodies) == [200, 401, 401, 401]


def test_a_challenge_is_answered_once_at_once(people):
    user = make_user()
    _, codes = enrol(people, user, **bearer(user))
    challenge = log_in(people, user.email).json()["challenge_token"]
    bodies = [{"challenge_token": challenge, "code": each} for each in codes[:4]]

    assert ask_at_once(lambda each: post(people, "auth/2fa/recovery", each), bodies) == [200, 401, 401, 401]
    assert len(Authenticator.objects.get().recovery_codes) == 7


def test_a_mailed_link_works_once_at_once(people, mails):
    user = make_user()
    post(people, "auth/reset-request", {"email": user.email})
    body = {"token": mails.take_token("reset_token", user.email), "new_password": NEW_PASSWORD}

    assert ask_at_once(lambda each: post(people, "auth/reset-confirm", each), [body] * 4) == [200, 400, 400, 400]
