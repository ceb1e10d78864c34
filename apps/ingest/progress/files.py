"""How far a run is, read from the ledger: for the command's bars."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from apps.ingest.models import Chunk, DumpFile, Run


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far one file is. Stages are counted in chunks, of which there are ``chunks`` once the file is split."""

    type: str
    fetched_share: float | None  # of the file's bytes, 0 … 1; None: it need not be fetched
    fetched_bytes: int
    split_share: float  # of the file's bytes, 0 … 1
    chunks: int
    extracted: int
    tabled: int
    graphed: int
    linked: int
    records: int


def of(run: Run) -> list[FileProgress]:
    """Return the progress of a run's files, in one query for all."""
    done = {
        "extracted": Count("pk", filter=Q(extracted_at__isnull=False)),
        "tabled": Count("pk", filter=Q(tabled_at__isnull=False)),
        "graphed": Count("pk", filter=Q(graphed_at__isnull=False)),
        "linked": Count("pk", filter=Q(linked_at__isnull=False)),
        "chunks": Count("pk"),
        "records": Sum("records", default=0),
    }
    rows = Chunk.objects.filter(file__run=run).values("file_id").annotate(**done).values_list("file_id", *done)
    counts = {file_id: dict(zip(done, values, strict=True)) for file_id, *values in rows}
    return [of_file(file, counts.get(file.pk, dict.fromkeys(done, 0))) for file in run.files.order_by("pk")]


def of_file(file: DumpFile, counts: dict[str, int]) -> FileProgress:
    """Put one file's progress together."""
    return FileProgress(
        type=file.type,
        fetched_share=file.fetched_share if file.url else None,
        fetched_bytes=file.bytes_fetched,
        split_share=file.split_share,
        **counts,
    )
