"""Administration over HTTP: who may, runs as extractions, dead letters as queues, what the stores hold."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.accounts.models import AuditEvent
from apps.dashboard.models import HealthSample, QueueSample
from apps.ingest.models import Chunk, DeadLetter, DumpFile, Run, RunState, Source
from tests.users import bearer, forget_users, make_user

ADDRESSES = [
    "extractions",
    "extractions/x",
    "storage",
    "queues/history",
    "health/history?range=",
    "extraction-analysis/versions",
    "extraction-analysis/x/summary",
    "extraction-analysis/x/violations/1",
]
PURGE = "dlq/purge/linernotes-discogs-tableinator-artists.dlq"


@pytest.fixture
def people(site, django_db_blocker):
    """The site, which is a process of its own, and afterwards nobody in its database."""
    with django_db_blocker.unblock():
        yield site
        forget_users()


@pytest.fixture
def ask(people):
    """Ask as an administrator."""
    admin = make_user("root@example.com", is_staff=True, is_superuser=True)
    headers = bearer(admin, kind="admin")

    def ask(path, method="GET", **options):
        return people.ask(method, f"/api/admin/{path}", headers=headers, **options)

    return ask


@pytest.fixture
def run(people):
    """A run that failed, with two dead letters of artists and one of labels."""
    made = Run.objects.create(
        source=Source.DISCOGS,
        version="20250101",
        state=RunState.FAILED,
        types=["artists", "labels"],
        stores=["tables"],
        error="The disk is full: make room",
        completed_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    for record_type in made.types:
        file = DumpFile.objects.create(run=made, type=record_type, path="x", bytes=10, first_load=True)
        chunk = Chunk.objects.create(file=file, seq=0, low_id=1, high_id=9, sha256=b"", xml_blob="", records=7)
        for stage in ("table", "link") if record_type == "artists" else ("table",):
            DeadLetter.objects.create(run=made, file=file, chunk=chunk, stage=stage, queue=stage, error="refused")
    yield made
    made.delete()


# Without a test that asks for the database there is none, should this module run alone.
@pytest.mark.django_db
@pytest.mark.parametrize("path", ADDRESSES)
def test_nobody_is_answered_without_a_login(site, path):
    assert site.get(f"/api/admin/{path}").status_code == 401


@pytest.mark.parametrize("path", ADDRESSES)
def test_only_administrators_are_answered(people, path):
    user = make_user()
    superuser = make_user(is_superuser=True)

    for headers in (bearer(user), bearer(superuser), bearer(user, kind="admin")):
        assert people.ask("GET", f"/api/admin/{path}", headers=headers).status_code == 403


def test_runs_are_extractions_the_newest_first(ask, run):
    found = ask("extractions?limit=1&offset=-5").json()

    assert (found["offset"], found["limit"]) == (0, 1)
    assert found["total"] == Run.objects.count()
    (first,) = found["extractions"]
    assert first["id"] == str(UUID(int=run.pk))
    assert first["status"] == "failed"
    assert first["error_message"] == first["error"] == "The disk is full: make room"
    assert first["record_counts"] == {"artists": 7, "labels": 7}
    assert first["records"] == 14
    assert first["started_at"].endswith("Z")
    assert first["duration_seconds"] > 0
    assert ask(f"extractions/{first['id']}").json() == first


def test_the_limit_of_extractions_is_moved_into_its_bounds(ask):
    assert ask("extractions?limit=1000").json()["limit"] == 100
    assert ask("extractions?limit=0").json()["limit"] == 1


@pytest.mark.parametrize("id_", ["ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_extraction_is_not_found(ask, id_):
    assert ask(f"extractions/{id_}").status_code == 404


@pytest.mark.parametrize("id_", ["x", "trigger", "%00"])
def test_an_id_that_is_none_is_refused(ask, id_):
    response = ask(f"extractions/{id_}")

    assert response.status_code == 422
    assert [(each["type"], *each["loc"]) for each in response.json()["detail"]] == [
        ("uuid_parsing", "path", "extraction_id")
    ]


def test_a_second_extraction_is_a_conflict(ask):
    going_on = Run.objects.create(source=Source.MUSICBRAINZ, version="20250101-000000", types=[], stores=["tables"])
    try:
        response = ask("extractions/trigger", "POST", json={"source": "musicbrainz"})
    finally:
        going_on.delete()

    assert response.status_code == 409
    assert "already in progress" in response.json()["detail"]


def test_an_unknown_source_is_refused(ask):
    assert ask("extractions/trigger", "POST", json={"source": "spotify"}).status_code == 422


def test_dead_letters_are_purged_by_stage_and_type(ask, run):
    answer = ask(PURGE, "POST")

    assert answer.json() == {"queue": PURGE.rpartition("/")[2], "messages_purged": 1, "purged": 1}
    left = DeadLetter.objects.filter(run=run).order_by("file__type", "stage").values_list("file__type", "stage")
    assert list(left) == [("artists", "link"), ("labels", "table")]
    event = AuditEvent.objects.get(action="dlq.purge")
    assert (event.target, event.details) == (PURGE.rpartition("/")[2], {"purged_count": 1})


@pytest.mark.parametrize("queue", ["foo", "linernotes-discogs-tableinator-release-groups.dlq", "%00"])
def test_an_unknown_queue_is_not_found(ask, queue):
    response = ask(f"dlq/purge/{queue}", "POST")

    assert response.status_code == 404
    assert "Unknown DLQ" in response.json()["detail"]


def test_dead_letters_of_an_unfinished_run_stay(ask, run):
    Run.objects.filter(pk=run.pk).update(state=RunState.EXTRACTING)

    assert ask(PURGE, "POST").status_code == 409
    assert DeadLetter.objects.filter(run=run).count() == 3


def test_storage_tells_what_each_store_holds(ask):
    found = ask("storage").json()

    assert {each["status"] for each in found.values()} == {"ok"}
    counts = {each["label"]: each["count"] for each in found["neo4j"]["nodes"]}
    assert counts["Artist"] > 0
    assert {"BY", "ON"} <= {each["type"] for each in found["neo4j"]["relationships"]}
    assert "releases" in {each["name"] for each in found["postgresql"]["tables"]}
    assert found["redis"]["total_keys"] >= 0


def test_history_is_averaged_over_longer_ranges(ask):
    now = datetime.now(UTC)
    at = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) - timedelta(hours=1)
    samples = [QueueSample(at=at + timedelta(minutes=5 * n), queue="probe", ready=n, consumers=n) for n in (0, 1)]
    samples[1].unacked, samples[1].publish_rate, samples[1].deliver_rate = 3, 4.5, 4.257
    QueueSample.objects.bulk_create(samples)
    HealthSample.objects.bulk_create(
        HealthSample(at=at + timedelta(minutes=5 * n), server="probe", ok=bool(n), ms=n) for n in (0, 1)
    )
    try:
        raw = ask("queues/history?range=6h").json()["queues"]["probe"]
        averaged = ask("queues/history").json()
        health = ask("health/history?range=7d").json()["services"]["probe"]
    finally:
        QueueSample.objects.filter(queue="probe").delete()
        HealthSample.objects.filter(server="probe").delete()

    assert [each["ready"] for each in raw["history"]] == [0, 1]
    assert raw["current"] == {
        "ready": 1,
        "unacked": 3,
        "total": 4,
        "publish_rate": 4.5,
        "deliver_rate": 4.26,
        "consumers": 1,
    }
    # Without the live status nothing is known of these.
    assert [each["unacked"] for each in raw["history"]] == [0, 3]
    assert averaged["granularity"] == "15min"
    assert [each["ready"] for each in averaged["queues"]["probe"]["history"]] == [0.5]
    assert [each["status"] for each in health["history"]] == ["unknown", "healthy"]
    assert (health["current"], health["uptime_pct"]) == ("healthy", 50.0)


@pytest.mark.parametrize("path", ["queues/history?range=2h", "health/history?range="])
def test_an_unknown_range_is_refused_in_words(ask, path):
    response = ask(path)

    assert response.status_code == 422
    assert "1h, 6h, 24h" in response.json()["detail"]


def test_what_cannot_be_taken_of_findings_is_refused(ask):
    place = "extraction-analysis/209901"
    rules = [{"rule": "a b", "entity_type": "A"}, 5, {"rule": "a", "entity_type": "a"}]
    response = ask(f"{place}/prompt-context", "POST", json={"rules": rules})

    assert response.status_code == 422
    assert [(each["type"], *each["loc"]) for each in response.json()["detail"]] == [
        ("string_pattern_mismatch", "body", "rules", 0, "rule"),
        ("string_pattern_mismatch", "body", "rules", 0, "entity_type"),
        ("model_attributes_type", "body", "rules", 1),
    ]
    for count, kind in ((0, "too_short"), (21, "too_long")):
        response = ask(f"{place}/prompt-context", "POST", json={"rules": rules[2:] * count})
        assert [(each["type"], *each["loc"]) for each in response.json()["detail"]] == [(kind, "body", "rules")]
    assert ask(f"{place}/prompt-context", "POST", json={"rules": "x"}).json()["detail"][0]["type"] == "list_type"
    assert ask(f"{place}/summary").status_code == 404
    assert ask("extraction-analysis/.../summary").status_code == 404
    assert ask("extraction-analysis/a%20b/summary").status_code == 400
    assert ask(f"{place}/violations?severity=foo").status_code == 422
    answer = ask(f"{place}/generate-ai-prompt", "POST", json={"rules": rules[2:]})
    assert answer.status_code == 503
    assert "NLQ_API_KEY" in answer.json()["detail"]
