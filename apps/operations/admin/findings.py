"""Findings in the admin: the list, and the comparison of two versions."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import action as unfold_action

from apps.ingest.chunks import quality
from apps.ingest.errors import IngestError
from apps.ingest.models import QualityFinding
from apps.ingest.readonly_admin import ReadOnlyAdmin, as_text, format_preformatted
from apps.operations.admin.filters import RuleFilter, SeverityFilter
from apps.operations.admin.forms import CompareForm


@admin.register(QualityFinding)
class QualityFindingAdmin(ReadOnlyAdmin):
    """Shows the notes of rules, filters and the parser about records."""

    list_display = ("rule", "severity", "record_id", "file", "field", "value", "reason")
    list_filter = (SeverityFilter, RuleFilter, "file__type", "run")
    list_select_related = ("file__run",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=record_id",)
    search_help_text = "The id of a record"
    shown_by: ClassVar = {"value": "value_text", "excerpt": "excerpt_text"}
    actions_list = ("compare",)

    def has_look_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may view findings."""
        return bool(self.has_view_permission(request))

    # A method's name instead of the permission's: Unfold would look the permission up in the database whenever a
    # process starts, even for "migrate".
    @unfold_action(description="Compare two versions", url_path="compare", permissions=["look"], icon="compare_arrows")  # type: ignore[untyped-decorator]
    def compare(self, request: HttpRequest) -> HttpResponse:
        """Show for each rule whether one version has more or fewer findings than another."""
        form = CompareForm(request.GET or None)
        table = None
        if form.is_valid():
            try:
                changes = quality.compare(**form.cleaned_data)
            except IngestError as error:
                messages.error(request, str(error))
            else:
                table = {
                    "headers": ("type", "severity", "rule", *form.cleaned_data.values(), "change"),
                    "rows": [
                        (each.type, each.severity, each.rule, f"{each.before:,}", f"{each.after:,}", each.change)
                        for each in changes
                    ],
                }
        context = {"title": "Compare two versions", "form": form, "table": table}
        return self.page(request, "admin/ingest/qualityfinding/compare.html", context)

    @admin.display(description="value")
    def value_text(self, finding: QualityFinding) -> SafeString | str:
        return format_preformatted(finding.value)

    @admin.display(description="excerpt")
    def excerpt_text(self, finding: QualityFinding) -> SafeString | str:
        return format_preformatted(as_text(finding.excerpt))
