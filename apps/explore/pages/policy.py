"""The Content Security Policy of pages: nothing runs or loads that is not ours, and no text becomes a script."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

POLICY = "; ".join(
    (
        # Nothing is allowed that is not named below; a new kind of resource fails in a test before it reaches a user.
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        # ``blob:``: the browser draws the PNG that a chart is saved as.
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        # No text becomes HTML or script by innerHTML: names come from a dump that anyone can edit.
        "require-trusted-types-for 'script'",
    )
)
HEADER = "Content-Security-Policy"


class ContentSecurityPolicyMiddleware:
    """Gives the policy to every answer that has none, but for the admin and the API's documentation.

    These are made by libraries that write styles and scripts into their pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the policy."""
        response = self.get_response(request)
        if not is_exempt(request.path_info):
            response.headers.setdefault(HEADER, POLICY)
        return response


def is_exempt(path: str) -> bool:
    """Tell whether a path is one of the admin or the API's documentation."""
    return path.startswith(f"/{settings.ADMIN_PATH}/") or path == reverse("docs")
