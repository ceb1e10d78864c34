"""The pipelines: one object says how the records of a source get from a dump file into both stores.

To add a source, write its stages and add a ``Pipeline`` here (docs/how-to/add-a-source.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from apps.catalog import completion, loader, readback, written
from apps.catalog import musicbrainz as entity_tables
from apps.catalog.rows import EntityRows, TableRows
from apps.graph import links, post_load
from apps.graph import musicbrainz as enrichment
from apps.graph.post_load import Maintenance
from apps.graph.rows import GraphRows
from apps.ingest.chunks import stages
from apps.ingest.discogs.extraction import Rows
from apps.ingest.models import Chunk, DumpFile, Run, Source
from apps.ingest.musicbrainz import extraction as entities

Stage = Callable[[Chunk], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How the files and chunks of one source are handled. Each stage takes a chunk and returns its counts.

    is_empty: tells whether the table of a type has no row.
    split: enters a file's chunks into the ledger.
    finish: does what is due when all chunks of a file are in the tables; returns how many rows were removed.
    read_written: yields (id, content hash in hex, JSON) of each record that a chunk wrote, for the feed.
    """

    is_empty: Callable[[str], bool]
    split: Callable[[DumpFile], None]
    extract: Stage
    load: Stage
    finish: Callable[[DumpFile], int]
    link: Stage
    maintenance: Maintenance
    read_written: Callable[[Chunk], Iterator[tuple[str, str, str]]]


def split_discogs(file: DumpFile) -> None:
    """Split a file of Discogs."""
    stages.split(file, stages.cut_discogs)


def extract_discogs(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk of Discogs."""
    return stages.extract(chunk, loader.known, rows_for(chunk))


def extract_table(chunk: Chunk) -> dict[str, int]:
    """Read a chunk of a table back, in place of a dump."""
    return readback.extract(chunk, rows_for(chunk))


def rows_for(chunk: Chunk) -> list[Rows]:
    """Return what makes the rows of the stores that a chunk of Discogs is for."""
    run = chunk.file.run
    rows: list[Rows] = [TableRows(chunk.pk)] if "tables" in run.stores else []
    return rows + ([GraphRows(chunk.file.type)] if run.has_graph else [])


def split_musicbrainz(file: DumpFile) -> None:
    """Split a file of MusicBrainz."""
    stages.split(file, entities.cut)


def extract_musicbrainz(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk of MusicBrainz."""
    return entities.extract(chunk, entity_tables.known, EntityRows(chunk.pk))


DISCOGS = Pipeline(
    is_empty=loader.is_empty,
    split=split_discogs,
    extract=extract_discogs,
    load=loader.load,
    finish=completion.finish_discogs,
    link=links.link,
    maintenance=post_load.DISCOGS,
    read_written=written.written_by,
)
MUSICBRAINZ = Pipeline(
    is_empty=entity_tables.is_empty,
    split=split_musicbrainz,
    extract=extract_musicbrainz,
    load=entity_tables.load,
    finish=completion.finish_musicbrainz,
    link=enrichment.link,
    maintenance=post_load.MUSICBRAINZ,
    read_written=entity_tables.written_by,
)
# The graph is made again from the tables: their rows stand for the dump.
REBUILD = replace(DISCOGS, split=readback.split, extract=extract_table, finish=completion.finish_rebuild)

PIPELINES: dict[str, Pipeline] = {Source.DISCOGS: DISCOGS, Source.MUSICBRAINZ: MUSICBRAINZ}


def pipeline_of(file: DumpFile) -> Pipeline:
    """Return the pipeline of a file: a file without a path is a table that is read back."""
    return PIPELINES[file.run.source] if file.path else REBUILD


def is_empty(source: str, record_type: str) -> bool:
    """Tell whether the table of a source's type has no row."""
    return PIPELINES[source].is_empty(record_type)


def finish_file(file: DumpFile) -> int:
    """Do what is due when all chunks of a file are in the tables; return how many rows were removed."""
    return pipeline_of(file).finish(file)


def do_maintenance(run: Run) -> bool:
    """Do the next step of a run's maintenance; return False if there is none."""
    return post_load.do_next_step(run, PIPELINES[run.source].maintenance)
