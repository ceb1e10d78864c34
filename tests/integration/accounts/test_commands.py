"""What operators do with accounts by commands and in the admin, and what becomes of secrets, events and old rows."""

import base64
import hmac
import io
import json
import zipfile
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts import encryption, logins, mail, tidying
from apps.accounts.models import AppToken, AuditEvent, Authenticator, Login, MailedToken, User
from tests.users import PASSWORD, bearer, make_user

pytestmark = pytest.mark.django_db

KEYS = ["//////////////////////////////////////////8=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]


@pytest.fixture
def ada():
    return make_user("ada@example.com")


@pytest.fixture
def typed(monkeypatch):
    """What comes from stdin."""

    def type_(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))

    return type_


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_an_operator_sets_a_password(ada, typed, capsys):
    bearer(ada)
    AppToken.objects.create(user=ada, name="a", scopes=[], hash="x")
    typed("another horse")

    call_command("reset_user_password", "Ada@Example.com")

    ada.refresh_from_db()
    assert ada.check_password("another horse")
    assert set(Login.objects.values_list("ended", flat=True)) == {"password"}
    assert not AppToken.objects.filter(revoked_at=None).exists()
    assert "another" not in capsys.readouterr().out
    assert actions() == ["password.operator"]


def test_a_short_password_is_refused(ada, typed):
    typed("short")

    with pytest.raises(CommandError, match="too short"):
        call_command("reset_user_password", ada.email)


def test_common_passwords_are_refused_where_that_is_wanted(ada, typed, settings):
    common = "django.contrib.auth.password_validation.CommonPasswordValidator"
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": common}]
    typed("password1")

    with pytest.raises(CommandError, match="too common"):
        call_command("reset_user_password", ada.email)


def test_an_operator_exports_and_deletes(ada, tmp_path):
    path = tmp_path / "ada.zip"
    call_command("export_user", ada.email, str(path))
    with zipfile.ZipFile(path) as packed:
        assert json.loads(packed.read("account.json"))[0]["email"] == ada.email
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_user", ada.email, str(path))

    call_command("delete_user", ada.email, "--yes")

    assert not User.objects.exists()
    assert actions() == ["account.export", "account.delete"]


@pytest.mark.parametrize("command", [["reset_user_password"], ["delete_user", "--yes"]])
def test_who_is_not_there_is_told(command, typed):
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command(command[0], "nobody@example.com", *command[1:])


def test_administrators_are_made_and_listed(ada, monkeypatch, capsys):
    monkeypatch.setenv("ADMIN_PASSWORD", "another horse")
    call_command("admin_setup", "--email", ada.email)
    call_command("admin_setup", "--email", "bo@example.com")
    capsys.readouterr()

    call_command("admin_setup", "--list")

    assert capsys.readouterr().out.split() == [ada.email, "bo@example.com"]
    found = User.objects.get(email="bo@example.com")
    assert (found.is_staff, found.is_superuser, found.check_password("another horse")) == (True, True, True)


def test_who_is_invited_sets_a_password_by_a_link(capsys):
    call_command("invite", "bo@example.com")

    assert "/?reset_token=" in capsys.readouterr().out
    (token,) = MailedToken.objects.all()
    assert token.user.email == "bo@example.com"
    assert not token.user.has_usable_password()
    assert token.expires_at > timezone.now() + timedelta(days=6)
    with pytest.raises(CommandError, match="has an account"):
        call_command("invite", "bo@example.com")


def test_a_new_key_takes_over_the_secrets(ada, settings, capsys):
    settings.ENCRYPTION_MASTER_KEY = KEYS[1]
    phone = Authenticator.objects.create(user=ada)
    secret = phone.key
    settings.ENCRYPTION_MASTER_KEYS = KEYS
    assert Authenticator.objects.get().key == secret

    call_command("rotate_encryption_key")

    assert "1 secrets" in capsys.readouterr().out
    settings.ENCRYPTION_MASTER_KEYS = KEYS[:1]
    assert Authenticator.objects.get().key == secret
    settings.ENCRYPTION_MASTER_KEYS = KEYS[1:]
    with pytest.raises(CommandError, match="1 secrets cannot be read"):
        call_command("rotate_encryption_key")


