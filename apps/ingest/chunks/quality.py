"""Compare the numbers of findings of two versions of a source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from apps.ingest.chunks.outcome import SEVERITIES
from apps.ingest.errors import RunError
from apps.ingest.models import COMPLETE, DumpFile, FileState, QualityFinding
from apps.ingest.sources.registry import DUMPS

# Type, severity and rule.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """The number of findings of one rule for one record type, before and after."""

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


def list_versions(source: str) -> list[str]:
    """Return the versions of a source that were loaded to their end, newest first."""
    files = (
        find_loaded_files().filter(run__source=source).order_by("-run__version").values_list("run__version", flat=True)
    )
    return list(files.distinct())


def compare(before: str, after: str) -> list[RuleChange]:
    """Compare two versions of a source, rule by rule, over the types that both have.

    The result is sorted by type, severity and rule. The source need not be given: the two sources write their versions
    differently.

    Findings about unknown names have no record and are left out. They come from changed records only, so two versions
    do not have comparable numbers of them.

    Raises:
        RunError: A version was never loaded to its end, or the two are of different sources or share no type.
    """
    files = [files_of(version) for version in (before, after)]
    sources = {file.run.source for found in files for file in found.values()}
    if len(sources) > 1:
        raise RunError(f"Versions {before} and {after} are of two sources: choose two of one")
    types = [each for each in DUMPS[sources.pop()].types if all(each in found for found in files)]
    if not types:
        raise RunError(f"Versions {before} and {after} have no type in common: load the same types of both")
    counts = [count([found[each] for each in types]) for found in files]
    keys = sorted(
        counts[0].keys() | counts[1].keys(), key=lambda key: (types.index(key[0]), severity_rank(key[1]), key[2])
    )
    return [RuleChange(*key, counts[0].get(key, 0), counts[1].get(key, 0)) for key in keys]


def files_of(version: str) -> dict[str, DumpFile]:
    """Return type → dump file of a version. Of a version that was loaded twice, the later run counts.

    Raises:
        RunError: The version was never loaded to its end.
    """
    files = find_loaded_files().filter(run__version=version).select_related("run")
    found = {file.type: file for file in files.order_by("run")}
    if not found:
        raise RunError(f"Version {version} was never loaded to its end: manage.py runs lists what was")
    return found


def find_loaded_files() -> QuerySet[DumpFile]:
    """Return the completed dump files of complete runs."""
    # A file without a path is a table that was read back to rebuild the graph: rules do not run on it.
    files = DumpFile.objects.filter(run__state__in=COMPLETE, state=FileState.COMPLETED)
    return files.exclude(path="")


def count(files: Collection[DumpFile]) -> dict[Key, int]:
    """Return (type, severity, rule) → number of findings about records."""
    rows = QualityFinding.objects.filter(file__in=files).exclude(record_id="")
    grouped = rows.values("file__type", "severity", "rule").annotate(found=Count("pk"))
    return {(row["file__type"], row["severity"], row["rule"]): row["found"] for row in grouped}


def severity_rank(severity: str) -> int:
    """Return a severity's sort key: the most severe first, an unknown one last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
