"""Writing a month as dump files under their published names, sound or damaged."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Callable
from pathlib import Path
from random import Random

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


def write(
    source: str, version: str, month: Month, folder: Path, chance: Random, damaged: dict[str, str] | None = None
) -> Path:
    """Write the files of a month into a folder of their own and return it; ``damaged`` is type → kind of damage."""
    home = folder if source == Source.DISCOGS else folder / version
    home.mkdir(parents=True)
    sums = []
    for record_type, entries in month.items():
        pack = pack_discogs if source == Source.DISCOGS else pack_musicbrainz
        name, content = pack(record_type, version, entries, chance)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        if damage := (damaged or {}).get(record_type):
            content = DAMAGES[damage](chance, content)
        (home / name).write_bytes(content)
    # Without a list of checksums a damage of the bytes must show by itself.
    if chance.random() < 0.7 or "replaced by a web page" in (damaged or {}).values():
        (home / CHECKSUMS[Source(source)].format(version)).write_text("".join(sums), encoding="ascii")
    return folder


def pack_discogs(record_type: str, version: str, entries: list[Entry], chance: Random) -> Packed:
    lines = [b"<%s>" % record_type.encode(), *(entry.bytes for entry in entries), b"</%s>\n" % record_type.encode()]
    return f"discogs_{version}_{record_type}.xml.gz", gzip.compress(b"\n".join(lines), mtime=0)


def pack_musicbrainz(record_type: str, _: str, entries: list[Entry], chance: Random) -> Packed:
    entity, content = ENTITIES[record_type], b"\n".join(entry.bytes for entry in entries)
    if chance.random() < 0.5:
        return f"{entity}.jsonl.xz", lzma.compress(content, preset=0)
    return f"{entity}.tar.xz", lzma.compress(archive(entity, content), preset=0)
