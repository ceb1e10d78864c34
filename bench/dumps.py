"""Synthetic dumps of two months, made once for each size and kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

GENERATOR = Path(__file__).with_name("gen_discogs_dump.py")
TYPES = ("artists", "labels", "masters", "releases")
DATES = ("20260101", "20260201")


@dataclass(frozen=True, slots=True)
class Size:
    """How many records a dump has, and in which of the two shapes of Discogs' history."""

    artists: int
    labels: int
    masters: int
    releases: int
    shape: str


@dataclass(frozen=True, slots=True)
class Dump:
    """The four files of one month; ``records`` by type."""

    folder: Path
    date: str
    records: dict[str, int]

    @property
    def total(self) -> int:
        """Records of all types."""
        return sum(self.records.values())

    def path(self, record_type: str) -> Path:
        """Return one of the files."""
        return self.folder / f"discogs_{self.date}_{record_type}.xml.gz"


def make(parent: Path, size: Size, edition: int) -> Dump:
    """Return the dump of a month, 0 or 1; it is made if it is not there yet."""
    name = "-".join(str(value) for value in (*asdict(size).values(), edition))
    folder, unfinished = parent / name, parent / f"{name}.tmp"
    if not folder.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        options = [f"--{key}={value}" for key, value in asdict(size).items()]
        command = [
            sys.executable,
            str(GENERATOR),
            f"--out={unfinished}",
            f"--date={DATES[edition]}",
            f"--edition={edition}",
        ]
        subprocess.run([*command, *options], check=True)
        unfinished.replace(folder)
    files = json.loads((folder / "manifest.json").read_text())["files"].values()
    return Dump(folder, DATES[edition], {file["kind"]: file["records"] for file in files})
