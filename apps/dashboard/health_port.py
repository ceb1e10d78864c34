"""The port that tells health and nothing else: for whoever starts and watches us, and reaches no name of ours.

gunicorn listens on it beside the site's own. What comes there never reaches Django: neither ``ALLOWED_HOSTS`` nor HTTPS
is asked for, and PostgreSQL only by the check itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings

from apps.api.middleware import HEADERS, HEALTH
from apps.api.responses import JSON, encode
from apps.dashboard import health


class HealthPort:
    """A WSGI application that answers on ``HEALTH_PORT`` itself; what comes on another port is another's."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.port = str(settings.HEALTH_PORT)

    def __call__(self, environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if environment["SERVER_PORT"] != self.port:
            return self.application(environment, start_response)
        status, headers, body = answer(environment["REQUEST_METHOD"], environment["PATH_INFO"])
        headers = {**HEADERS, **headers, "Content-Length": str(len(body))}
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return (body,)


def answer(method: str, path: str) -> tuple[HTTPStatus, dict[str, str], bytes]:
    """Return status, headers and body: 200 if the API is healthy, else 503."""
    if path != HEALTH:
        return HTTPStatus.NOT_FOUND, {}, b""
    if method != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"}, b""
    report = health.report()
    status = HTTPStatus.OK if report["status"] == health.HEALTHY else HTTPStatus.SERVICE_UNAVAILABLE
    return status, {"Content-Type": JSON, "Cache-Control": "no-store"}, encode(report)
