"""Files that show flagged records beside the rows of their findings: ``flagged/VERSION/TYPE/``.

Whoever extracts a chunk writes its records, ``ID.xml`` (of MusicBrainz ``ID.jsonl``) and ``ID.json``; the lists and the
report are written from the rows when the file is complete. So no two processes ever write to one file. The rows are the
truth: where the folder cannot be written, loading goes on without these files.

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
from xml.etree.ElementTree import Element

import orjson
from django.conf import settings
from django.db.models import Count

from apps.ingest import ledger
from apps.ingest.discogs import normalising, parsing
from apps.ingest.discogs.rules import SEVERITIES, Finding, Rules
from apps.ingest.models import Chunk, DumpFile, QualityFinding
from apps.ingest.sources import discogs
from apps.ingest.sources.registry import DUMPS

logger = logging.getLogger(__name__)

# A record as it stands in a dump.
Content = bytes | memoryview
SKIP = "skip"
SHOWN = ("error", "warning")
UNSAFE = re.compile(r"[^A-Za-z0-9._-]|\.\.")
ID_CHARACTERS = 40


def folder(file: DumpFile) -> Path:
    """Return where the files of one dump file are."""
    return Path(settings.QUALITY_ROOT) / "flagged" / safe_name(file.run.version) / file.type


def safe_name(record_id: str) -> str:
    """Make a file name of an id, which may be anything that stood in a dump."""
    return UNSAFE.sub("_", record_id[:ID_CHARACTERS]) or "_"


def keep(
    chunk: Chunk,
    findings: Sequence[tuple[str, Finding, bytes]],
    contents: Iterable[tuple[str, Content]],
    as_json: Callable[[Content], bytes | None],
) -> None:
    """Write the records of a chunk that its findings are about, as long as their rule has room for more.

    ``contents`` has (id, bytes as they stand in the dump); of what it lacks, the excerpt is written. ``as_json`` makes
    of them the JSON that would be stored, or None if they cannot be read.
    """
    shown = chosen(chunk, findings)
    if not shown:
        return
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


def chosen(chunk: Chunk, findings: Sequence[tuple[str, Finding, bytes]]) -> dict[str, bytes]:
    """Return record id → excerpt of those records that are to be shown.

    Several processes may find room for the last ones at once, so a rule has some more than its limit at most.
    """
    room: dict[str, int] = {}
    shown: dict[str, bytes] = {}
    for record_id, finding, excerpt in findings:
        if finding.rule != SKIP and finding.severity not in SHOWN:
            continue
        if finding.rule not in room:
            room[finding.rule] = settings.QUALITY_FRAGMENTS - counted(chunk, finding.rule)
        if room[finding.rule] > 0:
            room[finding.rule] -= 1
            shown.setdefault(record_id, excerpt)
    return shown


def counted(chunk: Chunk, rule: str) -> int:
    """Return how many findings of a rule the file has from other chunks, as far as that matters."""
    others = chunk.file.findings.filter(rule=rule).exclude(chunk=chunk)
    return others[: settings.QUALITY_FRAGMENTS].count()


def normalised(content: Content, record_type: str, rules: Rules) -> bytes | None:
    """Return the JSON of a record of Discogs as it would be stored, or None if it cannot be read."""
    try:
        element = next(parsing.elements([bytes(content)], discogs.grammar(record_type)))
        if not isinstance(element, Element):
            return None
        rules.apply(record_type, element)
        return orjson.dumps(normalising.normalise(record_type, element, set()), option=orjson.OPT_INDENT_2)
    except (RecursionError, ValueError, TypeError):
        return None


def report(file: DumpFile) -> None:
    """Write the lists and the report of a file whose findings are complete; once more, and they are the same."""
    target = folder(file)
    try:
        target.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in target.iterdir()}
        with replacing(target / "violations.jsonl") as out:
            out.writelines(lines(file, file.findings.exclude(rule=SKIP), names, {"rule", "severity"}))
        with replacing(target / "skipped.jsonl") as out:
            out.writelines(lines(file, file.findings.filter(rule=SKIP), names, {"reason"}))
        with replacing(target / "report.txt") as out:
            out.writelines(f"{line}\n".encode() for line in report_lines(file))
    except OSError as error:
        ledger.note(
            file.run, "not written", f"{target}: {error.strerror}. The findings are in the admin; see QUALITY_ROOT"
        )


def lines(file: DumpFile, findings: Any, names: set[str], own: set[str]) -> Iterator[bytes]:
    """Yield a line of JSON for each finding; ``own`` are the keys that its kind has beside the common ones."""
    began = file.run.started_at.isoformat()
    fragment = DUMPS[file.run.source].fragment
    for finding in findings.order_by("pk").iterator():
        stem = safe_name(finding.record_id)
        line: dict[str, Any] = {
            "record_id": finding.record_id,
            **{key: getattr(finding, key) for key in ("rule", "severity", "reason") if key in own},
            "field": finding.field,
            "field_value": finding.value,
            f"{fragment}_file": name_of(f"{stem}.{fragment}", names),
            "json_file": name_of(f"{stem}.json", names),
            "timestamp": began,
        }
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def name_of(name: str, names: set[str]) -> str | None:
    """Return a file's name if it is there."""
    return name if name in names else None


def report_lines(file: DumpFile) -> Iterator[str]:
    """Yield the report: counts for each severity and rule, and the skipped records."""
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
    """Write a file in the place of another one."""
    with replacing(path) as out:
        out.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of another one when it is written whole."""
    attempt = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with attempt.open("wb") as out:
            yield out
        attempt.replace(path)
    finally:
        attempt.unlink(missing_ok=True)
