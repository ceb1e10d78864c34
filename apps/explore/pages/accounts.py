"""Pages to log in, to register and to log out. They work without JavaScript; the API has all of it as well."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from rest_framework.exceptions import APIException, PermissionDenied

from apps.accounts import audit, logins, passwords, registration, two_factor
from apps.accounts.models import User
from apps.accounts.serializers import RegisterBody
from apps.api.limits import Limit
from apps.api.parameters import Invalid, read_values
from apps.explore.pages.base import Page

WRONG = "That did not match. Check the address and the password."
NEUTRAL = "If the address is new, the account is ready: log in."


@method_decorator(csrf_protect, name="dispatch")
class FormPage(Page):
    """A page with a form that is sent back to its own address. What is wrong stands above the form."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - as Django has it
    # Of a sent form alone.
    sent_limits: ClassVar[tuple[Limit, ...]] = ()
    message = ""
    is_good_news = False

    @property
    def limits(self) -> tuple[Limit, ...]:  # type: ignore[override]
        """Looking at a form costs nothing."""
        return self.sent_limits if self.request.method == "POST" else ()

    @property
    def next(self) -> str:
        """Where to go afterwards: an address of this site."""
        given = self.request.POST.get("next") or self.request.GET.get("next") or "/"
        is_ours = url_has_allowed_host_and_scheme(given, {self.request.get_host()}, require_https=False)
        return given if is_ours else "/"

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Do what the form asks for, or show it again."""
        return self.get(request)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the form, with what became of it if it was sent."""
        found = self.act() if self.request.method == "POST" else {}
        return {"message": self.message, "is_good_news": self.is_good_news, "next": self.next, **self.show(), **found}

    def act(self) -> dict[str, Any]:
        """Do what the form asks for; return more to show.

        Raises:
            Done: there is nothing to show: go to another page.
        """
        raise NotImplementedError

    def show(self) -> dict[str, Any]:
        """Return what the form shows."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer with the form, or with where to go next."""
        try:
            return super().get(request, **given)
        except Done as done:
            return done.response

    def attempt(self, action: Callable[[], Any]) -> Any:
        """Return what an action returns; None if it refused, with its words as the message."""
        try:
            return action()
        except APIException as error:
            self.message = str(error.detail)
            return None


class Done(Exception):  # noqa: N818 - nothing went wrong
    """A form did its work."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


class LogIn(FormPage):
    """``/login/``: log in, or register."""

    template = "accounts/login.html"
    sent_limits = (Limit(5),)

    def show(self) -> dict[str, Any]:
        """Return both forms; an address that was typed stays."""
        return {
            "title": "Your account",
            "email": self.request.POST.get("email", ""),
            "is_new": "new" in self.request.GET or self.request.POST.get("do") == "register",
            "may_register": registration.is_open(),
        }

    def act(self) -> dict[str, Any]:
        """Log in or register, as the button says."""
        if self.request.POST.get("do") == "register":
            return self.register()
        issued = int(time.time())
        given = self.request.POST
        # Django refuses a NUL in no form; PostgreSQL does in every text.
        email, password = given.get("email", "").replace("\0", ""), given.get("password", "")
        user = passwords.check_login(email, password, self.request)
        if user is None:
            self.message = WRONG
            return {}
        if two_factor.is_enabled(user):
            challenge = self.attempt(lambda: two_factor.make_challenge(user, issued))
            return {"challenge": challenge["challenge_token"]} if challenge else {}
        raise Done(begin_session(self.request, user, self.next))

    def register(self) -> dict[str, Any]:
        """Make an account; the answer is the same if there is one."""
        try:
            given = read_values(RegisterBody, "body", self.request.POST.dict())
            registration.register(given["email"], given["password"], self.request)
        except Invalid as error:
            self.message = error.entries[0]["msg"]
            return {}
        except PermissionDenied as error:
            self.message = str(error.detail)
            return {}
        self.message, self.is_good_news = NEUTRAL, True
        return {"is_new": False}


class GiveCode(FormPage):
    """``/login/code/``: the second step of logging in, with a code of the phone or a recovery code."""

    template = "accounts/login.html"
    sent_limits = (Limit(10),)

    def show(self) -> dict[str, Any]:
        """Return the form for the code; without a challenge the first step."""
        return {"title": "Your account", "challenge": self.request.POST.get("challenge", "")}

    def act(self) -> dict[str, Any]:
        """Check the code; begin the session if it is right."""
        code = self.request.POST.get("code", "").replace(" ", "")
        found = self.attempt(lambda: self.check(code))
        if found is None:
            return {}
        user, device = found
        raise Done(begin_session(self.request, user, self.next, device))

    def check(self, code: str) -> tuple[User, Any]:
        """Return user and second factor that a code proves."""
        challenge = two_factor.open_challenge(self.request.POST.get("challenge", ""))
        if self.request.POST.get("do") == "recover":
            device, _ = two_factor.use_recovery_code(challenge, code)
        else:
            device = two_factor.answer_challenge(challenge, code)
        return challenge.user, device


class LogOut(FormPage):
    """``/logout/``: end the session."""

    template = "accounts/logout.html"

    def show(self) -> dict[str, Any]:
        """Return the question."""
        return {"title": "Log out"}

    def act(self) -> dict[str, Any]:
        """End the session."""
        if self.visitor is not None:
            audit.record("logout", actor=self.visitor.pk, request=self.request)
        logins.log_out_browser(self.request)
        raise Done(HttpResponseRedirect(self.next))


def begin_session(request: HttpRequest, user: User, address: str, device: Any = None) -> HttpResponse:
    """Log a browser in and lead it on. The middleware sets the cookie."""
    logins.log_in_browser(user, request, device)
    return HttpResponseRedirect(address)
