"""A spool without room: said before the split where that can be seen, else when it happens, and no harm done."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, pack

SPOOL_BYTES = 256 * 1024
# The dump files of a few KB then seem to need more than there is.
LARGE_FACTOR = "1000"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own, of a few hundred KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SPOOL_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def cramped(build: Build, tmp_path: Path, valkey: ValkeyBroker, small_disk: Path) -> Iterator[Installation]:
    """Return an installation whose spool is on the small disk; its commands run workers of their own."""
    folder = tmp_path / "installation"
    with open_installation(
        build, folder, valkey, with_worker=False, SPOOL_URL=str(small_disk / "spool")
    ) as installation:
        yield installation


def test_a_full_disk_fails_the_run_with_what_to_do_and_the_next_one_loads(
    cramped: Installation, tmp_path: Path, small_disk: Path
) -> None:
    dump = pack(FIRST_MONTH, "20260101", tmp_path / "dump")
    extract = ("extract", "discogs", "--from", str(dump), "--local", "--json")

    seen = cramped.manage(*extract, INGEST_SPOOL_FACTOR=LARGE_FACTOR)
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * (SPOOL_BYTES - 8 * 1024))
    met = cramped.manage(*extract, INGEST_SPOOL_FACTOR="0")
    rows = cramped.value("SELECT count(*) FROM releases")
    filler.unlink()
    freed = cramped.manage(*extract, INGEST_SPOOL_FACTOR="0")

    assert (seen.code, met.code) == (1, 1), cramped.report()
    assert f"The spool {small_disk}/spool has" in seen.error
    assert "free some, or set SPOOL_URL, and load again" in seen.error
    assert f"No space left in the spool {small_disk}/spool: free some and load again" in met.error
    assert rows == 0
    assert freed.code == 0, f"{freed.stderr}\n{cramped.ledger()}"
    cramped.require(dump)
