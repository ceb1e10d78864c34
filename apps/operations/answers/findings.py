"""The findings of loaded versions, in the shapes of extraction analysis.

The old system kept them in files; here they are rows, and only the records that they are about are files
(``apps.ingest.chunks.flagged``). Contract: docs/contract/rest.md#administration.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.db.models import Count, Min, QuerySet
from rest_framework.exceptions import NotFound, ParseError

from apps.ingest.chunks import flagged
from apps.ingest.chunks.quality import RuleChange
from apps.ingest.models import DumpFile, FileState, QualityFinding, Run, RunState, Source
from apps.ingest.sources.registry import DUMPS

SOUND_NAME = re.compile(r"[a-zA-Z0-9._-]+")
# Only so many findings of a version are read one by one.
MOST_FINDINGS = 200_000
LARGEST_FRAGMENT = 512 * 1024
PREVIEW_CHARACTERS = 4096
SAMPLES = 5
CUT = "\n<!-- truncated -->"
# Phase → the states of a run in which it is under way, and those after it.
PHASES = {
    "extraction_phase": (RunState.EXTRACTING, (RunState.LINKING, RunState.MAINTAINING)),
    "linking_phase": (RunState.LINKING, (RunState.MAINTAINING,)),
    "maintenance_phase": (RunState.MAINTAINING, ()),
}
CLASSES = {"parsing_error": "parsing_errors", "source_issue": "source_issues", "indeterminate": "indeterminate"}

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A loaded version: its run, and type → dump file, of each type the one that was loaded last."""

    name: str
    run: Run
    files: Mapping[str, DumpFile]

    @property
    def findings(self) -> QuerySet[QualityFinding]:
        """All findings about values, by type and in the order of the file."""
        return self.rows.exclude(rule=flagged.SKIP)

    @property
    def skipped(self) -> QuerySet[QualityFinding]:
        """All records that were left out, likewise."""
        return self.rows.filter(rule=flagged.SKIP)

    @property
    def rows(self) -> QuerySet[QualityFinding]:
        """Everything that was noted."""
        files = list(self.files.values())
        return QualityFinding.objects.filter(file__in=files).select_related("file__run").order_by("file__type", "pk")


def list_versions() -> Found:
    """Return ``{versions: [{version, source, entity_types}]}``, those of Discogs first."""
    types: dict[tuple[str, str], set[str]] = {}
    rows = list_files().values_list("run__source", "run__version", "type").distinct()
    for source, version, record_type in rows:
        types.setdefault((source, version), set()).add(record_type)
    order = list(Source.values)
    return {
        "versions": [
            {"version": version, "source": source, "entity_types": sorted(found)}
            for (source, version), found in sorted(
                types.items(), key=lambda each: (order.index(each[0][0]), each[0][1])
            )
        ]
    }


def list_files() -> QuerySet[DumpFile]:
    """Return the dump files whose findings are complete."""
    return DumpFile.objects.filter(state=FileState.COMPLETED).exclude(path="")


def find_version(name: str) -> Version:
    """Return a version.

    Raises:
        ParseError: the name could lead out of a folder.
        NotFound: no such version was loaded.
    """
    check_name(name)
    files = list(list_files().filter(run__version=name).select_related("run").order_by("run__source", "run"))
    # The sources write their versions differently; if not, that of Discogs counts.
    found = {file.type: file for file in files if file.run.source == files[0].run.source}
    if not found:
        raise NotFound(f"Version {name} not found")
    return Version(name, max((file.run for file in found.values()), key=lambda run: run.pk), found)


def check_name(name: str) -> None:
    """Refuse a name that is no plain file name."""
    if not SOUND_NAME.fullmatch(name) or name in (".", ".."):
        raise ParseError(f"Invalid name {name!r}: use letters, digits, dots, hyphens and underscores")


