"""Whoever changes a password, or takes a right away, ends all that opened the account before, whichever way."""

import io
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import mail
from apps.accounts.models import AppToken, AuditEvent, Login, MailedToken, User
from tests.users import bearer

NEW = "another horse"


@pytest.fixture
def root(django_user_model):
    return django_user_model.objects.create_superuser("root@example.com", "root horse")


@pytest.fixture
def desk(root):
    """The admin, as root has it."""
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def opened(nina):
    """Nina's browser. She also has a token, one of an administrator, one for an app, and a link in a mail."""
    browser = Client()
    browser.force_login(nina)
    bearer(nina)
    bearer(nina, kind="admin")
    AppToken.objects.create(user=nina, name="a", scopes=[], hash="x")
    mail.make_link(nina, mail.RESET, timedelta(days=1))
    assert is_open(browser)
    return browser


def is_open(browser):
    return browser.get("/api/auth/me").status_code == 200


def has_access(nina):
    """Return what still opens an account."""
    found = [*Login.objects.filter(user=nina, ended="")]
    found += [*AppToken.objects.filter(user=nina, revoked_at=None), *MailedToken.objects.filter(user=nina)]
    return found


def post_change(desk, nina, **changes):
    """Send the form of a user in the admin."""
    page = reverse("admin:accounts_user_change", args=[nina.pk])
    fields = {"email": nina.email, "is_active": "on", "is_staff": "on", "is_superuser": "on", **changes}
    answer = desk.post(page, {name: value for name, value in fields.items() if value})
    assert answer.status_code == 302, answer.content


def by_admin(desk, nina, monkeypatch):
    page = reverse("admin:auth_user_password_change", args=[nina.pk])
    desk.post(page, {"usable_password": "true", "password1": NEW, "password2": NEW})


def by_admin_without_a_password(desk, nina, monkeypatch):
    desk.post(
        reverse("admin:auth_user_password_change", args=[nina.pk]),
        {"usable_password": "false", "unset-password": "yes"},
    )


def by_herself_in_the_admin(desk, nina, monkeypatch):
    own = Client()
    own.force_login(nina)
    given = {"old_password": "right horse", "new_password1": NEW, "new_password2": NEW}
    own.post(reverse("admin:password_change"), given)
    assert not is_open(own)


def by_a_command(desk, nina, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW}\n"))
    call_command("reset_user_password", nina.email)


def by_django(desk, nina, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    call_command("changepassword", nina.email, stdout=io.StringIO())


def by_setup(desk, nina, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", NEW)
    call_command("admin_setup", "--email", nina.email, stdout=io.StringIO())


def by_deactivation(desk, nina, monkeypatch):
    post_change(desk, nina, is_active="")


def by_demotion(desk, nina, monkeypatch):
    post_change(desk, nina, is_superuser="")


def by_loss_of_the_admin(desk, nina, monkeypatch):
    post_change(desk, nina, is_staff="")


def by_deletion(desk, nina, monkeypatch):
    desk.post(reverse("admin:accounts_user_delete", args=[nina.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=nina.pk).exists()


WAYS = [
    by_admin,
    by_admin_without_a_password,
    by_herself_in_the_admin,
    by_a_command,
    by_django,
    by_setup,
    by_deactivation,
    by_demotion,
    by_loss_of_the_admin,
    by_deletion,
]


@pytest.mark.parametrize("change", WAYS)
def test_every_way_ends_all_access(desk, nina, opened, monkeypatch, change):
    change(desk, nina, monkeypatch)

    assert has_access(nina) == []
    assert not is_open(opened)
    assert AuditEvent.objects.exists()


def test_who_is_let_in_again_finds_nothing_open(desk, nina, opened):
    post_change(desk, nina, is_active="")
    post_change(desk, nina)

    assert has_access(nina) == []
    assert not is_open(opened)


def test_other_changes_end_nothing(desk, nina, opened):
    post_change(desk, nina, email="nina@example.org")
    nina.refresh_from_db()
    nina.last_login = timezone.now()
    nina.save()

    assert len(has_access(nina)) == 5
    assert is_open(opened)


def test_a_new_hash_of_the_same_password_ends_nothing(nina, opened, settings, client):
    settings.PASSWORD_HASHERS = ["apps.accounts.hashers.Argon2idHasher", *settings.PASSWORD_HASHERS]
    client.post(reverse("admin:login"), {"username": nina.email, "password": "right horse"})

    nina.refresh_from_db()
    assert nina.password.startswith("argon2$argon2id$")
    assert AppToken.objects.filter(revoked_at=None).exists()
    assert Session.objects.exists()


def test_the_audit_log_names_who_set_a_password(desk, root, nina, monkeypatch):
    by_admin(desk, nina, monkeypatch)

    assert AuditEvent.objects.filter(action="admin.password", actor_id=root.pk, target=f"user {nina.pk}").exists()
