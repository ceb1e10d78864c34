"""The sources: one object for each names what it does where the ways of their records differ.

What finishes a file (``completion.FINISH``) and what is done after the last relationship (``aftercare.STEPS``) differ
too; those tables are beside what they name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.catalog import loader, readback, written
from apps.catalog import musicbrainz as entity_tables
from apps.catalog.rows import EntityRows, TableRows
from apps.graph import links
from apps.graph import musicbrainz as enrichment
from apps.graph.rows import GraphRows
from apps.ingest.chunks import stages
from apps.ingest.discogs.extraction import Rows
from apps.ingest.feed import publishing
from apps.ingest.models import Chunk, Source
from apps.ingest.musicbrainz import extraction

Stage = Callable[[Chunk], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a source's records: how a file is cut, what each stage does with a chunk, and what became of it.

    ``is_empty`` tells of a type whether its table has no row; ``written`` yields what a chunk wrote, for the feed.
    """

    is_empty: Callable[[str], bool]
    cut: stages.Cut
    extract: Stage
    load: Stage
    link: Stage
    written: publishing.WrittenBy


def extract_discogs(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk of Discogs, from its dump or from the table in its stead."""
    run = chunk.file.run
    rows: list[Rows] = [TableRows(chunk.pk)] if "tables" in run.stores else []
    rows += [GraphRows(chunk.file.type)] if run.has_graph else []
    return stages.extract(chunk, loader.known, rows) if chunk.file.path else readback.extract(chunk, rows)


def extract_musicbrainz(chunk: Chunk) -> dict[str, int]:
    """Extract a chunk of MusicBrainz."""
    return extraction.extract(chunk, entity_tables.known, EntityRows(chunk.pk))


WAYS = {
    Source.DISCOGS.value: Way(
        is_empty=loader.is_empty,
        cut=stages.cut_discogs,
        extract=extract_discogs,
        load=loader.load,
        link=links.link,
        written=written.written_by,
    ),
    Source.MUSICBRAINZ.value: Way(
        is_empty=entity_tables.is_empty,
        cut=extraction.cut,
        extract=extract_musicbrainz,
        load=entity_tables.load,
        link=enrichment.link,
        written=entity_tables.written_by,
    ),
}


def way_of(chunk: Chunk) -> Way:
    """Return the way of a chunk's records."""
    return WAYS[chunk.file.run.source]


def is_empty(source: str, record_type: str) -> bool:
    """Tell whether the table of a source's type has no row."""
    return WAYS[source].is_empty(record_type)
