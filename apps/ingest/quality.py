"""Comparing what the rules had to say about two versions of a source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from apps.ingest.errors import RunError
from apps.ingest.models import COMPLETE, DumpFile, FileState, QualityFinding, Source
from apps.ingest.rules import SEVERITIES
from apps.ingest.sources import discogs

# Type, severity and rule.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How many findings one rule has about the records of one type, before and after."""

    type: str
    severity: str
    rule: str
    before: int
    after: int

    @property
    def change(self) -> str:
        """Return "improved", "worsened" or "unchanged"."""
        if self.after == self.before:
            return "unchanged"
        return "improved" if self.after < self.before else "worsened"


def versions(source: str = Source.DISCOGS) -> list[str]:
    """Return the versions that can be compared, the newest first."""
    files = loaded(source).order_by("-run__version").values_list("run__version", flat=True)
    return list(files.distinct())


def compare(before: str, after: str, source: str = Source.DISCOGS) -> list[RuleChange]:
    """Compare two versions, rule by rule, over the types that both have; sorted by type, severity and rule.

    Findings without a record, about names that we do not know, are left out: they are noted of changed records alone.

    Raises:
        RunError: One of them was never loaded to its end, or they have no type in common.
    """
    files = [files_of(version, source) for version in (before, after)]
    types = [each for each in discogs.TYPES if all(each in found for found in files)]
    if not types:
        raise RunError(f"Versions {before} and {after} have no type in common: load the same types of both")
    counts = [count([found[each] for each in types]) for found in files]
    keys = sorted(
        counts[0].keys() | counts[1].keys(), key=lambda key: (types.index(key[0]), severity_rank(key[1]), key[2])
    )
    return [RuleChange(*key, counts[0].get(key, 0), counts[1].get(key, 0)) for key in keys]


def files_of(version: str, source: str) -> dict[str, DumpFile]:
    """Return the file of each type of a version; the latest one if it was loaded more than once.

    Raises:
        RunError: It was never loaded to its end.
    """
    found = {file.type: file for file in loaded(source).filter(run__version=version).order_by("run")}
    if not found:
        raise RunError(f"Version {version} was never loaded to its end: manage.py runs lists what was")
    return found


def loaded(source: str) -> QuerySet[DumpFile]:
    """Return the dump files of a source that were loaded to the end of their run."""
    files = DumpFile.objects.filter(run__source=source, run__state__in=COMPLETE, state=FileState.COMPLETED)
    return files.exclude(path="")


def count(files: Collection[DumpFile]) -> dict[Key, int]:
    """Count the findings of each type, severity and rule."""
    rows = QualityFinding.objects.filter(file__in=files).exclude(record_id="")
    grouped = rows.values("file__type", "severity", "rule").annotate(found=Count("pk"))
    return {(row["file__type"], row["severity"], row["rule"]): row["found"] for row in grouped}


def severity_rank(severity: str) -> int:
    """Return where a severity comes in the order of their weight; an unknown one last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
