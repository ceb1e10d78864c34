"""Figures for administrators, and all of a list as a file."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts import belongings
from apps.accounts.models import User
from apps.api.tables import stream_csv
from apps.collections import exporting
from apps.collections.answers import figures
from apps.collections.models import CollectionItem, Link, Sync, WantlistItem

pytestmark = pytest.mark.django_db


def make_sync(user, days_ago, **fields):
    sync = Sync.objects.create(user=user, **{"status": "completed", "items_synced": 10, **fields})
    Sync.objects.filter(pk=sync.pk).update(started_at=timezone.now() - timedelta(days=days_ago))


def test_users_are_counted(user, other, django_user_model):
    old = django_user_model.objects.create_user("old@example.com")
    User.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=60))
    Link.objects.create(user=user, access_token="x", access_secret="x")
    make_sync(user, 1)
    make_sync(user, 2)
    make_sync(other, 20)

    found = figures.count_users()

    assert (found["total_users"], found["active_7d"], found["active_30d"]) == (3, 1, 2)
    assert (found["oauth_connection_rate"], found["oauth_rate"]) == (0.3333, 33.33)
    today = f"{timezone.now():%Y-%m-%d}"
    assert found["registrations"]["daily"] == [{"date": today, "count": 2}]
    assert found["daily_registrations"] == [{"date": today, "new_users": 2, "oauth_users": 1}]
    assert [each["count"] for each in found["registrations"]["weekly"]] == [1, 2]
    assert [each["count"] for each in found["registrations"]["monthly"]] == [1, 2]


def test_syncs_are_counted(user):
    make_sync(user, 1)
    make_sync(user, 2, status="failed", items_synced=None)
    make_sync(user, 20)
    make_sync(user, 40)

    found = figures.count_syncs()

    assert found["period_7d"] == {
        "total_syncs": 2,
        "syncs_per_day": 0.29,
        "avg_items_synced": 5.0,
        "failure_rate": 0.5,
        "total_failures": 1,
    }
    assert found["period_30d"]["failure_rate"] == 0.3333
    assert found["30d"]["failure_rate"] == 33.33


def test_a_site_without_users_has_no_rates():
    User.objects.all().delete()

    assert figures.count_users()["oauth_connection_rate"] == 0.0
    assert figures.count_syncs()["period_7d"]["avg_items_synced"] == 0.0


@pytest.fixture
def collector(user, other):
    CollectionItem.objects.create(
        user=user,
        release_id=7,
        instance_id=70,
        folder_id=1,
        title='=HYPERLINK("x")',
        label="Label",
        artist="A",
        formats=[{"name": "Vinyl"}, {"name": "CD"}],
        condition="Mint (M)",
        date_added="2026-01-01",
        metadata={"artists": ["A", "B"], "catalog_number": "CAT 1", "sleeve_condition": "Good (G)"},
    )
    WantlistItem.objects.create(user=user, release_id=8, title="Wanted", metadata={"labels": ["L"]}, format="CD")
    CollectionItem.objects.create(user=other, release_id=9, instance_id=71, title="Theirs")
    return user


def test_a_collection_is_a_table_with_the_columns_of_discogs(collector):
    text = "".join(stream_csv(exporting.list_copies(collector.pk)))

    (row,) = csv.DictReader(io.StringIO(text))
    assert list(row)[:8] == ["Catalog#", "Artist", "Title", "Label", "Format", "Rating", "Released", "release_id"]
    assert (row["Artist"], row["Format"], row["CollectionFolder"]) == ("A, B", "Vinyl, CD", "1")
    assert (row["Collection Media Condition"], row["Collection Sleeve Condition"]) == ("Mint (M)", "Good (G)")
    assert row["Title"] == '\'=HYPERLINK("x")'


def test_a_wantlist_is_json(collector, other):
    (row,) = json.loads(b"".join(exporting.stream_json(exporting.list_wants(collector.pk))))

    assert (row["release_id"], row["Title"], row["Label"], row["Format"]) == (8, "Wanted", "L", "CD")
    assert json.loads(b"".join(exporting.stream_json(exporting.list_wants(other.pk)))) == []


def test_the_export_of_an_account_has_its_lists(collector):
    with belongings.export_account(collector) as packed:
        names = zipfile.ZipFile(packed).namelist()

    assert {"collection.csv", "collection.json", "wantlist.json", "syncs.json"} <= set(names)
