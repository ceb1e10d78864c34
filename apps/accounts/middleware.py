"""The end of a session that nobody uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class StaffIdleMiddleware:
    """Lets a session that was in the admin end ``STAFF_IDLE_SECONDS`` after its last page there.

    Pages that refresh themselves, such as the first one of the site, do not count: nobody need be in front of them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        match: Any = request.resolver_match
        if match and "admin" in match.namespaces and request.user.is_authenticated:
            request.session.set_expiry(settings.STAFF_IDLE_SECONDS)
        return response
