"""Files of MusicBrainz: which is whose, and reading archives that are not as they should be."""

import io
import lzma
import tarfile
from pathlib import Path

import pytest

from apps.ingest.discogs.splitting import HashingReader
from apps.ingest.errors import DumpError
from apps.ingest.sources import musicbrainz


@pytest.mark.parametrize(
    ("names", "file"),
    [
        (["release-group.tar.xz", "release.tar.xz"], "release.tar.xz"),
        (["mbdump-release.jsonl.xz", "release.jsonl"], "mbdump-release.jsonl.xz"),
        (["release.jsonl", "release.jsonl.xz"], "release.jsonl.xz"),
        (["my-release-of-may.jsonl"], "my-release-of-may.jsonl"),
        (["release-group.jsonl", "prerelease.jsonl"], None),
        (["release.jsonl.tmp", "release.json"], None),
    ],
)
def test_the_file_of_releases(names: list[str], file: str | None) -> None:
    assert musicbrainz.file_of("release", sorted(names)) == file


def test_the_file_of_release_groups_is_not_that_of_releases() -> None:
    assert musicbrainz.file_of("release-group", ["release-group.jsonl", "release.jsonl"]) == "release-group.jsonl"
    assert musicbrainz.file_of("release-group", ["release.jsonl"]) is None


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:xz") as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def read(path: Path, warnings: list[str] | None = None) -> bytes:
    with path.open("rb") as raw:
        found = musicbrainz.blocks(HashingReader(raw), path, "artist", 1000, (warnings or []).append)
        return b"".join(found)


def test_lines_come_straight_from_the_archive(tmp_path: Path) -> None:
    lines = b"\n".join(b'{"id": "%d"}' % number for number in range(5000))
    path = archive(tmp_path / "artist.tar.xz", {"JSON_DUMPS_SCHEMA_NUMBER": b"1\n", "mbdump/artist": lines})

    assert read(path) == lines


def test_another_schema_is_a_warning(tmp_path: Path) -> None:
    path = archive(tmp_path / "artist.tar.xz", {"JSON_DUMPS_SCHEMA_NUMBER": b"2\n", "mbdump/artist": b"{}"})
    warnings = [""]

    read(path, warnings)

    assert "'2'" in warnings[-1]


def test_an_archive_of_another_entity_is_none(tmp_path: Path) -> None:
    path = archive(tmp_path / "artist.tar.xz", {"mbdump/label": b"{}"})

    with pytest.raises(DumpError, match="has no mbdump/artist"):
        read(path)


@pytest.mark.parametrize("name", ["artist.tar.xz", "artist.jsonl.xz"])
def test_a_file_that_is_cut_short(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = b"\n".join(b'{"id": "%d"}' % (number * 7919 % 100_003) for number in range(20_000))
    if name.endswith(".tar.xz"):
        archive(path, {"mbdump/artist": lines})
    else:
        path.write_bytes(lzma.compress(lines))
    path.write_bytes(path.read_bytes()[:-2000])

    with pytest.raises(DumpError, match="fetch it again"):
        read(path)


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "artist.tar.xz"
    path.write_bytes(b"<html>not found</html>")

    with pytest.raises(DumpError, match="fetch it again"):
        read(path)
