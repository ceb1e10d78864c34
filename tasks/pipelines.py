"""The pipelines: one object for each source says how its records get from a dump file into both stores.

To add a source, write its stages and add a ``Pipeline`` here (docs/how-to/add-a-source.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from apps.catalog import completion, loader, readback, written
from apps.catalog.musicbrainz import loading as entity_loading
from apps.catalog.musicbrainz import tables as entity_tables
from apps.catalog.rows import EntityRows, TableRows
from apps.collections import outbox
from apps.graph import links, post_load
from apps.graph.bulk import parts
from apps.graph.musicbrainz import enrichment
from apps.graph.post_load import Maintenance
from apps.graph.rows import GraphRows
from apps.ingest.chunks import stages
from apps.ingest.discogs import stage
from apps.ingest.discogs.extraction import Rows
from apps.ingest.models import Chunk, DumpFile, Run, Source
from apps.ingest.musicbrainz import extraction as entities

Stage = Callable[[Chunk], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The functions that load one source. Each stage takes a chunk and returns its counts.

    is_empty: tells whether a type's table is empty.
    split: enters a file's chunks into the ledger.
    finish: completes a file whose chunks are all in the tables; returns the number of removed rows.
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
    stages.split(file, stage.cut)


def extract_discogs(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk of Discogs."""
    return stage.extract(chunk, loader.read_known, rows_for(chunk))


def extract_table(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk from its table, in place of a dump."""
    return readback.extract(chunk, rows_for(chunk))


def rows_for(chunk: Chunk) -> list[Rows]:
    """Return the row writers of the stores that a chunk's run loads."""
    run = chunk.file.run
    # Both stores' rows are made in one pass over the records, so a record is parsed once for both of them.
    rows: list[Rows] = [TableRows(chunk.pk)] if "tables" in run.stores else []
    return rows + ([GraphRows(chunk.file.type, is_bulk=run.bulk)] if run.has_graph else [])


def split_musicbrainz(file: DumpFile) -> None:
    """Split a file of MusicBrainz."""
    stages.split(file, entities.cut)


def extract_musicbrainz(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk of MusicBrainz."""
    return entities.extract(chunk, entity_tables.read_known, EntityRows(chunk.pk))


DISCOGS = Pipeline(
    is_empty=loader.is_empty,
    split=split_discogs,
    extract=extract_discogs,
    load=loader.load,
    finish=completion.finish_discogs,
    link=links.link,
    maintenance=post_load.DISCOGS,
    read_written=written.read_written,
)
MUSICBRAINZ = Pipeline(
    is_empty=entity_tables.is_empty,
    split=split_musicbrainz,
    extract=extract_musicbrainz,
    load=entity_loading.load,
    finish=completion.finish_musicbrainz,
    link=enrichment.link,
    maintenance=post_load.MUSICBRAINZ,
    read_written=entity_loading.read_written,
)
# Rebuilds the graph from the tables: their rows take the place of a dump (decision 11).
# Makes the graph by Neo4j's offline import (decision 184).
BULK = replace(DISCOGS, link=parts.link, maintenance=post_load.BULK)
REBUILD = replace(DISCOGS, split=readback.split, extract=extract_table, finish=completion.finish_rebuild)

PIPELINES: dict[str, Pipeline] = {Source.DISCOGS: DISCOGS, Source.MUSICBRAINZ: MUSICBRAINZ}


def pipeline_of(file: DumpFile) -> Pipeline:
    """Return the pipeline of a file. A file without a path is a table that is read back."""
    if file.run.bulk:
        return BULK
    return PIPELINES[file.run.source] if file.path else REBUILD


def is_empty(source: str, record_type: str) -> bool:
    """Tell whether the table of a source's type is empty."""
    return PIPELINES[source].is_empty(record_type)


def finish_file(file: DumpFile) -> int:
    """Finish a file whose chunks are all in the tables; return the number of removed rows."""
    return pipeline_of(file).finish(file)


def do_maintenance(run: Run) -> bool:
    """Do the next step of a run's maintenance; return False if no step is left.

    Then the graph also has the relationships of users with the releases that the run brought.
    """
    pipeline = BULK if run.bulk else PIPELINES[run.source]
    if post_load.do_next_step(run, pipeline.maintenance):
        return True
    if run.has_graph and run.source == Source.DISCOGS:
        outbox.restore()
    return False
