"""The admin over the ledger and the records: it shows everything, and only runs can be acted upon."""

import shutil
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from kombu.exceptions import OperationalError as BrokerError

from apps.accounts.models import User
from apps.catalog.models import TABLES, Artist
from apps.ingest.models import (
    Chunk,
    DanglingReference,
    DeadLetter,
    Debt,
    DumpFile,
    Event,
    QualityFinding,
    RemovedEntity,
    Run,
    RunState,
)
from tasks.extractor import start_run
from tasks.insights import compute_all
from tests.publisher import Answer

pytestmark = pytest.mark.django_db

LEDGER = (Run, DumpFile, Chunk, DeadLetter, QualityFinding, RemovedEntity, DanglingReference, Debt, Event)
RUNS = "admin:ingest_run_changelist"
COMPUTE = "admin:insights_computation_compute"
HOSTILE = "<script>alert(1)</script>"
SAMPLE = Path(__file__).parents[3] / "sample"


@pytest.fixture
def admin_user(db):
    """A superuser without a password, since hashing one takes a second."""
    return User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def run():
    return Run.objects.create(
        source="discogs", version="20260801", folder="/dumps", types=["artists"], stores=["graph", "tables"]
    )


@pytest.fixture
def ledger(run):
    """One row of each table, with what a page must escape."""
    file = DumpFile.objects.create(run=run, type="artists", path="/dumps/x", bytes=10, first_load=False)
    chunk = Chunk.objects.create(
        file=file, seq=0, low_id=1, high_id=500, sha256=b"\x01", xml_blob="x", records=9, new=4_321, changed=2
    )
    letter = {"run": run, "chunk": chunk, "file": file, "queue": "tableinator", "stage": "table"}
    return {
        Run: run,
        DumpFile: file,
        Chunk: chunk,
        DeadLetter: DeadLetter.objects.create(
            **letter, record_id="77", error=HOSTILE, excerpt=f'{{"name": "{HOSTILE}"}}'
        ),
        QualityFinding: QualityFinding.objects.create(
            run=run,
            file=file,
            chunk=chunk,
            record_id="78",
            rule="no_name",
            severity="error",
            value=HOSTILE,
            excerpt=HOSTILE.encode() + b"\xff",
        ),
        RemovedEntity: RemovedEntity.objects.create(run=run, chunk=chunk, record_type="artists", data_id=79),
        DanglingReference: DanglingReference.objects.create(
            record_type="releases",
            record_id=80,
            relationship="BY",
            direction="out",
            target_type="artists",
            target_id=81,
        ),
        Debt: Debt.objects.create(record_type="releases", low_id=82, high_id=83),
        Event: Event.objects.create(run=run, kind="started", message=HOSTILE),
    }


@pytest.fixture
def dispatched(monkeypatch):
    """What the admin hands to the workers, instead of handing it to them."""
    ids = []
    monkeypatch.setattr(start_run, "delay", ids.append)
    return ids


@pytest.fixture(params=[BrokerError, RuntimeError])
def broker_away(monkeypatch, request):
    def refuse(run_id):
        raise request.param

    monkeypatch.setattr(start_run, "delay", refuse)


@pytest.fixture
def viewer(client):
    """A client of somebody on the staff who may look at runs and do nothing."""
    user = User.objects.create(email="viewer@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_run"))
    client.force_login(user)
    return client


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(client, action, *runs, **more):
    return client.post(
        reverse(RUNS), {"action": action, "_selected_action": [run.pk for run in runs], **more}, follow=True
    )


def form(**changes):
    return {
        "source": "discogs",
        "folder": str(SAMPLE),
        "types": ["artists", "labels", "masters", "releases"],
        "stores": ["tables"],
        **changes,
    }


def begin(client, **changes):
    return client.post(reverse("admin:ingest_run_start"), form(**changes), follow=True)


@pytest.mark.parametrize("model", LEDGER)
def test_every_table_of_the_ledger_can_be_listed_and_looked_at(admin_client, ledger, model):
    assert admin_client.get(address(model, "changelist")).status_code == 200
    page = admin_client.get(address(model, "change", ledger[model].pk))
    assert page.status_code == 200
    assert HOSTILE not in page.content.decode()


