"""The status page, and liveness."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.dashboard import access, overview
from apps.dashboard.live import relay, rendering, snapshots, store
from apps.explore.pages.base import Page


class Status(Page):
    """``GET /status/``: how the site does, all of it for staff; ``events=problems`` shows only those events."""

    template = "dashboard/status.html"
    classes = "wrap status"
    fragments = {rendering.FRAGMENT: rendering.TEMPLATE}  # noqa: RUF012 - as Page has it

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the last snapshot and, on the whole page, what is loaded."""
        store.mark_watched()
        only_problems = self.request.GET.get("events") == "problems"
        is_staff = access.is_staff(self.request)
        snapshot = store.read_snapshot() or snapshots.make_unknown()
        found = rendering.prepare(snapshot, is_staff=is_staff, problems=only_problems)
        if fragment == rendering.FRAGMENT:
            return found
        return {
            "title": "Status",
            "canonical": reverse("dashboard:status"),
            "stream": f"{relay.STREAM}?page=1{'&events=problems' if only_problems else ''}",
            "overview": overview.read_overview(),
            "is_superuser": is_staff and self.request.user.is_superuser,
            **found,
        }


@require_safe
@never_cache
def answer_liveness(_: HttpRequest) -> JsonResponse:
    """``GET /health/live``: 200 while this process answers; no server is asked."""
    return JsonResponse({"status": "healthy", "service": "linernotes"})
