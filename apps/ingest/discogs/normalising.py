"""Turn the XML element of a record into the dict that becomes its JSON (docs/contract/data.md#records).

A list is always a list and never empty. An element without text is None, and an absent element has no key. XML white
space is no text. Nothing is lost when Discogs adds a field: a field that the tables below do not name is kept under its
own name by the generic mapping, and content that does not fit into a list becomes an entry of that list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from apps.ingest.sources.encoding import WHITE_SPACE

# A shape maps a container element to a list. It adds the unknown names that it meets to the given set.
Shape = Callable[[Element, set[str]], list[Any]]
Shapes = Mapping[str, Shape]
# Every element and attribute of both generations of the dumps (docs/contract/data.md#discogs-xml).
NAMES = frozenset(
    (  # noqa: SIM905 - a hundred quotes more would not read better
        "aliases anv artist artists catno companies company contactinfo country data_quality description descriptions"
        " duration embed entity_type entity_type_name extraartists format formats genre genres groups height id"
        " identifier identifiers image images is_main_release join label labels main_release master_id members name"
        " namevariations notes parentLabel position profile qty realname released resource_url role series src status"
        " style styles sub_tracks sublabels text title track tracklist tracks type uri uri150 url urls value video"
        " videos width year"
    ).split()
)


def drop_blank(text: str | None) -> str | None:
    """Return a text unchanged, or None if it is empty or only XML white space."""
    # isspace() is the fast test and also true for other white space, which counts as text; strip() decides then.
    return text if text and (not text.isspace() or text.strip(WHITE_SPACE)) else None


def map_any(element: Element) -> Any:
    """Map any element: attributes become ``@name``, text beside them ``#text``, repeated children a list."""
    text = drop_blank("".join((element.text or "", *(child.tail or "" for child in element))))
    if not len(element) and not element.keys():
        return text
    value: dict[str, Any] = {f"@{name}": attribute for name, attribute in element.items()}
    for child in element:
        add_value(value, child.tag, map_any(child))
    if text is not None:
        value["#text"] = text
    return value


def map_text(element: Element) -> Any:
    """Map an element that should hold only text; one that holds more is mapped by ``map_any``."""
    return map_any(element) if len(element) or element.keys() else drop_blank(element.text)


def add_value(record: dict[str, Any], key: str, value: Any) -> None:
    """Set a key. If the record has the key already, make a list of both values."""
    if key not in record:
        record[key] = value
    elif isinstance(record[key], list):
        record[key].extend(value if isinstance(value, list) else [value])
    else:
        record[key] = [record[key], value]


def map_item(element: Element, shapes: Shapes, strange: set[str]) -> dict[str, Any]:
    """Map an element to a dict of its attributes and children; its own text becomes ``name``."""
    record: dict[str, Any] = dict(element.items())
    if shapes and not record.keys().isdisjoint(shapes):
        # An attribute has the name of a list. It is renamed, since readers rely on that key being a list.
        record = {f"@{name}" if name in shapes else name: value for name, value in record.items()}
    for child in element:
        tag = child.tag
        if shape := shapes.get(tag):
            if values := shape(child, strange):
                add_value(record, tag, values)
        elif len(child) or child.keys() or tag in record:
            add_value(record, tag, map_any(child))
            strange |= names_of(child) - NAMES
        else:
            # This is drop_blank(), written out: the line runs a hundred times for each release.
            text = child.text
            record[tag] = text if text and (not text.isspace() or text.strip(WHITE_SPACE)) else None
        if child.tail and (tail := drop_blank(child.tail)):
            add_value(record, "#text", tail)
    # White space around an id is not part of the id.
    if type(data_id := record.get("id")) is str:
        record["id"] = data_id.strip(WHITE_SPACE)
    if not record.keys() <= NAMES:
        strange |= record.keys() - NAMES
    if element.text and (text := drop_blank(element.text)):
        add_value(record, "#text" if "name" in record else "name", text)
    return record


def names_of(element: Element) -> set[str]:
    """Return the names of all elements and attributes of an element."""
    return {name for each in element.iter() for name in (each.tag, *each.keys())}


def list_surplus(container: Element, child_tag: str, strange: set[str]) -> list[Any]:
    """Return a list container's attributes, texts and unexpected children, as entries of the list."""
    values: list[Any] = [{f"@{name}": attribute} for name, attribute in container.items()]
    values += [{"#text": text} for text in (container.text, *(child.tail for child in container)) if drop_blank(text)]
    others = [child for child in container if child.tag != child_tag]
    values += [{child.tag: map_any(child)} for child in others]
    strange |= {*container.keys(), *(name for child in others for name in names_of(child))} - NAMES
    return values


def strings(child_tag: str) -> Shape:
    """Return the shape for ``<container><child>text</child>…</container>``: a list of strings."""

    def shape(container: Element, strange: set[str]) -> list[Any]:
        odd = bool(container.text or container.keys())
        values = []
        for child in container:
            if child.tag != child_tag or child.tail:
                odd = True
            if child.tag == child_tag and (value := map_text(child)) is not None:
                values.append(value)
        return values + list_surplus(container, child_tag, strange) if odd else values

    return shape


