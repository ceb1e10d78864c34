"""Dump files of MusicBrainz that are not what they should be: the run fails at once, says so, and loses nothing."""

import hashlib
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import snapshots, stored_musicbrainz
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.expected_musicbrainz import Tables
from tests.acceptance.installation import Finished, Installation
from tests.acceptance.test_bad_files import require_refusal
from tests.dumps import (
    FIRST_MONTH,
    MUSICBRAINZ_FIRST,
    MUSICBRAINZ_SECOND,
    archive,
    lines,
    pack,
    pack_musicbrainz,
)

FIRST, SECOND = "20260801-001001", "20260805-001001"
ARTISTS = lines(MUSICBRAINZ_SECOND / "artist.jsonl")
PLAIN = archive("artist", ARTISTS)
SOUND = lzma.compress(PLAIN)
MBID = "00000000-0000-4000-8000-{:012}"

# Name of the file, its content, what is said of it.
FAULTS = {
    "an archive that is cut short": ("artist.tar.xz", SOUND[: len(SOUND) // 2], "is cut short: fetch it again"),
    "an archive without its last bytes": ("artist.tar.xz", SOUND[:-4], "is cut short: fetch it again"),
    "an archive that was packed before it was whole": (
        "artist.tar.xz",
        lzma.compress(PLAIN[: PLAIN.index(ARTISTS) + len(ARTISTS) // 2]),
        "is cut short: fetch it again",
    ),
    "an archive with a byte changed": (
        "artist.tar.xz",
        SOUND[: len(SOUND) // 2] + bytes([SOUND[len(SOUND) // 2] ^ 255]) + SOUND[len(SOUND) // 2 + 1 :],
        "is damaged",
    ),
    "an archive of something else": ("artist.tar.xz", lzma.compress(archive("label", b"{}")), "has no mbdump/artist"),
    "an archive of no lines": ("artist.tar.xz", lzma.compress(archive("artist", b"")), "holds no line"),
    "an archive that is no xz": ("artist.tar.xz", PLAIN, "is no xz file: fetch it again"),
    "an archive of no bytes": ("artist.tar.xz", b"", "is empty"),
    "an archive with a damaged one behind it": ("artist.tar.xz", SOUND + SOUND[:99] + SOUND[100:], "is damaged"),
    "an archive with something behind it": ("artist.tar.xz", SOUND + b"<html>", "goes on after the end of its xz data"),
    "an archive in which something is behind the archive": (
        "artist.tar.xz",
        lzma.compress(PLAIN + b"<html>".ljust(512)),
        "is damaged",
    ),
    "lines with damage in the second stream": (
        "artist.jsonl.xz",
        lzma.compress(b"") + lzma.compress(ARTISTS)[:-20] + lzma.compress(b""),
        "is damaged",
    ),
    "lines that are cut short": ("artist.jsonl.xz", lzma.compress(ARTISTS)[:-20], "is cut short: fetch it again"),
    "lines of no bytes": ("artist.jsonl.xz", b"", "is empty"),
    "a file of no lines": ("artist.jsonl", b"", "holds no line"),
}


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack_musicbrainz(MUSICBRAINZ_FIRST, FIRST, tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def loaded(
    build: Build, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker, edition: Path
) -> Iterator[Installation]:
    """Return an installation that holds the first editions of both sources; only the last tests change that."""
    with open_installation(build, tmp_path_factory.mktemp("installation"), valkey) as installation:
        installation.load(pack(FIRST_MONTH, "20260701", tmp_path_factory.mktemp("month")))
        installation.enrich(edition)
        yield installation


@pytest.fixture(scope="module")
def rows(loaded: Installation, edition: Path) -> Tables:
    return loaded.require_musicbrainz(edition)


def places(installation: Installation) -> Any:
    """Return where each row is and what was last written to the graph."""
    with installation.connect() as connection:
        return stored_musicbrainz.places(connection), snapshots.last_write_to_graph()


def load_artists(installation: Installation, folder: Path, name: str, content: bytes) -> Finished:
    home = folder / SECOND
    home.mkdir()
    (home / name).write_bytes(content)
    return installation.manage("extract", "musicbrainz", "--from", str(folder), "--types", "artists", "--json")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_file_fails_its_run_and_changes_nothing(loaded: Installation, tmp_path: Path, fault: str) -> None:
    name, content, what_to_do = FAULTS[fault]
    before = places(loaded)

    done = load_artists(loaded, tmp_path, name, content)

    require_refusal(done, name, what_to_do)
    assert len(done.stderr.splitlines()) == 1
    assert loaded.run[1] == "failed"
    assert places(loaded) == before


def test_a_file_with_another_checksum_than_published_is_refused(loaded: Installation, tmp_path: Path) -> None:
    before = places(loaded)
    (tmp_path / SECOND).mkdir()
    checksum = hashlib.sha256(b"another file").hexdigest()
    (tmp_path / SECOND / "SHA256SUMS").write_text(f"{checksum} *artist.tar.xz\n")
    (tmp_path / SECOND / "artist.tar.xz").write_bytes(SOUND)

    done = loaded.manage("extract", "musicbrainz", "--from", str(tmp_path), "--types", "artists")

    require_refusal(done, "artist.tar.xz does not have its published SHA-256", "fetch it again")
    assert places(loaded) == before


def test_a_hundred_and_one_malformed_lines_fail_their_file(loaded: Installation, tmp_path: Path) -> None:
    count = loaded.value("SELECT count(*) FROM musicbrainz.artists")

    done = load_artists(loaded, tmp_path, "artist.jsonl", b"{\n" * 101 + line(1))

    require_refusal(done, "artist.jsonl", "malformed records, more than INGEST_MALFORMED_LIMIT (100)")
    assert loaded.run[1] == "failed"
    assert loaded.value("SELECT count(*) FROM musicbrainz.artists WHERE mbid = %s", MBID.format(1)) == 0
    assert loaded.value("SELECT count(*) FROM musicbrainz.artists") == count


def test_of_a_run_with_one_damaged_file_that_type_stays_and_the_next_run_makes_it_good(
    loaded: Installation, rows: Tables, tmp_path: Path
) -> None:
    second = pack_musicbrainz(MUSICBRAINZ_SECOND, SECOND, tmp_path)
    sums = (second / "SHA256SUMS").rename(tmp_path / "SHA256SUMS")
    (second / "artist.tar.xz").write_bytes(SOUND[: len(SOUND) // 2])
    artists = "SELECT mbid, ctid::text, data FROM musicbrainz.artists ORDER BY mbid"
    before = loaded.ask(artists)

    done = loaded.manage("extract", "musicbrainz", "--from", str(tmp_path), "--confirm-purge")

    require_refusal(done, "artist.tar.xz is cut short: fetch it again")
    assert loaded.ask(artists) == before
    pack_musicbrainz(MUSICBRAINZ_SECOND, SECOND, tmp_path)
    assert sums.read_text() == (second / "SHA256SUMS").read_text()
    loaded.enrich(tmp_path, "--confirm-purge")
    loaded.require_musicbrainz(second, rows)


def line(number: int) -> bytes:
    """Return the line of an artist."""
    return json.dumps({"id": MBID.format(number), "name": f"Artist {number}"}).encode() + b"\n"


def test_a_bad_line_between_good_ones_is_a_counted_finding_and_removes_nothing(
    loaded: Installation, tmp_path: Path
) -> None:
    bad = b'{"id": "%s", "name"' % MBID.format(2).encode()
    count = loaded.value("SELECT count(*) FROM musicbrainz.artists")

    # As many as are there, so that the bad one alone is a reason to remove none.
    good = [line(number) for number in range(100, 100 + count)]
    done = load_artists(loaded, tmp_path, "artist.jsonl", good[0] + bad + b"\n" + b"".join(good[1:]))

    assert done.code == 0, f"{done.stderr}\n{loaded.report()}"
    counts = done.result["types"]["artists"]
    assert (counts["records"], counts["new"], counts["dropped"], counts["removed"]) == (count + 1, count, 1, 0)
    assert "nothing removed: 1 records do not say which they are" in done.error
    assert loaded.value("SELECT count(*) FROM musicbrainz.artists") == 2 * count
    finding = "SELECT rule, record_id, excerpt FROM ingest_qualityfinding WHERE run_id = %s"
    assert loaded.ask(f"{finding} AND rule = 'malformed'", loaded.run[0]) == [("malformed", "unknown", bad)]
