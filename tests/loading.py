"""Runs without workers: each stage is called by hand, so that a test can leave one out, repeat it or stop behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from apps.catalog import completion, loader
from apps.catalog.musicbrainz import loading as entity_loading
from apps.catalog.musicbrainz import tables as entity_tables
from apps.catalog.rows import EntityRows, TableRows
from apps.graph import writer
from apps.graph.musicbrainz import due, enrichment
from apps.graph.rows import GraphRows
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.discogs import splitting, stage
from apps.ingest.models import Chunk, DumpFile, Run, Source
from apps.ingest.musicbrainz import extraction
from apps.ingest.runs import starting
from apps.ingest.sources import discogs
from apps.ingest.sources.discogs_ids import LAST_ID
from tasks.pipelines import do_maintenance, finish_file, pipeline_of


def month(*, rewrite: Any = False, **records: Any) -> Run:
    """Load a dump that has these records of each type given, from the first stage to the last.

    A type has a list of records, which are one chunk, or a list of such lists.
    """
    run = start(*records, rewrite=rewrite)
    for record_type, given in records.items():
        add_chunks(run, record_type, given)
    load(run)
    return run


def edition(**lines: Sequence[str]) -> Run:
    """Load a dump of MusicBrainz that has these lines of each type given."""
    run = start(source=Source.MUSICBRAINZ, types=list(lines))
    for record_type, given in lines.items():
        add_file(run, record_type, first_load=entity_tables.is_empty(record_type))
        chunk = add_chunk(run, record_type, *given)
        extraction.extract(reload(chunk), entity_tables.read_known, EntityRows(chunk.pk))
        loader.merge(reload(chunk), entity_loading.MERGING)
    complete_files(run)
    for chunk in chunks_of(run, linked_at=None):
        enrichment.link(chunk)
    finish(run)
    return run


def forget_editions() -> None:
    """Take everything of MusicBrainz out of both stores, and its runs out of the ledger."""
    with connection.cursor() as cursor:
        for record_type in entity_tables.TABLES:
            cursor.execute(entity_tables.statement(due.ALL_DUE, record_type), {"type": record_type})
        for table in (*entity_tables.TABLES.values(), "musicbrainz.relationships", "musicbrainz.external_links"):
            cursor.execute(f"DELETE FROM {table}")
    enrichment.settle_all()
    Run.objects.filter(source=Source.MUSICBRAINZ).delete()


def start(*types: str, stores: Sequence[str] = ("graph", "tables"), **fields: Any) -> Run:
    """Enter a run into the ledger whose files are split, though without a chunk yet."""
    version = f"2026{Run.objects.count() + 1:04}"
    given = {"source": Source.DISCOGS, "version": version, "folder": "", "types": list(types), "stores": list(stores)}
    run = Run.objects.create(**{**given, **fields})
    for record_type in types:
        add_file(run, record_type)
    return run


def add_file(run: Run, record_type: str, **fields: Any) -> DumpFile:
    given = {"path": f"{record_type}.xml", "bytes": 1, "split_at": Now()}
    if "first_load" not in fields:
        given["first_load"] = loader.is_empty(record_type)
    return DumpFile.objects.create(run=run, type=record_type, **{**given, **fields})


def add_chunks(run: Run, record_type: str, records: Sequence[Any]) -> list[Chunk]:
    """Add chunks whose ranges of ids follow one another, as splitting makes them."""
    lists = [records] if not records or isinstance(records[0], str) else records
    found = list(splitting.add_ranges(map(join_records, lists), discogs.grammar(record_type)))
    run.files.filter(type=record_type).update(may_repeat=any(each.shared_ids for each in found))
    chunks = []
    for chunk, each in zip(found, lists, strict=True):
        made = add_chunk(run, record_type, *each, low_id=chunk.low_id, high_id=chunk.high_id)
        Chunk.objects.filter(pk=made.pk).update(shared_ids=chunk.shared_ids)
        chunks.append(made)
    return chunks


def join_records(records: Iterable[str]) -> bytes:
    return "\n".join(records).encode("utf-8", "surrogateescape")


def add_chunk(run: Run, record_type: str, *records: str, low_id: int = 1, high_id: int = LAST_ID) -> Chunk:
    """Put records into the spool and their chunk into the ledger."""
    file = run.files.get(type=record_type)
    seq = file.chunks.count()
    blob = f"{run.pk}/{record_type}/{seq}.xml.zst"
    spool.write(blob, spool.compress(join_records(records)))
    return Chunk.objects.create(file=file, seq=seq, low_id=low_id, high_id=high_id, sha256=bytes(32), xml_blob=blob)


def load(run: Run) -> None:
    """Take a run through all stages that it lacks."""
    load_tables(run)
    if run.has_graph:
        load_nodes(run)
        link(run)
        finish(run)
    else:
        starting.complete(run)


def load_tables(run: Run) -> None:
    """Extract a run's chunks, write them into their tables and complete its files."""
    for chunk in chunks_of(run, extracted_at=None):
        extract(chunk)
    for chunk in chunks_of(run, tabled_at=None):
        loader.load(chunk)
    if not run.has_graph:
        complete_files(run)


def load_nodes(run: Run) -> None:
    for chunk in chunks_of(run, graphed_at=None):
        writer.load(chunk)
    complete_files(run)


def link(run: Run) -> None:
    for chunk in chunks_of(run, linked_at=None):
        pipeline_of(chunk.file).link(chunk)


def finish(run: Run) -> None:
    """Do the maintenance of a run and end it."""
    run.refresh_from_db()
    while do_maintenance(run):
        run.refresh_from_db()
    starting.complete(run)
    run.refresh_from_db()


def complete_files(run: Run) -> None:
    for file in run.files.all():
        assert completion.complete(file.pk, finish_file)


def extract(chunk: Chunk) -> None:
    found = reload(chunk)
    rows: list[Any] = [TableRows(found.pk)]
    rows += [GraphRows(found.file.type, is_bulk=found.file.run.bulk)] if found.file.run.has_graph else []
    stage.extract(found, loader.read_known, rows)


def reload(chunk: Chunk) -> Chunk:
    """Return a chunk as the ledger has it now."""
    return Chunk.objects.select_related("file__run").get(pk=chunk.pk)


def chunks_of(run: Run, **conditions: Any) -> Iterable[Chunk]:
    """Return a run's chunks, in order, that have not given up."""
    given = {f"{name}__isnull" if value is None else name: value is None or value for name, value in conditions.items()}
    return list(
        Chunk.objects.select_related("file__run").filter(file__run=run, failed_stage="", **given).order_by("pk")
    )


def give_up(chunk: Chunk, stage: str) -> None:
    """Let a stage of a chunk end as a dead letter."""
    ledger.record_dead_letter(reload(chunk), stage, "tests", "ValueError: it was not to be")
