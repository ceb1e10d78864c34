"""Files of MusicBrainz: which is whose, and reading archives that are not as they should be."""

import io
import lzma
import tarfile
from pathlib import Path

import pytest

from apps.ingest.chunks.reading import HashingReader
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


def pack(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return an archive, with the zeros behind it that tar writes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    path.write_bytes(lzma.compress(pack(members)))
    return path


def read(path: Path, warnings: list[str] | None = None) -> bytes:
    with path.open("rb") as raw:
        found = musicbrainz.blocks(HashingReader(raw), path, "artist", 1000, (warnings or []).append)
        return b"".join(found)


NOTES = {"TIMESTAMP": b"2026-01-07 00:10:01+00\n", "JSON_DUMPS_SCHEMA_NUMBER": b"1\n"}
ONE, OTHER = {**NOTES, "mbdump/artist": b'{"id": "1"}'}, {**NOTES, "mbdump/artist": b'{"id": "2"}\n'}
BARE = 3 * 1024  # ONE without the zeros behind it: three members, a header and a block of content each
BOTH = b'{"id": "1"}\n{"id": "2"}\n'


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (pack(ONE)[:BARE], ONE["mbdump/artist"]),
        (pack(ONE)[:BARE] + bytes(512), ONE["mbdump/artist"]),
        (pack(ONE)[:BARE] + bytes(1024), ONE["mbdump/artist"]),
        (pack(ONE) + bytes(3_000_000), ONE["mbdump/artist"]),
        (pack(ONE) + bytes(100), ONE["mbdump/artist"]),
        (pack(ONE) + pack(OTHER), BOTH),
        (pack(ONE)[:BARE] + pack(OTHER), BOTH),
        (pack(ONE) + bytes(99 * 512) + pack(OTHER), BOTH),
        (pack({"./mbdump/artist": b"{}"}), b"{}"),
        (pack(OTHER, tarfile.GNU_FORMAT), OTHER["mbdump/artist"]),
        (pack(OTHER, tarfile.USTAR_FORMAT), OTHER["mbdump/artist"]),
        (pack({"a/" * 150: b"long", **OTHER}), OTHER["mbdump/artist"]),
    ],
    ids=[
        *("no end", "half an end", "no padding", "much padding", "odd padding", "joined", "joined without an end"),
        *("joined behind padding", "with a dot", "GNU", "ustar", "a long name before"),
    ],
)
def test_an_archive_of_every_tool_is_read(tmp_path: Path, content: bytes, lines: bytes) -> None:
    path = tmp_path / "artist.tar.xz"
    path.write_bytes(lzma.compress(content))

    assert read(path) == lines


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_an_archive_in_several_streams_is_read(tmp_path: Path, parts: int) -> None:
    path, content = tmp_path / "artist.tar.xz", pack(ONE) + pack(OTHER)
    size = -(-len(content) // parts)
    path.write_bytes(
        b"".join(lzma.compress(content[at : at + size]) + bytes(512) for at in range(0, len(content), size))
    )

    assert read(path) == BOTH


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (pack(ONE) + b"<html>".ljust(512), "is damaged"),
        (pack(ONE)[:BARE] + b"x" * 512 + pack(OTHER), "is damaged"),
        (pack(ONE)[:1024] + b"\1" + pack(ONE)[1025:], "is damaged"),
        (b"\1" + pack(ONE)[1:], "is damaged"),
        (pack(ONE) + b"<html>", "is cut short"),
        (pack(ONE)[: BARE - 600], "is cut short"),
        (pack(ONE)[: BARE - 512], "is cut short"),
        (pack(ONE)[: BARE - 1000], "is cut short"),
        (pack(ONE) + pack(OTHER)[: BARE - 512], "is cut short"),
        (b"", "is cut short"),
        (bytes(10_240), "has no mbdump/artist"),
        (pack({"mbdump/artist/artist": b"{}"}), "has no mbdump/artist"),
    ],
)
def test_damage_of_an_archive_is_told(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "artist.tar.xz"
    path.write_bytes(lzma.compress(content))

    with pytest.raises(DumpError, match=problem):
        read(path)


def test_a_link_in_the_place_of_the_lines_is_none(tmp_path: Path) -> None:
    member = tarfile.TarInfo("mbdump/artist")
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    (tmp_path / "artist.tar.xz").write_bytes(lzma.compress(member.tobuf() + bytes(1024)))

    with pytest.raises(DumpError, match="has no mbdump/artist"):
        read(tmp_path / "artist.tar.xz")


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
