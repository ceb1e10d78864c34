"""Reading the site and downloading from it, against one that behaves like the publisher's, also badly."""

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest

from apps.http import client, pace
from apps.http.errors import RefusedError, SiteError
from apps.ingest.errors import DumpError
from apps.ingest.sources import catalogue, download, listing
from tests.dumps import FIRST_MONTH, SECOND_MONTH
from tests.publisher import Answer, FastClock, run_publisher

NAME = "discogs_20260601_releases.xml.gz"
BUSY = Answer(503)
BROKEN = Answer(500)


@pytest.fixture(scope="module")
def site():
    with run_publisher() as publisher:
        yield publisher


@pytest.fixture
def publisher(site, tmp_path):
    """A site with one version, that was not asked for anything yet."""
    site.forget()
    site.publish("20260601", FIRST_MONTH, tmp_path / "scratch")
    return site


@pytest.fixture
def clock():
    return FastClock()


@pytest.fixture
def asking(tmp_path, clock):
    return client_with(tmp_path, clock)


def client_with(folder, clock, interval=5, longest=7200):
    pacing = pace.Pace(folder / "pace", interval_seconds=interval, longest_seconds=longest, clock=clock)
    return client.Client(pacing, user_agent="Linernotes/test (ops@music.example)", timeout_seconds=10)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "dumps" / NAME


def ask(asking, publisher, target, checksum=None):
    content = publisher.files[f"data/2026/{NAME}"]
    wanted = hashlib.sha256(content).hexdigest() if checksum is None else checksum
    url = listing.address(publisher.url, download=f"data/2026/{NAME}")
    reports = []
    sha256 = download.download(asking, url, target, wanted, lambda *report: reports.append(report))
    assert target.read_bytes() == content
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert reports[-1] == (len(content), len(content))
    return sha256


def ranges(publisher):
    return [each.range for each in publisher.asked]


# The listing


def test_both_newest_years_are_read(publisher, asking, tmp_path):
    for version in ("20251201", "20241201"):
        publisher.publish(version, FIRST_MONTH, tmp_path / "scratch")

    found = listing.read(asking, publisher.url)

    assert [each.version for each in found.versions] == ["20260601", "20251201"]
    assert found.warnings == ()
    assert [each.what for each in publisher.asked] == ["front", "2026/", "2025/"]


def test_one_page_that_cannot_be_read_is_a_warning(publisher, asking, tmp_path):
    publisher.publish("20251201", FIRST_MONTH, tmp_path / "scratch")
    publisher.answer("2026/", BROKEN)

    found = listing.read(asking, publisher.url)

    assert found.newest.version == "20251201"
    assert len(found.warnings) == 1
    assert "The page of 2026 cannot be read" in found.warnings[0]


def test_a_page_without_links_is_a_warning_about_its_mark_up(publisher, asking, tmp_path):
    publisher.publish("20251201", FIRST_MONTH, tmp_path / "scratch")
    publisher.answer("2026/", Answer(body=b"<script>list()</script>"))

    found = listing.read(asking, publisher.url)

    assert found.newest.version == "20251201"
    assert "mark-up may have changed" in found.warnings[0]


def test_no_year_and_no_file_at_all_are_errors(publisher, asking):
    publisher.answer("front", Answer(body=b"<p>We moved</p>"))
    with pytest.raises(SiteError, match="links no year"):
        listing.read(asking, publisher.url)

    publisher.answer("2026/", Answer(404))
    with pytest.raises(SiteError, match="lists no dump file"):
        listing.read(asking, publisher.url)


def test_a_page_without_end_is_not_read_to_its_end(publisher, asking):
    publisher.answer("front", Answer(body=b"x" * (listing.PAGE_BYTES + 1)))

    with pytest.raises(SiteError, match="longer than"):
        listing.read(asking, publisher.url)


def test_a_site_that_is_away_is_named(asking):
    with pytest.raises(SiteError, match=r"http://127\.0\.0\.1:1/ does not answer: .*refused"):
        listing.read(asking, "http://127.0.0.1:1/")


# Courtesy


def test_requests_say_who_we_are_and_keep_their_distance(publisher, asking, clock):
    listing.read(asking, publisher.url)

    assert {each.user_agent for each in publisher.asked} == {"Linernotes/test (ops@music.example)"}
    assert clock.slept == [5]


def test_the_distance_is_kept_between_processes_too(publisher, asking, clock, tmp_path):
    with asking.open(publisher.url):
        pass
    clock.now += 2
    with client_with(tmp_path, clock).open(publisher.url):
        pass

    assert clock.slept == [3]


def test_a_clock_that_was_set_back_does_not_stop_us(publisher, asking, clock):
    with asking.open(publisher.url):
        pass
    clock.now -= 86_400 * 365
    with asking.open(publisher.url):
        pass

    assert clock.slept == []


def test_a_busy_site_is_obeyed_in_seconds_and_by_date(publisher, tmp_path, clock):
    asking = client_with(tmp_path, clock, interval=0)
    later = datetime.fromtimestamp(clock.now, UTC) + timedelta(seconds=97)
    publisher.answer(
        "front",
        Answer(429, {"Retry-After": "7"}),
        Answer(503, {"Retry-After": format_datetime(later, usegmt=True)}),
        Answer(503, {"Retry-After": "99999999"}),
        BUSY,
    )

    listing.read(asking, publisher.url)

    assert clock.slept == [7, 90, 7200, 240]


def test_a_site_that_stays_busy_is_left_alone(publisher, asking):
    publisher.answer("front", *[BUSY] * 6)

    with pytest.raises(RefusedError, match="put us off 5 times"):
        listing.read(asking, publisher.url)

    assert len(publisher.asked) == 6


