"""Dump files that are not what they should be: an error that names the file and says what to do, and no harm done."""

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import snapshots
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Finished, Installation
from tests.dumps import FIRST_MONTH, pack

FILE = "discogs_20260201_artists.xml.gz"
GOOD = b"<artist><id>%d</id><name>Good</name></artist>"
BAD = b"<artist><id>%d</id><name>Bad</artist>"
SOUND = gzip.compress(b"<artists>" + GOOD % 1 + GOOD % 2 + b"</artists>")

FAULTS = {
    "a file that is cut short": (SOUND[:-12], "is cut short: fetch it again"),
    "a file that is no gzip": (b"<artists>" + GOOD % 1 + b"</artists>", "is no gzip file: fetch it again"),
    "a file with a byte changed": (SOUND[:40] + b"\xff" + SOUND[41:], "is damaged"),
    "a file with another behind it": (SOUND + b"<html>503</html>", "goes on after the end of its gzip data"),
    "a file with a damaged one behind it": (SOUND + SOUND[:40] + b"\xff" + SOUND[41:], "is damaged"),
    "another file under its name": (gzip.compress(b"<labels><label><id>1</id></label></labels>"), "holds no <artist>"),
    "a file of no bytes": (b"", "is empty"),
    "a gzip of nothing": (gzip.compress(b""), "holds no <artist> record: it is empty"),
    "a root without records": (gzip.compress(b"<artists></artists>"), "holds no <artist> record: it is empty"),
    "XML that ends inside of a record": (gzip.compress(b"<artists>" + GOOD % 1 + b"<artist><id>2"), "fetch it again"),
}


@pytest.fixture(scope="module")
def loaded(build: Build, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker) -> Iterator[Installation]:
    """Return an installation that holds the first month; only the last test changes that."""
    first = pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("first"))
    with open_installation(build, tmp_path_factory.mktemp("installation"), valkey) as installation:
        installation.load(first)
        yield installation


def load_artists(installation: Installation, folder: Path, content: bytes) -> Finished:
    (folder / FILE).write_bytes(content)
    return installation.manage("extract", "discogs", "--from", str(folder), "--types", "artists", "--json")


def require_refusal(done: Finished, *parts: str) -> None:
    """Fail unless a command said all of the parts and nothing that only a programmer understands."""
    assert done.code == 1, done
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.error


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_file_fails_its_run_and_changes_nothing(loaded: Installation, tmp_path: Path, fault: str) -> None:
    content, what_to_do = FAULTS[fault]
    with loaded.connect() as connection:
        before = snapshots.places(connection), snapshots.last_write_to_graph()
        done = load_artists(loaded, tmp_path, content)
        after = snapshots.places(connection), snapshots.last_write_to_graph()

    require_refusal(done, FILE, what_to_do)
    assert after == before
    assert "completed" not in loaded.run[1]
    assert len(done.stderr.splitlines()) == 1


def test_a_file_with_another_checksum_than_published_is_refused(loaded: Installation, tmp_path: Path) -> None:
    checksum = hashlib.sha256(b"another file").hexdigest()
    (tmp_path / "discogs_20260201_CHECKSUM.txt").write_text(f"{checksum}  {FILE}\n")

    require_refusal(
        load_artists(loaded, tmp_path, SOUND), f"{FILE} does not have its published SHA-256", "fetch it again"
    )
    assert loaded.value("SELECT count(*) FROM artists WHERE data_id IN (1, 2)") == 0


def test_a_hundred_and_one_malformed_records_fail_their_file(loaded: Installation, tmp_path: Path) -> None:
    records = b"".join(BAD % number for number in range(1000, 1101))
    before = loaded.value("SELECT count(*) FROM artists")

    done = load_artists(loaded, tmp_path, gzip.compress(b"<artists>" + records + b"</artists>"))

    require_refusal(done, FILE, "malformed records, more than INGEST_MALFORMED_LIMIT (100)", "raise the limit")
    assert loaded.run[1] == "failed"
    assert loaded.value("SELECT count(*) FROM artists") == before


def test_a_malformed_record_between_good_ones_is_a_finding(loaded: Installation, tmp_path: Path) -> None:
    records = GOOD % 1 + BAD % 2 + b"<artist><id>3</id><name>Bell\x07 &#7;Book</name></artist>" + GOOD % 4
    finding = "SELECT file.path, record_id, excerpt FROM ingest_qualityfinding AS finding"
    finding += " JOIN ingest_dumpfile AS file ON file.id = file_id WHERE rule = 'malformed' AND record_id = '2'"
    done = load_artists(loaded, tmp_path, gzip.compress(b"<artists>" + records + b"</artists>"))

    assert done.code == 0, f"{done.stderr}\n{loaded.report()}"
    assert loaded.ask("SELECT data_id, data ->> 'name' FROM artists WHERE data_id < 5 ORDER BY 1") == [
        (1, "Good"),
        (3, "Bell Book"),
        (4, "Good"),
    ]
    assert loaded.ask(finding) == [(str(tmp_path / FILE), "2", BAD % 2)]
