"""Write the graph's part of a chunk as CSV files for ``neo4j-admin database import``, in place of Cypher.

The files of a chunk wait in the spool below ``<run>/import``, one folder for each group. What chunks share (people,
relationships that two records assert, figures of labels) waits below ``<run>/import/shared`` and is put together by
``apps.graph.bulk.grouping``. Every file has a name of its own, so a repeated stage writes the same bytes again.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import orjson

from apps.graph.dangling import Ends
from apps.graph.fields import join, quote, write_number
from apps.graph.links import resolve_rows
from apps.graph.people import CATEGORIES, People, write_shared
from apps.graph.rows import Row
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.models import Chunk

igzip: ModuleType
try:
    from isal import igzip
except ImportError:
    igzip = gzip

LEVEL = 1
# The delimiter of a list's elements. XML has no such character.
SEPARATOR = "\x1f"
# The import's buffers, of 4 MiB, have to hold the longest value. A file with a longer row is named by what it needs.
LONG_ROW_CHARACTERS = 2 * 1024**2


@dataclass(frozen=True, slots=True)
class Group:
    """The nodes of a label or the relationships of a type between two labels, with the header of their CSV files."""

    option: str  # "nodes" or "relationships"
    name: str
    header: str


FIGURES = "release_count:long,artist_count:long"
COUNTS = ",".join(f"{each}_count:long" for each in ("credit", *CATEGORIES))
# Folder → group. All ids are strings, in the import as in the graph.
GROUPS = {
    "artists": Group("nodes", "Artist", "id:ID(Artist),name,resource_url,releases_url,sha256,rev:long"),
    "labels": Group("nodes", "Label", f"id:ID(Label),name,sha256,rev:long,{FIGURES},genre_count:long"),
    "masters": Group("nodes", "Master", "id:ID(Master),title,year:long,sha256,rev:long"),
    "releases": Group(
        "nodes", "Release", "id:ID(Release),title,year:long,formats:string[],catalog_number,sha256,rev:long"
    ),
    "genres": Group("nodes", "Genre", f"name:ID(Genre),{FIGURES},label_count:long,style_count:long,first_year:long"),
    "styles": Group("nodes", "Style", f"name:ID(Style),{FIGURES},label_count:long,genre_count:long,first_year:long"),
    "people": Group("nodes", "Person", f"name:ID(Person),{COUNTS}"),
    "releases_by": Group("relationships", "BY", ":START_ID(Release),:END_ID(Artist)"),
    "releases_on": Group("relationships", "ON", ":START_ID(Release),:END_ID(Label)"),
    "releases_derived": Group("relationships", "DERIVED_FROM", ":START_ID(Release),:END_ID(Master)"),
    "releases_genres": Group("relationships", "IS", ":START_ID(Release),:END_ID(Genre)"),
    "releases_styles": Group("relationships", "IS", ":START_ID(Release),:END_ID(Style)"),
    "releases_credits": Group(
        "relationships", "CREDITED_ON", ":END_ID(Release),:START_ID(Person),role,category,artist_id"
    ),
    "masters_by": Group("relationships", "BY", ":START_ID(Master),:END_ID(Artist)"),
    "masters_genres": Group("relationships", "IS", ":START_ID(Master),:END_ID(Genre)"),
    "masters_styles": Group("relationships", "IS", ":START_ID(Master),:END_ID(Style)"),
    "aliases": Group("relationships", "ALIAS_OF", ":START_ID(Artist),:END_ID(Artist)"),
    "members": Group(
        "relationships", "MEMBER_OF", ":START_ID(Artist),:END_ID(Artist),by_source:boolean,by_target:boolean"
    ),
    "sublabels": Group(
        "relationships", "SUBLABEL_OF", ":START_ID(Label),:END_ID(Label),by_source:boolean,by_target:boolean"
    ),
    "same_as": Group("relationships", "SAME_AS", ":START_ID(Person),:END_ID(Artist),credits:long"),
    "part_of": Group("relationships", "PART_OF", ":START_ID(Style),:END_ID(Genre),weight:long"),
}
API = "https://api.discogs.com/artists/"


class Parts:
    """Collects the CSV rows of one chunk: ``rows`` by group, and ``shared`` by what they are to be grouped into."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = defaultdict(list)
        self.shared: dict[str, list[str]] = defaultdict(list)
        self.people = People()
        self.names: dict[str, set[str]] = {"genres": set(), "styles": set()}
        self.blank_formats: list[str] = []

    def add_artist(self, row: Row) -> None:
        """Add an artist and the relationships that its record asserts."""
        key, url = row["id"], API + row["id"]
        self.rows["artists"].append(f"{key},{quote(row['name'])},{url},{url}/releases,{row['sha256']},{row['rev']}")
        self.rows["aliases"] += (f"{alias},{key}" for alias in row["aliases"])
        self.shared["members"] += (f"{member},{key},,true" for member in row["members"])
        self.shared["members"] += (f"{key},{group},true," for group in row["groups"])

    def add_label(self, row: Row) -> None:
        """Add a label and the relationships that its record asserts."""
        key = row["id"]
        self.shared["labels"].append(f"{key},{quote(row['name'])},{row['sha256']},{row['rev']}")
        self.shared["sublabels"] += (f"{key},{parent},true," for parent in row["parents"])
        self.shared["sublabels"] += (f"{sublabel},{key},,true" for sublabel in row["sublabels"])

    def add_master(self, row: Row) -> None:
        """Add a master and the relationships that its record asserts."""
        key = row["id"]
        self.rows["masters"].append(
            f"{key},{quote(row['title'])},{write_number(row['year'])},{row['sha256']},{row['rev']}"
        )
        self.add_references("masters", row)

    def add_release(self, row: Row) -> None:
        """Add a release, the relationships that its record asserts, and the counts of the people that it credits."""
        key, formats = row["id"], row["formats"]
        if formats == [""]:
            # CSV cannot tell this list from an empty one, so it is set after the import.
            self.blank_formats.append(key)
        written = quote(None if formats is None else SEPARATOR.join(formats))
        self.rows["releases"].append(
            f"{key},{quote(row['title'])},{write_number(row['year'])},{written},{quote(row['catalog_number'])},"
            f"{row['sha256']},{row['rev']}"
        )
        self.add_references("releases", row)
        self.rows["releases_on"] += (f"{key},{label}" for label in row["labels"])
        self.rows["releases_derived"] += (f"{key},{master}" for master in row["masters"])
        self.rows["releases_credits"] += (
            f"{key},{quote(name)},{quote(role)},{category},{artist or ''}"
            for name, role, category, artist in row["credits"]
        )
        self.people.add(row["credits"])

    def add_references(self, record_type: str, row: Row) -> None:
        """Add the relationships that releases and masters have both."""
        key = row["id"]
        self.rows[f"{record_type}_by"] += (f"{key},{artist}" for artist in row["artists"])
        for kind, found in self.names.items():
            self.rows[f"{record_type}_{kind}"] += (f"{key},{quote(name)}" for name in row[kind])
            found.update(row[kind])

    def list_shared(self) -> dict[str, list[str]]:
        """Return what is to be put together with that of other chunks: kind → CSV rows."""
        return {
            **self.shared,
            **self.people.list_shared(),
            **{kind: list(map(quote, sorted(found))) for kind, found in self.names.items()},
            "blank_formats": self.blank_formats,
        }


