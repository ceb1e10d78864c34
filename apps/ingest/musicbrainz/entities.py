"""From a line of a MusicBrainz dump to the record that its table keeps (docs/contract/musicbrainz.md).

Everything is a function of the line alone, so that an update equals a fresh load. A value of another type than its
field's is taken as absent and noted. Lines that are too large to be objects are read piece by piece.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import ijson
import orjson

from apps.ingest import hashing
from apps.ingest.discogs.normalising import WHITE
from apps.ingest.discogs.rules import Finding
from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs_ids import id_number
from apps.ingest.sources.musicbrainz import ENTITIES, PAGES

# From here on a line is not made into objects at once: these take five to ten times as many bytes.
LARGE_BYTES = 4 * 1024**2
LARGEST_INTEGER = 2**31 - 1
MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
PAGE = re.compile(
    r"https?://(?:www\.)?discogs\.com(?:/[a-z]{2}(?:_[a-z]{2})?)?/(artist|label|master|release)/([0-9]+)"
    r"(?:-[^/?#]*)?/?(?:\?[^#]*)?(?:#.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
# Half of a character outside of the first 65,536, without its other half.
LONE = re.compile("[\ud800-\udfff]")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# An escape of JSON; the group is half of a character without its other half.
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
# No integer of 64 bits has more.
INTEGER_CHARACTERS = 20
# What a record needs of a line, beside its relations; the rest of a large line is not even looked at.
FIELDS = frozenset(
    (  # noqa: SIM905 - a list of quoted words would not read better
        "id name title sort-name type gender life-span area begin-area begin_area end-area end_area disambiguation"
        " aliases tags label-code primary-type secondary-types first-release-date barcode status release-group"
        " release_group"
    ).split()
)

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entity:
    """A good line: its MBID, its record as canonical JSON, and the SHA-256 of that."""

    mbid: uuid.UUID
    data: bytes
    hash: bytes


@dataclass(slots=True)
class Reading:
    """What reading a line came upon: values of a wrong type, as (field, value)."""

    wrong: list[tuple[str, Any]] = field(default_factory=list)

    def of_type(self, name: str, value: Any, kind: type, default: Any = None) -> Any:
        """Return a value if it is of a type; if not, note it, unless it is simply absent."""
        # True is an int for Python, and not for JSON.
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if value is not None:
            self.wrong.append((name, value))
        return default

    def text(self, name: str, value: Any) -> str | None:
        """Return a text, or None if there is none."""
        return self.of_type(name, value, str) or None

    def texts(self, name: str, value: Any) -> list[str]:
        """Return the texts of a list."""
        entries = self.of_type(name, value, list, ())
        found = [self.of_type(name, each, str) for each in entries]
        return [each for each in found if each is not None]

    def name_of(self, line: Object, *keys: str) -> str | None:
        """Return the name of the first object that has one."""
        for key in keys:
            found = self.of_type(key, line.get(key), dict)
            if found and (name := self.text(f"{key}.name", found.get("name"))):
                return name
        return None

    def life_span(self, line: Object) -> Object:
        """Return begin, end and whether it is over."""
        found = self.of_type("life-span", line.get("life-span"), dict, {})
        return {
            "begin": self.text("life-span.begin", found.get("begin")),
            "end": self.text("life-span.end", found.get("end")),
            "ended": self.of_type("life-span.ended", found.get("ended"), bool, default=False),
        }

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each field that has a value of a wrong type."""
        for name, value in dict(reversed(self.wrong)).items():
            shown = json.dumps(value, ensure_ascii=False, default=str)[:500]
            yield Finding("wrong-type", "warning", name, shown, "of another type than its field's: taken as absent")


def artist(line: Object, reading: Reading) -> Object:
    """Return what is an artist's own."""
    return {
        "name": line["name"],
        "sort_name": reading.text("sort-name", line.get("sort-name")),
        "mb_type": reading.text("type", line.get("type")),
        "gender": reading.text("gender", line.get("gender")),
        "life_span": reading.life_span(line),
        "area": reading.name_of(line, "area"),
        "begin_area": reading.name_of(line, "begin-area", "begin_area"),
        "end_area": reading.name_of(line, "end-area", "end_area"),
        "aliases": reading.of_type("aliases", line.get("aliases"), list, []),
        "tags": reading.of_type("tags", line.get("tags"), list, []),
    }


def label(line: Object, reading: Reading) -> Object:
    """Return what is a label's own."""
    code = reading.of_type("label-code", line.get("label-code"), int)
    if code is not None and abs(code) > LARGEST_INTEGER:
        reading.wrong.append(("label-code", code))
        code = None
    return {
        "name": line["name"],
        "mb_type": reading.text("type", line.get("type")),
        "label_code": code,
        "life_span": reading.life_span(line),
        "area": reading.name_of(line, "area"),
    }


