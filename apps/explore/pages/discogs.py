"""Pages of a user's link to Discogs, and of its synchronisations."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework.exceptions import APIException

from apps.api.limits import Limit
from apps.api.responses import NotAvailable
from apps.collections.answers import syncing
from apps.collections.discogs import application, links
from apps.collections.serializers.discogs import DiscogsCodeBody
from apps.collections.serializers.sync import ScheduleBody
from apps.explore.pages.forms import Field, Form, PersonalFormPage

TITLE = "Connect to Discogs"
BEGIN = "Discogs asks you whether Linernotes may read your collection and wantlist. Nothing is changed there."
COOLING_DOWN = "Wait a minute between two synchronisations."
CODE = Field("oauth_verifier", "The code that Discogs shows")


def find_obstacle() -> str:
    """Return why nobody can connect to Discogs, and what the operator does about it; "" where all can."""
    try:
        application.load()
    except NotAvailable as error:
        return str(error.detail)
    return ""


class DiscogsForm(PersonalFormPage):
    """A form about Discogs."""

    section = "#discogs"


class Connect(DiscogsForm):
    """``/settings/discogs/``: begin a link, and give the code that Discogs shows."""

    sent_limits = (Limit(10),)

    def make_form(self) -> Form:
        """Return what it is about; or what the operator has to do first."""
        return Form(TITLE, "Begin", reverse("pages:connect"), text=find_obstacle() or BEGIN)

    def act(self) -> Form | None:
        """Ask Discogs for a request token, and lead the user there."""
        return self.lead(links.authorize(self.user.pk))

    def lead(self, begun: dict[str, Any]) -> Form:
        """Return the form with the way to Discogs, and a field for its code unless Discogs sends that itself."""
        is_sent = begun["callback_mode"] == "callback"
        return Form(
            TITLE,
            "" if is_sent else "Connect",
            reverse("pages:connect_code"),
            () if is_sent else (CODE,),
            hidden={"state": begun["state"]},
            above="accounts/above_discogs.html",
            shown={"address": begun["authorize_url"], "is_sent": is_sent, "minutes": begun["expires_in"] // 60},
        )


class GiveDiscogsCode(Connect):
    """``/settings/discogs/code/``: finish a link. What fails begins again: Discogs takes a code once."""

    def act(self) -> Form | None:
        """Finish the link with the code that was typed."""
        given = self.read(DiscogsCodeBody)
        return self.connect(given["state"], given["oauth_verifier"].strip())

    def connect(self, state: str, verifier: str) -> Form | None:
        """Store the link, and offer the first synchronisation."""
        name = links.verify(self.user, state, verifier)["discogs_username"]
        raise self.finish(f"Connected as {name}. Your collection comes with the first synchronisation.")


class ReturnFromDiscogs(GiveDiscogsCode):
    """``/settings/discogs/callback/``: Discogs sends the user back. The state is this user's, so no other site can."""

    def compose(self, fragment: str) -> dict[str, Any]:
        """Finish the link; show why where it is refused."""
        given = self.request.GET
        try:
            if "denied" in given:
                self.message = "Discogs says that you did not allow it."
            elif "oauth_token" in given:
                self.connect(given["oauth_token"], given.get("oauth_verifier", ""))
        except APIException as error:
            self.message = str(error.detail)
        return super().compose(fragment)


class Disconnect(DiscogsForm):
    """``/settings/discogs/off/``: forget the link."""

    def make_form(self) -> Form:
        """Return the question."""
        text = "Linernotes forgets its key to your account. Your collection stays here, and is kept in step no more."
        return Form("Disconnect Discogs", "Disconnect", reverse("pages:disconnect"), text=text, is_dangerous=True)

    def act(self) -> Form | None:
        """Forget it."""
        links.revoke(self.user.pk)
        raise self.finish("Discogs is disconnected.")


class StartSync(DiscogsForm):
    """``/settings/sync/``: synchronise now."""

    sent_limits = (Limit(10),)

    def make_form(self) -> Form:
        """Return the question."""
        text = "Linernotes reads your collection and your wantlist at Discogs."
        return Form("Synchronise", "Synchronise now", reverse("pages:sync"), text=text)

    def act(self) -> Form | None:
        """Start it; its progress is in the menu."""
        try:
            syncing.start(self.user)
        except syncing.CoolingDown:
            raise self.finish(COOLING_DOWN, "warn") from None
        raise self.finish()


class StopSync(DiscogsForm):
    """``/settings/sync/{id}/``: cancel a synchronisation."""

    def make_form(self) -> Form:
        """Return the question."""
        action = reverse("pages:stop_sync", kwargs={"sync_id": self.kwargs["sync_id"]})
        return Form("Stop the synchronisation", "Stop it", action, text="What has come already stays.")

    def act(self) -> Form | None:
        """Cancel it; one that has ended meanwhile stays as it is."""
        syncing.cancel(self.user.pk, self.kwargs["sync_id"])
        raise self.finish()


class ChooseSchedule(DiscogsForm):
    """``/settings/schedule/``: how often Discogs is asked without being told to."""

    def make_form(self) -> Form:
        """Return the form; without a link go back."""
        link = links.find_link(self.user.pk)
        if link is None:
            raise self.finish("Discogs is not connected: connect it first.", "warn")
        choices = (("off", "Only when I ask"), ("daily", "Every day"), ("weekly", "Every week"))
        field = Field("schedule", "Synchronise", "select", choices=choices, value=link.schedule)
        return Form("Keep in step", "Save", reverse("pages:schedule"), (field,))

    def act(self) -> Form | None:
        """Keep it."""
        syncing.set_schedule(self.user.pk, self.read(ScheduleBody)["schedule"])
        raise self.finish("Saved.")
