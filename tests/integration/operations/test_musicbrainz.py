"""What keeps a source going, of MusicBrainz: the periodic check, markers, tidying away, replays, findings."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog.musicbrainz import tables as entity_tables
from apps.ingest import ledger
from apps.ingest.chunks import flagged, quality, stages
from apps.ingest.errors import RunError
from apps.ingest.models import DumpFile, Event, Run, RunState, Source, SourceCheck
from apps.ingest.musicbrainz import extraction
from apps.ingest.runs import checking, dead_letters, markers, retention, starting
from apps.ingest.sources import fetching
from tasks.extractor import start_run
from tasks.periodic import check_for_dumps
from tasks.pipelines import is_empty
from tests.integration.conftest import MUSICBRAINZ_VERSIONS
from tests.integration.entities import artist, begin, load, mbid, write
from tests.loading import give_up, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
OLD, NEW = MUSICBRAINZ_VERSIONS


@pytest.fixture
def root(musicbrainz_site, settings):
    return Path(settings.MUSICBRAINZ_ROOT)


def check(source=Source.MUSICBRAINZ.value):
    return checking.check(source, is_empty)


def complete(run):
    """Let a run end as if it had loaded everything."""
    run.files.update(state="completed", fetched_at=datetime.now(UTC))
    starting.complete(run)
    run.refresh_from_db()
    return run


# The periodic check


def test_a_check_begins_a_run_of_a_new_version_and_of_no_other(musicbrainz_site):
    first = check()
    complete(first)
    nothing = check()

    assert (first.source, first.version, first.waits) == ("musicbrainz", NEW, True)
    assert nothing is None
    said = SourceCheck.objects.get()
    assert (said.source, said.newest) == ("musicbrainz", NEW)
    assert said.outcome.startswith(f"Version {NEW} is loaded already (run {first.pk})")


def test_each_source_has_a_check_of_its_own(musicbrainz_site, publisher):
    (musicbrainz_site / NEW / "SHA256SUMS").unlink()

    assert check() is None
    assert check("discogs").source == "discogs"

    outcomes = dict(SourceCheck.objects.values_list("source", "outcome"))
    assert "SHA256SUMS answers with status 404" in outcomes["musicbrainz"]
    assert outcomes["discogs"].endswith("began")
    assert Event.objects.get(kind="check failed").message.startswith("musicbrainz: ")


def test_the_task_of_the_schedule_takes_the_source(musicbrainz_site, monkeypatch):
    sent = []
    monkeypatch.setattr(start_run, "delay", sent.append)

    check_for_dumps.apply(kwargs={"source": "musicbrainz"}, throw=True).get()

    assert sent == [Run.objects.get(source="musicbrainz").pk]


def test_what_is_published_loaded_and_here_is_said_of_each_source(musicbrainz_site, publisher):
    told, printed = StringIO(), StringIO()
    call_command("check_dumps", stdout=told)
    call_command("check_dumps", "musicbrainz", "--json", stdout=printed)

    assert told.getvalue().index("manage.py extract discogs") < told.getvalue().index("manage.py extract musicbrainz")
    assert json.loads(printed.getvalue()) == {
        "source": "musicbrainz",
        "newest": NEW,
        "loaded": None,
        "is_new": True,
        "on_disk": [],
        "incomplete": [],
        "unfinished_run": None,
        "warnings": [],
    }


def test_a_publisher_who_does_not_answer_hides_no_other(musicbrainz_site, settings):
    settings.DISCOGS_DUMP_URL = "http://127.0.0.1:1/"
    told = StringIO()

    with pytest.raises(CommandError, match=r"^discogs: .* does not answer"):
        call_command("check_dumps", stdout=told)

    assert f"newest published:  {NEW}" in told.getvalue()


def test_a_version_without_a_checksum_is_not_complete_yet(musicbrainz_site):
    sums = musicbrainz_site / NEW / "SHA256SUMS"
    sums.write_text(sums.read_text().replace("release.tar.xz", "other.tar.xz"))
    told = StringIO()

    call_command("check_dumps", "musicbrainz", stdout=told)

    assert "newest published:  no complete version" in told.getvalue()
    assert f"not complete yet:  {NEW}" in told.getvalue()


# Markers and tidying away


def fetch_all(run):
    for file in run.files.order_by("pk"):
        fetching.fetch(file)


def test_the_marker_is_in_the_folder_of_its_version(root):
    run = check()
    fetch_all(run)
    complete(run)

    path = root / NEW / f".mb_extraction_status_{NEW}.json"
    assert markers.path_of(NEW, Source.MUSICBRAINZ) == path
    marker = json.loads(path.read_text())
    assert (marker["current_version"], marker["summary"]["overall_status"]) == (NEW, "completed")
    assert marker["download_phase"]["downloads_by_file"]["artist.tar.xz"]["status"] == "completed"


def test_old_dumps_go_with_their_folder_and_the_newest_stay(musicbrainz_site, root, settings):
    settings.DUMPS_KEEP = 1
    run = check()
    fetch_all(run)
    complete(run)
    for version in (OLD, "20260701-001001"):
        (root / version).mkdir()
        (root / version / "artist.tar.xz").write_bytes(b"x")
        (root / version / "label.tar.xz.part").write_bytes(b"x")
    (root / OLD / "of an operator.txt").write_text("")

    deleted = retention.tidy_dumps("musicbrainz")

    assert sorted(deleted) == sorted(["artist.tar.xz", "label.tar.xz.part"] * 2)
    assert sorted(path.name for path in root.iterdir() if path.is_dir()) == [OLD, NEW]
    assert [path.name for path in (root / OLD).iterdir()] == ["of an operator.txt"]
    assert "release-group.tar.xz" in {path.name for path in (root / NEW).iterdir()}
    assert Event.objects.get(kind="tidied").message.startswith("The dump files of musicbrainz 20260701-001001, ")
    assert retention.tidy_dumps("musicbrainz") == []


def test_dumps_that_are_still_to_be_loaded_or_read_stay(root, settings):
    settings.DUMPS_KEEP = 0
    run = check()
    fetch_all(run)
    assert retention.tidy_dumps("musicbrainz") == []
    ledger.end(run, RunState.FAILED, "it was not to be")
    assert retention.tidy_dumps("musicbrainz") == []

    complete_again = check()
    complete(complete_again)

    assert len(retention.tidy_dumps("musicbrainz")) >= 5
    assert not (root / NEW).exists()


def test_tidying_of_one_source_leaves_the_other(root, publisher, settings):
    settings.DUMPS_KEEP = 0
    for source in ("discogs", "musicbrainz"):
        run = check(source)
        fetch_all(run)
        complete(run)

    retention.tidy_dumps("musicbrainz")

    assert len(list(Path(settings.DISCOGS_ROOT).glob("*.xml.gz"))) == 4


def test_the_last_run_of_each_type_of_each_source_stays(settings):
    settings.LEDGER_KEEP_DAYS = 0
    kept = [start("artists", source=Source.MUSICBRAINZ, version=OLD), start("artists")]
    for run in kept:
        complete(run)
    kept += [start("labels", source=Source.MUSICBRAINZ, version=NEW), start("labels")]
    for run in kept[2:]:
        complete(run)
    Run.objects.update(completed_at=datetime.now(UTC) - timedelta(days=1), steps_done=["create_indexes"])

    assert retention.tidy_ledger() == []
    assert Run.objects.count() == 4


# Dead letters


def test_a_dead_letter_is_replayed_by_a_run_of_its_source(tmp_path):
    run = begin(write(tmp_path / "dumps", OLD, artist(1), artist(2)))
    file = run.files.get()
    stages.split(file, extraction.cut)
    give_up(file.chunks.get(), "extract")
    ledger.end(run, RunState.FAILED)
    run.refresh_from_db()

    again = dead_letters.replay(run, list(run.dead_letters.all()), is_empty=is_empty, by="ada").again

    assert (again.source, again.version, again.types) == ("musicbrainz", OLD, ["artists"])
    start_run.apply(args=[again.pk], throw=True).get()
    assert entity_tables.count("artists") == 2


# Findings


def test_versions_are_compared_rule_by_rule(tmp_path):
    wrong = {"gender": True}
    load(tmp_path, OLD, artist(1, **wrong), artist(2, **wrong), artist(3, name=None), artist(4))
    load(tmp_path, NEW, artist(1, **wrong), artist(2), artist(3), artist(4, name=None))

    changes = [(each.rule, each.before, each.after, each.change) for each in quality.compare(OLD, NEW)]
    told = StringIO()
    call_command("compare_quality", OLD, NEW, stdout=told)

    assert changes == [("no-name", 1, 1, "unchanged"), ("wrong-type", 2, 1, "improved")]
    assert f"{OLD} → {NEW}: 1 rules improved, 0 worsened, 1 unchanged" in told.getvalue()


def test_versions_of_two_sources_are_not_compared(tmp_path, client):
    load(tmp_path, OLD, artist(1))
    load(tmp_path, NEW, artist(1))
    discogs = complete(start("artists"))
    client.force_login(User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True))

    with pytest.raises(RunError, match="are of two sources"):
        quality.compare(discogs.version, NEW)
    form = client.get(reverse("admin:ingest_qualityfinding_compare")).context["form"]

    assert form.fields["after"].choices == [
        (discogs.version, f"discogs {discogs.version}"),
        (NEW, f"musicbrainz {NEW}"),
        (OLD, f"musicbrainz {OLD}"),
    ]
    assert (form.fields["before"].initial, form.fields["after"].initial) == (OLD, NEW)


def test_a_flagged_line_is_shown_as_it_stood_in_the_dump_and_as_json(tmp_path):
    wrong, nameless = artist(1, gender=True), artist(2, name=None)
    run = load(tmp_path, OLD, wrong, nameless, '{"id": ', artist(3))

    folder = flagged.folder(run.files.get())
    names = sorted(path.name for path in folder.iterdir())
    listed = [json.loads(line) for line in (folder / "violations.jsonl").read_bytes().splitlines()]

    assert names == sorted(
        [
            f"{mbid(1)}.json",
            f"{mbid(1)}.jsonl",
            f"{mbid(2)}.jsonl",
            "report.txt",
            "skipped.jsonl",
            "unknown.jsonl",
            "violations.jsonl",
        ]
    )
    assert json.loads((folder / f"{mbid(1)}.jsonl").read_text()) == wrong
    assert json.loads((folder / f"{mbid(1)}.json").read_text())["gender"] is None
    assert json.loads((folder / f"{mbid(2)}.jsonl").read_text()) == nameless
    assert (folder / "unknown.jsonl").read_text() == '{"id":'
    assert {(each["rule"], each["jsonl_file"], each["json_file"]) for each in listed} == {
        ("wrong-type", f"{mbid(1)}.jsonl", f"{mbid(1)}.json"),
        ("no-name", f"{mbid(2)}.jsonl", None),
        ("malformed", "unknown.jsonl", None),
    }
    assert "error: 2" in (folder / "report.txt").read_text()


# The admin


@pytest.fixture
def page(client, monkeypatch):
    monkeypatch.setattr(start_run, "delay", lambda _: None)
    client.force_login(User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True))

    def post(**changes):
        given = {"source": "musicbrainz", "types": ["artists", "masters", "releases"], "stores": ["tables", "graph"]}
        return client.post(reverse("admin:ingest_run_start"), {**given, **changes}, follow=True)

    return post


def test_a_run_of_what_is_published_begins_in_the_admin(page, musicbrainz_site):
    page(version=OLD)

    run = Run.objects.get()
    assert (run.source, run.version, run.types, run.waits) == ("musicbrainz", OLD, ["artists", "releases"], True)
    assert all(DumpFile.objects.values_list("checksum", flat=True))


def test_a_run_that_does_not_wait_begins_in_the_admin(page, tmp_path):
    page(folder=str(write(tmp_path, OLD, artist(1))), types=["artists"], now="on")

    assert not Run.objects.get().waits


def test_types_that_the_source_has_not_are_refused(page):
    form = page(types=["masters"]).context["form"]

    assert form.errors["types"] == ["Choose some of artists, labels, release-groups, releases"]
    assert not Run.objects.exists()
