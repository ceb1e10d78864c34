"""A small dump of two months that shows every case of the format; a comment on each record says which.

``first_month/`` and ``second_month/`` are plain XML, to be read and changed by hand. They hold bytes that an editor may
want to repair (a control character, a byte that is not UTF-8); those are cases too.
"""

import gzip
import hashlib
from pathlib import Path

TYPES = ("artists", "labels", "masters", "releases")
FIRST_MONTH = Path(__file__).parent / "first_month"
SECOND_MONTH = Path(__file__).parent / "second_month"


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
