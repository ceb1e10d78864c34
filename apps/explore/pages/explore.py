"""The first pane: the map of an artist, a label, a genre or a style, its list, its years and the panel."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse
from rest_framework.exceptions import NotFound, ParseError

from apps.explore import charts
from apps.explore.answers import beginnings, expanding, maps, names, panels, shared_maps
from apps.explore.pages import addresses
from apps.explore.pages.base import Page
from apps.explore.pages.states import NothingOfThatName
from apps.graph.readers import entities

NUMBER = re.compile(r"[0-9]{1,4}")
YEARS = re.compile(r"([0-9]{4})-([0-9]{4})")
OPEN = re.compile(r"(artist|label|release|genre|style):(.{1,300})", re.DOTALL)


class Explore(Page):
    """``GET /?type=&id=``, or ``name=``: the map of an entity; without, names to begin with.

    ``before=1983`` or ``compare=1975-1985`` say which years are looked at, ``open=release:157`` what is in the panel,
    ``releases=60`` (and so on) how many members a category has. ``snapshot=TOKEN``: a map as it was shared.
    """

    template = "explore/explore.html"
    tab = "explore"
    fragments: ClassVar = {"list": "explore/list.html", "panel": "explore/panel.html"}

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the map, or what to begin with."""
        query = self.request.GET
        if token := query.get("snapshot"):
            return self.compose_snapshot(token, fragment)
        kind = query.get("type", "artist").lower()
        if kind not in entities.CATEGORIES:
            raise ParseError(f"Give one of {', '.join(entities.CATEGORIES)} as type, and not {kind!r}")
        id_ = query.get("id", "")
        if not id_ and (name := query.get("name", "").strip()):
            id_ = self.find(kind, name)
        if not id_:
            if fragment in self.fragments:
                raise ParseError("Give the id or the name of what is in the middle of the map.")
            return {"title": "", "beginnings": beginnings.find_beginnings()}
        self.classes = "explore"  # type: ignore[misc] # of this request's own view
        self.kind, self.id = kind, id_
        self.until = self.read_years()
        composed: dict[str, Any] = {"kind": kind}
        if fragment != "panel":
            composed |= self.compose_map()
        if fragment != "list":
            composed |= self.compose_panel()
        return composed

    def compose_snapshot(self, token: str, fragment: str) -> dict[str, Any]:
        """Return a map as it was shared, which nobody changes."""
        shared = shared_maps.build_map(token)
        self.template = "explore/snapshot.html"  # type: ignore[misc] # of this request's own view
        self.classes = "explore"  # type: ignore[misc]
        self.kind, self.id = shared["kind"], shared["id"]
        here = f"{reverse('pages:explore')}?{urlencode({'snapshot': token})}"
        composed = {
            "title": shared["title"] or f"{shared['name']}, a shared map",
            "map": shared,
            "token": token,
            "until": shared["until"],
            "years": dict(zip(("first", "last"), shared["rings"], strict=False)),
            "here": here,
            "mine": self.own_address(shared),
        }
        try:
            return composed if fragment == "list" else composed | self.compose_panel()
        except NotFound:
            # The catalogue does not have it any more, or never had it.
            if fragment == "panel":
                raise
            return composed

    def own_address(self, shared: dict[str, Any]) -> str:
        """Return the address that makes a shared map one's own; empty if its centre has no map."""
        kind = shared["kind"]
        if kind not in entities.CATEGORIES or not shared["id"]:
            return ""
        sizes = {each["category"]: str(each["size"]) for each in shared["categories"]}
        years = {("before", "compare")[len(shared["until"]) - 1]: "-".join(map(str, shared["until"]))}
        return addresses.explore(
            kind,
            shared["id"],
            **(years if shared["until"] else {}),
            **({"layout": shared["layout"]} if shared["layout"] != "rings" else {}),
            **{name: size for name, size in sizes.items() if name in entities.CATEGORIES[kind]},
        )

    def find(self, kind: str, name: str) -> str:
        """Return the id of the entity of a name."""
        found = entities.explore_entity(kind, name)
        if found is None:
            raise NothingOfThatName(kind, name, names.find_closest(kind, name))
        return str(found["id"])

    def read_years(self) -> tuple[int, ...]:
        """Return the years that are looked at: none, one, or two in order."""
        if match := YEARS.fullmatch(self.request.GET.get("compare", "")):
            first, last = sorted(map(int, match.groups()))
            return (first, last)
        before = self.request.GET.get("before", "")
        return (int(before),) if NUMBER.fullmatch(before) else ()

    def compose_map(self) -> dict[str, Any]:
        """Return the map with the addresses that make it larger."""
        query = self.request.GET
        sizes = {
            name: int(query[name]) for name in entities.CATEGORIES[self.kind] if NUMBER.fullmatch(query.get(name, ""))
        }
        found = maps.build_map(self.kind, self.id, sizes=sizes, until=self.until)
        for category in found["categories"]:
            name = category["category"]
            category["open_address"] = self.address(**{name: str(min(category["total"], maps.STEP // 2))})
            category["close_address"] = self.address(**{name: "0"})
            category["larger_address"] = self.address(**{name: str(category["larger"])})
            if name == "releases":
                category["members"].sort(key=lambda each: (-(each["first"] or 0), each["rank"]))
        return {
            "map": found,
            "title": found["name"],
            "canonical": addresses.explore(self.kind, self.id),
            "until": self.until,
            "new": ", ".join(found["new"]),
            "here": self.address(),
            **self.compose_years(found["years"]),
        }

    def compose_years(self, points: list[list[int]]) -> dict[str, Any]:
        """Return the bounds of the time track, and how many releases each year has, as its element reads them."""
        if not points:
            return {"years": None}
        return {
            "years": {
                "first": points[0][0] // 10 * 10,
                "last": points[-1][0],
                "begin": points[0][0],
                "counts": " ".join(f"{year}:{count}" for year, count in points),
            }
        }

    def compose_panel(self) -> dict[str, Any]:
        """Return what the panel shows: what is open in it, the centre if nothing is."""
        match = OPEN.fullmatch(self.request.GET.get("open", ""))
        kind, id_ = match.groups() if match else (self.kind, self.id)
        found = panels.build_panel(kind, id_)
        is_centre = (kind, id_) == (self.kind, self.id)
        years = expanding.list_works(kind, id_, max(maps.FIRST_SIZES)) if kind in entities.CATEGORIES else []
        points = [(each.year, each.releases) for each in years if each.year]
        return {
            "panel": found,
            "is_centre": is_centre,
            "actions": [(text, address) for text, address in actions_of(found) if address],
            "career": charts.bars(points, points[0][0] // 10 * 10, points[-1][0], width=352, height=52)
            if points
            else "",
            "first_year": points[0][0] if points else None,
            "last_year": points[-1][0] if points else None,
            "releases": sum(each.releases for each in years),
        }

    def address(self, **changes: str) -> str:
        """Return the address of this map with some parameters changed; one that becomes empty goes."""
        known = ("before", "compare", *entities.CATEGORIES[self.kind])
        kept = {name: self.request.GET.get(name, "") for name in known}
        parameters = {"type": self.kind, "id": self.id, **kept, **changes}
        return f"{reverse('pages:explore')}?{urlencode({name: value for name, value in parameters.items() if value})}"


def actions_of(panel: panels.Panel) -> list[tuple[str, str]]:
    """Return text and address of what can be done with what a panel shows."""
    kind, id_ = panel["kind"], panel["id"]
    found = []
    if kind in entities.CATEGORIES:
        found.append(("Trends", addresses.pane("trends", series=f"{kind}:{id_}")))
        found.append(("Path from here", addresses.pane("path", from_type=kind, from_id=id_)))
    if kind == "artist" and panel["person"]:
        found.append(("Credits", addresses.pane("credits", name=panel["person"])))
    if kind == "label":
        dna = reverse("pages:label_dna", kwargs={"slug": addresses.slug(id_, panel["name"] or "")})
        found.append(("Label DNA", dna))
    return found
