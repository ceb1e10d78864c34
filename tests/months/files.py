"""Writing a month as dump files under their published names, sound or damaged."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType

from apps.ingest.models import Source
from tests.dumps import archive
from tests.months.entries import Entry
from tests.months.world import Month

ENTITIES = {"artists": "artist", "labels": "label", "release-groups": "release-group", "releases": "release"}
CHECKSUMS = {Source.DISCOGS: "discogs_{}_CHECKSUM.txt", Source.MUSICBRAINZ: "SHA256SUMS"}
Packed = tuple[str, bytes]
Damage = Callable[[Random, bytes], bytes]


def cut_short(chance: Random, content: bytes) -> bytes:
    return content[: chance.randint(1, len(content) - 1)]


def flip_bit(chance: Random, content: bytes) -> bytes:
    """Change one bit behind the header, where a checksum of the format itself covers it."""
    at = chance.randint(12, len(content) - 9)
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def replace_all(_: Random, content: bytes) -> bytes:
    return b"<html><body>Not found</body></html>" * (len(content) % 7 + 1)


def empty(_: Random, __: bytes) -> bytes:
    return b""


DAMAGES: dict[str, Damage] = {
    "cut short": cut_short,
    "with a bit flipped": flip_bit,
    "replaced by a web page": replace_all,
    "empty": empty,
}


MISSING = "missing"


def write(
    source: str,
    version: str,
    month: Month,
    folder: Path,
    chance: Random,
    *,
    damaged: Mapping[str, str] = MappingProxyType({}),
    is_odd: bool = False,
) -> Path:
    """Write the files of a month into a folder of their own and return it.

    ``damaged`` is type → kind of damage. ``is_odd``: the files are valid, and not as the publisher writes them today.
    """
    home = folder if source == Source.DISCOGS else folder / version
    home.mkdir(parents=True)
    sums = []
    for record_type, entries in month.items():
        pack = pack_discogs if source == Source.DISCOGS else pack_musicbrainz
        name, content = pack(record_type, version, entries, chance, is_odd=is_odd)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        damage = damaged.get(record_type)
        if damage != MISSING:
            (home / name).write_bytes(DAMAGES[damage](chance, content) if damage else content)
    # Without a list of checksums a damage must show by itself, which it does in plain gzip and xz.
    must_be_listed = damaged and (is_odd or "replaced by a web page" in damaged.values())
    if must_be_listed or chance.random() < 0.7:
        (home / CHECKSUMS[Source(source)].format(version)).write_text("".join(sums), encoding="ascii")
    return folder


def pack_discogs(record_type: str, version: str, entries: list[Entry], chance: Random, *, is_odd: bool) -> Packed:
    root = record_type.encode()
    lines = [b"<%s>" % root, *(entry.bytes for entry in entries), b"</%s>\n" % root]
    content = b"\n".join(lines)
    name = f"discogs_{version}_{record_type}.xml"
    if not is_odd:
        return f"{name}.gz", gzip.compress(content, mtime=0)
    if chance.random() < 0.2:
        return name, content
    return f"{name}.gz", b"".join(gzip.compress(each, mtime=0) for each in pieces(content, chance)) + zeros(chance, 1)


def pack_musicbrainz(record_type: str, _: str, entries: list[Entry], chance: Random, *, is_odd: bool) -> Packed:
    entity, content = ENTITIES[record_type], b"\n".join(entry.bytes for entry in entries)
    if is_odd and chance.random() < 0.2:
        return f"{entity}.jsonl", content
    is_archive = chance.random() < 0.5
    name, content = (f"{entity}.tar.xz", archive(entity, content)) if is_archive else (f"{entity}.jsonl.xz", content)
    if not is_odd:
        return name, lzma.compress(content, preset=0)
    return name, b"".join(lzma.compress(each, preset=0) + zeros(chance, 4) for each in pieces(content, chance))


def pieces(content: bytes, chance: Random) -> list[bytes]:
    """Cut some content into a few pieces, of which one may be empty."""
    cuts = sorted(chance.randint(0, len(content)) for _ in range(chance.randint(0, 2)))
    return [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]


def zeros(chance: Random, unit: int) -> bytes:
    """Return what may stand behind a stream."""
    return bytes(unit * chance.choice((0, 0, 1, 512)))
