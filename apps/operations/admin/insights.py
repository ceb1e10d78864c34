"""The log of the insights in the admin, and the button that computes them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from unfold.decorators import action as unfold_action

from apps.ingest.readonly_admin import ReadOnlyAdmin
from apps.insights.models import Computation
from apps.operations.admin.runs import PERMISSION
from tasks.insights import compute_all


@admin.register(Computation)
class ComputationAdmin(ReadOnlyAdmin):
    """Shows how computations ended. The permission to change runs allows to start them."""

    list_display = ("insight_type", "status", "started_at", "completed_at", "rows_affected", "duration_ms")
    list_filter = ("insight_type", "status")
    ordering = ("-pk",)
    actions_list = ("compute",)

    def has_compute_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may start computations."""
        return request.user.has_perm(PERMISSION)

    @unfold_action(description="Compute all", url_path="compute", permissions=["compute"], icon="calculate")  # type: ignore[untyped-decorator]
    def compute(self, request: HttpRequest) -> HttpResponse:
        """Send the task that computes all insights."""
        try:
            compute_all.delay()
        except (BrokerError, RedisError):
            messages.error(request, "The broker does not answer. The schedule computes them later")
        else:
            messages.success(request, "All insights are being computed; reload this page to see how they end")
        return HttpResponseRedirect(reverse("admin:insights_computation_changelist"))
