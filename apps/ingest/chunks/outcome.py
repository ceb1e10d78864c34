"""The outcome of extracting a chunk, of either source: its counts, the ids it found, and its findings."""

from __future__ import annotations

from dataclasses import dataclass, field

SEVERITIES = ("error", "warning", "info")
EXCERPT_BYTES = 64 * 1024
# The id in a finding about a record whose id cannot be read.
UNKNOWN_ID = "unknown"
# The rules of findings about unreadable records.
MALFORMED, NO_ID = "malformed", "no-id"


@dataclass(frozen=True, slots=True)
class Finding:
    """A note about one value of a record, made by one rule."""

    rule: str  # the rule's name; "skip" and "filter" for those two sections
    severity: str  # "error", "warning" or "info"
    field: str  # dotted, as in the rules file
    value: str | None  # cut to 500 characters; None if it is missing
    reason: str


@dataclass(slots=True)
class Result:
    """The result of extracting a chunk, apart from its blobs: counts, ids and findings.

    ``repeated`` counts the records that a later record of the same id replaces. ``stray_ids`` are ids outside the
    chunk's range. ``strange`` are the unknown names of elements and attributes.
    """

    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    dropped: int = 0
    malformed: int = 0
    repeated: int = 0
    for_graph: int = 0
    removed_ids: list[int] = field(default_factory=list)
    stray_ids: list[int] = field(default_factory=list)
    new_ids: list[int] = field(default_factory=list)
    findings: list[tuple[str, Finding, bytes]] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)

    def drop(self, record_id: str, rule: str, reason: str, content: bytes | memoryview) -> None:
        """Count a dropped record and add a finding with an excerpt; ``record_id`` is empty if the id is unreadable."""
        self.dropped += 1
        self.malformed += rule in (MALFORMED, NO_ID)
        finding = Finding(rule, "error", "", None, reason)
        self.findings.append((record_id or UNKNOWN_ID, finding, bytes(content[:EXCERPT_BYTES])))
