"""gzip and xz as tools write them, whole and damaged, however they are read."""

import base64
import gzip
import io
import lzma
import random
import struct
import zlib
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.errors import DumpError
from apps.ingest.sources import compression
from apps.ingest.sources.compression import GZIP, XZ, Format, ZlibDecompressor, open_content

ZLIB = replace(GZIP, open=ZlibDecompressor, error=zlib.error)
TEXT = b"".join(b"line %d\n" % number for number in range(2000))
NOISE = random.Random(1).randbytes(5000)
PACKED: dict[str, Any] = {"gzip": gzip.compress, "xz": lzma.compress}
FORMATS = pytest.mark.parametrize("kind", [GZIP, ZLIB, XZ], ids=["isal", "zlib", "xz"])
# What "seq -f 'line %g' 40 | xz --block-size=100" writes: one stream of four blocks.
BLOCKS = base64.b64decode(
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ABjACZdADYaSh8IoCtv/pTGQdMBWdXgQJCCtKMCOYt6s0Ljd6CGR2CF9/IAAAAAc5yDefHWoiMCAC"
    "EBFgAAAHQv5aPgAGMAJl0AGIz9UOYNTl/aURbCHNgLaAoyQBMMPtkfRqSwacEX9OX1451weAAAAABhBXmSJjSlCgIAIQEWAAAAdC/lo+AAYwAk"
    "XQA0m4jOdI9NNgPS1zSJPo6SXnRloTy25EE4l60fMYp5v2nnFAAAA0ff/onZZyMCACEBFgAAAHQv5aMBAAozOQpsaW5lIDQwCgAACNTrZvNjL1"
    "IABEJkQmRAZCMLAABuK7WZFBc7MAMAAAAABFla"
)


def read(content: bytes, kind: Format, block_bytes: int = 1000) -> bytes:
    opened = open_content(cast("Any", io.BytesIO)(content), kind)
    return b"".join(iter(lambda: opened.read(block_bytes), b""))


def refusal(content: bytes, kind: Format) -> str:
    with pytest.raises(DumpError) as caught:
        read(content, kind)
    return str(caught.value)


def header(flags: int, *fields: bytes) -> bytes:
    """Return a gzip member of TEXT whose header has optional fields."""
    packed = gzip.compress(TEXT)
    return packed[:3] + bytes([flags]) + packed[4:10] + b"".join(fields) + packed[10:]


def bgzip(content: bytes, block_bytes: int = 900) -> bytes:
    """Return what bgzip writes: members that say their size, and an empty one at the end."""
    blocks = []
    for start in range(0, len(content) + block_bytes, block_bytes):
        part = content[start : start + block_bytes]
        deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = deflate.compress(part) + deflate.flush()
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(packed) + 25)
        blocks.append(head + packed + struct.pack("<II", zlib.crc32(part), len(part)))
    return b"".join(blocks)


@pytest.mark.parametrize(
    "content",
    [
        header(8, b"labels.xml\0"),
        header(4, b"\x06\0AP\x02\0xy"),
        header(1 + 4 + 8 + 16, b"\x02\0ab", b"name\0", b"a comment\0"),
        bgzip(TEXT),
        gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:]),
        gzip.compress(TEXT, compresslevel=0),
        gzip.compress(b"") + gzip.compress(TEXT) + gzip.compress(b""),
    ],
    ids=["name", "extra field", "all fields", "bgzip", "joined", "stored", "empty members"],
)
@pytest.mark.parametrize("kind", [GZIP, ZLIB], ids=["isal", "zlib"])
def test_gzip_of_every_tool_is_read(content: bytes, kind: Format) -> None:
    assert read(content, kind) == TEXT


@pytest.mark.parametrize("check", [lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256])
def test_xz_of_every_check_is_read(check: int) -> None:
    assert read(lzma.compress(TEXT, check=check), XZ) == TEXT


def test_xz_of_several_threads_is_read() -> None:
    assert read(BLOCKS, XZ) == b"".join(b"line %d\n" % number for number in range(1, 41))


