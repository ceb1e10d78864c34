"""The base class of all admin pages over loaded data. They show rows and change nothing."""

# ruff: noqa: ARG002 - Django chooses the arguments.

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from apps.ingest.progress.estimates import EstimatePaginator

BAR = (
    '<span class="flex items-center gap-2">'
    '<span class="bg-base-100 block overflow-hidden rounded-default w-24 dark:bg-base-800" role="progressbar"'
    ' aria-label="Progress" aria-valuenow="{0}" aria-valuemin="0" aria-valuemax="100">'
    '<span class="bg-primary-600 block h-1.5 dark:bg-primary-500" style="width: {0}%"></span></span>'
    '<span class="whitespace-nowrap">{0} %</span></span>'
)
PREFORMATTED = '<pre class="max-h-96 overflow-auto whitespace-pre-wrap break-all text-xs">{}</pre>'


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc] # Unfold has no types
    """An admin that allows no adding, changing or deleting."""

    paginator = EstimatePaginator
    show_full_result_count = False
    # Facets would count the whole table once for each choice.
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_filter_sheet = False
    # Field → the method that shows it in a readable form.
    shown_by: ClassVar[dict[str, str]] = {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [self.shown_by.get(field.name, field.name) for field in self.opts.concrete_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.get_fields(request, obj)

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        """Return a page within the admin, with the context that its templates need."""
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def bar(percent: int) -> SafeString:
    """Return the HTML of a progress bar with its percentage."""
    return format_html(BAR, percent)


def format_preformatted(text: str) -> SafeString | str:
    """Return a text as escaped, preformatted HTML, or a dash if it is empty."""
    return format_html(PREFORMATTED, text) if text else "-"


def as_text(content: bytes | memoryview | None) -> str:
    """Decode bytes as UTF-8; invalid ones become U+FFFD."""
    return bytes(content or b"").decode(errors="replace")


def as_hex(content: bytes | memoryview | None) -> str:
    """Return a digest in hex, or a dash if there is none."""
    return bytes(content or b"").hex() or "-"


def format_indented(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)
