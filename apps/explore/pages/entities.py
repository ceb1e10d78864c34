"""Pages about one entity: a release, an artist, a label, a master, a genre, a style or a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.utils.safestring import SafeString
from rest_framework.exceptions import NotFound

from apps.catalog.reading import TablesTimeOut
from apps.collections.answers import collecting
from apps.explore import charts, drawings
from apps.explore.answers import discographies, entities, maps, names, panels, people, records, releases
from apps.explore.answers.beginnings import PLACEHOLDERS
from apps.explore.answers.records import Named
from apps.explore.pages import addresses, markup, states, structured
from apps.explore.pages.base import Page
from apps.explore.pages.explore import actions_of
from apps.graph.readers import entities as graph
from apps.graph.reading import GraphAway, GraphTimeOut

# Of labels of an artist, artists of a label and so on: as many as a map asks for, so that both share what is kept.
LEADING = 15


class EntityPage(Page):
    """The page of one entity of a kind, at one canonical address, told to machines as well.

    What the record says comes from PostgreSQL, and stands without the graph: a part that takes too long, or a graph
    that is away, is told in a banner, and the other parts are shown.
    """

    kind: str
    fragments: ClassVar = {"list": "entities/list.html"}
    # What the list of releases tells of each, beside its year and its title.
    columns: ClassVar[tuple[str, ...]] = ()
    failure: states.State | None = None

    @property
    def id(self) -> str:
        """The entity's id: what the address begins with, whatever slug follows; or its name."""
        return str(self.kwargs["name"] if "name" in self.kwargs else addresses.id_of(self.kwargs["slug"]))

    @property
    def site(self) -> str:
        """The address of the site."""
        return f"{self.request.scheme}://{self.request.get_host()}"

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the page, or its list alone."""
        return self.compose_list() if fragment == "list" else self.compose_page()

    def compose_page(self) -> dict[str, Any]:
        """Return everything that the page shows."""
        raise NotImplementedError

    def compose_list(self) -> dict[str, Any]:
        """Return a page of the entity's releases."""
        start = discographies.read_start(self.request.GET)
        found = discographies.list_releases(self.kind, self.id, start)
        return {"list": found, "columns": self.columns, "name": "", "kind": self.kind}

    def entity(self, found: dict[str, Any], name: str, about: dict[str, Any]) -> dict[str, Any]:
        """Return what the template of every entity needs; ``about`` is what it is in the words of schema.org."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": name,
            "title": name,
            "canonical": addresses.get_page_address(self.kind, self.id, name),
            "structured": structured.script(about),
            "entity": found,
            "failure": self.failure,
        }

    def part(self, compute: Callable[[], Any]) -> Any:
        """Return a part of the page; None if it takes too long, or if the graph is away or has no such node yet."""
        try:
            return compute()
        except NotFound:
            return None
        except (GraphAway, GraphTimeOut, TablesTimeOut) as error:
            self.failure = states.describe_failure(error)
            return None

    def releases(self) -> dict[str, Any]:
        """Return the list of releases and the strip of years over it."""
        listed = self.part(self.compose_list) or {}
        years = self.part(lambda: discographies.get_years(self.kind, self.id)) or []
        return {**listed, **draw_career(years)}


def draw_career(years: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return a bar for each year, the first and the last of them, and how many releases there are in all."""
    points = [(year, count) for year, count in years if year]
    first, last = (points[0][0], points[-1][0]) if points else (None, None)
    return {
        # A drawing for wide screens and one for narrow ones: one that is scaled would have letters that are too small.
        "career": charts.bars(points, first // 10 * 10, last, width=1240, height=110) if first and last else "",
        "narrow_career": charts.bars(points, first // 10 * 10, last, width=358, height=72) if first and last else "",
        "first_year": first,
        "last_year": last,
        "span": last - first + 1 if first and last else 0,
        "releases": sum(count for _, count in years),
    }


class ReleasePage(EntityPage):
    """``GET /release/{id}-{slug}``: the back of a sleeve."""

    kind = "release"
    template = "entities/release.html"
    fragments: ClassVar = {}

    def compose_page(self) -> dict[str, Any]:
        """Return everything that the record says."""
        found = releases.get_release(self.id)
        name = found["title"] or "Untitled"
        by = write_artists(found["artists"])
        return {
            **self.entity(found, name, structured.release(found, self.site)),
            "title": f"{name} by {by}" if by else name,
            "by": by,
            "sleeve": self.sleeve(found, by),
            "notes": write_prose(found["notes"]),
            "map": self.map_address(found),
            "owned": self.get_ownership(),
        }

    def get_ownership(self) -> dict[str, bool] | None:
        """Return whether the visitor has and wants the release; None without a login, or without the graph."""
        user = self.visitor
        if user is None:
            return None
        found = self.part(lambda: collecting.read_statuses(str(user.pk), [self.id])["status"][self.id])
        return found if found and any(found.values()) else None

    def sleeve(self, found: dict[str, Any], by: str) -> SafeString:
        """Draw the sleeve, and the record with a band for each track."""
        lengths = [each.seconds for each in found["tracks"] if not each.is_heading and not each.level]
        number, genre = next(iter(found["catalogue_numbers"]), ""), next(iter(found["genres"]), "")
        return drawings.sleeve(found["title"] or "Untitled", by, number, genre, lengths)

    def map_address(self, found: dict[str, Any]) -> str:
        """Return the address of a map with the release in it: that of its first artist, or of its label."""
        centre = next((each for each in (*found["artists"], *found["labels"]) if each.id), None)
        return addresses.explore(centre.kind, centre.id, open=f"release:{self.id}") if centre else ""


class ArtistPage(EntityPage):
    """``GET /artist/{id}-{slug}``: who it is, the releases by decade, and with whom."""

    kind = "artist"
    template = "entities/artist.html"
    columns = ("label", "format")

    def compose_page(self) -> dict[str, Any]:
        """Return the record, the releases and what the graph tells of the artist."""
        found = entities.describe_artist(self.id)
        shown = self.releases()
        panel = labels = None
        if self.id not in PLACEHOLDERS:
            panel = self.part(lambda: panels.build_panel("artist", self.id))
            labels = self.part(lambda: maps.list_members("artist", self.id, "labels", size=LEADING, until=None))
        return {
            **shown,
            "panel": panel,
            "labels": labels,
            "profile": write_prose(found["profile"]),
            "actions": actions_of(panel or {"kind": "artist", "id": self.id, "person": None}),
            **self.entity(found, found["name"], structured.artist(found, panel, self.site)),
        }


class LabelPage(EntityPage):
    """``GET /label/{id}-{slug}``: what it put out, when and by whom."""

    kind = "label"
    template = "entities/label.html"
    columns = ("number", "artist", "format")

    def compose_page(self) -> dict[str, Any]:
        """Return the record, the releases and those with most of them."""
        found = entities.describe_label(self.id)
        shown = self.releases()
        return {
            **shown,
            "artists": self.part(lambda: maps.list_members("label", self.id, "artists", size=LEADING, until=None)),
            "genres": self.part(lambda: entities.list_genres_of_label(self.id)),
            "profile": write_prose(found["profile"]),
            "contact": write_prose(found["contact"]),
            "actions": actions_of({"kind": "label", "id": self.id, "name": found["name"]}),
            **self.entity(found, found["name"], structured.label(found, shown["first_year"], self.site)),
        }


class MasterPage(EntityPage):
    """``GET /master/{id}-{slug}``: an album, and all its versions."""

    kind = "master"
    template = "entities/master.html"
    columns = ("label", "format", "country")

    def compose_page(self) -> dict[str, Any]:
        """Return the record and its versions."""
        found = entities.describe_master(self.id)
        shown = self.releases()
        name, by = found["title"] or "Untitled", write_artists(found["artists"])
        genre = next(iter(found["genres"]), "")
        return {
            **shown,
            "by": by,
            "sleeve": drawings.sleeve(name, by, str(found["year"] or ""), genre, []),
            "notes": write_prose(found["notes"]),
            **self.entity(found, name, structured.master(found, shown.get("list"), self.site)),
            "title": f"{name} by {by}" if by else name,
        }


class TagPage(EntityPage):
    """The page of a genre or a style: when it was released, by whom, on which labels, and what it goes with."""

    template = "entities/tag.html"
    columns = ("artist", "label")

    def compose_page(self) -> dict[str, Any]:
        """Return its figures, its releases and those with most of them."""
        found = graph.explore_entity(self.kind, self.id)
        if found is None:
            raise states.NothingOfThatName(self.kind, self.id, names.find_closest(self.kind, self.id))
        shown = self.releases()
        other = "styles" if self.kind == "genre" else "genres"
        return {
            **shown,
            "artists": self.list_leading("artists"),
            "labels": self.list_leading("labels"),
            "other": other,
            "others": self.list_leading(other),
            "actions": actions_of({"kind": self.kind, "id": self.id}),
            **self.entity(found, found["name"], structured.tag(self.kind, found, self.site)),
        }

    def list_leading(self, category: str) -> Any:
        """Return what has most of its releases, and how many there are in all."""
        return self.part(lambda: maps.list_members(self.kind, self.id, category, size=LEADING, until=None))


class GenrePage(TagPage):
    """``GET /genre/{name}/``."""

    kind = "genre"


class StylePage(TagPage):
    """``GET /style/{name}/``."""

    kind = "style"


class PersonPage(EntityPage):
    """``GET /person/{name}/``: what a name in credits has done, year by year, and with whom."""

    kind = "person"
    template = "entities/person.html"
    tab = "credits"
    columns = ("artist", "role")

    def compose_page(self) -> dict[str, Any]:
        """Return the figures of the credits, the releases and those who are on the same ones."""
        found = people.get_person(self.id)
        return {
            **self.releases(),
            **self.work(found),
            "connections": self.part(lambda: people.list_connections(self.id)),
            "pane": addresses.pane("credits", name=self.id),
            **self.entity(found, self.id, structured.person(found, self.site)),
        }

    def work(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return a column of the kinds of work for each year, drawn for wide screens and for narrow ones."""
        if not found["years"]:
            return {"work": ""}
        kinds, first, last = list(found["categories"]), min(found["years"]) // 5 * 5, max(found["years"])
        return {
            "work": charts.columns(found["years"], kinds, first, last),
            "narrow_work": charts.columns(found["years"], kinds, first, last, width=358, height=150),
        }


def write_prose(text: str) -> SafeString:
    """Return notes or a profile with the links that its markup means, by their names."""
    return markup.html(text, records.get_names_by_kind(markup.find_references(text)))


def write_artists(artists: Sequence[Named]) -> str:
    """Write artists in a line, joined as the record joins them: ``A, B & C``."""
    return "".join(f"{each.name}{each.joint}" for each in artists[:-1]) + artists[-1].name if artists else ""
