"""Pages to register, to log in and out, and to choose a new password. The API has all of it as well."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from apps.accounts import audit, background, logins, mail, passwords, registration, serializers, two_factor
from apps.api.limits import Limit
from apps.api.parameters import read_values
from apps.explore.pages.forms import Done, Field, Form, FormPage

WRONG = "That did not match. Check the address and the password."
NEUTRAL = "If the address is new, the account is ready: log in."
VERIFY_FIRST = "If the address is new, a link is on its way to it. Open the link, then log in."
LINK_SENT = "If the address has an account, a link is on its way. It works for 15 minutes."
LINK_DEAD = "This link was used or has expired. Ask for a new one."
DIFFERENT = "The two passwords differ"
# So many recovery codes are few.
FEW_CODES = 3
# Of a mailed link, and how many seconds its page may stay open.
TOKEN, LINK_SECONDS = re.compile(r"[\w-]{1,200}", re.ASCII), 900

EMAIL = Field("email", "E-mail", "email", "username", maxlength=254)
PASSWORD = Field("password", "Password", "password", "current-password")
NEW_PASSWORD = Field("new_password", "New password", "password", "new-password", minlength=8)
REPEAT = Field("repeat", "The same again", "password", "new-password", minlength=8)
CODE = Field("code", "Six digits of your authenticator app", "code", "one-time-code")
RECOVERY = Field("code", "Recovery code", "text", "off", note="Each works once.")


class EntryPage(FormPage):
    """A form of a visitor who is not logged in."""

    is_for_visitors_too = False

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the form; a visitor who is logged in goes on."""
        if self.visitor is not None and not self.is_for_visitors_too:
            raise Done(self.next)
        return super().compose(fragment)

    def address(self, page: str) -> str:
        """Return the address of another of these pages, which leads to the same place afterwards."""
        return f"{reverse(f'pages:{page}')}?{urlencode({'next': self.next})}"

    def make_tabs(self, current: str) -> tuple[tuple[str, str, bool], ...]:
        """Return the tabs over both forms; one alone is none."""
        if not registration.is_open():
            return ()
        pages = (("login", "Log in"), ("register", "Register"))
        return tuple((text, self.address(page), page == current) for page, text in pages)

    def make_login(self) -> Form:
        """Return the form that logs in."""
        return Form(
            "Your account",
            "Log in",
            reverse("pages:login"),
            (EMAIL, PASSWORD),
            hidden={"next": self.next},
            tabs=self.make_tabs("login"),
            below="accounts/below_login.html",
            shown={"forgot": self.address("forgot"), "registration": settings.REGISTRATION},
        )

    def tell(self, message: str) -> Form:
        """Return the login with good news above it."""
        self.message, self.is_good_news = message, True
        return self.make_login()


class LogIn(EntryPage):
    """``/login/``: log in by a password; where there is a second factor, the form for its code follows."""

    sent_limits = (Limit(5),)

    def make_form(self) -> Form:
        """Return the form."""
        return self.make_login()

    def act(self) -> Form | None:
        """Begin the session, or ask for the second factor."""
        issued, given = int(time.time()), self.read(serializers.LoginBody)
        user = passwords.check_login(given["email"], given["password"], self.request)
        if user is None:
            self.message = WRONG
            return None
        if two_factor.is_enabled(user):
            challenge = two_factor.make_challenge(user, issued)["challenge_token"]
            return make_code_form({"challenge_token": challenge, "next": self.next})
        logins.log_in_browser(user, self.request)
        raise Done(self.next)


def make_code_form(hidden: dict[str, str]) -> Form:
    """Return the form for the code of a phone, with a way to that for a recovery code."""
    return Form(
        "The second step",
        "Log in",
        reverse("pages:login_code"),
        (CODE,),
        text="Your password was right. Now the code that your authenticator app shows.",
        hidden=hidden,
        below="accounts/below_code.html",
    )


def make_recovery_form(hidden: dict[str, str]) -> Form:
    """Return the form for a recovery code."""
    return Form(
        "A recovery code",
        "Log in",
        reverse("pages:login_recovery"),
        (RECOVERY,),
        text="One of the eight codes that you kept when you set up the second factor.",
        hidden=hidden,
    )


class GiveCode(EntryPage):
    """``/login/code/``: the second step of logging in, with a code of the phone."""

    sent_limits = (Limit(10),)

    @property
    def hidden(self) -> dict[str, str]:
        """What the form carries on."""
        return {"challenge_token": self.request.POST.get("challenge_token", ""), "next": self.next}

    def make_form(self) -> Form:
        """Return the form for the code; without a challenge the first step."""
        return make_code_form(self.hidden) if self.hidden["challenge_token"] else self.make_login()

    def act(self) -> Form | None:
        """Check the code and begin the session; or change to the form for a recovery code."""
        if "recover" in self.request.POST:
            return make_recovery_form(self.hidden)
        given = self.read(serializers.VerifyBody)
        challenge = two_factor.open_challenge(given["challenge_token"])
        device = two_factor.answer_challenge(challenge, given["code"], self.request)
        logins.log_in_browser(challenge.user, self.request, device)
        raise Done(self.next)


class GiveRecoveryCode(GiveCode):
    """``/login/recovery/``: the same with a recovery code."""

    sent_limits = (Limit(5),)

    def make_form(self) -> Form:
        """Return the form."""
        return make_recovery_form(self.hidden) if self.hidden["challenge_token"] else self.make_login()

    def act(self) -> Form | None:
        """Take the code and begin the session; say so when few are left."""
        given = self.read(serializers.RecoveryBody)
        challenge = two_factor.open_challenge(given["challenge_token"])
        device, left = two_factor.use_recovery_code(challenge, given["code"].strip(), self.request)
        logins.log_in_browser(challenge.user, self.request, device)
        if left <= FEW_CODES:
            number = "That was the last recovery code" if not left else f"Recovery codes left: {left}"
            messages.warning(self.request, f"{number}. Make new ones in the settings.", extra_tags="warn")
        raise Done(self.next)


