"""Who may do what: the groups are there after a migration, and each opens its part of the admin."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts import groups
from apps.accounts.models import User

pytestmark = pytest.mark.django_db

RUNS = "admin:ingest_run_changelist"
DEAD_LETTERS = "admin:ingest_deadletter_changelist"
FINDINGS = "admin:ingest_qualityfinding_changelist"
USERS = "admin:accounts_user_changelist"
CHECKS = "admin:ingest_sourcecheck_changelist"
SAMPLES = ("admin:dashboard_queuesample_changelist", "admin:dashboard_healthsample_changelist")
SCHEDULE = ("admin:django_celery_beat_periodictask_changelist", "admin:django_celery_beat_intervalschedule_changelist")


@pytest.fixture
def member(client):
    """Log a member of a group in, on the staff or not."""

    def log_in(group, *, is_staff=True):
        user = User.objects.create(email=f"{group.lower()}@example.com", is_staff=is_staff)
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        return client

    return log_in


def permissions(group):
    found = Group.objects.get(name=group).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in found}


@pytest.mark.parametrize("group", groups.GROUPS)
def test_a_group_has_all_that_it_is_to_have(group):
    wanted = {f"{app}.{codename}" for app, names in groups.GROUPS[group].items() for codename in names}

    assert permissions(group) == wanted


def test_a_group_that_lost_something_gets_it_back_and_keeps_the_rest():
    group = Group.objects.get(name="Support")
    before = set(group.permissions.all())
    lost = group.permissions.get(codename="view_user")
    group.permissions.remove(lost)
    given = Group.objects.get(name="Operator").permissions.first()
    group.permissions.add(given)

    groups.add_permissions(apps.get_app_config("accounts"), "default")

    assert set(group.permissions.all()) == before | {given}


@pytest.mark.parametrize(
    ("group", "opens", "stays_shut"),
    [
        ("Operator", (RUNS, DEAD_LETTERS, FINDINGS, CHECKS, *SAMPLES, *SCHEDULE), (USERS,)),
        ("Support", (USERS,), (RUNS, DEAD_LETTERS, FINDINGS, CHECKS, *SAMPLES, *SCHEDULE)),
        ("Analyst", (RUNS, FINDINGS, CHECKS, *SAMPLES), (DEAD_LETTERS, USERS, *SCHEDULE)),
    ],
)
def test_a_group_opens_its_part_of_the_admin(member, group, opens, stays_shut):
    client = member(group)

    assert {client.get(reverse(page)).status_code for page in opens} == {200}
    assert {client.get(reverse(page)).status_code for page in stays_shut} == {403}


def test_a_group_makes_nobody_staff(member):
    assert member("Operator", is_staff=False).get(reverse(RUNS)).status_code == 302


def test_operators_alone_may_start_runs(member):
    assert member("Operator").get(reverse("admin:ingest_run_start")).status_code == 200
    assert member("Analyst").get(reverse("admin:ingest_run_start")).status_code == 403


def test_operators_see_the_schedule_and_do_not_change_it(member):
    page = member("Operator").get(reverse("admin:django_celery_beat_periodictask_add"))

    assert page.status_code == 403


def test_support_sees_users_without_their_passwords_and_changes_nothing(member):
    client = member("Support")
    user = User.objects.create(email="somebody@example.com", password="pbkdf2_sha256$1$salt$hash-of-a-password")
    page = client.get(reverse("admin:accounts_user_change", args=[user.pk]))

    assert page.status_code == 200
    assert "hash-of-a-password" not in page.content.decode()
    assert (
        client.post(reverse("admin:accounts_user_change", args=[user.pk]), {"email": "else@example.com"}).status_code
        == 403
    )
