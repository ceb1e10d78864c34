"""What an attacker tries with accounts: forged tokens, fields, hosts and addresses, guessed codes, other doors."""

import itertools
import json
import time
from urllib.parse import urlencode

import jwt
import pytest
from django.conf import settings as project
from django.core import mail as mailbox
from django.urls import reverse
from django_otp.oath import TOTP

from apps.accounts import background, tokens
from apps.accounts.models import AuditEvent, Authenticator, User
from apps.collections.answers import syncing
from apps.collections.models import Sync, SyncStatus
from tests.api.routes import ENDPOINTS
from tests.users import bearer

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PASSWORD = "right horse"

numbers = itertools.count(1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    """Ask the API, each time from another address."""

    def ask(method, path, body=None, *, address="", **headers):
        return client.generic(
            method,
            f"/api/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
            REMOTE_ADDR=address or f"198.51.{next(numbers) // 250}.{next(numbers) % 250}",
        )

    return ask


@pytest.fixture
def mails(settings, monkeypatch):
    """What is mailed, at once."""
    settings.EMAIL_PROVIDER = "smtp"
    monkeypatch.setattr(background, "run_later", lambda task: task())
    return lambda: mailbox.outbox


@pytest.fixture
def phone(nina, settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    return Authenticator.objects.create(user=nina, confirmed=True)


def show_code(phone, seconds=0):
    totp = TOTP(phone.key)
    totp.time = time.time() + seconds
    return f"{totp.token():06}"


# Forged tokens


def make_claims(user, **more):
    now = int(time.time())
    return {"sub": str(user.pk), "email": user.email, "iat": now, "exp": now + 600, "jti": "f" * 32, **more}


def sign(user, key, algorithm, **header):
    return jwt.encode(make_claims(user), key, algorithm=algorithm, headers=header)


@pytest.mark.parametrize(
    "forge",
    [
        lambda user, _: sign(user, None, "none"),
        lambda user, key: sign(user, key, "HS512"),
        lambda user, key: sign(user, key, "HS384"),
        lambda user, _: sign(user, "x" * 64, "HS256", kid="../../../../dev/null"),
        lambda user, _: sign(user, "x" * 64, "HS256", kid="' UNION SELECT 'x", jku="http://127.0.0.1:1/keys"),
        lambda user, _: sign(user, "x" * 64, "HS256", jwk={"kty": "oct", "k": "eHh4"}),
        lambda user, key: sign(user, key, "HS256", crit=["unknown"], unknown=1)[:-4] + "AAAA",
        lambda user, key: sign(user, key, "HS256").rpartition(".")[0] + ".",
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_no_forged_token_opens_anything(ask, nina, forge):
    key = tokens.list_keys()[0].prepared_signing_key
    assert ask("GET", "auth/me", Authorization=f"Bearer {sign(nina, key, 'HS256')}").status_code == 200

    answer = ask("GET", "auth/me", Authorization=f"Bearer {forge(nina, key)}")

    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid or expired token"})


def test_a_token_in_an_address_is_not_read(ask, nina, client):
    client.force_login(nina)
    session = client.session.session_key
    del client.cookies[project.SESSION_COOKIE_NAME]
    token = bearer(nina)["Authorization"].split()[1]

    for name, value in (
        ("access_token", token),
        ("token", token),
        ("authorization", f"Bearer {token}"),
        ("sessionid", session),
    ):
        assert ask("GET", f"auth/me?{urlencode({name: value})}").status_code == 401


@pytest.mark.parametrize(
    "path", ["/static/", "/static/js/", "/.git/config", "/.env", "/static/../.env", "/static/%2e%2e/.env"]
)
def test_no_folder_and_no_hidden_file_is_served(client, path):
    assert client.get(path).status_code == 404


# Forged fields


def test_no_field_makes_an_administrator(ask, settings):
    settings.REQUIRE_EMAIL_VERIFICATION = True
    forged = {"is_superuser": True, "is_staff": True, "is_active": True, "must_verify_email": False, "id": "1" * 32}

    ask("POST", "auth/register", {"email": "eve@example.com", "password": PASSWORD, **forged})

    eve = User.objects.get()
    assert (eve.is_superuser, eve.is_staff, eve.must_verify_email) == (False, False, True)
    assert eve.pk.hex != "1" * 32


ODD = [
    "ΣΊΣΥΦΟΣ@example.com",
    "İ@example.com",
    "ﬀ@example.com",
    "Ǆ@example.com",
    "ß@example.com",
    "名@例え.jp",
    "\u202ea@b.c",
]


@pytest.mark.parametrize("email", ODD)
def test_an_address_of_any_script_is_one_account(ask, email):
    for spelling in (email, email.lower(), f" {email} "):
        answer = ask("POST", "auth/register", {"email": spelling, "password": PASSWORD})
        assert answer.status_code == 201

    assert User.objects.count() == 1
    assert ask("POST", "auth/login", {"email": email, "password": PASSWORD}).status_code == 200


def test_an_address_that_only_looks_the_same_resets_nothing(ask, mails, django_user_model):
    django_user_model.objects.create_user("mike@example.com", PASSWORD)

    ask("POST", "auth/reset-request", {"email": "mıke@example.com"})
    ask("POST", "auth/reset-request", {"email": "MİKE@example.com"})

    assert mails() == []


# Forged hosts, and what a mail is made of


@pytest.mark.parametrize("headers", [{"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}])
def test_a_mailed_link_leads_to_the_site(ask, mails, nina, headers):
    ask("POST", "auth/reset-request", {"email": nina.email}, **headers)

    (mail,) = mails()
    assert f"{project.APP_BASE_URL}/?reset_token=" in mail.body
    assert "evil" not in mail.body + str(mail.message())


def test_another_host_is_refused_before_a_mail(ask, mails, nina):
    assert ask("POST", "auth/reset-request", {"email": nina.email}, Host="evil.example").status_code == 400
    assert mails() == []


@pytest.mark.parametrize("text", ["eve@example.com\r\nBcc: all@example.com", "eve@example.com\nx", "a@b.c, d@e.f"])
def test_no_address_adds_a_header_or_a_recipient(ask, mails, settings, text):
    settings.REQUIRE_EMAIL_VERIFICATION = True
    assert ask("POST", "auth/register", {"email": text, "password": PASSWORD}).status_code == 422
    ask("POST", "auth/reset-request", {"email": text})

    assert mails() == []


@pytest.mark.parametrize(
    "text", ["a,b@example.com", "<x>@example.com", '"a b"@example.com'.replace(" ", ""), "a;b@example.com"]
)
def test_an_odd_address_is_one_recipient(ask, mails, settings, text):
    settings.REQUIRE_EMAIL_VERIFICATION = True
    ask("POST", "auth/register", {"email": text, "password": PASSWORD})

    assert [mail.to for mail in mails()] in ([], [[text]])


def test_a_change_is_told_by_mail(ask, mails, nina, phone, django_capture_on_commit_callbacks):
    own = bearer(nina)
    ask("POST", "auth/2fa/disable", {"code": show_code(phone), "password": PASSWORD}, **own)
    with django_capture_on_commit_callbacks(execute=True):
        change = {"current_password": PASSWORD, "new_password": "another horse"}
        ask("POST", "auth/change-password", change, **own)

    assert [(mail.to, mail.subject) for mail in mails()] == [
        ([nina.email], "Linernotes: Your second factor"),
        ([nina.email], "Linernotes: Your password was changed"),
    ]


# Sessions


def test_a_session_that_was_planted_is_not_used(client, nina):
    client.session.save()
    planted = client.cookies[project.SESSION_COOKIE_NAME].value
    login = {"email": nina.email, "password": PASSWORD, "session": True}

    client.post("/api/auth/login", login, content_type="application/json", REMOTE_ADDR="198.51.100.1")

    assert client.cookies[project.SESSION_COOKIE_NAME].value != planted
    client.cookies[project.SESSION_COOKIE_NAME] = planted
    assert client.get("/api/auth/me").status_code == 401


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_of_another_site_logs_nobody_in(client, nina, kind):
    body = json.dumps({"email": nina.email, "password": PASSWORD, "session": True})

    answer = client.post("/api/auth/login", body, content_type=kind, REMOTE_ADDR="198.51.100.2")

    assert answer.status_code == 422
    assert not answer.cookies


# Guessed codes


def test_codes_cannot_be_guessed_where_they_are_confirmed(ask, nina, phone):
    own = bearer(nina)
    wrong = show_code(phone, 3600)
    found = [ask("POST", "auth/2fa/confirm", {"code": wrong}, **own).status_code for _ in range(6)]

    assert found == [400] * 5 + [429]
    assert ask("POST", "auth/2fa/confirm", {"code": show_code(phone)}, **own).status_code == 429


def test_a_second_factor_is_asked_for_in_the_admin_also_where_staff_need_none(client, log_in, phone, settings):
    settings.STAFF_TWO_FACTOR = False
    log_in()

    assert client.get(reverse("admin:index")).status_code == 302
    client.post(reverse("admin:two_factor"), {"code": show_code(phone)})
    assert client.get(reverse("admin:index")).status_code == 200


# Limits

# Operation → requests in a minute.
LIMITS = {
    "logIn": 5,
    "logInAdmin": 5,
    "changePassword": 5,
    "confirmPasswordReset": 5,
    "verifyRecoveryCode": 5,
    "registerUser": 3,
    "requestPasswordReset": 3,
    "verifySecondFactor": 10,
    "verifyEmail": 5,
    "exportAccount": 5,
    "deleteAccount": 5,
    "startSync": 10,
    "saveSnapshot": 20,
    "getSnapshot": 30,
    "listCollection": 60,
    "getCollectionStats": 60,
    "getCollectionTimeline": 60,
    "exploreFromEntity": 30,
}


@pytest.mark.parametrize("operation", LIMITS)
def test_every_limit_is_the_one_that_is_promised(operation):
    (view,) = (each.view for each in ENDPOINTS if each.operation == operation)

    assert (view.limits[0].count, view.limits[0].seconds) == (LIMITS[operation], 60)


@pytest.mark.parametrize(
    "forge",
    [
        lambda number: f"10.0.0.{number}",
        lambda number: f"203.0.113.{number}, 127.0.0.1",
        lambda number: "x" * 2000 + str(number),
        lambda number: f"::ffff:10.0.0.{number}",
        lambda number: f'"><script>{number}',
    ],
)
def test_no_client_gets_further_tries_by_a_forged_address(ask, settings, forge):
    settings.FORWARDED_ALLOW_IPS = []
    address, login = f"192.0.2.{next(numbers) % 250}", {"email": "x@example.com", "password": "x"}

    found = [
        ask("POST", "auth/login", login, address=address, **{"X-Forwarded-For": forge(number)}).status_code
        for number in range(6)
    ]

    assert found == [401] * 5 + [429]


def test_streams_leave_most_threads_to_others(nina):
    sync = Sync.objects.create(user=nina, status=SyncStatus.RUNNING)
    held = 0
    while syncing.streams.acquire(blocking=False):
        held += 1
    try:
        events = list(syncing.stream_progress(nina.pk, sync.pk, lambda found: str(found["status"]).encode()))
    finally:
        for _ in range(held):
            syncing.streams.release()

    assert held == 4
    assert events == [b"retry: 1000\n\n", b"event: progress\ndata: running\n\n"]


# What is written down


def test_all_that_is_done_with_an_account_is_in_the_audit_log(ask, mails, settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    login = {"email": "eve@example.com", "password": PASSWORD}

    def log_in():
        return {"Authorization": f"Bearer {ask('POST', 'auth/login', login).json()['access_token']}"}

    ask("POST", "auth/register", login)
    eve = User.objects.get()
    ask("POST", "auth/login", {**login, "password": "wrong"})
    ask("POST", "admin/auth/login", login)
    own = log_in()
    made = ask("POST", "user/app-tokens", {"name": "a", "scopes": ["collection:read"]}, **own).json()
    ask("DELETE", f"user/app-tokens/{made['id']}", **own)
    ask("GET", "user/export", **own)
    ask("POST", "auth/2fa/setup", **own)
    phone = Authenticator.objects.get()
    ask("POST", "auth/2fa/confirm", {"code": show_code(phone, 3600)}, **own)
    given = {"code": show_code(phone), "password": PASSWORD}
    ask("POST", "auth/2fa/confirm", given, **own)
    challenge = {"challenge_token": ask("POST", "auth/login", login).json()["challenge_token"]}
    ask("POST", "auth/2fa/verify", {**challenge, "code": show_code(phone, 3600)})
    ask("POST", "auth/2fa/recovery", {**challenge, "code": "x"})
    ask("POST", "auth/2fa/recovery-codes", given, **own)
    ask("POST", "auth/2fa/disable", given, **own)
    ask("POST", "auth/logout", **own)
    own = log_in()
    ask("DELETE", "user/sessions", **own)
    ask("POST", "auth/reset-request", {"email": login["email"]})
    token = mails()[-1].body.partition("reset_token=")[2].split()[0]
    ask("POST", "auth/reset-confirm", {"token": token, "new_password": "another horse"})
    login["password"] = "another horse"
    time.sleep(1.1)
    own = log_in()
    ask("POST", "auth/change-password", {"current_password": login["password"], "new_password": PASSWORD}, **own)
    login["password"] = PASSWORD
    time.sleep(1.1)
    ask("POST", "user/delete", {"password": PASSWORD}, **log_in())

    found = list(AuditEvent.objects.order_by("pk"))
    actions = [each.action for each in found]
    assert actions == [
        *("register", "login.failed", "admin.login", "login", "app_token.make", "app_token.revoke", "account.export"),
        *("2fa.failed", "2fa.enable", "2fa.failed", "2fa.failed", "2fa.recovery_codes", "2fa.disable", "logout"),
        *("login", "logout.everywhere", "password.reset_request", "password.reset", "login", "password.change"),
        *("login", "account.delete"),
    ]
    assert {str(eve.pk)} <= {str(each.actor_id or each.target) for each in found}
    assert not any(secret in str(each.__dict__) for each in found for secret in (PASSWORD, token, made["token"]))