# Files


def test_a_file_comes_whole_and_under_its_name(publisher, asking, target):
    ask(asking, publisher, target)

    assert [path.name for path in target.parent.iterdir()] == [NAME]
    assert ranges(publisher) == [None]


def test_a_download_that_breaks_off_goes_on_where_it_was(publisher, asking, target, clock):
    publisher.answer(NAME, Answer(cut_after=100), Answer(cut_after=50), BROKEN)

    ask(asking, publisher, target)

    assert ranges(publisher) == [None, "bytes=100-", "bytes=150-", "bytes=150-"]
    assert clock.slept[0] == 2


def test_what_an_earlier_call_left_is_used(publisher, asking, target):
    publisher.answer(NAME, Answer(cut_after=100), *[BROKEN] * 2)
    with pytest.raises(SiteError, match="status 500"):
        ask(asking, publisher, target)
    assert not target.exists()
    assert download.part_of(target).stat().st_size == 100
    publisher.asked.clear()

    ask(asking, publisher, target)

    assert ranges(publisher) == ["bytes=100-"]


def test_a_site_that_ignores_ranges_gives_it_from_the_start(publisher, asking, target):
    publisher.ignores_ranges = True
    publisher.answer(NAME, Answer(cut_after=100))

    ask(asking, publisher, target)

    assert ranges(publisher) == [None, "bytes=100-"]


def test_a_site_that_always_breaks_off_at_the_same_place_is_given_up(publisher, asking, target):
    publisher.ignores_ranges = True
    publisher.answer(NAME, *[Answer(cut_after=100)] * 9)

    with pytest.raises(SiteError, match="broke off"):
        ask(asking, publisher, target)

    assert len(publisher.asked) == download.ATTEMPTS
    assert not target.exists()


def test_a_range_that_begins_elsewhere_is_not_believed(publisher, asking, target):
    publisher.answer(NAME, Answer(cut_after=100), Answer(206, {"Content-Range": "bytes 90-99/100"}, b"x" * 10))

    ask(asking, publisher, target)

    assert ranges(publisher) == [None, "bytes=100-", None]


def test_a_part_that_is_the_whole_file_needs_no_more(publisher, asking, target):
    target.parent.mkdir()
    download.part_of(target).write_bytes(publisher.files[f"data/2026/{NAME}"])
    content = publisher.files[f"data/2026/{NAME}"]

    url = listing.address(publisher.url, download=f"data/2026/{NAME}")
    download.download(asking, url, target, hashlib.sha256(content).hexdigest(), lambda *_: None)

    assert target.read_bytes() == content
    assert ranges(publisher) == [f"bytes={len(content)}-"]


@pytest.mark.parametrize("part", [b"of another file", b"longer than all of it" * 10_000])
def test_a_part_of_another_file_is_thrown_away(publisher, asking, target, part):
    target.parent.mkdir()
    download.part_of(target).write_bytes(part)

    ask(asking, publisher, target)

    assert ranges(publisher) == [f"bytes={len(part)}-", None]


def test_a_wrong_checksum_deletes_the_file_and_says_so(publisher, asking, target):
    with pytest.raises(DumpError, match="does not have its published SHA-256"):
        ask(asking, publisher, target, checksum="0" * 64)

    assert list(target.parent.iterdir()) == []
    assert len(publisher.asked) == 1


def test_what_is_no_dump_is_noticed_without_a_checksum_too(publisher, asking, target):
    publisher.answer(NAME, Answer(body=b"<html>Please log in</html>"))

    with pytest.raises(DumpError, match="not a gzip file"):
        ask(asking, publisher, target, checksum="")

    assert list(target.parent.iterdir()) == []


def test_an_encoding_that_the_site_claims_is_not_undone(publisher, asking, target):
    publisher.answer(NAME, Answer(headers={"Content-Encoding": "gzip"}))

    ask(asking, publisher, target)


def test_a_file_that_is_not_there_is_asked_for_once(publisher, asking, target):
    publisher.answer(NAME, Answer(404))

    with pytest.raises(RefusedError, match="status 404"):
        ask(asking, publisher, target)

    assert len(publisher.asked) == 1


def test_nothing_is_begun_that_the_disk_has_no_room_for(publisher, asking, target, monkeypatch):
    # A disk is not ours to fill.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))

    with pytest.raises(DumpError, match=r"has 0 MB free, and 0 MB are needed: free some, or set DISCOGS_ROOT"):
        ask(asking, publisher, target)

    assert list(target.parent.iterdir()) == []


# The catalogue


def test_the_catalogue_keeps_what_came(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(b"four")
    catalogue.put(path, sha256="ab" * 32, version="20260601")

    stored = json.loads((tmp_path / catalogue.NAME).read_text())

    assert stored == {NAME: {"path": str(path), "checksum": "ab" * 32, "version": "20260601", "size": 4}}
    assert catalogue.checksum(tmp_path, NAME) == "ab" * 32
    catalogue.drop(tmp_path, NAME, "another")
    assert catalogue.checksum(tmp_path, NAME) is None


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "\ufffe"])
def test_a_damaged_catalogue_is_put_aside(tmp_path, content):
    (tmp_path / catalogue.NAME).write_text(content, encoding="utf-16" if content == "\ufffe" else "utf-8")

    assert catalogue.checksum(tmp_path, NAME) is None

    assert (tmp_path / f"{catalogue.NAME}.corrupt").exists()
    assert not (tmp_path / catalogue.NAME).exists()


def test_another_month_is_another_file(publisher, asking, tmp_path):
    publisher.publish("20260701", SECOND_MONTH, tmp_path / "scratch")

    assert listing.read(asking, publisher.url).newest.version == "20260701"