def release_group(line: Object, reading: Reading) -> Object:
    """Return what is a release group's own."""
    return {
        "name": line["title"],
        "mb_type": reading.text("primary-type", line.get("primary-type")),
        "secondary_types": reading.texts("secondary-types", line.get("secondary-types")),
        "first_release_date": reading.text("first-release-date", line.get("first-release-date")),
    }


def release(line: Object, reading: Reading) -> Object:
    """Return what is a release's own. An empty barcode says that it has none, null that nobody knows."""
    group: Object = next(
        (found for key in ("release-group", "release_group") if (found := reading.of_type(key, line.get(key), dict))),
        {},
    )
    return {
        "name": line["title"],
        "barcode": reading.of_type("barcode", line.get("barcode"), str),
        "status": reading.text("status", line.get("status")),
        "release_group_mbid": mbid(reading.of_type("release-group.id", group.get("id"), str)),
        "aliases": reading.of_type("aliases", line.get("aliases"), list, []),
        "tags": reading.of_type("tags", line.get("tags"), list, []),
    }


SHAPES: dict[str, tuple[Callable[[Object, Reading], Object], str, str]] = {
    "artists": (artist, "name", "discogs_artist_id"),
    "labels": (label, "name", "discogs_label_id"),
    "release-groups": (release_group, "title", "discogs_master_id"),
    "releases": (release, "title", "discogs_release_id"),
}


class Packed:
    """A list that is kept as the JSON that it becomes: its entries would take many times as many bytes."""

    def __init__(self) -> None:
        self.json = bytearray(b"[")

    def append(self, entry: Object) -> None:
        """Take one entry."""
        if len(self.json) > 1:
            self.json += b","
        self.json += hashing.canonical(entry)

    def fragment(self) -> orjson.Fragment:
        """Return the list as a part of the JSON around it; nothing can be appended then."""
        self.json += b"]"
        packed = bytes(self.json)
        self.json.clear()
        return orjson.Fragment(packed)


class Relations:
    """Collects what the relations of a line say, one by one."""

    def __init__(self, entity: str, reading: Reading, *, is_large: bool) -> None:
        self.page = PAGES[entity]
        self.reading = reading
        self.relations: list[Object] | Packed = Packed() if is_large else []
        self.links: list[Object] | Packed = Packed() if is_large else []
        self.discogs: tuple[int, bool] | None = None

    def take(self, entry: Any) -> None:
        """Take one relation."""
        entry = self.reading.of_type("relations", entry, dict)
        if entry is None:
            return
        kind = self.reading.text("relations.type", entry.get("type"))
        target_type = self.reading.text("relations.target-type", entry.get("target-type"))
        target_type = target_type.replace("_", "-") if target_type else None
        is_ended = self.reading.of_type("relations.ended", entry.get("ended"), bool, default=False)
        if target_type != "url":
            self.relations.append(self.relation(entry, kind, target_type, is_ended=is_ended))
            return
        url = self.reading.of_type("relations.url", entry.get("url"), dict, {})
        address = self.reading.text("relations.url.resource", url.get("resource"))
        if kind != "discogs":
            self.links.append({"service": kind, "url": address})
        elif (found := discogs_id(address or "", self.page)) is not None and (
            self.discogs is None or (self.discogs[1] and not is_ended)
        ):
            self.discogs = (found, is_ended)

    def relation(self, entry: Object, kind: str | None, target_type: str | None, *, is_ended: bool) -> Object:
        """Return a relation to another entity."""
        target = ""
        for key in dict.fromkeys((entry.get("target-type"), target_type, (target_type or "").replace("-", "_"))):
            if isinstance(key, str) and isinstance(found := entry.get(key), dict):
                target = mbid(self.reading.of_type(f"relations.{key}.id", found.get("id"), str)) or ""
                break
        return {
            "type": kind,
            "target_type": target_type,
            "target_mbid": target,
            "direction": "backward" if entry.get("direction") == "backward" else "forward",
            "attributes": sorted(self.reading.texts("relations.attributes", entry.get("attributes"))),
            "begin_date": self.reading.text("relations.begin", entry.get("begin")),
            "end_date": self.reading.text("relations.end", entry.get("end")),
            "ended": is_ended,
        }


def ready(entries: list[Object] | Packed) -> list[Object] | orjson.Fragment:
    """Return a list as orjson takes it."""
    return entries.fragment() if isinstance(entries, Packed) else entries


def discogs_id(address: str, page: str) -> int | None:
    """Return the id of a Discogs page of some kind, if an address is one."""
    found = PAGE.fullmatch(address)
    if found is None or found[1].lower() != page:
        return None
    return id_number(found[2])


def mbid(text: str | None) -> str | None:
    """Return an MBID in lower case and without the white space around it, or None if a text is none."""
    bare = (text or "").strip(WHITE)
    return bare.lower() if MBID.match(bare) else None


