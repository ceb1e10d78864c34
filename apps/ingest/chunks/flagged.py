"""Files that show the records which have findings, in ``flagged/VERSION/TYPE/``.

The task that extracts a chunk writes the chunk's flagged records: ``ID.xml`` (``ID.jsonl`` for MusicBrainz) and
``ID.json``. The lists and the report are written once, from the rows of ``QualityFinding``, when the dump file is
complete. So two chunks never write to the same list. The rows are the truth: if the folder cannot be written, loading
continues without these files.

Contract: docs/contract/data.md#flagged-records.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings
from django.db.models import Count

from apps.ingest import ledger
from apps.ingest.chunks.outcome import SEVERITIES, Finding
from apps.ingest.models import Chunk, DumpFile, QualityFinding
from apps.ingest.sources.registry import DUMPS

logger = logging.getLogger(__name__)

# The bytes of a record in the dump. A large MusicBrainz line is a memoryview, which avoids a copy.
Content = bytes | memoryview
SKIP = "skip"
SHOWN = ("error", "warning")
# An id comes from the dump and may be hostile: a slash or ".." would lead out of the folder.
UNSAFE = re.compile(r"[^A-Za-z0-9._-]|\.\.")
ID_CHARACTERS = 40


def folder(file: DumpFile) -> Path:
    """Return the folder for the flagged records of one dump file."""
    return Path(settings.QUALITY_ROOT) / "flagged" / safe_name(file.run.version) / file.type


def safe_name(record_id: str) -> str:
    """Turn a record's id into a safe file name; the id may be any text."""
    return UNSAFE.sub("_", record_id[:ID_CHARACTERS]) or "_"


def write_records(
    chunk: Chunk,
    findings: Sequence[tuple[str, Finding, bytes]],
    contents: Iterable[tuple[str, Content]],
    as_json: Callable[[Content], bytes | None],
) -> None:
    """Write the chunk's flagged records, at most ``QUALITY_FRAGMENTS`` for each rule and dump file.

    ``contents`` yields (id, bytes in the dump). A record that it lacks is written as the excerpt of its finding.
    ``as_json`` turns a record's bytes into the JSON that would be stored, or returns None for an unreadable record.
    """
    shown = choose_records(chunk, findings)
    if not shown:
        return
    # ``contents`` is walked once and only kept where it is shown: for a chunk it is as large as the chunk itself.
    sources = {record_id: content for record_id, content in contents if record_id in shown}
    fragment = DUMPS[chunk.file.run.source].fragment
    try:
        target = folder(chunk.file)
        target.mkdir(parents=True, exist_ok=True)
        for record_id, excerpt in shown.items():
            content = sources.get(record_id, excerpt)
            stem = safe_name(record_id)
            if content:
                replace(target / f"{stem}.{fragment}", content)
            if content and (record := as_json(content)) is not None:
                replace(target / f"{stem}.json", record)
    except OSError as error:
        logger.warning("flagged records of %s are not written: %s", chunk, error)


def choose_records(chunk: Chunk, findings: Sequence[tuple[str, Finding, bytes]]) -> dict[str, bytes]:
    """Return record id → excerpt for the records to write.

    The limit is not exact: processes that count at the same moment may each write a record for the last free place.
    """
    room: dict[str, int] = {}
    shown: dict[str, bytes] = {}
    for record_id, finding, excerpt in findings:
        if finding.rule != SKIP and finding.severity not in SHOWN:
            continue
        if finding.rule not in room:
            room[finding.rule] = settings.QUALITY_FRAGMENTS - count_others(chunk, finding.rule)
        if room[finding.rule] > 0:
            room[finding.rule] -= 1
            shown.setdefault(record_id, excerpt)
    return shown


def count_others(chunk: Chunk, rule: str) -> int:
    """Count a rule's findings from the file's other chunks, up to ``QUALITY_FRAGMENTS``."""
    # The chunk's own findings are in the table already, and the caller counts those itself.
    others = chunk.file.findings.filter(rule=rule).exclude(chunk=chunk)
    return others[: settings.QUALITY_FRAGMENTS].count()


def report(file: DumpFile) -> None:
    """Write the lists and the report of a complete dump file. The call is idempotent."""
    target = folder(file)
    try:
        target.mkdir(parents=True, exist_ok=True)
        # One look at the folder, not one question for each finding: a file may have very many.
        names = {path.name for path in target.iterdir()}
        with open_replacement(target / "violations.jsonl") as out:
            out.writelines(list_lines(file, file.findings.exclude(rule=SKIP), names))
        with open_replacement(target / "skipped.jsonl") as out:
            out.writelines(list_lines(file, file.findings.filter(rule=SKIP), names))
        with open_replacement(target / "report.txt") as out:
            out.writelines(f"{line}\n".encode() for line in report_lines(file))
    except OSError as error:
        ledger.note(
            file.run, "not written", f"{target}: {error.strerror}. The findings are in the admin; see QUALITY_ROOT"
        )


def list_lines(file: DumpFile, findings: Any, names: set[str]) -> Iterator[bytes]:
    """Yield one line of JSON for each finding."""
    for finding in findings.order_by("pk").iterator():
        yield orjson.dumps(describe_finding(finding, file, names), option=orjson.OPT_APPEND_NEWLINE)


def describe_finding(finding: QualityFinding, file: DumpFile, names: set[str]) -> dict[str, Any]:
    """Return a finding in the fields of the lists. ``names``: the files in the folder of the flagged records.

    A skipped record has a reason, others have a rule and a severity.
    """
    fragment, stem = DUMPS[file.run.source].fragment, safe_name(finding.record_id)
    return {
        "record_id": finding.record_id,
        **{key: getattr(finding, key) for key in (("reason",) if finding.rule == SKIP else ("rule", "severity"))},
        "field": finding.field,
        "field_value": finding.value,
        f"{fragment}_file": name_of(f"{stem}.{fragment}", names),
        "json_file": name_of(f"{stem}.json", names),
        # The start of the run, not the present time: a repeated call writes the same bytes.
        "timestamp": file.run.started_at.isoformat(),
    }


def name_of(name: str, names: set[str]) -> str | None:
    """Return the file's name if it is one of ``names``, else None."""
    return name if name in names else None


def report_lines(file: DumpFile) -> Iterator[str]:
    """Yield the lines of the report: counts by severity, counts by rule, then each skipped record and its reason."""
    counts = list(file.findings.values("severity", "rule").annotate(found=Count("pk")).order_by("-found", "rule"))
    total: Counter[str] = Counter()
    for row in counts:
        total[row["severity"]] += row["found"]
    yield f"{file.run.get_source_display()} {file.run.version}, {file.type}"
    yield ""
    yield from (f"{severity}: {total[severity]:,}" for severity in SEVERITIES)
    yield ""
    yield from (f"{row['severity']:<8} {row['rule']:<40} {row['found']:>12,}" for row in counts)
    yield ""
    yield "Skipped records"
    skipped: Any = QualityFinding.objects.filter(file=file, rule=SKIP).order_by("pk")
    for record_id, reason in skipped.values_list("record_id", "reason").iterator():
        yield f"{record_id}: {reason}"


def replace(path: Path, content: Content) -> None:
    """Write a file atomically, over an existing one if there is one."""
    with open_replacement(path) as out:
        out.write(content)


@contextmanager
def open_replacement(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces ``path`` when the block ends without an error."""
    # The random name keeps two processes that write the same path from sharing a temporary file.
    attempt = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with attempt.open("wb") as out:
            yield out
        attempt.replace(path)
    finally:
        attempt.unlink(missing_ok=True)
