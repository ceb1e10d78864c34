"""What holds of a version, whatever was loaded before it, and two versions compared."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from apps.accounts.models import User
from apps.ingest import ledger
from apps.ingest.chunks import quality
from apps.ingest.errors import RunError
from apps.ingest.models import RunState
from apps.ingest.runs import starting
from tests.loading import add_chunks, chunks_of, extract, load, load_tables, start
from tests.records import artist, label

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
NAMELESS = "<artist><id>{}</id></artist>"
COMPARE = "admin:ingest_qualityfinding_compare"


@pytest.fixture
def admin_user():
    return User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True)


def tables(*records, record_type="artists", **fields):
    run = begin(*records, record_type=record_type, **fields)
    load(run)
    return run


def begin(*records, record_type="artists", rules_digest="aa"):
    run = start(record_type, stores=["tables"], rules_digest=rules_digest)
    add_chunks(run, record_type, records)
    return run


def ids(run):
    return sorted(run.findings.values_list("record_id", flat=True))


def changes(before, after):
    return [
        (each.rule, each.before, each.after, each.change) for each in quality.compare(before.version, after.version)
    ]


# What holds of a version


def test_findings_of_unchanged_records_hold_for_the_next_version_too():
    tables(NAMELESS.format(1), NAMELESS.format(2), artist(3))
    second = tables(NAMELESS.format(1), NAMELESS.format(2), artist(3), NAMELESS.format(4))
    third = tables(NAMELESS.format(1), NAMELESS.format(2), artist(3), NAMELESS.format(4))

    assert ids(second) == ["1", "2", "4"]
    assert ids(third) == ["1", "2", "4"]


def test_findings_of_changed_and_removed_records_do_not_hold():
    tables(NAMELESS.format(1), NAMELESS.format(2), NAMELESS.format(3), artist(4), artist(5))

    second = tables(artist(1), NAMELESS.format(3), artist(4), artist(5))

    assert ids(second) == ["3"]


def test_a_record_that_is_still_bad_after_a_change_is_found_once():
    tables(NAMELESS.format(1), artist(2))

    second = tables("<artist><id>1</id><profile>more</profile></artist>", artist(2))

    assert ids(second) == ["1"]


def test_a_record_that_only_its_bytes_changed_is_found_once():
    tables(NAMELESS.format(1), artist(2))

    second = tables("<artist>\n<id>1</id></artist>", artist(2))

    assert ids(second) == ["1"]


def test_what_a_run_found_that_was_broken_off_holds():
    tables(artist(1), NAMELESS.format(2))
    broken_off = begin(NAMELESS.format(1), artist(2))
    for chunk in chunks_of(broken_off, extracted_at=None):
        extract(chunk)
    starting.cancel(broken_off)
    lost = begin(NAMELESS.format(1), artist(2))
    load_tables(lost)
    ledger.end(lost, RunState.CANCELLED)

    third = tables(NAMELESS.format(1), artist(2))

    assert ids(third) == ["1"]


def test_other_rules_look_at_every_record_and_nothing_holds_over():
    tables(NAMELESS.format(1), artist(2))

    second = tables(NAMELESS.format(1), artist(2), rules_digest="bb")

    assert ids(second) == []


def test_another_type_is_let_alone():
    tables(NAMELESS.format(1))

    second = tables(label(1), label(2), record_type="labels")

    assert ids(second) == []


# Comparing


def test_each_rule_improved_worsened_or_stayed():
    first = tables(NAMELESS.format(1), NAMELESS.format(2), artist(3), artist(4))
    second = tables(NAMELESS.format(1), artist(2), artist(3), artist(4))
    third = tables(NAMELESS.format(1), artist(2), NAMELESS.format(3), artist(4))
    fourth = tables(NAMELESS.format(1), artist(2), NAMELESS.format(3), artist(4))

    assert changes(first, second) == [("empty-artist-name", 2, 1, "improved")]
    assert changes(second, third) == [("empty-artist-name", 1, 2, "worsened")]
    assert changes(third, fourth) == [("empty-artist-name", 2, 2, "unchanged")]
    assert changes(second, first) == [("empty-artist-name", 1, 2, "worsened")]


def test_names_that_we_do_not_know_are_not_compared():
    first = tables("<artist><id>1</id><name>x</name><future>y</future></artist>")
    second = tables("<artist><id>1</id><name>x</name><future>y</future></artist>")

    assert first.findings.get().rule == "unknown-name"
    assert changes(first, second) == []


def test_a_version_that_was_not_loaded_to_its_end_is_refused():
    first = tables(artist(1))
    unfinished = begin(artist(1))

    with pytest.raises(RunError, match=f"Version {unfinished.version} was never loaded to its end"):
        quality.compare(first.version, unfinished.version)


def test_versions_without_a_common_type_are_refused():
    first = tables(artist(1))
    second = tables(label(1), record_type="labels")

    with pytest.raises(RunError, match="no type in common"):
        quality.compare(first.version, second.version)


def test_the_command_prints_lines_or_json():
    first = tables(NAMELESS.format(1), artist(2))
    second = tables(artist(1), artist(2))
    told, out = StringIO(), StringIO()

    call_command("compare_quality", first.version, second.version, stdout=told)
    call_command("compare_quality", first.version, second.version, "--json", stdout=out)

    assert "1 rules improved, 0 worsened, 0 unchanged" in told.getvalue()
    assert json.loads(out.getvalue())["rules"] == [
        {
            "type": "artists",
            "severity": "error",
            "rule": "empty-artist-name",
            "before": 1,
            "after": 0,
            "change": "improved",
        }
    ]


def test_the_command_refuses_what_is_not_loaded():
    with pytest.raises(CommandError, match="was never loaded to its end"):
        call_command("compare_quality", "20200101", "20200201")


def test_the_page_offers_what_is_loaded_and_compares(admin_client):
    first = tables(NAMELESS.format(1), artist(2))
    second = tables(artist(1), artist(2))

    asked = admin_client.get(reverse(COMPARE))
    page = admin_client.get(reverse(COMPARE), {"before": first.version, "after": second.version})

    assert asked.context["table"] is None
    assert [value for value, _ in asked.context["form"].fields["after"].choices] == [second.version, first.version]
    assert page.context["table"]["rows"] == [("artists", "error", "empty-artist-name", "1", "0", "improved")]
    assert "improved" in page.content.decode()


def test_the_page_says_why_it_cannot_compare(admin_client):
    first = tables(artist(1))
    second = tables(label(1), record_type="labels")

    page = admin_client.get(reverse(COMPARE), {"before": first.version, "after": second.version})

    assert "no type in common" in page.content.decode()


def test_the_page_is_for_who_may_see_findings(client):
    client.force_login(User.objects.create(email="viewer@example.com", is_staff=True))

    assert client.get(reverse(COMPARE)).status_code == 403
