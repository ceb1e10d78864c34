"""Lists of checksums as tools and editors write them: read, or refused with the line."""

import codecs
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from apps.ingest.errors import DumpError
from apps.ingest.sources.checksums import parse, read

SHA, OTHER = "ab" * 32, "cd" * 32
NAME = "discogs_20260601_labels.xml.gz"
ARTISTS = "discogs_20260601_artists.xml.gz"


@pytest.mark.parametrize(
    "line",
    [
        f"{SHA}  {NAME}",
        f"{SHA} *{NAME}",
        f"{SHA} {NAME}",
        f"{SHA}\t{NAME}  ",
        f"  {SHA}  {NAME}",
        f"{SHA.upper()}  {NAME}\r",
        f"{SHA}  data/2026/{NAME}",
        f"{SHA} *./{NAME}",
        f"\\{SHA}  C:\\\\dumps\\\\{NAME}",
        f"SHA256 ({NAME}) = {SHA}",
        f"SHA256 (data/2026/{NAME}) = {SHA.upper()}\r",
        f"SHA256({NAME})= {SHA}",
        f"SHA2-256({NAME})= {SHA}",
        f"\\SHA256 (C:\\\\dumps\\\\{NAME}) = {SHA}",
    ],
)
@pytest.mark.parametrize(
    "before", ["", "\ufeff", f"# a comment\n\n{OTHER}  {ARTISTS}\n", f"\ufeff{OTHER}  {ARTISTS}\n"]
)
def test_a_line_of_any_tool_is_read(before: str, line: str) -> None:
    assert parse(f"{before}{line}\n", "CHECKSUM")[NAME] == SHA


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "ascii"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_may_be_in_utf_8_or_utf_16(tmp_path: Path, encoding: str, end: str) -> None:
    (tmp_path / "sums").write_bytes(f"{SHA}  {NAME}{end}{OTHER}  {ARTISTS}{end}".encode(encoding))

    assert read(tmp_path / "sums") == {NAME: SHA, ARTISTS: OTHER}


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE])
def test_either_order_of_utf_16_is_read(tmp_path: Path, mark: bytes) -> None:
    name = "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le"
    (tmp_path / "sums").write_bytes(mark + f"{SHA} *{NAME}\r\n".encode(name))

    assert read(tmp_path / "sums") == {NAME: SHA}


@pytest.mark.parametrize(
    "command",
    [
        ["sha256sum", NAME],
        ["sha256sum", "-b", NAME],
        ["sha256sum", "--tag", NAME],
        ["shasum", "-a", "256", NAME],
        ["shasum", "-a", "256", "--tag", NAME],
        ["openssl", "dgst", "-sha256", NAME],
        ["openssl", "dgst", "-sha256", "-r", NAME],
    ],
    ids=" ".join,
)
def test_what_a_tool_of_this_machine_writes_is_read(tmp_path: Path, command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    (tmp_path / NAME).write_bytes(b"content")
    written = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert parse(written, "CHECKSUM") == {NAME: hashlib.sha256(b"content").hexdigest()}


@pytest.mark.parametrize(
    "line",
    [
        *("<html>", "-----BEGIN PGP SIGNED MESSAGE-----", f"MD5 ({NAME}) = {'ab' * 16}", f"{'ab' * 64}  {NAME}"),
        *("", "# " + ARTISTS, "not a checksum", f"{'ab' * 16}  README"),
    ],
)
def test_other_lines_are_passed_over_if_nothing_is_lost_with_them(line: str) -> None:
    assert parse(f"{line}\n{SHA}  {NAME}\n{line}\n", "CHECKSUM") == {NAME: SHA}


@pytest.mark.parametrize(
    "text",
    [
        *("<html>503</html>", SHA, f"{SHA}  -", f"{SHA[:-1]}  {NAME}", f"{SHA}0  {NAME}", f"{'ab' * 16}  {NAME}"),
        *(f"MD5 ({NAME}) = {'ab' * 16}", f"SHA512 ({NAME}) = {'ab' * 64}", f"{NAME}: {SHA}", f"{NAME}  {SHA}"),
        *(f"SHA256 ({NAME}) = {SHA[:-2]}", f"Hash : {SHA}\nPath : C:\\{NAME}", f"{SHA}{NAME}", "\x1f\x8b\x08\0\0"),
        *(f"{OTHER}  {ARTISTS}\n{NAME}: {SHA}", f"{OTHER}  {ARTISTS}\n{SHA[:-1]}  {NAME}"),
        f"{OTHER}  {ARTISTS}\nSHA-256 of artist.tar.xz: {SHA}",
    ],
)
def test_a_list_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(DumpError, match=r"CHECKSUM has a line that cannot be read, .*: a line is a SHA-256"):
        parse(text, "CHECKSUM")


def test_two_checksums_of_one_file_are_refused() -> None:
    assert parse(f"{SHA}  {NAME}\n{SHA} *./{NAME}\n", "CHECKSUM") == {NAME: SHA}

    with pytest.raises(DumpError, match=f"CHECKSUM has two checksums of {NAME}"):
        parse(f"{SHA}  2025/{NAME}\n{OTHER}  2026/{NAME}\n", "CHECKSUM")


def test_an_empty_list_has_no_checksums() -> None:
    assert parse("\n# nothing yet\n", "CHECKSUM") == {}


def test_a_list_that_is_not_there_has_none_and_one_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path / "CHECKSUM") == {}

    with pytest.raises(DumpError, match="cannot be read: Is a directory"):
        read(tmp_path)


def test_a_long_line_is_refused_in_no_time() -> None:
    with pytest.raises(DumpError, match=r"a{90}"):
        parse("a" * 5_000_000, "CHECKSUM")
