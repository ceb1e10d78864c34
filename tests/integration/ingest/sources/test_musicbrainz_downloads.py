"""Fetching the dumps of MusicBrainz from a site that is laid out like theirs."""

from pathlib import Path
from typing import Any

import pytest

from apps.ingest.errors import DumpError, NothingToDoError, RunError
from apps.ingest.models import Run, Source
from apps.ingest.runs import published, starting
from apps.ingest.runs.starting import Options
from apps.ingest.sources import fetching
from tests.integration.conftest import MUSICBRAINZ_VERSIONS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
OLD, NEW = MUSICBRAINZ_VERSIONS


def begin(**options: Any) -> Run:
    return published.start(Options(source=Source.MUSICBRAINZ, **options), is_empty=lambda *_: True)


def test_the_version_that_latest_names_is_fetched_into_its_folder(musicbrainz_site: Path, tmp_path: Path) -> None:
    run = begin()
    for file in run.files.order_by("pk"):
        fetching.fetch(file)

    assert run.version == NEW
    for entity in ("artist", "label", "release-group", "release"):
        name = f"{NEW}/{entity}.tar.xz"
        assert (tmp_path / "musicbrainz" / name).read_bytes() == (musicbrainz_site / name).read_bytes()
    # What is here now loads from its folder, verified.
    starting.cancel(run)
    again = starting.start(
        Options(source=Source.MUSICBRAINZ), folder=tmp_path / "musicbrainz", is_empty=lambda *_: True
    )
    assert all(again.files.values_list("checksum", flat=True))


def test_without_latest_the_index_says_what_is_newest(musicbrainz_site: Path) -> None:
    (musicbrainz_site / "LATEST").unlink()

    assert published.offer(Options(source=Source.MUSICBRAINZ)).version == NEW


def test_another_version_can_be_asked_for_if_it_is_there(musicbrainz_site: Path) -> None:
    assert published.offer(Options(source=Source.MUSICBRAINZ, version=OLD)).version == OLD
    with pytest.raises(RunError, match=f"There are {NEW}, {OLD}"):
        published.offer(Options(source=Source.MUSICBRAINZ, version="20260701-001001"))


def test_a_version_without_a_checksum_of_each_file_is_not_complete(musicbrainz_site: Path) -> None:
    sums = musicbrainz_site / NEW / "SHA256SUMS"
    lines = sums.read_text().splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if "release-group" not in line))

    with pytest.raises((RunError, NothingToDoError), match="no checksum of release-group"):
        begin()


def test_a_file_that_is_not_what_was_published_fails(musicbrainz_site: Path) -> None:
    run = begin(types=["labels"])
    (musicbrainz_site / NEW / "label.tar.xz").write_bytes(b"something else")

    with pytest.raises(DumpError, match="SHA-256"):
        fetching.fetch(run.files.get())


def test_what_is_loaded_is_not_fetched_again(musicbrainz_site: Path) -> None:
    run = begin()
    run.files.update(state="completed")
    starting.complete(run)

    with pytest.raises(published.AlreadyLoadedError, match=f"Version {NEW} is loaded already"):
        begin()