def read(record_type: str, line: bytes | memoryview) -> tuple[Entity, list[Finding]]:
    """Return a line's entity and what there is to note about it.

    Raises:
        DroppedError: It is no entity that a table can have.
    """
    entity, reading = ENTITIES[record_type], Reading()
    shape, name_key, discogs_key = SHAPES[record_type]
    relations = Relations(entity, reading, is_large=isinstance(line, memoryview))
    fields = read_whole(line, relations) if isinstance(line, bytes) else read_large(line, relations)
    identity = mbid(fields.get("id") if isinstance(fields.get("id"), str) else None)
    if identity is None:
        raise DroppedError("no-id", f"its id is {fields.get('id')!r}, which is no MBID")
    if not isinstance(fields.get(name_key), str):
        raise DroppedError("no-name", f"its {name_key} is {fields.get(name_key)!r}", identity)
    number, is_ended = relations.discogs or (None, None)
    record = {
        "id": identity,
        discogs_key: number,
        "discogs_link_ended": is_ended,
        "disambiguation": reading.text("disambiguation", fields.get("disambiguation")),
        **shape(fields, reading),
        "relations": ready(relations.relations),
        "external_links": ready(relations.links),
    }
    data = hashing.canonical(record)
    return Entity(uuid.UUID(identity), data, hashing.content_hash(data)), list(reading.findings())


class DroppedError(MalformedError):
    """A line is left out; ``rule`` says why, ``mbid`` of which entity it is, if it says so."""

    def __init__(self, rule: str, reason: str, identity: str = "") -> None:
        super().__init__(reason)
        self.rule = rule
        self.mbid = identity


def read_whole(line: bytes, relations: Relations) -> Object:
    """Return the fields of a line and hand over its relations."""
    fields = parse(line)
    if not isinstance(fields, dict):
        raise DroppedError("malformed", f"a line is one JSON object, and this is a {type(fields).__name__}")
    for entry in relations.reading.of_type("relations", fields.get("relations"), list, ()):
        relations.take(entry)
    return fields


def parse(line: bytes) -> Any:
    """Return what a line of JSON says, characters repaired where they are none."""
    try:
        # Zero may stand in a text, where neither store can have it.
        return clean(orjson.loads(line)) if b"\\u0000" in line else orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        text = line.decode("utf-8", errors="replace")
        return clean(json.loads(text, parse_int=integer, parse_float=real, parse_constant=refuse))
    except (ValueError, RecursionError) as error:
        raise DroppedError("malformed", f"is not JSON: {error}") from error


def integer(digits: str | int) -> int | float | None:
    """Return an integer as orjson reads it: the nearest double where 64 bits do not hold it."""
    if isinstance(digits, str) and len(digits) > INTEGER_CHARACTERS:
        return real(digits)
    value = int(digits)
    return value if -(2**63) <= value < 2**64 else real(str(value))


def real(digits: str | Decimal) -> float | None:
    """Return the nearest double, None if there is none: neither store can have it."""
    value = float(digits)
    return value if math.isfinite(value) else None


def refuse(constant: str) -> Any:
    """Refuse what Python takes for JSON and JSON does not."""
    raise ValueError(f"{constant} is no JSON")


def clean(value: Any) -> Any:
    """Return a value with texts that both stores can have: no zero, no half of a character."""
    if isinstance(value, str):
        return LONE.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean(key): clean(each) for key, each in value.items()}
    return value


def read_large(line: memoryview, relations: Relations) -> Object:
    """Return the fields of a line that are wanted and hand over its relations, one at a time."""
    fields: Object = {}
    if SURROGATE.search(line):
        line = memoryview(ESCAPE.sub(paired, line))
    try:
        for name, value in large_fields(line):
            if name == "relations":
                relations.take(value)
            else:
                fields[name] = value
    except (ijson.JSONError, UnicodeError, ValueError) as error:
        raise DroppedError("malformed", f"is not JSON: {error}") from error
    return fields


def paired(escape: re.Match[bytes]) -> bytes:
    """Return an escape as it is, and half of a character as the replacement character."""
    return rb"\ufffd" if escape[1] else escape[0]


def large_fields(line: memoryview) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of the wanted fields of a line, and ("relations", entry) of each relation, clean."""
    builder: Any = None
    wanted, depth = "", 0
    # As doubles, numbers would have to fit into 64 bits.
    for prefix, event, found in ijson.parse(Blocks(line), use_float=False):
        value = (integer if isinstance(found, int) else real)(found) if event == "number" else found
        if builder is None:
            is_relation = prefix == "relations.item"
            if not (is_relation or prefix in FIELDS) or event in ("end_map", "end_array", "map_key"):
                continue
            name = "relations" if is_relation else prefix
            if event not in ("start_map", "start_array"):
                yield name, clean(value)
                continue
            builder, wanted, depth = ijson.ObjectBuilder(), name, 0
        builder.event(event, value)
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
        if depth == 0:
            yield wanted, clean(builder.value)
            builder = None


class Blocks:
    """A line as a file of which a reader takes as much as it likes."""

    def __init__(self, line: memoryview) -> None:
        self.line = line
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        end = len(self.line) if size is None or size < 0 else self.position + size
        found = bytes(self.line[self.position : end])
        self.position += len(found)
        return found
