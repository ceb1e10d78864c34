"""Runs in the admin: the list, the page of a run, and the actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action as unfold_action

from apps.dashboard.admin import warn_of_folders
from apps.http.clock import ImpatientClock
from apps.http.errors import SiteError
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError, NothingToDoError
from apps.ingest.models import ENDED, Run
from apps.ingest.progress import summaries
from apps.ingest.readonly_admin import ReadOnlyAdmin, bar
from apps.ingest.runs import dead_letters
from apps.ingest.sources.discogs_ids import id_number
from apps.operations import runs
from apps.operations.admin import tables
from apps.operations.admin.forms import StartForm

PERMISSION = "ingest.change_run"
REPLAY_PERMISSION = "ingest.change_deadletter"
# The browser waits for the answer meanwhile, and proxies end a request after a minute.
# How long a user waits for the publisher's site. Four requests with the usual pause in between take twenty seconds.
PATIENCE_SECONDS = 40
REFUSALS = (IngestError, SiteError, RulesError, OSError)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Shows runs with their progress. The permission to change runs allows to start, resume and cancel them."""

    list_display = (
        "name",
        "state",
        "progress",
        "started_at",
        "completed_at",
        "new",
        "changed",
        "unchanged",
        "removed",
        "dead_letters",
    )
    list_filter = ("state", "source", "version")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("source", "version", "state"),
                    ("started_at", "started_by", "heartbeat_at", "completed_at"),
                    "error",
                    "warnings",
                )
            },
        ),
        (
            "Options",
            {"fields": (("types", "stores"), ("rewrite", "confirm_purge", "waits"), ("folder", "rules_path"))},
        ),
        (
            "Maintenance",
            {"fields": ("steps_done", ("nodes_written", "relationships_written", "relationships_deleted"))},
        ),
    )
    list_per_page = 20
    date_hierarchy = "started_at"
    ordering = ("-pk",)
    actions = ("resume", "cancel")
    actions_list = ("start",)
    change_form_outer_before_template = "admin/ingest/run/buttons.html"
    change_form_outer_after_template = "admin/ingest/run/tables.html"

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may start, resume and cancel runs."""
        return request.user.has_perm(PERMISSION)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Add a summary to every run of the page, with one query."""
        warn_of_folders(request)
        page = super().get_changelist_instance(request)
        # Columns of a list are methods of one row each. Without this every cell would run a query of its own.
        found = summaries.summarise_runs(page.result_list)
        for run in page.result_list:
            run.summary = found[run.pk]
        return page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a run, with the tables of its files, findings, dead letters and events below."""
        run = Run.objects.filter(pk=id_number(object_id) or 0).first()
        context = {
            "tables": tables.build_tables(run) if run and self.has_view_permission(request, run) else [],
            "may_act": self.has_act_permission(request),
            "may_replay": request.user.has_perm(REPLAY_PERMISSION)
            and dead_letters.find_waiting(run=run.pk if run else None).exists(),
        }
        page: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})
        return page

    @admin.action(description="Resume", permissions=["act"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Run]) -> HttpResponse:
        """Resume the chosen runs."""
        return self.act(request, queryset, runs.resume, "{} goes on")

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> HttpResponse:
        """Cancel the chosen runs after a confirmation."""
        if "confirmed" in request.POST:
            return self.act(request, queryset, runs.cancel, "{} was cancelled")
        context = {"title": "Cancel", "runs": queryset, "checkbox": ACTION_CHECKBOX_NAME}
        return self.page(request, "admin/ingest/run/cancel.html", context)

    # A method's name instead of the permission's: Unfold would look the permission up in the database whenever a
    # process starts, even for "migrate".
    @unfold_action(description="Start a run", url_path="start", permissions=["act"], icon="play_arrow")  # type: ignore[untyped-decorator]
    def start(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a run's options, and start the run."""
        form = StartForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = runs.start(
                    form.options(),
                    folder=form.dump_folder(),
                    by=request.user.get_username(),
                    clock=ImpatientClock(PATIENCE_SECONDS),
                )
            except NothingToDoError as nothing:
                messages.warning(request, str(nothing))
            except REFUSALS as error:
                messages.error(request, str(error))
            except runs.DispatchError as error:
                messages.warning(request, str(error))
                return HttpResponseRedirect(reverse("admin:ingest_run_changelist"))
            else:
                messages.success(request, f"{run} was started")
                return HttpResponseRedirect(reverse("admin:ingest_run_change", args=[run.pk]))
        warn_of_folders(request)
        context = {
            "title": "Start a run",
            "form": form,
            "unfinished": Run.objects.exclude(state__in=ENDED).order_by("pk"),
        }
        return self.page(request, "admin/ingest/run/start.html", context)

    def act(self, request: HttpRequest, queryset: QuerySet[Run], do: Callable[..., Run], done: str) -> HttpResponse:
        """Call ``do`` for each chosen run, and show a message with the outcome."""
        chosen = list(queryset)
        for run in chosen:
            try:
                do(run, by=request.user.get_username())
            except REFUSALS as error:
                messages.error(request, str(error))
            except runs.DispatchError as error:
                messages.warning(request, str(error))
            else:
                messages.success(request, done.format(run))
        if len(chosen) == 1:
            return HttpResponseRedirect(reverse("admin:ingest_run_change", args=[chosen[0].pk]))
        return HttpResponseRedirect(reverse("admin:ingest_run_changelist"))

    @admin.display(description="run", ordering="pk")
    def name(self, run: Run) -> str:
        return str(run)

    @admin.display(description="started by")
    def started_by(self, run: Run) -> str:
        return run.started_by or "-"

    @admin.display(description="progress")
    def progress(self, run: Any) -> SafeString:
        return bar(run.summary.percent)

    @admin.display(description="new")
    def new(self, run: Any) -> str:
        return f"{run.summary.new:,}"

    @admin.display(description="changed")
    def changed(self, run: Any) -> str:
        return f"{run.summary.changed:,}"

    @admin.display(description="unchanged")
    def unchanged(self, run: Any) -> str:
        return f"{run.summary.unchanged:,}"

    @admin.display(description="removed")
    def removed(self, run: Any) -> str:
        return f"{run.summary.removed:,}"

    @admin.display(description="dead letters")
    def dead_letters(self, run: Any) -> str:
        return f"{run.summary.dead_letters:,}"
