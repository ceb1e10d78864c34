"""The record tables in the admin, where a record can be looked up by its id."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.catalog.models import Artist, Label, Master, Record, Release
from apps.ingest.readonly_admin import ReadOnlyAdmin, as_hex, format_indented, format_preformatted


@admin.register(Artist, Label, Master, Release)
class RecordAdmin(ReadOnlyAdmin):
    """Shows stored records, read-only."""

    list_display = ("data_id", "title", "updated_at")
    ordering = ("data_id",)
    sortable_by = ("data_id",)
    search_fields = ("=data_id",)
    search_help_text = "The id of a record"
    shown_by: ClassVar = {"hash": "hash_hex", "raw_hash": "raw_hash_hex", "data": "data_text"}

    @admin.display(description="name or title")
    def title(self, record: Record) -> str:
        return str(record.data.get("name") or record.data.get("title") or "-")

    @admin.display(description="hash")
    def hash_hex(self, record: Record) -> str:
        return as_hex(record.hash)

    @admin.display(description="raw hash")
    def raw_hash_hex(self, record: Record) -> str:
        return as_hex(record.raw_hash)

    @admin.display(description="data")
    def data_text(self, record: Record) -> SafeString | str:
        return format_preformatted(format_indented(record.data))
