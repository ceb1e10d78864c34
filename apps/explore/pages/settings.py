"""The settings: what a user sees of their account, and a form for each change. The API has all of it as well."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.accounts import logins, own_account, serializers, two_factor
from apps.accounts.authentication import SCOPES
from apps.accounts.models import AppToken, Authenticator
from apps.api.limits import Limit
from apps.api.parameters import read_values
from apps.collections.models import SyncStatus
from apps.explore.pages import devices
from apps.explore.pages.accounts import CODE, DIFFERENT, NEW_PASSWORD, PASSWORD, REPEAT
from apps.explore.pages.base import PersonalPage
from apps.explore.pages.discogs import find_obstacle
from apps.explore.pages.forms import Done, Field, Form, PersonalFormPage

SHOWN_TOKENS, SHOWN_LOGINS, SHOWN_SYNCS = 100, 50, 5
CURRENT = Field("current_password", "Current password", "password", "current-password")


class Settings(PersonalPage):
    """``/settings/``: the account at a glance."""

    template = "accounts/settings.html"

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return what there is of the account."""
        user = self.user
        own_login = self.request.session.get(logins.LOGIN_KEY)
        device = two_factor.find_confirmed(user)
        return {
            "title": "Settings",
            "account": user,
            "second_factor": device,
            "codes_left": len(device.recovery_codes) if device else 0,
            "link": user.links.first(),
            "obstacle": find_obstacle(),
            "syncs": user.syncs.exclude(status=SyncStatus.RUNNING).order_by("-started_at")[:SHOWN_SYNCS],
            "running": self.running_sync,
            "tokens": AppToken.objects.filter(user=user).order_by("revoked_at", "-created_at")[:SHOWN_TOKENS],
            "logins": [
                {"login": each, "device": devices.describe(each.device), "is_current": each.pk == own_login}
                for each in logins.list_current(user.pk)[:SHOWN_LOGINS]
            ],
        }


class SettingsForm(PersonalFormPage):
    """A form of the settings."""

    def make_action(self, page: str, **parts: Any) -> str:
        """Return the address of a form."""
        return reverse(f"pages:{page}", kwargs=parts or None)


class ChangePassword(SettingsForm):
    """``/settings/password/``: a new password."""

    sent_limits = (Limit(5),)

    def make_form(self) -> Form:
        """Return the form."""
        text = "Everywhere else you are logged out, and tokens of programs are revoked."
        fields = (CURRENT, NEW_PASSWORD, REPEAT)
        return Form("A new password", "Change the password", self.make_action("password"), fields, text)

    def act(self) -> Form | None:
        """Change it. This browser stays logged in, with a new session."""
        given, user = self.read(serializers.ChangePasswordBody), self.user
        if given["new_password"] != self.request.POST.get("repeat"):
            raise self.refuse("repeat", DIFFERENT)
        own_account.change_password(user, given["current_password"], given["new_password"], self.request)
        # The session that begins is compared with what was stored meanwhile.
        user.refresh_from_db()
        logins.log_in_browser(user, self.request, two_factor.find_confirmed(user))
        raise self.finish("The password is changed. Everywhere else you are logged out.")


class SetUpFactor(SettingsForm):
    """``/settings/second-factor/``: begin with a second factor."""

    def make_form(self) -> Form:
        """Return what it is about."""
        text = "At each login you then give a code that an app of your phone shows, after your password."
        return Form("A second factor", "Set it up", self.make_action("factor"), text=text)

    def act(self) -> Form | None:
        """Make a secret, and show it."""
        # Recovery codes come once a first code was right: nobody keeps some that never worked.
        two_factor.set_up(self.user)
        return make_confirmation(self)


class ConfirmFactor(SettingsForm):
    """``/settings/second-factor/confirm/``: turn it on, by a first code."""

    sent_limits = (Limit(10),)

    def make_form(self) -> Form:
        """Return the secret and a field for the code; without a secret go back."""
        return make_confirmation(self)

    def act(self) -> Form | None:
        """Turn it on, and show the recovery codes."""
        given = self.read(serializers.ConfirmBody)
        device = own_account.confirm_second_factor(self.user, given["code"], self.request, is_browser=True)
        self.message, self.is_good_news = "The second factor is on.", True
        return make_codes_form(two_factor.give_recovery_codes(device))


def make_confirmation(page: SettingsForm) -> Form:
    """Return the form with the secret of a second factor that is not confirmed yet."""
    device = Authenticator.objects.filter(user=page.user, confirmed=False).first()
    if device is None:
        raise Done(reverse("pages:settings"))
    secret = two_factor.format_secret(device)
    return Form(
        "A second factor",
        "Turn it on",
        page.make_action("factor_confirm"),
        (CODE,),
        above="accounts/above_secret.html",
        shown={
            "picture": two_factor.draw_qr_code(device),
            "address": two_factor.make_address(device, device.user.email),
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        },
    )


