"""The page of what a visitor lacks of an artist, a label or a master."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse

from apps.api.limits import Limit
from apps.collections.answers import collecting, gaps
from apps.collections.serializers.gaps import GapsQuery
from apps.explore.pages import queries
from apps.explore.pages.base import PersonalPage
from apps.explore.pages.search import toggle

SIZE = 50
KINDS = (("artist", "Artist"), ("label", "Label"), ("master", "Master"))
# Labels to begin with: those that the visitor has most of.
BEGINNINGS = 8


class Missing(PersonalPage):
    """``GET /missing/?type=artist&id=41``: what a visitor lacks of an artist, a label or a master.

    ``name`` instead of ``id`` looks one up. ``by=master`` counts albums instead of pressings. ``formats``, as often as
    wanted, and ``exclude_wantlist`` leave out releases; ``offset`` turns pages.
    """

    template = "collection/missing.html"
    tab = "missing"
    limits = (Limit(60),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002 - there is one page
        """Return the gaps, or labels to begin with."""
        wanted = self.request.GET.get("type", "")
        kind = wanted if wanted in gaps.KINDS else "artist"
        id_ = queries.find_id(kind, self.request.GET, address)
        about = {"choices": KINDS, "kind": kind, "title": "Missing"}
        if not id_:
            labels = collecting.compute_statistics(str(self.user.pk))["by_label"]
            return {**about, "beginnings": [each["name"] for each in labels[:BEGINNINGS]]}
        query = queries.read_or_default(GapsQuery, self.request.GET)
        found = gaps.find_gaps(str(self.user.pk), kind, id_, gaps.make_filters(query), SIZE, query["offset"])
        name = found["entity"]["name"] or "Untitled"
        return {
            **about,
            **found,
            "results": [{**each, "formats": list(dict.fromkeys(each["formats"] or ()))} for each in found["results"]],
            "name": name,
            "title": f"Missing of {name}",
            **self.list_choices(kind, id_, query, found),
        }

    def list_choices(self, kind: str, id_: str, query: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        """Return the address of every other choice of what is shown."""
        by = query["by"]
        chosen = {
            "type": kind,
            "id": id_,
            "by": "" if by == gaps.UNITS[0] else by,
            "formats": query["formats"],
            "exclude_wantlist": query["exclude_wantlist"],
        }
        owned = collecting.list_formats(str(self.user.pk))["formats"]
        offset, page = query["offset"], found["pagination"]
        return {
            "by": by,
            # All releases of a master are one album.
            "units": [(each, address({**chosen, "by": each})) for each in gaps.UNITS] if kind != "master" else [],
            "formats": [
                {
                    "name": each,
                    "is_on": each in query["formats"],
                    "address": address({**chosen, "formats": toggle(query["formats"], each)}),
                }
                for each in dict.fromkeys([*owned, *query["formats"]])
            ],
            "is_without_wants": query["exclude_wantlist"],
            "wants_address": address({**chosen, "exclude_wantlist": not query["exclude_wantlist"]}),
            "files": [(each.upper(), make_file_address(kind, id_, chosen, each)) for each in ("csv", "json")],
            "is_filtered": bool(query["formats"] or query["exclude_wantlist"]),
            "all_address": address({"type": kind, "id": id_, "by": chosen["by"]}),
            "previous": address({**chosen, "offset": max(0, offset - SIZE)}) if offset else "",
            "next": address({**chosen, "offset": offset + SIZE}) if page["has_more"] else "",
            "first": offset + 1,
            "last": offset + len(found["results"]),
        }


def make_file_address(kind: str, id_: str, chosen: Mapping[str, Any], ending: str) -> str:
    """Return the address of the API that has the same gaps as a file."""
    query = address({name: value for name, value in chosen.items() if name not in ("type", "id")}).partition("?")[2]
    return f"/api/collection/gaps/{kind}/{quote(id_, safe='')}/export.{ending}{f'?{query}' if query else ''}"


def address(choices: Mapping[str, Any]) -> str:
    """Return the address of gaps; what is empty or false is left out."""
    given = {name: 1 if value is True else value for name, value in choices.items() if value}
    return f"{reverse('pages:missing')}?{urlencode(given, doseq=True)}"