@pytest.mark.parametrize("model", [*LEDGER, *TABLES.values()])
def test_nothing_can_be_added_changed_or_deleted(rf, admin_user, model):
    request = rf.get("/")
    request.user = admin_user
    page = admin.site.get_model_admin(model)

    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


def test_the_admin_is_for_staff(client):
    client.force_login(User.objects.create(email="somebody@example.com"))

    assert client.get(reverse(RUNS)).status_code == 302


@pytest.mark.parametrize(
    ("model", "asked", "found"),
    [
        (DeadLetter, "77", 1), (DeadLetter, "7", 0), (QualityFinding, "78", 1), (RemovedEntity, "79", 1),
        (DanglingReference, "80", 1), (DanglingReference, "81", 1), (RemovedEntity, "x", 0),
        (Chunk, "500", 1), (Chunk, "501", 0), (Chunk, "x", 0), (Chunk, "9" * 30, 0), (RemovedEntity, "9" * 30, 0),
    ],
)  # fmt: skip
def test_rows_are_found_by_the_id_of_a_record(admin_client, ledger, model, asked, found):
    page = admin_client.get(address(model, "changelist"), {"q": asked})

    assert page.context["cl"].result_count == found


@pytest.mark.parametrize(
    ("model", "chosen", "found"),
    [
        (Run, {"state__exact": "extracting"}, 1), (Run, {"version": "20260701"}, 0),
        (DumpFile, {"type__exact": "artists", "run__version": "20260801"}, 1),
        (Chunk, {"stage": "link"}, 1), (Chunk, {"stage": "failed"}, 0), (DeadLetter, {"stage": "table"}, 1),
        (QualityFinding, {"severity": "error", "rule": "no_name"}, 1), (QualityFinding, {"severity": "info"}, 0),
        (RemovedEntity, {"record_type__exact": "labels"}, 0), (DanglingReference, {"target_type__exact": "artists"}, 1),
    ],
)  # fmt: skip
def test_rows_are_filtered(admin_client, ledger, model, chosen, found):
    page = admin_client.get(address(model, "changelist"), chosen)

    assert page.context["cl"].result_count == found


def test_the_filter_offers_the_rules_of_a_run(admin_client, ledger, run):
    page = admin_client.get(address(QualityFinding, "changelist"), {"run__id__exact": run.pk})

    assert "no_name" in page.content.decode()


def test_times_are_written_so_that_they_sort(admin_client, run):
    page = admin_client.get(reverse(RUNS)).content.decode()

    assert f"{run.started_at:%Y-%m-%d %H:%M:%S}" in page


def test_the_list_of_runs_shows_counts(admin_client, ledger):
    assert "4,321" in admin_client.get(reverse(RUNS)).content.decode()


@pytest.mark.parametrize("model", [Run, DumpFile])
def test_progress_costs_no_query_for_each_row(admin_client, ledger, run, django_assert_max_num_queries, model):
    with django_assert_max_num_queries(20) as few:
        admin_client.get(address(model, "changelist"))
    for number in range(10):
        other = Run.objects.create(
            source="discogs", version=f"2026070{number}", state="completed", folder="/", types=[], stores=["tables"]
        )
        DumpFile.objects.create(run=other, type="labels", path="x", bytes=1, first_load=True)

    with django_assert_max_num_queries(len(few)):
        admin_client.get(address(model, "changelist"))


def test_the_page_of_a_run_shows_what_belongs_to_it(admin_client, ledger, run):
    page = admin_client.get(address(Run, "change", run.pk))

    assert [table.title for table in page.context["tables"]] == [
        "Files", "Stages", "Findings by severity", "Findings by rule", "Latest dead letters", "Latest events",
    ]  # fmt: skip
    assert all(table.rows for table in page.context["tables"])
    assert 'value="cancel"' in page.content.decode()


def test_a_run_that_ended_has_no_buttons(admin_client, run):
    Run.objects.update(state=RunState.COMPLETED)

    assert 'value="cancel"' not in admin_client.get(address(Run, "change", run.pk)).content.decode()


