"""Readiness, metrics, and the staff check of a proxy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import generate_latest

from apps.dashboard import access, readiness
from apps.dashboard.metrics import registry


@require_safe
@never_cache
def answer_readiness(request: HttpRequest) -> JsonResponse:
    """``GET /ready`` and ``/health/ready``: 200 if the site can answer readers, else 503; details for operators."""
    answers = readiness.ask_everything()
    body = readiness.summarise(answers)
    # The session is in PostgreSQL: do not wait for it while that is away.
    if access.is_internal(request) or (answers["postgresql"].ok and access.is_staff(request)):
        body |= readiness.describe_details(answers)
    return JsonResponse(body, status=503 if body["status"] == readiness.NOT_READY else 200)


@require_safe
@never_cache
def answer_metrics(request: HttpRequest) -> HttpResponse:
    """``GET /metrics``: Prometheus' text format, for internal networks or with the token."""
    if not (access.is_internal(request) or access.has_token(request)):
        return HttpResponseForbidden("METRICS_TOKEN or an address of INTERNAL_NETWORKS is needed\n")
    response: HttpResponse = ExportToDjangoView(request)
    response.content += generate_latest(registry)
    return response


@require_safe
@never_cache
def answer_staff(request: HttpRequest) -> HttpResponse:
    """``GET /auth/staff``: 204 for a session of staff, else 401. For a proxy's subrequest."""
    return HttpResponse(status=204 if access.is_staff(request) else 401)
