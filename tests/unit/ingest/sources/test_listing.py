"""The pages of the publisher's site, and what its headers ask for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from apps.http.pace import wait_seconds
from apps.ingest.sources import listing

FILES = ("artists.xml.gz", "labels.xml.gz", "masters.xml.gz", "releases.xml.gz", "CHECKSUM.txt")


def keys(version, names=FILES):
    return [f"data/{version[:4]}/discogs_{version}_{name}" for name in names]


def test_the_newest_complete_version_is_chosen():
    found = listing.versions([*keys("20260501"), *keys("20260601"), *keys("20260701", FILES[:4])])

    read = listing.Listing(found, ())
    assert [each.version for each in found] == ["20260701", "20260601", "20260501"]
    assert read.newest.version == "20260601"
    assert read.find("20260701").keys.keys() == {"artists", "labels", "masters", "releases"}
    assert not read.find("20260701").is_complete


def test_five_files_of_which_one_is_missing_a_type_are_not_complete():
    (found,) = listing.versions([*keys("20260601", FILES[1:])])

    assert not found.is_complete
    assert listing.Listing((found,), ()).newest is None


def test_links_are_found_in_any_mark_up():
    page = """
    <A class=x HREF='?prefix=data%2F2025%2F'>2025</A> <a href="/?prefix=data/2026/&amp;x=1">2026</a>
    <a href="https://[broken">x</a> <a>none</a> <a href="?prefix=data%2Fimages%2F">images</a>
    <a href="?prefix=data%2F2024%2F"><b>2024</a>
    """

    assert listing.years(page) == ["2026", "2025", "2024"]


def test_only_dump_files_are_taken_from_a_page():
    page = "".join(
        f'<a href="?download={key}">x</a>'
        for key in (
            "data%2F2026%2Fdiscogs_20260601_labels.xml.gz",
            "data%2F2026%2Fdiscogs_20260601_CHECKSUM.txt",
            "data%2F2026%2Fdiscogs_20260601_songs.xml.gz",
            "data%2F2026%2F..%2F..%2Fetc%2Fdiscogs_20260601_labels.xml.gz",
            "data%2F2026%2Fdiscogs_20260601_labels.xml.gz%0A",
            "data%2F2026%2Freadme.txt",
        )
    )

    assert listing.keys(page) == [
        "data/2026/discogs_20260601_labels.xml.gz",
        "data/2026/discogs_20260601_CHECKSUM.txt",
    ]


def test_an_address_can_be_asked_for():
    address = listing.address("https://data.example/", download="data/2026/discogs_20260601_labels.xml.gz")

    assert address == "https://data.example/?download=data%2F2026%2Fdiscogs_20260601_labels.xml.gz"


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "waits", "seconds"),
    [
        ("7", 0, 7),
        (" 0 ", 3, 0),
        ("9" * 400, 0, 999_999_999),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 0, 90),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0, 0),
        ("Mon Jun  1 12:00:05 2026", 0, 5),
        ("Monday, 01-Jun-26 12:00:05 GMT", 0, 5),
        (None, 0, 30),
        (None, 2, 120),
        ("soon", 1, 60),
        ("-5", 0, 30),
        ("٧", 0, 30),
    ],
)
def test_how_long_a_site_wants_us_to_wait(header, waits, seconds):
    assert wait_seconds(header, waits, NOW.timestamp()) == seconds
