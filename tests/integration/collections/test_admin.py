"""Synchronisations and the application's key in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from apps.accounts.models import AuditEvent, User
from apps.collections import syncing
from apps.collections.discogs import application
from apps.collections.models import AppConfig, Sync, SyncStatus

pytestmark = pytest.mark.django_db

SYNCS = "admin:collections_sync_changelist"
KEYS = "admin:collections_appconfig_changelist"
SET = "admin:collections_appconfig_set_application"
SECRET = "very-secret-<b>"


@pytest.fixture
def admin_user(db):
    """A superuser without a password, since hashing one takes a second."""
    return User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def master_key(settings):
    settings.ENCRYPTION_MASTER_KEY = "a" * 43 + "="


def make_viewer(client, *permissions):
    """Log somebody of the staff in who may do only this."""
    viewer = User.objects.create(email="viewer@example.com", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(viewer)
    return viewer


def test_a_synchronisation_is_shown_with_its_user_and_its_error(admin_client, user):
    sync, _ = syncing.start(user)
    Sync.objects.update(status="failed", error_message="<script>", added=12, removed=3)

    listed = admin_client.get(reverse(SYNCS)).content.decode()
    shown = admin_client.get(reverse("admin:collections_sync_change", args=[sync.pk])).content.decode()

    for page in (listed, shown):
        assert user.email in page
        assert reverse("admin:accounts_user_change", args=[user.pk]) in page
        assert "&lt;script&gt;" in page


def test_a_running_synchronisation_is_cancelled_and_the_log_says_by_whom(admin_client, admin_user, user, other):
    running, _ = syncing.start(user)
    ended, _ = syncing.start(other)
    syncing.end(ended, SyncStatus.COMPLETED)

    admin_client.post(reverse(SYNCS), {"action": "cancel", "_selected_action": [running.pk, ended.pk]})

    assert dict(Sync.objects.values_list("pk", "status")) == {running.pk: "cancelled", ended.pk: "completed"}
    (event,) = AuditEvent.objects.filter(action="admin.sync_cancel")
    assert (event.actor_id, event.target) == (admin_user.pk, f"user {user.pk}")


def test_who_may_only_look_cancels_nothing_and_stores_no_key(client, user, master_key):
    running, _ = syncing.start(user)
    make_viewer(client, "view_sync", "view_appconfig")

    assert client.get(reverse(SYNCS)).status_code == 200
    client.post(reverse(SYNCS), {"action": "cancel", "_selected_action": [running.pk]})
    stored = client.post(reverse(SET), {"key": "k", "secret": SECRET})

    assert Sync.objects.get().status == "running"
    assert stored.status_code in (302, 403)
    assert not AppConfig.objects.exists()


def test_a_key_is_stored_encrypted_and_never_shown(admin_client, admin_user, master_key):
    stored = admin_client.post(reverse(SET), {"key": "our-key", "secret": SECRET}, follow=True)

    assert "users can link" in stored.content.decode()
    assert application.load() == application.Application("our-key", SECRET)
    row = AppConfig.objects.get(key=application.SECRET)
    assert SECRET not in row.value
    for address in (reverse(KEYS), reverse("admin:collections_appconfig_change", args=[row.pk]), reverse(SET)):
        page = admin_client.get(address).content.decode()
        assert row.value not in page
        assert "very-secret" not in page
    (event,) = AuditEvent.objects.filter(action="admin.discogs_application")
    assert (event.actor_id, event.details) == (admin_user.pk, None)


@pytest.mark.parametrize("fields", [{}, {"key": "k"}, {"key": "x" * 201, "secret": "s"}, {"key": "\0", "secret": "s"}])
def test_a_key_that_is_none_is_refused(admin_client, master_key, fields):
    page = admin_client.post(reverse(SET), fields)

    assert page.status_code == 200
    assert not AppConfig.objects.exists()


def test_without_a_master_key_the_form_says_so(admin_client, settings):
    settings.ENCRYPTION_MASTER_KEY = ""
    settings.ENCRYPTION_MASTER_KEYS = []

    page = admin_client.post(reverse(SET), {"key": "k", "secret": SECRET}).content.decode()

    assert "cannot be stored" in page
    assert "very-secret" not in page
