"""Pages about one entity: a release, an artist, a label, a master, a genre, a style or a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString

from apps.explore import drawings
from apps.explore.answers import records, releases
from apps.explore.answers.records import Named
from apps.explore.pages import addresses, markup, structured
from apps.explore.pages.base import Page


class EntityPage(Page):
    """The page of one entity of a kind, at one canonical address, told to machines as well."""

    kind: str

    @property
    def id(self) -> str:
        """The entity's id: what the address begins with, whatever slug follows."""
        return str(self.kwargs["slug"]).partition("-")[0]

    @property
    def site(self) -> str:
        """The address of the site."""
        return f"{self.request.scheme}://{self.request.get_host()}"

    def about(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return what the entity is, in the words of schema.org."""
        raise NotImplementedError

    def entity(self, found: dict[str, Any], name: str) -> dict[str, Any]:
        """Return what the template of every entity needs."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": name,
            "canonical": addresses.of(self.kind, self.id, name),
            "structured": structured.script(self.about(found)),
            "entity": found,
        }


class ReleasePage(EntityPage):
    """``GET /release/{id}-{slug}``: the back of a sleeve."""

    kind = "release"
    template = "entities/release.html"

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return everything that the record says."""
        found = releases.release(self.id)
        name = found["title"] or "Untitled"
        by = written(found["artists"])
        return {
            **self.entity(found, name),
            "title": f"{name} by {by}" if by else name,
            "by": by,
            "sleeve": self.sleeve(found, by),
            "notes": prose(found["notes"]),
            "map": self.map_address(found),
        }

    def about(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return the release with its tracks."""
        return structured.release(found, self.site)

    def sleeve(self, found: dict[str, Any], by: str) -> SafeString:
        """Draw the sleeve, and the record with a band for each track."""
        lengths = [each.seconds for each in found["tracks"] if not each.is_heading and not each.level]
        number, genre = next(iter(found["catalogue_numbers"]), ""), next(iter(found["genres"]), "")
        return drawings.sleeve(found["title"] or "Untitled", by, number, genre, lengths)

    def map_address(self, found: dict[str, Any]) -> str:
        """Return the address of a map with the release in it: that of its first artist, or of its label."""
        centre = next((each for each in (*found["artists"], *found["labels"]) if each.id), None)
        return addresses.explore(centre.kind, centre.id, open=f"release:{self.id}") if centre else ""


def prose(text: str) -> SafeString:
    """Return notes or a profile with the links that its markup means, by their names."""
    return markup.html(text, records.names_of_all(markup.references(text)))


def written(artists: Sequence[Named]) -> str:
    """Write artists in a line, joined as the record joins them: ``A, B & C``."""
    return "".join(f"{each.name}{each.joint}" for each in artists[:-1]) + artists[-1].name if artists else ""