ADD: dict[str, Callable[[Parts, Row], None]] = {
    "artists": Parts.add_artist,
    "labels": Parts.add_label,
    "masters": Parts.add_master,
    "releases": Parts.add_release,
}


def link(chunk: Chunk) -> dict[str, int]:
    """Write a chunk's nodes and relationships as files, then its mark. A repeat writes the same files.

    References to records that no dump has become dangling references, as over Bolt.
    """
    record_type, run = chunk.file.type, chunk.file.run
    parts, ends, add = Parts(), Ends(run.source, None), ADD[record_type]
    with spool.open_blob(f"{chunk.batch}.links") as lines:
        for line in lines:
            for row in resolve_rows(record_type, orjson.loads(line), ends):
                add(parts, row)
    name = f"{record_type}-{chunk.seq:06d}"
    for folder, rows in parts.rows.items():
        if rows:
            write_part(run.pk, folder, name, rows)
    write_shared(run.pk, name, parts.list_shared())
    counts = count(parts.rows)
    # After the files: if the process dies in between, the stage is repeated. Its blob is deleted last for that.
    ledger.mark(chunk, "link", **counts)
    spool.delete(f"{chunk.batch}.links")
    return counts


def count(rows: dict[str, list[str]]) -> dict[str, int]:
    """Return the numbers of nodes and relationships among the rows."""
    found = {"nodes": 0, "relationships": 0}
    for folder, each in rows.items():
        found[GROUPS[folder].option] += len(each)
    return {f"{option}_written": number for option, number in found.items()}


def write_part(run: int, folder: str, name: str, rows: Sequence[str]) -> None:
    """Write one CSV file of a group."""
    longest = max(map(len, rows))
    suffix = f"-long{2 * longest // 1024**2 + 1}" if longest > LONG_ROW_CHARACTERS else ""
    spool.write(f"{run}/import/{folder}/{name}{suffix}.csv.gz", igzip.compress(join(rows), LEVEL))
