"""Fetching the dumps of MusicBrainz from a site that is laid out like theirs."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apps.ingest import fetching, published, runs
from apps.ingest.errors import DumpError, NothingToDoError, RunError
from apps.ingest.models import Run, Source
from tests.dumps import MUSICBRAINZ_FIRST, pack_musicbrainz

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
OLD, NEW = "20260801-001001", "20260805-001001"


class Quiet(SimpleHTTPRequestHandler):
    """A site of files and of pages that list them."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path, settings: Any) -> Iterator[Path]:
    folder = tmp_path / "site"
    for version in (OLD, NEW):
        pack_musicbrainz(MUSICBRAINZ_FIRST, version, folder)
    (folder / "LATEST").write_text(f"{NEW}\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MUSICBRAINZ_DUMP_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.MUSICBRAINZ_ROOT = str(tmp_path / "dumps")
    settings.FETCH_INTERVAL_SECONDS = 0
    yield folder
    server.shutdown()
    server.server_close()


def begin(**options: Any) -> Run:
    return published.start(is_empty=lambda _: True, source=Source.MUSICBRAINZ, **options)


def test_the_version_that_latest_names_is_fetched_into_its_folder(site: Path, tmp_path: Path) -> None:
    run = begin()
    for file in run.files.order_by("pk"):
        fetching.fetch(file)

    assert run.version == NEW
    for entity in ("artist", "label", "release-group", "release"):
        name = f"{NEW}/{entity}.tar.xz"
        assert (tmp_path / "dumps" / name).read_bytes() == (site / name).read_bytes()
    # What is here now loads from its folder, verified.
    runs.cancel(run)
    again = runs.start(folder=tmp_path / "dumps", source=Source.MUSICBRAINZ, is_empty=lambda _: True)
    assert all(again.files.values_list("checksum", flat=True))


def test_without_latest_the_index_says_what_is_newest(site: Path) -> None:
    (site / "LATEST").unlink()

    assert published.offer(source=Source.MUSICBRAINZ).version == NEW


def test_another_version_can_be_asked_for_if_it_is_there(site: Path) -> None:
    assert published.offer(OLD, source=Source.MUSICBRAINZ).version == OLD
    with pytest.raises(RunError, match=f"There are {NEW}, {OLD}"):
        published.offer("20260701-001001", source=Source.MUSICBRAINZ)


def test_a_version_without_a_checksum_of_each_file_is_not_complete(site: Path) -> None:
    sums = site / NEW / "SHA256SUMS"
    lines = sums.read_text().splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if "release-group" not in line))

    with pytest.raises((RunError, NothingToDoError), match="no checksum of release-group"):
        begin()


def test_a_file_that_is_not_what_was_published_fails(site: Path) -> None:
    run = begin(types=["labels"])
    (site / NEW / "label.tar.xz").write_bytes(b"something else")

    with pytest.raises(DumpError, match="SHA-256"):
        fetching.fetch(run.files.get())


def test_what_is_loaded_is_not_fetched_again(site: Path) -> None:
    run = begin()
    run.files.update(state="completed")
    runs.complete(run)

    with pytest.raises(published.AlreadyLoadedError, match=f"Version {NEW} is loaded already"):
        begin()
