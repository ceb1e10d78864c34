"""What the graph needs of a record, for the acceptance tests, read straight from its XML."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.acceptance.dump_xml import Element, elements, own_text, text, valid_id, year

PERSON_NAME_LENGTH = 2_000


class Link(NamedTuple):
    """A reference of a record: ``out`` when the record is the start of the relationship, ``in`` when it is its end."""

    relationship: str
    target_type: str
    target_id: int
    direction: str


class Credit(NamedTuple):
    """A person's part in a release; ``artist_id`` is None for a name that is linked to no artist."""

    person: str
    role: str
    artist_id: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """What the graph needs of a record, and how many tracks and credits, at every level, a release has."""

    properties: dict[str, Any]
    links: frozenset[Link]
    genres: frozenset[str] = frozenset()
    styles: frozenset[str] = frozenset()
    credits: frozenset[Credit] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)


def read_records(folder: Path, type_: str, newest: int) -> Iterator[tuple[int, Record]]:
    read_record = READERS[type_]
    for id_, element in elements(folder, type_):
        yield id_, read_record(id_, element, newest)


def read_artist(id_: int, element: Element, _newest: int) -> Record:
    url = f"https://api.discogs.com/artists/{id_}"
    properties = drop_unknown(name=text(element, "name"), resource_url=url, releases_url=f"{url}/releases")
    members = links("MEMBER_OF", "artists", attributes(element, "members/name"), "in")
    groups = links("MEMBER_OF", "artists", attributes(element, "groups/name"), "out")
    aliases = links("ALIAS_OF", "artists", attributes(element, "aliases/name"), "in")
    return Record(properties, members | groups | aliases)


def read_label(_id: int, element: Element, _newest: int) -> Record:
    parents = links("SUBLABEL_OF", "labels", attributes(element, "parentLabel"), "out")
    sublabels = links("SUBLABEL_OF", "labels", attributes(element, "sublabels/label"), "in")
    return Record(drop_unknown(name=text(element, "name")), parents | sublabels)


def read_master(_id: int, element: Element, newest: int) -> Record:
    properties = drop_unknown(title=text(element, "title"), year=year(text(element, "year"), newest))
    return Record(properties, link_makers(element), genres(element), styles(element))


def read_release(_id: int, element: Element, newest: int) -> Record:
    properties = drop_unknown(
        title=text(element, "title"),
        year=year(text(element, "released"), newest),
        formats=formats(element),
        catalog_number=catalog_number(element),
    )
    labels = links("ON", "labels", attributes(element, "labels/label"), "out")
    master = links("DERIVED_FROM", "masters", [text(element, "master_id")], "out")
    return Record(
        properties,
        link_makers(element) | labels | master,
        genres(element),
        styles(element),
        credits_of(element),
        counts(element),
    )


READERS: dict[str, Callable[[int, Element, int], Record]] = {
    "artists": read_artist,
    "labels": read_label,
    "masters": read_master,
    "releases": read_release,
}


def counts(element: Element) -> dict[str, int]:
    paths = {"tracks": ".//track", "credits": ".//extraartists/artist"}
    return {name: sum(1 for entry in element.findall(path) if len(entry)) for name, path in paths.items()}


def drop_unknown(**properties: Any) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}


def attributes(element: Element, path: str) -> list[str | None]:
    return [reference.get("id") for reference in element.findall(path)]


def links(relationship: str, target_type: str, ids: Iterable[str | None], direction: str) -> frozenset[Link]:
    return frozenset(Link(relationship, target_type, id_, direction) for id_ in map(valid_id, ids) if id_)


def link_makers(element: Element) -> frozenset[Link]:
    return links("BY", "artists", (text(artist, "id") for artist in element.findall("artists/artist")), "out")


def genres(element: Element) -> frozenset[str]:
    return frozenset(genre for genre in texts(element, "genres/genre") if not genre.isdecimal())


def styles(element: Element) -> frozenset[str]:
    return frozenset(texts(element, "styles/style"))


def texts(element: Element, path: str) -> Iterator[str]:
    return (sys.intern(found) for found in map(own_text, element.findall(path)) if found)


def formats(element: Element) -> list[str] | None:
    """Return the names of the formats, repeats kept; None if the release has none."""
    entries = [entry for entry in element.findall("formats/format") if len(entry) or entry.attrib or own_text(entry)]
    return [entry.get("name") for entry in entries if "name" in entry.attrib] if entries else None


def catalog_number(element: Element) -> str | None:
    entries = [entry for entry in element.findall("labels/label") if len(entry) or entry.attrib or own_text(entry)]
    number: str | None = entries[0].get("catno") or None if entries else None
    return number


def credits_of(element: Element) -> frozenset[Credit]:
    """Return the credits of the release itself, not of its tracks, that have a name and a role."""
    found = set()
    for artist in element.findall("extraartists/artist"):
        name, role = text(artist, "name"), text(artist, "role")
        if name and role:
            person = sys.intern(name[:PERSON_NAME_LENGTH])
            found.add(Credit(person, sys.intern(role), valid_id(text(artist, "id"))))
    return frozenset(found)
