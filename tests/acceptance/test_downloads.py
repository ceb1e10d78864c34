"""Downloading what is published, by the real command and a real worker, from a site that is not always well."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Finished, Installation
from tests.dumps import FIRST_MONTH, SECOND_MONTH
from tests.publisher import Answer, Publisher, run_publisher

LABELS, ARTISTS, MASTERS, RELEASES = (
    f"discogs_20260601_{type_}.xml.gz" for type_ in ("labels", "artists", "masters", "releases")
)
BUSY = Answer(503, {"Retry-After": "1"})
# Of the results' keys, those that may stay for ever: Celery's own, whose number does not grow with the work.
FOREVER = ("_kombu.binding.", "unacked")


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    with run_publisher() as site:
        site.publish("20260601", FIRST_MONTH, tmp_path / "published")
        yield site


@pytest.fixture
def variables(publisher: Publisher, tmp_path: Path) -> dict[str, str]:
    return {"DISCOGS_DUMP_URL": publisher.url, "DISCOGS_ROOT": str(tmp_path / "dumps")}


@pytest.fixture
def working(build: Build, tmp_path: Path, valkey: ValkeyBroker, variables: dict[str, str]) -> Iterator[Installation]:
    with open_installation(build, tmp_path / "installation", valkey, **variables) as installation:
        yield installation


def extract(installation: Installation, *options: str) -> Finished:
    return installation.manage("extract", "discogs", *options)


def test_what_is_newest_is_downloaded_loaded_and_not_loaded_again(
    working: Installation, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.answer(ARTISTS, BUSY, Answer(cut_after=200))
    publisher.answer(MASTERS, Answer(500))

    planned = extract(working, "--dry-run")
    before = working.manage("check_dumps", "discogs", "--json")
    first = extract(working, "--json")
    after = working.manage("check_dumps", "discogs")
    again = extract(working, "--json")
    forced = extract(working, "--force", "--json")

    assert "Would download version 20260601" in planned.stdout, planned
    assert (before.result["newest"], before.result["loaded"], before.result["is_new"]) == ("20260601", None, True)
    assert first.code == 0, f"{first.stderr}\n{working.report()}"
    assert first.result["version"] == "20260601"
    assert first.result["types"]["artists"]["new"] > 0
    working.require(tmp_path / "published" / "20260601")
    assert sorted(publisher.downloads()) == sorted([LABELS, ARTISTS, ARTISTS, ARTISTS, MASTERS, MASTERS, RELEASES])
    assert "loaded:            20260601" in after.stdout
    assert "on this disk:      20260601" in after.stdout
    assert (again.code, again.result["run"]) == (0, 1)
    assert "Version 20260601 is loaded already (run 1): --force reads it again" in again.error
    assert forced.code == 0, forced.stderr
    assert forced.result["types"]["artists"]["new"] == 0
    assert working.ask("SELECT version, state FROM ingest_run") == [("20260601", "completed")] * 2


def test_a_site_that_is_not_well_fails_the_command_and_the_next_one_goes_on(
    working: Installation, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.answer("front", *[Answer(body=b"<p>We have moved</p>")] * 2)
    publisher.answer(MASTERS, Answer(body=b"\x1f\x8b not this one"))

    moved = working.manage("check_dumps", "discogs"), extract(working)
    failed = extract(working)
    after = extract(working, "--json")

    for done in moved:
        assert done.code == 1
        assert "links no year: its mark-up may have changed" in done.error
        assert "Traceback" not in done.stderr
    assert failed.code == 1
    assert f"{publisher.url}?download=data%2F2026%2F{MASTERS} does not have its published SHA-256" in failed.error
    assert "Traceback" not in failed.stderr
    assert after.code == 0, f"{after.stderr}\n{working.report()}"
    assert working.ask("SELECT id, state FROM ingest_run ORDER BY id") == [(1, "failed"), (2, "completed")]
    working.require(tmp_path / "published" / "20260601")
    # What came well the first time was not asked for again.
    assert sorted(publisher.downloads()) == sorted([LABELS, ARTISTS, MASTERS, MASTERS, RELEASES])


@pytest.mark.slow
def test_a_download_outlives_its_worker(working: Installation, publisher: Publisher, tmp_path: Path) -> None:
    hold = threading.Event()
    publisher.answer(RELEASES, Answer(cut_after=500, hold=hold))
    part = tmp_path / "dumps" / f"{RELEASES}.part"
    started = extract(working, "--no-wait")
    assert started.code == 0, started
    working.wait_until(lambda: RELEASES in publisher.downloads(), "a download of the releases")
    second = extract(working)

    working.worker.kill()
    hold.set()
    working.worker.start()

    assert second.code == 1
    assert "Run 1 is unfinished" in second.error
    assert working.wait_for_end() == "completed", working.report()
    working.require(tmp_path / "published" / "20260601")
    assert not part.exists()
    assert working.value("SELECT count(*) FROM ingest_event WHERE kind = 'stalled'") > 0


@pytest.mark.slow
def test_three_versions_appear_are_loaded_by_themselves_and_tidied_away(
    build: Build, tmp_path: Path, valkey: ValkeyBroker, publisher: Publisher, variables: dict[str, str]
) -> None:
    """Months of operation in a minute: a check every few seconds, tidying too, and nobody who does anything."""
    # Not in the form of 3e-05, which the settings do not read.
    clock = {"PERIODIC_CHECK_DAYS": f"{3 / 86_400:.8f}", "RUN_ON_START": "true", "TIDY_SECONDS": "2"}
    keep = {"DUMPS_KEEP": "1", "LEDGER_KEEP_DAYS": "0"}
    dumps, sizes = tmp_path / "dumps", []

    with open_installation(build, tmp_path / "installation", valkey, **variables, **clock, **keep) as installation:

        def newest() -> list[tuple[str, str]]:
            return installation.ask("SELECT version, state FROM ingest_run ORDER BY id DESC LIMIT 1")

        def is_tidy(version: str) -> bool:
            there = {path.name.split("_")[1] for path in dumps.glob("discogs_*")}
            runs = installation.value("SELECT count(*) FROM ingest_run")
            return there == {version} and runs == 1

        for version, month in (("20260601", FIRST_MONTH), ("20260701", SECOND_MONTH), ("20260801", FIRST_MONTH)):
            publisher.publish(version, month, tmp_path / "published")
            installation.wait_until(lambda v=version: newest() == [(v, "completed")], f"{version} loaded")
            installation.wait_until(lambda v=version: is_tidy(v), f"everything but {version} tidied away")
            installation.require(tmp_path / "published" / version)
            sizes.append(ledger_rows(installation))
        asked = len(publisher.asked)
        installation.wait_until(lambda: len(publisher.asked) > asked + 4, "checks that find nothing new")

        assert newest() == [("20260801", "completed")]
        assert [path for path in (tmp_path / "installation" / "spool").rglob("*") if path.is_file()] == []
        assert [path.name for path in dumps.glob("*.part")] == []
        # As many rows for the third version as for the first: nothing of the older ones is left.
        assert sizes[2] <= sizes[0] * 1.5
        assert lasting_keys(valkey) == []


def ledger_rows(installation: Installation) -> int:
    tables = ("run", "dumpfile", "chunk", "deadletter", "qualityfinding", "removedentity", "event")
    return sum(installation.value(f"SELECT count(*) FROM ingest_{table}") for table in tables)


def lasting_keys(valkey: ValkeyBroker) -> list[str]:
    """Return the keys among the results that never expire."""
    with redis.Redis.from_url(valkey.variables["CELERY_RESULT_BACKEND"]) as client:
        return [
            name
            for name in (key.decode() for key in client.scan_iter())
            if client.ttl(name) == -1 and not name.startswith(FOREVER)
        ]