def summarise(name: str) -> Found:
    """Return a version's findings in numbers."""
    version = find_version(name)
    counted = version.findings.order_by().values_list("rule", "file__type", "severity").annotate(Count("pk"))
    rules = sorted(counted)
    severities: Counter[str] = Counter()
    entities: dict[str, Counter[str]] = {}
    for _, record_type, severity, count in rules:
        severities[severity] += count
        entities.setdefault(record_type, Counter())[severity] += count
    return {
        "version": name,
        "source": version.run.source,
        "pipeline_status": get_phases(version.run),
        "skipped": summarise_skipped(version),
        "total": severities.total(),
        "by_severity": dict(severities),
        "by_entity": {
            record_type: {"total": counts.total(), "errors": counts["error"], "warnings": counts["warning"]}
            for record_type, counts in sorted(entities.items())
        },
        "by_rule": [
            {"rule": rule, "entity_type": record_type, "severity": severity, "count": count}
            for rule, record_type, severity, count in rules
        ],
    }


def get_phases(run: Run) -> dict[str, str]:
    """Return phase → pending, in_progress, completed or failed."""
    found = {}
    for phase, (under_way, after) in PHASES.items():
        if run.state in after or run.state in (RunState.COMPLETED, RunState.COMPLETED_WITH_WARNINGS):
            found[phase] = "completed"
        elif run.is_ended:
            found[phase] = "failed"
        else:
            found[phase] = "in_progress" if run.state == under_way else "pending"
    return found


def summarise_skipped(version: Version) -> Found:
    """Return type → ``{count, reasons}`` of the records that were left out, reasons in the order of the file."""
    found: Found = {}
    rows = version.skipped.order_by().values_list("file__type", "reason").annotate(Count("pk"), first=Min("pk"))
    for record_type, reason, count, _ in sorted(rows, key=lambda row: (row[0], row[3])):
        of_type = found.setdefault(record_type, {"count": 0, "reasons": []})
        of_type["count"] += count
        of_type["reasons"].append(reason)
    return found


def list_skipped(name: str, query: Mapping[str, Any]) -> Found:
    """Return a page of the records that were left out."""
    rows, total = read_page(find_version(name).skipped, query)
    return {"skipped": rows, "total": total, "page": query["page"], "page_size": query["page_size"]}


