"""Find path: how two names hang together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from rest_framework.exceptions import NotFound, ParseError

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.explore import charts
from apps.explore.answers import beginnings, names
from apps.explore.answers.ways import Way, find_ways
from apps.explore.pages import addresses
from apps.explore.pages.base import Page
from apps.explore.pages.states import State
from apps.graph.readers import entities, paths
from apps.graph.reading import GraphTimeOut

NUMBER = re.compile(r"[0-9]{1,2}")
STEPS, MOST_STEPS, FEWER_STEPS = 6, 10, 4
LONGEST = 2000
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True, slots=True)
class End:
    """An end of a path as the address names it: by id, by name, or not at all."""

    kind: str
    id: str
    name: str


class FindPath(Page):
    """``GET /path/``: ways between ``from_type``, ``from_id`` or ``from_name``, and ``to_…``.

    ``via=credits`` goes through who worked on a record as well, ``exclude=IS`` not through genres and styles;
    ``max_depth`` is the most steps, ``way`` the number of the way that is shown, ``view=graph`` a picture of all.
    """

    template = "explore/path.html"
    tab = "path"
    limits = (Limit(60),)

    ends: list[End]
    is_asked: bool
    has_credits: bool
    has_genres: bool
    most_steps: int
    way: int

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the ways, or why there are none."""
        self.read()
        form: dict[str, Any] = {"title": "Find path", "step_counts": range(1, MOST_STEPS + 1)}
        for at, name in enumerate(("from", "to")):
            asked = self.ends[at]
            if asked.id or asked.name:
                known = find(asked)
                if known is None:
                    return {**form, **self.name_ends(), **self.suggest_names(name, asked)}
                self.ends[at] = known
        form |= self.name_ends()
        if not self.is_asked:
            return {**form, "pair": self.pair()}
        start, end = self.ends
        form["title"] = f"{start.name} to {end.name}"
        try:
            ways_ = find_ways(
                paths.End(start.kind, None, start.id),
                paths.End(end.kind, None, end.id),
                most_steps=self.most_steps,
                has_credits=self.has_credits,
                has_genres=self.has_genres,
            )
        except paths.NoSuchEnd as error:
            # It went with a load since it was found.
            raise NotFound(f"{error.end.kind.capitalize()} {error.end.id} not found") from error
        except GraphTimeOut:
            return {
                **form,
                "state": State(504, "Too big a question.", "Choose fewer steps or avoid genres."),
                "actions": self.suggest_smaller(),
            }
        return {**form, **self.compose_ways(ways_)}

    def read(self) -> None:
        """Read the address."""
        query = self.request.GET
        self.ends = [self.read_end("from"), self.read_end("to")]
        # The swap button is a submit button of the same form, so it works without JavaScript.
        if query.get("swap"):
            self.ends.reverse()
        self.is_asked = all(each.id or each.name for each in self.ends)
        # An address that asks for nothing yet has the choices that lead to ways that say something.
        self.has_credits = query.get("via") == "credits" or not self.is_asked
        self.has_genres = query.get("exclude") != "IS" and self.is_asked
        steps = query.get("max_depth", "")
        self.most_steps = min(max(int(steps), 1), MOST_STEPS) if NUMBER.fullmatch(steps) else STEPS
        way = query.get("way", "")
        self.way = int(way) if NUMBER.fullmatch(way) else 1

    def read_end(self, name: str) -> End:
        """Return an end of the path."""
        query = self.request.GET
        kind = query.get(f"{name}_type", "artist").lower()
        if kind not in paths.KINDS:
            raise ParseError(f"Give one of {', '.join(paths.KINDS)} as {name}_type.")
        id_, text = (query.get(f"{name}_{each}", "").strip() for each in ("id", "name"))
        if max(len(id_), len(text)) > LONGEST:
            raise ParseError(f"A name has {LONGEST} letters at most.")
        return End(kind, id_, text)

    def name_ends(self) -> dict[str, End]:
        """Return the ends as the fields show them."""
        return dict(zip(("start", "end"), self.ends, strict=True))

    def pair(self) -> dict[str, str] | None:
        """Return an example: the first two artists to begin with, and the address that connects them."""
        artists = [each for each in beginnings.find_beginnings() if each["kind"] == "artist"]
        if len(artists) < 2:
            return None
        start, end = (End("artist", each["id"], each["name"]) for each in artists[:2])
        return {"start": start.name, "end": end.name, "address": self.address_of(start, end)}

    def suggest_names(self, name: str, end: End) -> dict[str, Any]:
        """Return what is said of an end that is not there: the closest names, each with the address that takes it."""
        if not end.name:
            raise NotFound(f"{end.kind.capitalize()} {end.id} not found")
        closest = [
            {**each, "address": self.address(**{f"{name}_id": str(each["id"]), f"{name}_name": ""})}
            for each in names.find_closest(end.kind, end.name)
        ]
        return {"state": State(404, f"No {end.kind} called “{end.name}”.", "Did you mean", closest)}

    def suggest_smaller(self) -> list[tuple[str, str]]:
        """Return questions that take less time, as texts and addresses."""
        found = []
        if self.most_steps > FEWER_STEPS:
            found.append((f"{FEWER_STEPS} steps at most", self.address(max_depth=str(FEWER_STEPS))))
        if self.has_genres:
            found.append(("Avoid genres and styles", self.address(exclude="IS")))
        return found

    def compose_ways(self, found: list[Way]) -> dict[str, Any]:
        """Return the way that is shown, the others, and where to go from here."""
        if not found:
            return {
                "heading": f"No link within {NUMBERS[self.most_steps].lower()} steps.",
                "more_steps": self.most_steps + 2 if self.most_steps + 2 <= MOST_STEPS else None,
                "more_address": self.address(max_depth=str(self.most_steps + 2)),
                "genres_address": "" if self.has_genres else self.address(exclude=""),
                "credits_address": "" if self.has_credits else self.address(via="credits"),
            }
        at = (self.way - 1) % len(found)
        way = found[at]
        if len(way) == 1:
            return {"heading": "They are the same.", "way": way}
        count = len(way) - 1
        is_graph = self.request.GET.get("view") == "graph"
        others = [
            {"steps": each, "address": self.address(way=str(number))}
            for number, each in enumerate(found, 1)
            if number - 1 != at
        ]
        return {
            "count": f"{NUMBERS[count]} step{'' if count == 1 else 's'}",
            "way": way,
            "centres": paths.KINDS,
            "others": others,
            "other_count": NUMBERS[len(others)] if len(others) < len(NUMBERS) else str(len(others)),
            "next_address": self.address(way=str((at + 1) % len(found) + 1)) if others else "",
            "graph": self.draw([way, *found[:at], *found[at + 1 :]]) if is_graph else "",
            "graph_address": self.address(way=str(at + 1), view="" if is_graph else "graph"),
        }

    def draw(self, found: list[Way]) -> str:
        """Return a picture of ways, whose nodes lead on."""
        return charts.ways(
            [
                [
                    (
                        each["kind"],
                        each["name"] or "Untitled",
                        addresses.get_page_address(each["kind"], each["id"], each["name"]),
                    )
                    for each in way
                ]
                for way in found
            ]
        )

    def address(self, **changes: str) -> str:
        """Return the address of this page with some of it changed."""
        start, end = self.ends
        return self.address_of(start, end, **changes)

    def address_of(self, start: End, end: End, **changes: str) -> str:
        """Return the address of the ways between two entities."""
        parameters: dict[str, str] = {}
        for name, each in (("from", start), ("to", end)):
            parameters |= {f"{name}_type": each.kind, f"{name}_id": each.id}
            parameters[f"{name}_name"] = "" if each.id else each.name
        parameters |= {
            "via": "credits" if self.has_credits else "",
            "exclude": "" if self.has_genres else "IS",
            "max_depth": "" if self.most_steps == STEPS else str(self.most_steps),
            **changes,
        }
        known = {name: value for name, value in parameters.items() if value}
        return f"{reverse('pages:path')}?{urlencode(known)}"


def find(end: End) -> End | None:
    """Return an end with its id and its name; None if there is no such entity.

    A name that is not the one of the id was typed over it, where no JavaScript took the id away.
    """
    if end.id:
        node = cache_json(f"node:{end.kind}:{end.id}", SHORT, lambda: entities.get_node(end.kind, end.id))
        if node and end.name in ("", node["name"]):
            return End(end.kind, str(node["id"]), node["name"])
    if not end.name:
        return None
    found = cache_json(f"named:{end.kind}:{end.name}", SHORT, lambda: entities.explore_entity(end.kind, end.name))
    return End(end.kind, str(found["id"]), found["name"]) if found else None
