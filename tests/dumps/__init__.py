"""Small dumps that show every case of the formats; a comment on each record says which.

``first_month/`` and ``second_month/`` are two months of Discogs, in plain XML; ``musicbrainz_first/`` and
``musicbrainz_second/`` are two editions of MusicBrainz that link to those months, in JSON Lines, where a line that
begins with ``//`` is a comment. All of it is to be read and changed by hand. They hold bytes that an editor may want to
repair (a control character, a byte that is not UTF-8); those are cases too.
"""

import gzip
import hashlib
import io
import lzma
import tarfile
from pathlib import Path

TYPES = ("artists", "labels", "masters", "releases")
FIRST_MONTH = Path(__file__).parent / "first_month"
SECOND_MONTH = Path(__file__).parent / "second_month"

ENTITIES = ("artist", "label", "release-group", "release")
MUSICBRAINZ_FIRST = Path(__file__).parent / "musicbrainz_first"
MUSICBRAINZ_SECOND = Path(__file__).parent / "musicbrainz_second"
# What an archive holds before the lines.
NOTES = {
    "TIMESTAMP": b"2026-01-07 00:10:01+00\n",
    "JSON_DUMPS_SCHEMA_NUMBER": b"1\n",
    "REPLICATION_SEQUENCE": b"190000\n",
    "SCHEMA_SEQUENCE": b"30\n",
    "COPYING": b"CC0\n",
    "README": b"A dump for tests\n",
}


def pack(month: Path, version: str, folder: Path) -> Path:
    """Write the four files of a month and their checksums into a folder under their published names; return the folder.

    Files of other versions that the folder holds stay there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checksums = []
    for type_ in TYPES:
        path = folder / f"discogs_{version}_{type_}.xml.gz"
        path.write_bytes(gzip.compress((month / f"{type_}.xml").read_bytes(), mtime=0))
        checksums.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    (folder / f"discogs_{version}_CHECKSUM.txt").write_text("".join(checksums), encoding="ascii")
    return folder


def pack_musicbrainz(edition: Path, version: str, folder: Path) -> Path:
    """Write the four archives of an edition and their checksums into ``folder/version``, as published; return that."""
    home = folder / version
    home.mkdir(parents=True, exist_ok=True)
    checksums = []
    for entity in ENTITIES:
        path = home / f"{entity}.tar.xz"
        path.write_bytes(lzma.compress(archive(entity, lines(edition / f"{entity}.jsonl")), preset=0))
        checksums.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()} *{path.name}\n")
    (home / "SHA256SUMS").write_text("".join(checksums), encoding="ascii")
    return home


def archive(entity: str, content: bytes) -> bytes:
    """Return the archive that has an entity's lines, not compressed yet."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, each in {**NOTES, f"mbdump/{entity}": content}.items():
            member = tarfile.TarInfo(name)
            member.size = len(each)
            made.addfile(member, io.BytesIO(each))
    return out.getvalue()


def lines(path: Path) -> bytes:
    """Return the lines of a file without its comments, and without a line break at the end, as published."""
    return b"\n".join(line for line in path.read_bytes().splitlines() if not line.startswith(b"//"))
