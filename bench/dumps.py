"""Synthetic dumps of two months of both sources, made once for each size and kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

GENERATOR = Path(__file__).with_name("gen_discogs_dump.py")
MUSICBRAINZ_GENERATOR = Path(__file__).with_name("gen_musicbrainz_dump.py")
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
    """The four files of one month; ``date`` of Discogs; ``records`` by type."""

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
    """Return the Discogs dump of a month, 0 or 1; it is made if it is not there yet."""
    name = "-".join(str(value) for value in (*asdict(size).values(), edition))
    options = [*(f"--{key}={value}" for key, value in asdict(size).items()), f"--date={DATES[edition]}"]
    folder = generate(GENERATOR, parent / name, [*options, f"--edition={edition}"])
    files = json.loads((folder / "manifest.json").read_text())["files"].values()
    return Dump(folder, DATES[edition], {file["kind"]: file["records"] for file in files})


def make_musicbrainz(parent: Path, size: Size, edition: int) -> Dump:
    """Return the MusicBrainz dump, edition 0 or 1, that belongs to a Discogs dump of a size."""
    counts = {
        "artists": size.releases,
        "labels": size.releases // 10,
        "release-groups": size.releases * 3 // 10,
        "releases": size.releases // 2,
        "relations": size.releases * 3,
    }
    known = {f"discogs-{each}": getattr(size, each) for each in TYPES}
    options = [f"--{key}={value}" for key, value in {**counts, **known}.items()]
    folder = generate(
        MUSICBRAINZ_GENERATOR, parent / f"musicbrainz-{size.releases}-{edition}", [*options, f"--edition={edition}"]
    )
    (version,) = folder.iterdir()
    files = json.loads((version / "manifest.json").read_text())["files"].items()
    return Dump(folder, version.name, {f"{entity}s": file["lines"] for entity, file in files})


def generate(generator: Path, folder: Path, options: list[str]) -> Path:
    """Return a generator's folder, which is either whole or not there."""
    unfinished = folder.with_name(f"{folder.name}.tmp")
    if not folder.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run([sys.executable, str(generator), f"--out={unfinished}", *options], check=True)
        unfinished.replace(folder)
    return folder
