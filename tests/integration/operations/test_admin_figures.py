"""The admin's pages of figures: who may see them, and that each shows what its API gives."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.dashboard.models import HealthSample, QueueSample

pytestmark = pytest.mark.django_db

PAGES = ("figures_queues", "figures_health", "figures_storage", "figures_users")


@pytest.fixture
def admin_user(db):
    """A superuser without a password, since hashing one takes a second."""
    return User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def samples():
    """Two samples of a queue and of a server, further apart than a point of a day, and one of long ago."""
    now = datetime.now(UTC)
    for minutes, ready, size in ((40, 1234, 2_000_000), (5, 0, 3_500_000), (60 * 24 * 20, 77, 1_000_000)):
        at = now - timedelta(minutes=minutes)
        rates = {"unacked": 3, "publish_rate": 4.5, "deliver_rate": 4.257} if ready == 1234 else {}
        QueueSample.objects.create(at=at, queue="<b>graphinator", ready=ready, consumers=None, **rates)
        HealthSample.objects.create(at=at, server="postgresql", ok=bool(ready), ms=0.4, sizes={"bytes": size})


def read(client, name, **query):
    page = client.get(reverse(name), query)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_figures_are_for_superusers(client, name):
    assert client.get(reverse(name)).status_code == 302
    client.force_login(User.objects.create(email="reader@example.com", is_staff=True))

    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_without_a_sample_a_page_has_nothing_to_draw(admin_client, name):
    read(admin_client, name)


@pytest.mark.usefixtures("samples")
def test_queues_over_time(admin_client):
    day, month = read(admin_client, "figures_queues"), read(admin_client, "figures_queues", range="30d")

    assert "&lt;b&gt;graphinator" in day
    assert "<b>graphinator" not in day
    assert "0 waiting" in day
    assert "over 24h, 1,234 at most" in day
    assert "<td>1,234</td><td>3</td><td>4.5</td><td>4.26</td><td>-</td>" in "".join(day.split())
    assert "<td>77</td>" not in day
    assert "<td>77</td>" in month


@pytest.mark.usefixtures("samples")
def test_servers_over_time(admin_client):
    page = read(admin_client, "figures_health", range="1h")

    assert "unknown, 50 % of 2 samples healthy" in page
    assert page.count("<td>0.4</td>") == 2


def test_a_year_of_samples_is_a_page_of_bounded_size(admin_client):
    now = datetime.now(UTC)
    HealthSample.objects.bulk_create(
        HealthSample(at=now - timedelta(hours=number), server="neo4j", ok=True, ms=7 if number else 3)
        for number in range(700)
    )

    page = read(admin_client, "figures_health", range="365d")

    assert "100 % of 700 samples healthy" in page
    assert page.count("<td>7</td>") == 299
    assert page.count("<td>3</td>") == 1
    assert 28 <= page.count("<rect x=") <= 31


@pytest.mark.usefixtures("samples")
def test_storage_and_its_growth(admin_client):
    page = read(admin_client, "figures_storage", range="30d")

    assert ">Neo4j</h2>" in page
    assert "<td>dashboard_queuesample</td>" in page
    assert "3,500,000, +2,500,000 since" in page


def test_users_in_figures(admin_client, admin_user):
    page = read(admin_client, "figures_users")

    assert "1 users, 0 % linked to Discogs" in page
    assert f"<td>{admin_user.created_at:%Y-%m-%d}</td>" in page


@pytest.mark.parametrize("wrong", ["", "2h", "<script>", "\0", "x" * 2000, "\u202e24h"])
def test_a_range_that_is_none_is_the_usual_one(admin_client, wrong):
    page = read(admin_client, "figures_queues", range=wrong)

    assert "There is no such range: this is 24h" in page


def test_the_first_page_leads_to_the_figures(admin_client):
    page = read(admin_client, "admin:index")

    assert all(f'href="{reverse(name)}"' in page for name in PAGES)