@pytest.mark.parametrize("pk", ["999999", "x"])
def test_a_run_that_is_not_there_leads_back(admin_client, pk):
    assert admin_client.get(address(Run, "change", pk)).status_code == 302


def test_resuming_dispatches_and_notes_who(admin_client, admin_user, run, dispatched):
    act(admin_client, "resume", run)

    assert dispatched == [run.pk]
    assert run.events.latest("pk").by == admin_user.email


def test_resuming_a_run_that_ended_is_refused(admin_client, run, dispatched):
    Run.objects.update(state=RunState.COMPLETED)

    page = act(admin_client, "resume", run)

    assert "has ended" in page.content.decode()
    assert dispatched == []


def test_resuming_without_a_broker_says_so(admin_client, run, broker_away):
    assert "The broker does not answer" in act(admin_client, "resume", run).content.decode()


def test_cancelling_asks_first(admin_client, run):
    page = act(admin_client, "cancel", run)

    run.refresh_from_db()
    assert run.state == RunState.EXTRACTING
    assert 'name="confirmed"' in page.content.decode()


def test_a_confirmed_cancel_ends_the_run_and_notes_who(admin_client, admin_user, run):
    act(admin_client, "cancel", run, confirmed="yes")

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert run.events.latest("pk").by == admin_user.email


def test_starting_enters_a_run_and_dispatches_it(admin_client, admin_user, dispatched):
    begin(admin_client)

    run = Run.objects.get()
    assert dispatched == [run.pk]
    assert run.stores == ["tables"]
    assert run.events.latest("pk").by == admin_user.email


def test_without_a_folder_a_run_of_what_is_published_begins(admin_client, admin_user, publisher, dispatched):
    begin(admin_client, folder="")

    run = Run.objects.get()
    assert dispatched == [run.pk]
    assert (run.version, run.stores) == ("20260601", ["tables"])
    assert all(file.url.startswith(publisher.url) for file in run.files.all())
    assert run.events.latest("pk").by == admin_user.email


def test_where_nothing_complete_is_published_no_run_begins(admin_client, publisher, dispatched):
    del publisher.files["data/2026/discogs_20260601_labels.xml.gz"]

    page = begin(admin_client, folder="")

    assert "No complete version is published" in page.content.decode()
    assert not Run.objects.exists()


def test_nobody_waits_for_an_hour_in_front_of_a_page(admin_client, publisher, dispatched):
    publisher.answer("front", Answer(503, {"Retry-After": "3600"}))

    page = begin(admin_client, folder="")

    assert "lets us wait for 3,600 seconds" in page.content.decode()
    assert not Run.objects.exists()


def test_starting_without_a_broker_keeps_the_run(admin_client, broker_away):
    page = begin(admin_client)

    assert "The broker does not answer" in page.content.decode()
    assert Run.objects.count() == 1


def test_a_second_run_is_refused(admin_client, run, dispatched):
    page = begin(admin_client)

    assert "is unfinished" in page.content.decode()
    assert dispatched == []


def test_a_folder_without_a_dump_is_refused(admin_client, tmp_path, dispatched):
    page = begin(admin_client, folder=str(tmp_path))

    assert "has no complete dump" in page.content.decode()
    assert not Run.objects.exists()


def test_a_folder_with_a_lacking_type_is_enough_for_the_others(admin_client, tmp_path, dispatched):
    shutil.copy(next(SAMPLE.glob("*_labels.xml.gz")), tmp_path)

    begin(admin_client, folder=str(tmp_path), types=["labels"])

    assert Run.objects.get().types == ["labels"]


def test_an_invalid_rules_file_is_refused(admin_client, tmp_path, settings, dispatched):
    rules = tmp_path / "rules.yaml"
    rules.write_text("nonsense: 1")
    settings.DATA_QUALITY_RULES = str(rules)

    begin(admin_client)

    assert not Run.objects.exists()


def test_lifting_the_guards_of_the_purge_takes_a_typed_word(admin_client, dispatched):
    page = begin(admin_client, confirm_purge="on", typed="yes")
    assert page.context["form"].errors.keys() == {"typed"}
    assert not Run.objects.exists()

    begin(admin_client, confirm_purge="on", typed="purge")

    assert Run.objects.get().confirm_purge


