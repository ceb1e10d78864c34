"""List filters that find their choices without scanning the table that they filter."""

# ruff: noqa: ARG002 - Django chooses the arguments.

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Max, QuerySet
from django.http import HttpRequest

from apps.ingest.chunks.outcome import SEVERITIES
from apps.ingest.ledger import MARKS
from apps.ingest.models import QualityFinding, Run
from apps.ingest.sources.discogs_ids import id_number


class SeverityFilter(SimpleListFilter):
    """Filters findings by severity."""

    title = "severity"
    parameter_name = "severity"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(severity, severity) for severity in SEVERITIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(severity=self.value()) if self.value() else queryset


class RuleFilter(SimpleListFilter):
    """Filters findings by rule. It offers the rules of the run that the list is filtered by, else of the latest run."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        asked = request.GET.get("run__id__exact", "")
        # Django takes what is in the address without checking it; a text that is no number would be an error of
        # PostgreSQL.
        run = id_number(asked) or Run.objects.aggregate(latest=Max("pk"))["latest"]
        # By file, because the index on findings begins with the file.
        found = QualityFinding.objects.filter(file__run=run).values_list("rule", flat=True)
        return [(rule, rule) for rule in found.distinct().order_by("rule")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rule=self.value()) if self.value() else queryset


class StageFilter(SimpleListFilter):
    """Filters chunks by a missing stage, or by having given up."""

    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [*((stage, f"{stage} is missing") for stage in MARKS), ("failed", "gave up")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "failed":
            return queryset.exclude(failed_stage="")
        mark = MARKS.get(self.value() or "")
        return queryset.filter(**{f"{mark}__isnull": True}) if mark else queryset