def test_secrets_of_the_single_key_stay_readable(settings):
    settings.ENCRYPTION_MASTER_KEY = KEYS[1]
    # HKDF-SHA256 by hand (RFC 5869): no salt, one block.
    extracted = hmac.digest(bytes(32), base64.b64decode(KEYS[1]), "sha256")
    key = base64.urlsafe_b64encode(hmac.digest(extracted, b"totp-secrets\x01", "sha256"))

    assert encryption.get_cipher("totp-secrets").decrypt(Fernet(key).encrypt(b"secret")) == b"secret"


# The audit log


@pytest.mark.parametrize("change", ["UPDATE accounts_auditevent SET action = 'x'", "DELETE FROM accounts_auditevent"])
def test_the_audit_log_refuses_changes(change):
    AuditEvent.objects.create(action="login")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert actions() == ["login"]


def test_what_is_old_is_tidied_away(ada, settings):
    now = timezone.now()
    for days in (settings.AUDIT_KEEP_DAYS + 1, 1):
        AuditEvent.objects.create(action=f"{days}", at=now - timedelta(days=days))
    for name, expires in (("old", now - timedelta(days=1)), ("new", now + timedelta(days=1))):
        Login.objects.create(id=name, user=ada, kind=Login.Kind.TOKEN, expires_at=expires)
        MailedToken.objects.create(hash=name, user=ada, purpose="reset", expires_at=expires)

    tidying.tidy()

    assert actions() == ["1"]
    assert [each.pk for each in Login.objects.all()] == ["new"]
    assert [each.pk for each in MailedToken.objects.all()] == ["new"]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()


# The admin


def test_the_admin_shows_and_deletes_people_and_notes_who_did(client, nina, ada):
    client.force_login(nina)
    bearer(ada)
    AppToken.objects.create(user=ada, name="a", scopes=[], hash="x")
    for model in ("login", "apptoken", "auditevent", "user", "authenticator"):
        assert client.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 200
    assert client.get(reverse("admin:accounts_user_change", args=[ada.pk])).status_code == 200
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor_id, event.target) == ("admin.read", nina.pk, f"user {ada.pk}")
    assert client.post(reverse("admin:accounts_auditevent_delete", args=[event.pk]), {"post": "yes"}).status_code == 403

    client.post(reverse("admin:accounts_user_delete", args=[ada.pk]), {"post": "yes"})

    assert not User.objects.filter(pk=ada.pk).exists()
    assert actions()[-1] == "account.delete"


def test_a_login_in_the_admin_is_a_session_that_can_be_ended(client, nina, log_in):
    log_in()
    (login,) = Login.objects.all()
    assert (login.kind, login.user, login.session_key) == ("browser", nina, client.session.session_key)

    logins.end_logins(Login.objects.all(), Login.End.REVOKED)

    assert client.get(reverse("admin:index")).status_code == 302


def test_signing_out_everywhere_ends_sessions_without_a_row(client, nina):
    client.force_login(nina)
    Login.objects.all().delete()
    assert client.get(reverse("admin:index")).status_code == 200

    logins.end_all(nina)

    assert client.get(reverse("admin:index")).status_code == 302


def test_failed_logins_are_noted_without_what_was_typed(ada, log_in):
    log_in(name="ada@example.com", password="wrong")
    log_in(name="my secret password", password=PASSWORD)

    failed = AuditEvent.objects.filter(action="login.failed").order_by("pk")
    assert [each.target for each in failed] == [str(ada.pk), ""]
    assert failed[0].address == "192.0.2.1"


# Who may have an account


@pytest.mark.parametrize("registration", ["invite", "closed"])
def test_where_it_is_closed_nobody_registers(client, settings, registration):
    settings.REGISTRATION = registration
    body = {"email": "bo@example.com", "password": PASSWORD}

    answer = client.post("/api/auth/register", body, content_type="application/json", REMOTE_ADDR="192.0.2.77")

    assert (answer.status_code, answer.json()["detail"].split(":")[0]) == (403, "Registration is closed")
    assert not User.objects.exists()


def test_a_mailed_link_verifies_an_address_once(client):
    bo = make_user(must_verify_email=True)
    body = {"token": mail.make_link(bo, mail.VERIFY).partition("=")[2]}

    answers = [
        client.post("/api/auth/verify-email", body, content_type="application/json", REMOTE_ADDR="192.0.2.78")
        for _ in range(2)
    ]

    assert [each.status_code for each in answers] == [200, 400]
    bo.refresh_from_db()
    assert not bo.must_verify_email
