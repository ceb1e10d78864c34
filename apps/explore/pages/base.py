"""The base of every page of the explorer. docs/pages.md says how one is added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject, cached_property
from django.views.generic import View

from apps.accounts import authentication
from apps.accounts.models import User
from apps.api import limits
from apps.api.limits import Limit
from apps.api.responses import Exceeded
from apps.collections.answers import syncing
from apps.collections.models import Sync
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

    @cached_property
    def visitor(self) -> User | None:
        """Who is logged in, with both factors where there are two; None for everyone else."""
        # The warming asks pages without a session. A visitor without a cookie costs no query.
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        known: User = user
        return known if authentication.has_passed_second_factor(self.request, known) else None

    @cached_property
    def running_sync(self) -> Sync | None:
        """The synchronisation of the visitor that runs, for the menu."""
        return syncing.find_running(self.visitor.pk) if self.visitor else None

    @property
    def personal_tabs(self) -> list[tuple[str, str, str]]:
        """Name, text and address of the tabs of a visitor who is logged in."""
        return tabs.list_personal() if self.visitor else []

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
        if self.visitor is not None:
            # It is this visitor's alone.
            patch_vary_headers(response, ["Cookie"])
        # A fragment must not be shown for the page by Back, nor either of them after a load.
        response["Cache-Control"] = "private, no-cache" if self.visitor else "no-cache"
        return response

    def count(self) -> None:
        """Count the request against the limits of the page."""
        windows = limits.count_request(self.request.META, self.request.path_info, self.limits)
        if exceeded := next((window for window in windows if window.is_exceeded), None):
            error = Exceeded(f"Rate limit exceeded: {exceeded.limit}")
            error.retry_after = max(round(exceeded.seconds_left), 1)  # type: ignore[attr-defined]
            raise error


class PersonalPage(Page):
    """A page of a visitor who is logged in; everyone else is led to the login first."""

    def get(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer with the page, or lead to the login."""
        if self.visitor is None:
            login = f"{reverse('pages:login')}?{urlencode({'next': request.get_full_path()})}"
            # A fragment would be put into the page: the browser has to load the login as a whole.
            return HttpResponse(status=401) if FRAGMENT in request.headers else HttpResponseRedirect(login)
        response = super().get(request, **given)
        # Nothing of it stays in the browser for the next one who sits there.
        response["Cache-Control"] = "private, no-store"
        return response

    @property
    def user(self) -> User:
        """The visitor."""
        if self.visitor is None:
            raise AssertionError("nobody is logged in")
        return self.visitor