class Register(EntryPage):
    """``/register/``: make an account; the answer is the same if the address has one."""

    sent_limits = (Limit(3),)

    def make_form(self) -> Form:
        """Return the form; where registration is closed, the login that says so."""
        if not registration.is_open():
            return self.make_login()
        password = Field("password", "Password", "password", "new-password", "At least 8 characters.", minlength=8)
        return Form(
            "Your account",
            "Register",
            reverse("pages:register"),
            (EMAIL, password, REPEAT),
            hidden={"next": self.next},
            tabs=self.make_tabs("register"),
        )

    def act(self) -> Form | None:
        """Make the account."""
        given = self.read(serializers.RegisterBody)
        if registration.is_open() and given["password"] != self.request.POST.get("repeat"):
            raise self.refuse("repeat", DIFFERENT)
        registration.register(given["email"], given["password"], self.request)
        return self.tell(VERIFY_FIRST if settings.REQUIRE_EMAIL_VERIFICATION else NEUTRAL)


class Forgot(EntryPage):
    """``/forgot/``: have a link for a new password mailed; the answer says nothing of the address."""

    sent_limits = (Limit(3),)
    is_for_visitors_too = True

    def make_form(self) -> Form:
        """Return the form; where no mail is sent, what to do instead."""
        address, text = reverse("pages:forgot"), "A link to choose one comes by mail."
        if settings.EMAIL_PROVIDER == "off":
            return Form(
                "A new password", "", address, text="This site sends no mail: ask its operator for a new password."
            )
        return Form("A new password", "Send me a link", address, (EMAIL,), text, hidden={"next": self.next})

    def act(self) -> Form | None:
        """Mail the link later: the time of the answer says nothing either."""
        given = self.read(serializers.ResetRequestBody)
        background.run_later(partial(mail.request_reset, given["email"]))
        return self.tell(LINK_SENT)


class LinkPage(EntryPage):
    """The page of a mailed link. The link's token is in a cookie: no history, no log and no Referer have it."""

    sent_limits = (Limit(5),)
    is_for_visitors_too = True
    cookie: str
    is_used = False

    @property
    def token(self) -> str:
        """The token of the link; "" without one."""
        return "" if self.is_used else self.request.COOKIES.get(self.cookie, "")

    def get(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer, and forget a token that was used."""
        response = super().get(request, **given)
        if self.is_used:
            response.delete_cookie(self.cookie, path=request.path)
        return response


class Reset(LinkPage):
    """``/reset/``: choose a password, by a mailed link."""

    cookie = "linernotes_reset"

    def make_form(self) -> Form:
        """Return the form; without a link that for a new one."""
        if not self.token:
            return Form("A new password", "Send me a link", reverse("pages:forgot"), (EMAIL,), text=LINK_DEAD)
        return Form("A new password", "Set the password", reverse("pages:reset"), (NEW_PASSWORD, REPEAT))

    def act(self) -> Form | None:
        """Set the password."""
        given = read_values(serializers.ResetConfirmBody, "body", {**self.request.POST.dict(), "token": self.token})
        if given["new_password"] != self.request.POST.get("repeat"):
            raise self.refuse("repeat", DIFFERENT)
        self.is_used = True
        if not mail.confirm_reset(given["token"], given["new_password"], self.request):
            return None
        return self.tell("The password is changed: log in.")


class VerifyEmail(LinkPage):
    """``/verify/``: show that an address is one's own, by a mailed link. Programs open links too: a button does it."""

    cookie = "linernotes_verify"

    def make_form(self) -> Form:
        """Return the button; without a link the login."""
        if not self.token:
            return self.make_login()
        text = "You made an account with the address that our mail went to."
        return Form("Is it your address?", "It is mine", reverse("pages:verify"), text=text)

    def act(self) -> Form | None:
        """Note that the address is theirs."""
        token, self.is_used = self.token, True
        if not mail.confirm_email(token):
            self.message = "This link was used or has expired."
            return None
        return self.tell("The address is verified: log in.")


# Parameter of a mailed link → the page that takes its token.
LINKS = {"reset_token": ("pages:reset", Reset.cookie), "verify_token": ("pages:verify", VerifyEmail.cookie)}


def follow_links(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the first page lead mailed links on, their token out of the address."""

    @wraps(view)
    def lead_on(request: HttpRequest, **given: Any) -> HttpResponseBase:
        for parameter, (page, cookie) in LINKS.items():
            if token := request.GET.get(parameter, ""):
                path = reverse(page)
                response = HttpResponseRedirect(path)
                # A mail program is another site: a strict cookie would not come back.
                response.set_cookie(
                    cookie,
                    token if TOKEN.fullmatch(token) else "",
                    max_age=LINK_SECONDS,
                    path=path,
                    secure=settings.SESSION_COOKIE_SECURE,
                    httponly=True,
                    samesite="Lax",
                )
                response["Cache-Control"] = "no-store"
                return response
        return view(request, **given)

    return lead_on


class LogOut(FormPage):
    """``/logout/``: end the session."""

    def make_form(self) -> Form:
        """Return the question."""
        text = "Your session in this browser ends. Programs that you gave a token go on."
        return Form("Log out", "Log out", reverse("pages:logout"), text=text)

    def act(self) -> Form | None:
        """End the session."""
        if self.visitor is not None:
            audit.record("logout", actor=self.visitor.pk, request=self.request)
        logins.log_out_browser(self.request)
        raise Done("/")