def list_violations(name: str, query: Mapping[str, Any]) -> Found:
    """Return a page of the findings about values."""
    found = find_version(name).findings
    for key in ("severity", "rule"):
        if key in query:
            found = found.filter(**{key: query[key]})
    rows, total = read_page(found, query)
    size = query["page_size"]
    pages = max(1, -(-total // size))
    return {
        "violations": rows,
        "pagination": {"page": query["page"], "page_size": size, "total_items": total, "total_pages": pages},
    }


def read_page(found: QuerySet[QualityFinding], query: Mapping[str, Any]) -> tuple[list[Found], int]:
    """Return a page of findings, perhaps of one type, and how many there are in all."""
    if "entity_type" in query:
        found = found.filter(file__type=query["entity_type"])
    begin = (query["page"] - 1) * query["page_size"]
    total = found.count()
    # PostgreSQL refuses an offset beyond 64 bits.
    rows = found[begin : begin + query["page_size"]] if begin < total else []
    return describe_all(rows), total


def describe_all(rows: Iterable[QualityFinding]) -> list[Found]:
    """Return findings as the contract has them."""
    names: dict[int, set[str]] = {}
    return [describe(row, names) for row in rows]


def describe(row: QualityFinding, names: dict[int, set[str]]) -> Found:
    """Return a finding. ``names``: file key → the names in its folder of flagged records, filled when needed."""
    if row.file_id not in names:
        folder = flagged.folder(row.file)
        names[row.file_id] = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    found = flagged.describe_finding(row, row.file, names[row.file_id])
    # Records of MusicBrainz are shown as they are in the dump too, as lines of JSON.
    found["xml_file"] = found.pop(f"{get_fragment(row.file)}_file")
    return {**found, "entity_type": row.file.type}


def get_fragment(file: DumpFile) -> str:
    """Return the ending of the files that show a record as it is in the dump."""
    return DUMPS[file.run.source].fragment


def get_record(name: str, record_id: str, entity_type: str | None) -> Found:
    """Return the findings about a record, with the record. Ids repeat across types: the first type counts.

    Raises:
        ParseError: the version or the id is no plain name.
        NotFound: there is no finding about it.
    """
    check_name(record_id)
    version = find_version(name)
    rows = list(version.findings.filter(record_id=record_id)[:MOST_FINDINGS])
    rows = [row for row in rows if row.file.type == (entity_type or rows[0].file.type)]
    if not rows:
        raise NotFound(f"Record {record_id} not found")
    raw, is_raw_cut = read_raw(rows[0])
    parsed, is_parsed_cut = read_parsed(rows[0])
    return {
        "record_id": record_id,
        "entity_type": rows[0].file.type,
        "violations": describe_all(rows),
        "raw_xml": raw,
        "parsed_json": parsed,
        "truncated": is_raw_cut or is_parsed_cut,
    }


def read_raw(row: QualityFinding) -> tuple[str | None, bool]:
    """Return a record as it is in the dump, and whether it is cut; None if it is not kept."""
    content = read_file(row, get_fragment(row.file))
    if content is None:
        return None, False
    is_cut = len(content) > LARGEST_FRAGMENT
    text = content[:LARGEST_FRAGMENT].decode(errors="replace")
    return (f"{text}{CUT}" if is_cut else text), is_cut


def read_parsed(row: QualityFinding) -> tuple[Found | None, bool]:
    """Return a record as it was parsed, and whether it is cut; None if it is not kept or no object."""
    content = read_file(row, "json")
    if content is None:
        return None, False
    if len(content) > LARGEST_FRAGMENT:
        preview = content[: 4 * PREVIEW_CHARACTERS].decode(errors="replace")[:PREVIEW_CHARACTERS]
        return {"_truncated": True, "_message": f"{len(content)} bytes, shown are the first", "_preview": preview}, True
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None, False
    return (parsed if isinstance(parsed, dict) else None), False


def read_file(row: QualityFinding, ending: str) -> bytes | None:
    """Return one byte more than may be shown of a flagged record's file; None if there is none."""
    path: Path = flagged.folder(row.file) / f"{flagged.safe_name(row.record_id)}.{ending}"
    try:
        with path.open("rb") as content:
            return content.read(LARGEST_FRAGMENT + 1)
    except OSError:
        return None


def classify_findings(name: str) -> Found:
    """Return the findings of a version by who is to blame: our parser, or the source."""
    found: dict[str, list[Found]] = {key: [] for key in CLASSES.values()}
    entities: dict[str, Counter[str]] = {}
    for row in find_version(name).findings[:MOST_FINDINGS].iterator(chunk_size=2000):
        each = classify(row)
        kind = CLASSES[each["classification"]]
        found[kind].append(each)
        entities.setdefault(each["entity_type"], Counter())[kind] += 1
    counts = {key: len(each) for key, each in found.items()}
    return {
        **found,
        "stats": {"total_analyzed": sum(counts.values()), **counts},
        "by_entity": {record_type: dict(each) for record_type, each in sorted(entities.items())},
    }


def classify(row: QualityFinding) -> Found:
    """Return a finding, and whether the dump has the value that the record lacks."""
    parts = row.field.split(".")
    raw, is_cut = read_raw(row)
    parsed, is_parsed_cut = read_parsed(row)
    in_dump = find_in_xml(raw, parts[-1]) if raw is not None and not is_cut else None
    # A list of elements is one key in the record: genres.genre is in genres.
    values = (find_in_json(parsed, part) for part in reversed(parts)) if not is_parsed_cut else ()
    in_record = next(filter(None, values), None)
    if raw is None or parsed is None or is_cut or is_parsed_cut:
        classification = "indeterminate"
    else:
        classification = "parsing_error" if in_dump is not None and in_record is None else "source_issue"
    return {
        "record_id": row.record_id,
        "entity_type": row.file.type,
        "rule": row.rule,
        "field": row.field,
        "xml_value": in_dump,
        "json_value": in_record,
        "classification": classification,
    }


def find_in_xml(text: str, leaf: str) -> str | None:
    """Return the text of the first element of a name, those of the record itself first; None if empty."""
    try:
        record = ET.fromstring(text)  # noqa: S314 - expat refuses entities that grow, since 2.4.1
    except ET.ParseError:
        return None
    elements = [*(child for child in record if child.tag == leaf), *record.iter(leaf)] if leaf else []
    return next((each.text or "" for each in elements), "").strip() or None


def find_in_json(value: Any, leaf: str) -> str | None:
    """Return the first value under a key, as text, own keys before nested ones; None if empty."""
    if isinstance(value, dict):
        if leaf in value and value[leaf] is not None:
            return write_value(value[leaf])
        children: Iterable[Any] = value.values()
    else:
        children = value if isinstance(value, list) else ()
    return next((found for child in children if (found := find_in_json(child, leaf)) is not None), None)


def write_value(value: Any) -> str | None:
    """Return a value of a record as text, entries of a list between commas; None if empty."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.strip() or None


def compare(name: str, other: str) -> Found:
    """Return the findings of two versions, rule by rule."""
    versions = [find_version(each) for each in (name, other)]
    before, after = map(count_rules, versions)
    changes = [
        RuleChange(record_type, severity, rule, before.get(key, 0), after.get(key, 0))
        for key in sorted(before.keys() | after.keys())
        for rule, severity, record_type in [key]
    ]
    directions = Counter(each.change for each in changes)
    return {
        "version_a": name,
        "version_b": other,
        "summary": {
            **{direction: directions[direction] for direction in ("improved", "worsened", "unchanged")},
            "new_rules": sum(not each.before for each in changes),
            "removed_rules": sum(not each.after for each in changes),
        },
        "details": list(map(describe_change, changes)),
        "skipped": {
            key: {record_type: each["count"] for record_type, each in summarise_skipped(version).items()}
            for key, version in zip(("version_a", "version_b"), versions, strict=True)
        },
    }


def count_rules(version: Version) -> dict[tuple[str, str, str], int]:
    """Return (rule, severity, type) → findings."""
    rows = version.findings.order_by().values_list("rule", "severity", "file__type").annotate(Count("pk"))
    return {(rule, severity, record_type): count for rule, severity, record_type, count in rows}


def describe_change(change: RuleChange) -> Found:
    """Return how one rule changed."""
    return {
        "rule": change.rule,
        "severity": change.severity,
        "entity_type": change.type,
        "count_a": change.before,
        "count_b": change.after,
        "direction": change.change,
    }


def list_contexts(name: str, rules: Sequence[Mapping[str, str]]) -> Found:
    """Return each rule with some records that broke it, for somebody or something to explain."""
    version = find_version(name)
    return {"contexts": [describe_context(version, each["rule"], each["entity_type"]) for each in rules]}


def describe_context(version: Version, rule: str, entity_type: str) -> Found:
    """Return one rule with some records that broke it."""
    rows = version.findings.filter(rule=rule, file__type=entity_type)
    first = rows.first()
    return {
        "rule": rule,
        "entity_type": entity_type,
        "severity": first.severity if first else "unknown",
        "total_violations": rows.count(),
        "sample_records": list(iterate_samples(rows)),
    }


def iterate_samples(rows: QuerySet[QualityFinding]) -> Iterator[Found]:
    """Yield up to five records with the findings about them."""
    ids = rows.order_by().values("record_id").annotate(first=Min("pk")).order_by("first")[:SAMPLES]
    for record_id in [each["record_id"] for each in ids]:
        of_record = list(rows.filter(record_id=record_id))
        yield {
            "record_id": record_id,
            "violations": [{"rule": each.rule, "field": each.field, "field_value": each.value} for each in of_record],
            "raw_xml": read_raw(of_record[0])[0],
            "parsed_json": read_parsed(of_record[0])[0],
        }
