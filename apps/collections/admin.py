"""Synchronisations and the application's key at Discogs, in the admin."""

# ruff: noqa: ARG002 - Django chooses the arguments.

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action as unfold_action
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from apps.accounts import audit
from apps.api.responses import NotAvailable
from apps.collections import syncing
from apps.collections.discogs import application
from apps.collections.discogs.application import Application
from apps.collections.models import AppConfig, Sync, SyncStatus
from apps.ingest.readonly_admin import ReadOnlyAdmin

LONGEST_KEY = 200


@admin.register(Sync)
class SyncAdmin(ReadOnlyAdmin):
    """Synchronisations with what they changed. The permission to change them allows to cancel one."""

    list_display = (
        "owner",
        "sync_type",
        "status",
        "where",
        "added",
        "changed",
        "removed",
        "items_synced",
        "started_at",
        "completed_at",
        "error_message",
    )
    list_display_links = ("sync_type",)
    list_filter = ("status", "sync_type")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    date_hierarchy = "started_at"
    ordering = ("-started_at",)
    actions = ("cancel",)
    fieldsets = (
        (
            None,
            {"fields": (("owner", "sync_type", "status"), ("started_at", "due_at", "completed_at"), "error_message")},
        ),
        ("Changes", {"fields": (("added", "changed", "removed"), ("items_synced", "pages_fetched"))}),
        ("Where it is", {"fields": (("phase", "page", "pages", "expected"), ("tries", "waits", "restarts"))}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Sync | None = None) -> list[str]:  # type: ignore[override]
        """Return all fields, and the user's as a link."""
        return ["owner", *(field.name for field in self.opts.concrete_fields)]

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may cancel synchronisations."""
        return request.user.has_perm("collections.change_sync")

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Sync]) -> None:
        """Cancel those of the chosen ones that are running; what they stored stays."""
        running = list(queryset.filter(status=SyncStatus.RUNNING))
        for sync in running:
            syncing.cancel(sync)
            audit.record("admin.sync_cancel", actor=request.user.pk, target=f"user {sync.user_id}", request=request)
        messages.success(request, f"{len(running)} cancelled; what was stored stays, and nothing is deleted")

    @admin.display(description="user", ordering="user__email")
    def owner(self, sync: Sync) -> SafeString:
        """Link to the user."""
        address = reverse("admin:accounts_user_change", args=[sync.user_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, sync.user)

    @admin.display(description="page")
    def where(self, sync: Sync) -> str:
        """Say how far it is."""
        return f"{sync.phase} {sync.page} of {sync.pages or '?'}" if sync.status == SyncStatus.RUNNING else "-"


class ApplicationForm(forms.Form):
    """The key of an application at Discogs. It is stored and never shown."""

    key = forms.CharField(
        label="Consumer key",
        max_length=LONGEST_KEY,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Of an application made at discogs.com/settings/developers",
    )
    secret = forms.CharField(
        label="Consumer secret",
        max_length=LONGEST_KEY,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Stored encrypted; nobody can read it here again",
    )


@admin.register(AppConfig)
class ApplicationAdmin(ReadOnlyAdmin):
    """Which keys are stored, without their values. The permission to change them allows to store others."""

    list_display = ("key", "updated_at")
    fields = list_display
    actions_list = ("set_application",)

    def get_fields(self, request: HttpRequest, obj: AppConfig | None = None) -> list[str]:  # type: ignore[override]
        """Return all but the value."""
        return list(self.list_display)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may store a key."""
        return request.user.has_perm("collections.change_appconfig")

    @unfold_action(  # type: ignore[untyped-decorator]
        description="Set the application at Discogs", url_path="discogs", permissions=["act"], icon="key"
    )
    def set_application(self, request: HttpRequest) -> HttpResponse:
        """Show the form of the key, and store it."""
        form = ApplicationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                application.store(Application(form.cleaned_data["key"], form.cleaned_data["secret"]))
            except NotAvailable as error:
                messages.error(request, str(error.detail))
            else:
                audit.record("admin.discogs_application", actor=request.user.pk, request=request)
                messages.success(request, "Stored: users can link their accounts")
                return HttpResponseRedirect(reverse("admin:collections_appconfig_changelist"))
        context = {"title": "Set the application at Discogs", "form": form}
        return self.page(request, "admin/collections/appconfig/set.html", context)