def test_the_form_names_the_run_that_is_unfinished(admin_client, run):
    page = admin_client.get(reverse("admin:ingest_run_start")).content.decode()

    assert f"{run}</a> is unfinished" in page
    assert address(Run, "change", run.pk) in page


@pytest.mark.parametrize("changes", [{"version": "August"}, {"types": []}, {"stores": ["neither"]}])
def test_a_form_that_makes_no_sense_starts_nothing(admin_client, dispatched, changes):
    page = begin(admin_client, **changes)

    assert page.context["form"].errors.keys() == changes.keys()
    assert not Run.objects.exists()


def test_who_may_only_look_sees_no_way_to_act(viewer, run):
    page = viewer.get(address(Run, "change", run.pk)).content.decode()

    assert 'value="resume"' not in page
    assert reverse("admin:ingest_run_start") not in viewer.get(reverse(RUNS)).content.decode()


def test_who_may_only_look_cannot_act(viewer, run, dispatched):
    act(viewer, "resume", run)
    act(viewer, "cancel", run, confirmed="yes")

    run.refresh_from_db()
    assert run.state == RunState.EXTRACTING
    assert dispatched == []
    assert begin(viewer).status_code == 403


@pytest.mark.parametrize(("asked", "found"), [("7", 1), ("8", 0), ("x", 0), ("9" * 30, 0)])
def test_a_record_is_looked_up_by_its_id(admin_client, asked, found):
    Artist.objects.create(data_id=7, hash=b"\xab", rev=1, chunk_id=1, data={"name": "Björk"})

    page = admin_client.get(address(Artist, "changelist"), {"q": asked})

    assert page.context["cl"].result_count == found


def test_a_record_shows_its_json_readably_and_escaped(admin_client):
    Artist.objects.create(data_id=7, hash=b"\xab", rev=1, chunk_id=1, data={"name": "Björk", "profile": HOSTILE})

    page = admin_client.get(address(Artist, "change", 7)).content.decode()

    assert "Björk" in page
    assert HOSTILE not in page


def test_a_run_shows_how_much_of_musicbrainz_the_graph_shows(admin_client, run):
    types = {"artists": {"total": 2_100_001, "matched": 950_002, "enriched": 948_003}}
    Run.objects.filter(pk=run.pk).update(
        coverage={"types": types, "entities_skipped_conflict": 1_204, "relationships": 420_005}
    )

    page = admin_client.get(address(Run, "change", run.pk)).content.decode()

    for text in ("MusicBrainz in the graph", "2,100,001", "950,002", "948,003", "1,204", "420,005"):
        assert text in page


@pytest.mark.parametrize("total", [None, 0])
def test_a_run_without_musicbrainz_does_not_speak_of_it(admin_client, run, total):
    if total is not None:
        amounts = dict.fromkeys(("total", "matched", "enriched"), total)
        Run.objects.filter(pk=run.pk).update(coverage={"types": {"artists": amounts}})

    page = admin_client.get(address(Run, "change", run.pk)).content.decode()

    assert "MusicBrainz in the graph" not in page


# Insights


@pytest.fixture
def sent(monkeypatch):
    """Return the list of tasks that the button for insights sends; the broker is not asked."""
    sent = []
    monkeypatch.setattr(compute_all, "delay", lambda: sent.append("all"))
    return sent


def test_a_button_computes_the_insights(admin_client, sent):
    page = admin_client.get(reverse(COMPUTE), follow=True)

    assert sent == ["all"]
    assert "All insights are being computed" in page.content.decode()


def test_without_the_broker_the_button_says_so(admin_client, monkeypatch):
    def fail():
        raise BrokerError("away")

    monkeypatch.setattr(compute_all, "delay", fail)

    assert "The broker does not answer" in admin_client.get(reverse(COMPUTE), follow=True).content.decode()


def test_the_button_is_for_those_who_may_act_on_runs(client, sent):
    reader = User.objects.create(email="reader@example.com", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_computation"))
    client.force_login(reader)

    assert client.get(reverse(COMPUTE)).status_code == 403
    assert not sent
    assert client.get(reverse("admin:insights_computation_changelist")).status_code == 200
