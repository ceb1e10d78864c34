"""The read-only parts of a run in the admin: files, chunks, removed entities, dangling references and events."""

# ruff: noqa: ARG002 - Django chooses the arguments.

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.ingest.models import Chunk, DanglingReference, Debt, DumpFile, Event, RemovedEntity
from apps.ingest.progress import summaries
from apps.ingest.readonly_admin import ReadOnlyAdmin, as_hex, bar
from apps.ingest.sources.discogs_ids import id_number
from apps.operations.admin.filters import StageFilter


@admin.register(DumpFile)
class DumpFileAdmin(ReadOnlyAdmin):
    """Shows dump files with their progress."""

    list_display = ("type", "run", "state", "progress", "new", "changed", "unchanged", "removed", "dead_letters")
    list_filter = ("state", "type", "run__source", "run__version")
    list_select_related = ("run",)
    ordering = ("-pk",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Add a summary to every file of the page, with one query."""
        page = super().get_changelist_instance(request)
        found = summaries.summarise_files(page.result_list)
        for file in page.result_list:
            file.summary = found[file.pk]
        return page

    @admin.display(description="progress")
    def progress(self, file: Any) -> SafeString:
        return bar(file.summary.percent)

    @admin.display(description="new")
    def new(self, file: Any) -> str:
        return f"{file.summary.new:,}"

    @admin.display(description="changed")
    def changed(self, file: Any) -> str:
        return f"{file.summary.changed:,}"

    @admin.display(description="unchanged")
    def unchanged(self, file: Any) -> str:
        return f"{file.summary.unchanged:,}"

    @admin.display(description="dead letters")
    def dead_letters(self, file: Any) -> str:
        return f"{file.summary.dead_letters:,}"


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    """Shows chunks. A search for an id finds the chunks whose range contains it."""

    list_display = (
        "seq",
        "file",
        "low_id",
        "high_id",
        "records",
        "new",
        "changed",
        "removed",
        "dead",
        "failed_stage",
        "linked_at",
    )
    list_filter = (StageFilter, "file__type", "file__run")
    list_select_related = ("file__run",)
    ordering = ("-pk",)
    sortable_by = ("seq",)
    search_fields = ("low_id",)
    search_help_text = "The id of a record: finds the chunks whose range it is in"
    shown_by: ClassVar = {"sha256": "sha256_hex"}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Chunk], search_term: str
    ) -> tuple[QuerySet[Chunk], bool]:
        if not search_term:
            return queryset, False
        asked = id_number(search_term)
        if asked is None:
            return queryset.none(), False
        return queryset.filter(low_id__lte=asked, high_id__gte=asked), False

    @admin.display(description="SHA-256")
    def sha256_hex(self, chunk: Chunk) -> str:
        return as_hex(chunk.sha256)


@admin.register(RemovedEntity)
class RemovedEntityAdmin(ReadOnlyAdmin):
    """Shows ids that a dump no longer has."""

    list_display = ("data_id", "record_type", "run", "purged_at", "unlinked_at")
    list_filter = ("record_type", ("purged_at", admin.EmptyFieldListFilter), "run")
    list_select_related = ("run", "chunk__file__run")
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=data_id",)
    search_help_text = "The id of a record"


@admin.register(DanglingReference)
class DanglingReferenceAdmin(ReadOnlyAdmin):
    """Shows references to records that no dump has yet."""

    list_display = ("record_type", "record_id", "relationship", "direction", "target_type", "target_id")
    list_filter = ("record_type", "target_type")
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=record_id", "=target_id")
    search_help_text = "The id of a record, at either end"


@admin.register(Debt)
class DebtAdmin(ReadOnlyAdmin):
    """Shows ranges of ids that the graph may lack although their chunks were linked."""

    list_display = ("record_type", "low_id", "high_id")
    list_filter = ("record_type",)
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Shows the events of runs."""

    list_display = ("at", "kind", "run", "message", "by")
    list_filter = ("kind", "run")
    list_select_related = ("run",)
    date_hierarchy = "at"
    ordering = ("-pk",)
    search_fields = ("message", "=by")
