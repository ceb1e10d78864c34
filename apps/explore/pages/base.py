"""The base of every page of the explorer. docs/pages.md says how one is added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.views.generic import View

from apps.api import limits
from apps.api.limits import Limit
from apps.api.responses import Exceeded
from apps.explore.answers import sources
from apps.explore.pages import states, tabs

FRAGMENT = "X-Fragment"
# The fragment that every page has: its <main>.
MAIN = "pane"
KINDS = (("artist", "Artist"), ("label", "Label"), ("genre", "Genre"), ("style", "Style"))


class Page(View):
    """A page, or the part of it that ``X-Fragment`` asks for: the same address, the same view, less HTML.

    A subclass names its template, which extends ``base.html``, and composes what that shows. With ``X-Fragment: pane``
    the same template gives ``<main>`` alone; ``fragments`` names templates of smaller parts. ``static/js/swap.js`` asks
    for them and puts them in place.
    """

    http_method_names = ["get", "head"]  # noqa: RUF012 - as Django has it

    template: ClassVar[str]
    # The tab that is marked as the current one, and classes of <main>.
    tab: ClassVar[str] = ""
    classes: ClassVar[str] = "wrap"
    # Name of the fragment → its template.
    fragments: ClassVar[Mapping[str, str]] = {}
    # Where the name field of the header leads: a page that takes ``type`` and ``id`` or ``name``.
    lookup: ClassVar[str] = "pages:explore"
    limits: ClassVar[tuple[Limit, ...]] = ()

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        """Name, text and address of the tabs."""
        return tabs.list_tabs()

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """What the name field can look up: value and text."""
        return KINDS

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the context of the template; ``title`` is the page's.

        ``fragment`` is the part that is asked for, empty for the whole page: what only other parts show can be left
        out. Raise one of ``states.FAILURES`` where there is no answer.
        """
        raise NotImplementedError

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Answer with the page, the fragment, or why there is none."""
        wanted = request.headers.get(FRAGMENT, "")
        fragment = wanted if wanted == MAIN or wanted in self.fragments else ""
        try:
            self.count()
            context = self.compose(fragment)
            # A page may show what is not possible beside what it has.
            status = context["state"].status if "state" in context else 200
            template = self.fragments.get(fragment, self.template)
        except states.FAILURES as error:
            state = states.describe_failure(error)
            context, status = {"state": state, "title": state.title}, state.status
            template = "parts/state.html" if fragment in self.fragments else "explore/state.html"
        shared = {"page": self, "is_fragment": bool(fragment), "sources": SimpleLazyObject(sources.get_versions)}
        response = render(request, template, {**shared, **context}, status=status)
        # A NUL that the address brought is no character of HTML: it is shown as browsers show one.
        response.content = response.content.replace(b"\0", "\ufffd".encode())
        if fragment:
            response[FRAGMENT] = fragment
        if status != 200 and (seconds := context["state"].retry_after):
            response["Retry-After"] = str(seconds)
        patch_vary_headers(response, [FRAGMENT])
        # A fragment must not be shown for the page by Back, nor either of them after a load.
        response["Cache-Control"] = "no-cache"
        return response

    def count(self) -> None:
        """Count the request against the limits of the page."""
        windows = limits.count_request(self.request.META, self.request.path_info, self.limits)
        if exceeded := next((window for window in windows if window.is_exceeded), None):
            error = Exceeded(f"Rate limit exceeded: {exceeded.limit}")
            error.retry_after = max(round(exceeded.seconds_left), 1)  # type: ignore[attr-defined]
            raise error