def make_codes_form(codes: list[str]) -> Form:
    """Return the recovery codes, which are shown this once."""
    return Form(
        "Recovery codes",
        "I have kept them",
        reverse("pages:settings"),
        method="get",
        above="accounts/above_codes.html",
        shown=codes,
    )


class RenewCodes(SettingsForm):
    """``/settings/second-factor/codes/``: new recovery codes."""

    sent_limits = (Limit(5),)

    def make_form(self) -> Form:
        """Return the form."""
        text = "Those of before stop working."
        return Form("New recovery codes", "Make new codes", self.make_action("codes"), (PASSWORD, CODE), text)

    def act(self) -> Form | None:
        """Show the new codes."""
        given = self.read(serializers.CodeAndPasswordBody)
        own_account.require_password(self.user, given["password"], self.request)
        return make_codes_form(two_factor.renew_recovery_codes(self.user, given["code"]))


class DisableFactor(SettingsForm):
    """``/settings/second-factor/off/``: turn the second factor off."""

    sent_limits = (Limit(5),)

    def make_form(self) -> Form:
        """Return the form."""
        text = "From then on your password alone logs in."
        fields = (PASSWORD, CODE)
        action = self.make_action("factor_off")
        return Form("Turn off the second factor", "Turn it off", action, fields, text, is_dangerous=True)

    def act(self) -> Form | None:
        """Turn it off."""
        given = self.read(serializers.CodeAndPasswordBody)
        own_account.require_password(self.user, given["password"], self.request)
        two_factor.disable(self.user, given["code"])
        raise self.finish("The second factor is off.")


class NewToken(SettingsForm):
    """``/settings/tokens/``: a token for a program, shown once."""

    def make_form(self) -> Form:
        """Return the form."""
        scopes = tuple(Field("scopes", f"{scope}: {words}", "check", value=scope) for scope, words in SCOPES.items())
        name = Field("name", "Name", note="What it is for, such as “my script”.", maxlength=255)
        text = "A program that has it may read what you choose, and change nothing."
        return Form("A token for a program", "Make the token", self.make_action("tokens"), (name, *scopes), text)

    def act(self) -> Form | None:
        """Show the token."""
        name, scopes = self.request.POST.get("name", ""), self.request.POST.getlist("scopes")
        if not scopes:
            self.message = "Choose what the program may read."
            return None
        given = read_values(serializers.AppTokenBody, "body", {"name": name, "scopes": scopes})
        made, token = own_account.make_app_token(self.user, given["name"], given["scopes"], self.request)
        return Form(
            made.name,
            "I have kept it",
            reverse("pages:settings"),
            method="get",
            above="accounts/above_token.html",
            shown=token,
        )


class RevokeToken(SettingsForm):
    """``/settings/tokens/{id}/``: revoke a token."""

    def make_form(self) -> Form:
        """Return the question."""
        text = "The program that has it is locked out at once. The token stays listed."
        action = self.make_action("token", token_id=self.kwargs["token_id"])
        return Form("Revoke the token", "Revoke it", action, text=text, is_dangerous=True)

    def act(self) -> Form | None:
        """Revoke it."""
        token_id: UUID = self.kwargs["token_id"]
        own_account.revoke_app_token(self.user.pk, token_id, self.request)
        raise self.finish("The token is revoked.")


class EndSessions(SettingsForm):
    """``/settings/sessions/``: sign out everywhere."""

    def make_form(self) -> Form:
        """Return the question."""
        text = "All browsers and programs that logged in by password are logged out, this one too."
        return Form("Sign out everywhere", "Sign out everywhere", self.make_action("sessions"), text=text)

    def act(self) -> Form | None:
        """End all sessions."""
        own_account.sign_out_everywhere(self.user, self.request)
        self.request.session.flush()
        raise Done("/")


class DeleteAccount(SettingsForm):
    """``/settings/delete/``: delete the account; an export is offered first."""

    sent_limits = (Limit(5),)

    def make_form(self) -> Form:
        """Return the form."""
        return Form(
            "Delete the account",
            "Delete it for good",
            self.make_action("delete_account"),
            (PASSWORD, CODE) if two_factor.is_enabled(self.user) else (PASSWORD,),
            "Your collection here, your link to Discogs, tokens and settings go, and nothing brings them back. "
            "What you have at Discogs stays.",
            above="accounts/above_delete.html",
            is_dangerous=True,
        )

    def act(self) -> Form | None:
        """Delete it."""
        given = self.read(serializers.DeleteAccountBody)
        own_account.delete(self.user, given["password"], given.get("code", ""), self.request)
        self.request.session.flush()
        raise Done("/")