@FORMATS
@given(
    parts=st.lists(st.sampled_from([b"", b"a", TEXT, NOISE]), min_size=1, max_size=4),
    padding=st.lists(st.integers(0, 300), min_size=4, max_size=4),
    read_bytes=st.integers(1, 700),
    block_bytes=st.integers(1, 5000),
)
def test_streams_with_zeros_behind_them_are_read_whole_in_blocks_of_one_size(
    kind: Format, parts: list[bytes], padding: list[int], read_bytes: int, block_bytes: int
) -> None:
    packed = b"".join(
        PACKED[kind.name](part) + bytes(count * kind.padding) for part, count in zip(parts, padding, strict=False)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compression, "READ_BYTES", read_bytes)
        opened = open_content(cast("Any", io.BytesIO)(packed), kind)
        found = list(iter(lambda: opened.read(block_bytes), b""))

    assert b"".join(found) == b"".join(parts)
    assert {len(block) for block in found[:-1]} <= {block_bytes}


@FORMATS
@pytest.mark.parametrize("padding", [0, 512])
def test_a_file_that_is_cut_anywhere_is_cut_short(kind: Format, padding: int) -> None:
    """A cut right behind a stream cannot be seen: then the file is a shorter one that is whole."""
    first, second = PACKED[kind.name](TEXT), PACKED[kind.name](NOISE[:60])
    content = first + bytes(padding) + second

    for end in [*range(1, len(first)), *range(len(first) + padding + 1, len(content))]:
        assert refusal(content[:end], kind) == "is cut short: fetch it again"


@FORMATS
def test_a_changed_bit_in_any_stream_is_damage(kind: Format) -> None:
    """The header of gzip has bytes that mean nothing to us, and no sum over them."""
    packed = PACKED[kind.name](TEXT)
    free = range(3, 10) if kind.name == "gzip" else range(0)
    for start in (0, len(packed)):
        for place in set(range(len(packed))) - set(free):
            content = bytearray(packed * 2)
            content[start + place] ^= 0x10
            assert "fetch it again" in refusal(bytes(content), kind)


@FORMATS
@pytest.mark.parametrize("padding", [0, 4096])
@pytest.mark.parametrize("behind", [b"x", b"<html>", b"\0\0\0\0x", NOISE])
def test_what_is_no_stream_behind_the_last_one_is_told_with_its_place(
    kind: Format, padding: int, behind: bytes
) -> None:
    packed = PACKED[kind.name](TEXT) + bytes(padding)

    place = len(packed) + len(behind) - len(behind.lstrip(b"\0"))
    assert refusal(packed + behind, kind) == (
        f"goes on after the end of its {kind.name} data, at byte {place:,}: fetch it again"
    )


@FORMATS
@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "is empty"), (b"<artists>", "is no {} file"), (bytes(512), "is no {} file"), (NOISE, "is no {} file")],
)
def test_what_is_not_compressed_is_told(kind: Format, content: bytes, problem: str) -> None:
    assert refusal(content, kind) == f"{problem.format(kind.name)}: fetch it again"


@pytest.mark.parametrize("count", [1, 2, 3, 5, 131_073])
@pytest.mark.parametrize("behind", [b"", lzma.compress(b"x")])
def test_zeros_behind_xz_are_a_multiple_of_four(count: int, behind: bytes) -> None:
    packed = lzma.compress(TEXT)

    assert refusal(packed + bytes(count) + behind, XZ) == (
        f"is damaged at byte {len(packed):,} ({count:,} zeros are no padding of xz): fetch it again"
    )


@FORMATS
def test_much_content_is_not_held_at_once(kind: Format) -> None:
    packed = PACKED[kind.name](bytes(40_000_000))
    opened = open_content(cast("Any", io.BytesIO)(packed), kind)

    assert {len(block) for block in iter(lambda: opened.read(100_000), b"")} == {100_000}
