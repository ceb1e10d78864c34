"""The base of pages with a form: a page of its own without JavaScript, a dialog with it (docs/pages.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from rest_framework.exceptions import APIException

from apps.api.limits import Limit
from apps.api.parameters import Invalid, Parameters, Values, read_values
from apps.explore.pages.base import FRAGMENT, Page, PersonalPage

# The fragment that a dialog shows, and where to go when its form did its work.
DIALOG, LOCATION = "dialog", "X-Location"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. ``type``: of the input, or ``code`` for six digits, ``check``, or ``select``."""

    name: str
    label: str
    type: str = "text"
    autocomplete: str = "off"
    note: str = ""
    minlength: int = 0
    maxlength: int = 1000
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form as ``accounts/form.html`` writes it. ``above``, ``below``: templates of what stands over and under it."""

    title: str
    button: str
    action: str
    fields: tuple[Field, ...] = ()
    text: str = ""
    method: str = "post"
    hidden: Mapping[str, str] = field(default_factory=dict)
    tabs: tuple[tuple[str, str, bool], ...] = ()
    above: str = ""
    below: str = ""
    # What these templates show.
    shown: Any = None
    is_dangerous: bool = False


class Done(Exception):  # noqa: N818 - nothing went wrong
    """A form did its work: its page gives way to another one, or stands there anew."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@method_decorator(csrf_protect, name="dispatch")
class FormPage(Page):
    """A page with a form that is sent to its own address. What is wrong stands above the form, or at its fields."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - as Django has it
    template = "accounts/page.html"
    fragments: ClassVar = {DIALOG: "accounts/form.html"}
    # Of a sent form alone: looking at one costs nothing.
    sent_limits: ClassVar[tuple[Limit, ...]] = ()
    message = ""
    is_good_news = False
    errors: Mapping[str, str] = {}

    @property
    def limits(self) -> tuple[Limit, ...]:  # type: ignore[override]
        """The limits of a form that was sent."""
        return self.sent_limits if self.request.method == "POST" else ()

    @property
    def next(self) -> str:
        """Where to go afterwards: an address of this site."""
        given = self.request.POST.get("next") or self.request.GET.get("next") or "/"
        is_ours = url_has_allowed_host_and_scheme(given, {self.request.get_host()}, require_https=False)
        return given if is_ours else "/"

    def post(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Do what the form asks for, or show it again."""
        return self.get(request, **given)

    def get(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer with the form, or with where to go next."""
        try:
            return super().get(request, **given)
        except Done as done:
            if FRAGMENT in request.headers:
                return HttpResponse(status=204, headers={LOCATION: done.address})
            return HttpResponseRedirect(done.address)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the form, with what became of it if it was sent."""
        form = self.try_to_act() if self.request.method == "POST" else None
        form = form or self.make_form()
        shown = {each.name for each in form.fields if each.type != "check"}
        self.message = self.message or next((text for name, text in self.errors.items() if name not in shown), "")
        fields = [self.fill(each) for each in form.fields]
        return {
            "title": form.title,
            "form": form,
            "fields": fields,
            "focus": self.choose_focus(fields),
            "message": self.message,
            "is_good_news": self.is_good_news,
        }

    def choose_focus(self, fields: list[dict[str, Any]]) -> str:
        """Return the name of the field to begin with: the first that is wrong, or else that is empty."""
        wrong = (each["field"].name for each in fields if each["error"])
        empty = (each["field"].name for each in fields if not each["value"])
        return next(wrong, "") or next(empty, "")

    def try_to_act(self) -> Form | None:
        """Do what the form asks for; if that is refused, keep the words for the page."""
        try:
            return self.act()
        except Invalid as error:
            self.errors = {str(each["loc"][-1]): each["msg"] for each in error.entries}
        except APIException as error:
            self.message = str(error.detail)
        return None

    def fill(self, known: Field) -> dict[str, Any]:
        """Return a field with what was typed, secrets excepted, and with what is wrong about it."""
        is_secret = known.type in ("password", "code")
        value = "" if is_secret else self.request.POST.get(known.name, known.value)
        is_checked = known.value in self.request.POST.getlist(known.name)
        return {"field": known, "value": value, "is_checked": is_checked, "error": self.errors.get(known.name, "")}

    def read(self, body: Parameters) -> Values:
        """Return what the form brought, as the API reads the same body.

        Raises:
            Invalid: with what is wrong at which field.
        """
        return read_values(body, "body", self.request.POST.dict())

    def refuse(self, name: str, message: str) -> Invalid:
        """Return the error to raise about a field of the page's own."""
        return Invalid([{"loc": ["body", name], "msg": message}])

    def make_form(self) -> Form:
        """Return the form."""
        raise NotImplementedError

    def act(self) -> Form | None:
        """Do what the form asks for; return another form to show, None for the same.

        Raises:
            Done: there is nothing to show: go to another page.
            Invalid: what was given cannot be taken.
        """
        raise NotImplementedError


class PersonalFormPage(PersonalPage, FormPage):
    """A form of a visitor who is logged in, which leads back to the settings; ``section``: where on them."""

    section: ClassVar[str] = ""

    def finish(self, message: str = "", tag: str = "good") -> Done:
        """Return the way back to the settings, with a message there."""
        if message:
            messages.success(self.request, message, extra_tags=tag)
        return Done(f"{reverse('pages:settings')}{self.section}")