def items(child_tag: str, shapes: Shapes) -> Shape:
    """Return the shape for ``<container><child …>…</child>…</container>``: a list of dicts without the empty ones."""

    def shape(container: Element, strange: set[str]) -> list[Any]:
        odd = bool(container.text or container.keys())
        values = []
        for child in container:
            if child.tag != child_tag or child.tail:
                odd = True
            if child.tag == child_tag and (value := map_item(child, shapes, strange)):
                values.append(value)
        return values + list_surplus(container, child_tag, strange) if odd else values

    return shape


CREDITS = items("artist", {})
TRACK_SHAPES: dict[str, Shape] = {"artists": CREDITS, "extraartists": CREDITS}
TRACKS = TRACK_SHAPES["sub_tracks"] = items("track", TRACK_SHAPES)
IMAGES, VIDEOS = items("image", {}), items("video", {})
URLS, GENRES, STYLES = strings("url"), strings("genre"), strings("style")


LINKS = items("name", {})


def map_references(container: Element, strange: set[str]) -> list[Any]:
    """Map ``<name id="26">…</name>``, or ``<id>26</id><name>…</name>`` in older dumps, to a list of dicts.

    In older dumps an ``<id>`` belongs to the name that follows it. An ``<id>`` that some name also has as its attribute
    is left out, since it repeats that name.
    """
    children = list(container)
    own = {child.get("id", "").strip(WHITE_SPACE) for child in children if child.tag == "name"}
    before: Element | None = None
    for child in children:
        if child.tag == "name" and before is not None and child.get("id") is None:
            child.set("id", (before.text or "").strip(WHITE_SPACE))
            container.remove(before)
        before = None
        if child.tag == "id" and not (len(child) or child.keys() or drop_blank(child.tail)):
            identity = (child.text or "").strip(WHITE_SPACE)
            if identity in own:
                container.remove(child)
            elif identity:
                before = child
    return LINKS(container, strange)


SHAPES: dict[str, Shapes] = {
    "artists": {
        "images": IMAGES,
        "urls": URLS,
        "namevariations": strings("name"),
        "aliases": map_references,
        "groups": map_references,
        "members": map_references,
    },
    "labels": {"images": IMAGES, "urls": URLS, "sublabels": items("label", {})},
    "masters": {"images": IMAGES, "artists": CREDITS, "genres": GENRES, "styles": STYLES, "videos": VIDEOS},
    "releases": {
        "images": IMAGES,
        "artists": CREDITS,
        "extraartists": CREDITS,
        "labels": items("label", {}),
        "series": items("series", {}),
        "formats": items("format", {"descriptions": strings("description")}),
        "genres": GENRES,
        "styles": STYLES,
        "tracklist": TRACKS,
        "identifiers": items("identifier", {}),
        "videos": VIDEOS,
        "companies": items("company", {}),
    },
}


def normalise(record_type: str, element: Element, strange: set[str]) -> dict[str, Any]:
    """Return the record of an element; add unknown names of elements and attributes to ``strange``.

    ``id`` is not checked: it may be absent or have any value.
    """
    record = map_item(element, SHAPES[record_type], strange)
    if isinstance(record.get("id"), list):
        record["id"], *others = record["id"]
        # A record with several ids keeps the first as its id, as the splitting reads it; the others are not lost.
        record["id"] = strip_id(record["id"])
        add_value(record, "other_ids", others)
    if "main_release" in record:
        record["main_release"] = strip_id(record["main_release"])
    if "master_id" in record:
        name_master(record)
    if "parentLabel" in record:
        parent = record["parentLabel"]
        record["parentLabel"] = (
            [map_parent(each) for each in parent] if isinstance(parent, list) else map_parent(parent)
        )
    return record


def name_master(record: dict[str, Any]) -> None:
    """Make ``master_id`` a string or None, and its attribute the boolean ``is_main_release``. 0 means no master."""
    value = record["master_id"]
    if isinstance(value, dict):
        main = value.pop("@is_main_release", None)
        if main is not None:
            add_value(record, "is_main_release", {"true": True, "false": False}.get(main, main))
        if value.keys() <= {"#text"}:
            value = value.get("#text")
    value = strip_id(value)
    record["master_id"] = None if value == "0" else value


def get_id(element: Element) -> str | None:
    """Return a record's id as text: the attribute ``id``, else the text of its first child ``<id>``, else None."""
    value = element.get("id")
    if value is None and (child := element.find("id")) is not None and not len(child) and not child.keys():
        value = child.text
    return value and value.strip(WHITE_SPACE)


def strip_id(value: Any) -> Any:
    """Return an id without the white space around it; a value that is no text is returned unchanged."""
    return value.strip(WHITE_SPACE) if isinstance(value, str) else value


def map_parent(parent: Any) -> Any:
    """Return a reference as ``{id, name?}``; a reference that is only a text stays a string."""
    if not isinstance(parent, dict):
        return parent
    record: dict[str, Any] = {}
    for key, value in parent.items():
        add_value(
            record, "name" if key == "#text" else key.removeprefix("@"), strip_id(value) if key == "@id" else value
        )
    return record
