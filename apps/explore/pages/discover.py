"""The page of releases that a visitor could want, and of what is near an entity and new to the visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from rest_framework import serializers

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.api.parameters import Integer, Invalid, read_values
from apps.collections import keeping
from apps.collections.answers import recommending
from apps.collections.answers.collecting import get_decade
from apps.collections.serializers.recommending import STRATEGIES, ExploreFromQuery, ReleasePath
from apps.explore.pages import queries
from apps.explore.pages.base import KINDS, PersonalPage
from apps.graph.readers.discovering import STARTS

# Recommendations that are asked for, so that filters leave some; and those that are shown.
ASKED, SHOWN = 100, 30
# How far one explores.
HOPS = (1, 2, 3)


class DiscoverQuery(serializers.Serializer[Any]):
    """What is chosen on the page."""

    strategy = serializers.ChoiceField(choices=STRATEGIES, default="multi")
    decade = Integer(required=False, min_value=0, max_value=9990)


@method_decorator(csrf_protect, name="dispatch")
class Discover(PersonalPage):
    """``GET /discover/?strategy=multi&decade=1990``: releases that a visitor could want, each with its reasons.

    ``?type=artist&id=41&hops=2``, or with a ``name``, is what is near an entity, the newest to the visitor first.

    ``POST`` with ``release_id`` and ``dismissed`` recommends a release no more, or again, and leads back.
    """

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - as Django has it
    template = "collection/discover.html"
    tab = "discover"
    limits = (Limit(60),)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep whether the visitor is interested in releases."""
        if self.visitor is None:
            return HttpResponse(status=401)
        releases = read_ids(request.POST.getlist("release_id"))
        is_dismissed = request.POST.get("dismissed") == "true"
        change = recommending.dismiss_release if is_dismissed else recommending.recall_release
        for each in releases:
            change(self.user.pk, each)
        gone = {"gone": releases} if is_dismissed else {}
        return HttpResponseRedirect(address({**self.read_choices(), **gone}))

    def read_choices(self) -> dict[str, Any]:
        """Return the strategy and the decade that are chosen."""
        query = queries.read_or_default(DiscoverQuery, self.request.GET)
        return {"strategy": query["strategy"], "decade": query.get("decade")}

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002 - there is one page
        """Return the recommendations, or what is near an entity."""
        wanted = self.request.GET.get("type", "")
        kind = wanted if wanted in STARTS else "artist"
        about = {"title": "Discover", "choices": KINDS, "kind": kind}
        if id_ := queries.find_id(kind, self.request.GET, address):
            return {**about, **self.explore_from(kind, id_)}
        return {**about, **self.recommend()}

    def explore_from(self, kind: str, id_: str) -> dict[str, Any]:
        """Return what is near an entity."""
        hops = queries.read_or_default(ExploreFromQuery, self.request.GET)["hops"]
        user = self.user.pk
        found = cache_json(
            keeping.make_key(user, f"near:{kind}:{hops}:{id_}"),
            SHORT,
            lambda: recommending.explore_from(str(user), kind, id_, hops),
        )
        # Names stand at even places of a way, relationships between them.
        near = [{**each, "via": each["path"][2:-1:2]} for each in found["discoveries"][:SHOWN]]
        return {
            "start": found["from"],
            "near": near,
            "most": max((each["score"] for each in near), default=1),
            "hops": [(each, address({"type": kind, "id": id_, "hops": each}), each == hops) for each in HOPS],
        }

    def recommend(self) -> dict[str, Any]:
        """Return the recommendations."""
        chosen = self.read_choices()
        user = str(self.user.pk)
        if chosen["strategy"] == "multi":
            rows = recommending.recommend_by_signals(user, ASKED)["recommendations"]
        else:
            rows = recommending.find_by_artists(user, ASKED)
        decades = sorted({get_decade(each["year"]) for each in rows if each["year"]})
        if chosen["decade"] is not None:
            rows = [each for each in rows if each["year"] and get_decade(each["year"]) == chosen["decade"]]
        return {
            "rows": merge_pressings(rows)[:SHOWN],
            "strategy": chosen["strategy"],
            "decade": chosen["decade"],
            "strategies": [(each, address({**chosen, "strategy": each})) for each in STRATEGIES[::-1]],
            "decades": [
                (each, address({**chosen, "decade": None if each == chosen["decade"] else each})) for each in decades
            ],
            "here": address(chosen),
            "gone": read_ids(self.request.GET.getlist("gone")),
        }


def address(choices: Mapping[str, Any]) -> str:
    """Return the address of the page with some choices."""
    given = {name: value for name, value in choices.items() if value is not None}
    return f"{reverse('pages:discover')}?{urlencode(given, doseq=True)}"


def read_ids(given: Sequence[str]) -> list[int]:
    """Return the ids of releases among some texts, the first ``ASKED``."""
    found = []
    for each in given[:ASKED]:
        with suppress(Invalid):
            found.append(read_values(ReleasePath, "body", {"release_id": each})["release_id"])
    return found


def merge_pressings(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return recommendations, those of one title and artist as one: the best, with the ids of all of them.

    ``because`` are its reasons as a page writes them, ``pressings`` how many others it stands for.
    """
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for each in rows:
        key = (each["title"] or each["id"]).casefold(), each["artist"] or ""
        because = [reason.partition(": ")[2] for reason in each.get("reasons", ())]
        known = merged.setdefault(key, {**each, "because": because, "ids": []})
        known["ids"].append(each["id"])
    return [{**each, "pressings": len(each["ids"]) - 1} for each in merged.values()]
