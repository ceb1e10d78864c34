"""Dead letters in the admin: list, replay and purge."""

from __future__ import annotations

import json
from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action as unfold_action

from apps.http.errors import SiteError
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError
from apps.ingest.models import DeadLetter
from apps.ingest.readonly_admin import ReadOnlyAdmin, format_indented, format_preformatted
from apps.ingest.runs import dead_letters
from apps.operations import runs
from apps.operations.admin.forms import ReplayForm

LIST = "admin:ingest_deadletter_changelist"
REFUSALS = (IngestError, SiteError, RulesError, OSError)


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """Shows records that a store refused, stages that gave up and messages that died.

    Replaying needs the permission to change dead letters; purging needs the permission to delete them.
    """

    list_display = ("stage", "record_id", "file", "run", "error", "last_seen", "replayed_at")
    list_filter = ("stage", "file__type", ("replayed_at", admin.EmptyFieldListFilter), "run")
    list_select_related = ("run", "chunk__file__run", "file__run")
    date_hierarchy = "last_seen"
    ordering = ("-pk",)
    search_fields = ("=record_id",)
    search_help_text = "The id of a record"
    shown_by: ClassVar = {"error": "error_text", "excerpt": "excerpt_text"}
    actions = ("replay", "purge")
    actions_list = ("replay_all",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may replay dead letters."""
        return request.user.has_perm("ingest.change_deadletter")

    def has_purge_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may purge dead letters."""
        return request.user.has_perm("ingest.delete_deadletter")

    @admin.action(description="Replay", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> HttpResponse:
        """Replay the chosen dead letters, except those that were replayed already."""
        self.replay_each(request, queryset.filter(replayed_at__isnull=True))
        return HttpResponseRedirect(reverse(LIST))

    @admin.action(description="Purge", permissions=["purge"])
    def purge(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> HttpResponse:
        """Delete the chosen dead letters after a confirmation: the user has to type their number."""
        # The number is part of the phrase: if letters came in since the page was shown, the old phrase is refused.
        phrase = f"purge {queryset.count()}"
        typed = request.POST.get("typed")
        if typed is None or typed.strip() != phrase:
            context = {
                "title": "Purge dead letters",
                "phrase": phrase,
                "mistyped": typed is not None,
                "checkbox": ACTION_CHECKBOX_NAME,
                "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
                "select_across": request.POST.get("select_across", "0"),
            }
            return self.page(request, "admin/ingest/deadletter/purge.html", context)
        try:
            count = dead_letters.purge(queryset, by=request.user.get_username())
        except (IngestError, SiteError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{count} dead letters were purged")
        return HttpResponseRedirect(reverse(LIST))

    # A method's name instead of the permission's: Unfold would look the permission up in the database whenever a
    # process starts, even for "migrate".
    @unfold_action(description="Replay by run, type or stage", url_path="replay", permissions=["replay"], icon="replay")  # type: ignore[untyped-decorator]
    def replay_all(self, request: HttpRequest) -> HttpResponse:
        """Show a form for run, type and stage, and replay the dead letters that match."""
        form = ReplayForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self.replay_each(request, dead_letters.find_waiting(**form.choice()))
            return HttpResponseRedirect(reverse(LIST))
        return self.page(request, "admin/ingest/deadletter/replay.html", {"title": "Replay dead letters", "form": form})

    def replay_each(self, request: HttpRequest, letters: QuerySet[DeadLetter]) -> None:
        """Replay dead letters run by run, and show a message for each run."""
        groups = dead_letters.group_by_run(letters)
        if not groups:
            messages.warning(request, "None of them waits to be replayed")
        # A run that cannot be replayed, such as one whose dump is gone, does not keep the others from it.
        for run, of_run in groups:
            try:
                messages.success(request, runs.replay(run, of_run, by=request.user.get_username()))
            except REFUSALS as error:
                messages.error(request, str(error))
            except runs.DispatchError as error:
                messages.warning(request, str(error))

    @admin.display(description="error")
    def error_text(self, letter: DeadLetter) -> SafeString | str:
        return format_preformatted(letter.error)

    @admin.display(description="excerpt")
    def excerpt_text(self, letter: DeadLetter) -> SafeString | str:
        try:
            return format_preformatted(format_indented(json.loads(letter.excerpt)))
        except ValueError:
            return format_preformatted(letter.excerpt)
