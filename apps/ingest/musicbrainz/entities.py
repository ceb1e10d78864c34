"""Turn a line of a MusicBrainz dump into the record that its table stores (docs/contract/musicbrainz.md).

The record depends on the line alone, so that an update equals a fresh load. A value of a wrong type counts as absent
and becomes a finding. Large lines are parsed as a stream of events, to bound the memory.
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
from apps.ingest.chunks.outcome import Finding
from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs_ids import id_number
from apps.ingest.sources.encoding import WHITE_SPACE
from apps.ingest.sources.musicbrainz import ENTITIES, PAGES

# A longer line is parsed as a stream: its Python objects would take five to ten times its bytes.
LARGE_BYTES = 4 * 1024**2
LARGEST_INTEGER = 2**31 - 1
MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
PAGE = re.compile(
    r"https?://(?:www\.)?discogs\.com(?:/[a-z]{2}(?:_[a-z]{2})?)?/(artist|label|master|release)/([0-9]+)"
    r"(?:-[^/?#]*)?/?(?:\?[^#]*)?(?:#.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
# A lone surrogate: half of a character beyond U+FFFF.
LONE = re.compile("[\ud800-\udfff]")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# An escape of JSON. The group matches a lone surrogate; a pair of them is matched before and has no group.
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
# No integer of 64 bits has more characters.
INTEGER_CHARACTERS = 20
# The fields of a line that a record needs, apart from relations. The other fields of a large line are skipped.
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
    """The result of a sound line: the MBID, the record as canonical JSON, and the SHA-256 of that JSON."""

    mbid: uuid.UUID
    data: bytes
    hash: bytes


@dataclass(slots=True)
class Reading:
    """Collects the values of a wrong type in one line, as (field, value)."""

    wrong: list[tuple[str, Any]] = field(default_factory=list)

    def of_type(self, name: str, value: Any, kind: type, default: Any = None) -> Any:
        """Return a value of the right type, else ``default``. A wrong value is noted, an absent one is not."""
        # In Python True is an int; in JSON it is not a number.
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if value is not None:
            self.wrong.append((name, value))
        return default

    def text(self, name: str, value: Any) -> str | None:
        """Return a text, or None if it is empty, absent or no text."""
        return self.of_type(name, value, str) or None

    def texts(self, name: str, value: Any) -> list[str]:
        """Return the texts in a list; the list is empty if the value is no list."""
        entries = self.of_type(name, value, list, ())
        found = [self.of_type(name, each, str) for each in entries]
        return [each for each in found if each is not None]

    def name_of(self, line: Object, *keys: str) -> str | None:
        """Return the name of the first of the line's objects under ``keys`` that has one, else None."""
        for key in keys:
            found = self.of_type(key, line.get(key), dict)
            if found and (name := self.text(f"{key}.name", found.get("name"))):
                return name
        return None

    def life_span(self, line: Object) -> Object:
        """Return ``{begin, end, ended}``; the dates are texts or None."""
        found = self.of_type("life-span", line.get("life-span"), dict, {})
        return {
            "begin": self.text("life-span.begin", found.get("begin")),
            "end": self.text("life-span.end", found.get("end")),
            "ended": self.of_type("life-span.ended", found.get("ended"), bool, default=False),
        }

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each field with a value of a wrong type, about the first such value."""
        for name, value in dict(reversed(self.wrong)).items():
            shown = json.dumps(value, ensure_ascii=False, default=str)[:500]
            yield Finding("wrong-type", "warning", name, shown, "of another type than its field's: taken as absent")


def artist(line: Object, reading: Reading) -> Object:
    """Return the fields of a record that only artists have."""
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
    """Return the fields of a record that only labels have."""
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
    """Return the fields of a record that only release groups have."""
    return {
        "name": line["title"],
        "mb_type": reading.text("primary-type", line.get("primary-type")),
        "secondary_types": reading.texts("secondary-types", line.get("secondary-types")),
        "first_release_date": reading.text("first-release-date", line.get("first-release-date")),
    }


def release(line: Object, reading: Reading) -> Object:
    """Return the fields of a record that only releases have.

    An empty barcode means that the release has none; null means that its barcode is unknown.
    """
    group: Object = next(
        (found for key in ("release-group", "release_group") if (found := reading.of_type(key, line.get(key), dict))),
        {},
    )
    return {
        "name": line["title"],
        "barcode": reading.of_type("barcode", line.get("barcode"), str),
        "status": reading.text("status", line.get("status")),
        "release_group_mbid": parse_mbid(reading.of_type("release-group.id", group.get("id"), str)),
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
    """A list that holds its entries as JSON, since Python objects would take many times the memory."""

    def __init__(self) -> None:
        self.json = bytearray(b"[")

    def append(self, entry: Object) -> None:
        """Add one entry."""
        if len(self.json) > 1:
            self.json += b","
        self.json += hashing.dump_canonical(entry)

    def fragment(self) -> orjson.Fragment:
        """Return the list as a fragment for orjson. This empties the object; nothing can be appended afterwards."""
        self.json += b"]"
        packed = bytes(self.json)
        self.json.clear()
        return orjson.Fragment(packed)


class Relations:
    """Collects the relations of a line: to other entities, external links, and the id of the Discogs page."""

    def __init__(self, entity: str, reading: Reading, *, is_large: bool) -> None:
        self.page = PAGES[entity]
        self.reading = reading
        self.relations: list[Object] | Packed = Packed() if is_large else []
        self.links: list[Object] | Packed = Packed() if is_large else []
        self.discogs: tuple[int, bool] | None = None

    def take(self, entry: Any) -> None:
        """Add one relation of the line."""
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
        # The first Discogs page counts, but a link that is not ended is better than one that is.
        elif (found := parse_discogs_id(address or "", self.page)) is not None and (
            self.discogs is None or (self.discogs[1] and not is_ended)
        ):
            self.discogs = (found, is_ended)

    def relation(self, entry: Object, kind: str | None, target_type: str | None, *, is_ended: bool) -> Object:
        """Return a relation to another entity as it is stored."""
        target = ""
        # Dumps write the target's key with a hyphen or with an underscore.
        for key in dict.fromkeys((entry.get("target-type"), target_type, (target_type or "").replace("-", "_"))):
            if isinstance(key, str) and isinstance(found := entry.get(key), dict):
                target = parse_mbid(self.reading.of_type(f"relations.{key}.id", found.get("id"), str)) or ""
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


def dump_list(entries: list[Object] | Packed) -> list[Object] | orjson.Fragment:
    """Return a list in a form that orjson can serialise."""
    return entries.fragment() if isinstance(entries, Packed) else entries


def parse_discogs_id(address: str, page: str) -> int | None:
    """Return the id in the address of a Discogs page of the kind ``page``; None if the address is another."""
    found = PAGE.fullmatch(address)
    if found is None or found[1].lower() != page:
        return None
    return id_number(found[2])


def parse_mbid(text: str | None) -> str | None:
    """Return an MBID in lower case, without the white space around it; None if the text is no MBID."""
    bare = (text or "").strip(WHITE_SPACE)
    return bare.lower() if MBID.match(bare) else None


def read(record_type: str, line: bytes | memoryview) -> tuple[Entity, list[Finding]]:
    """Return a line's entity and the findings about it.

    Raises:
        DroppedError: The line is no JSON object, or lacks an MBID or a name.
    """
    entity, reading = ENTITIES[record_type], Reading()
    shape, name_key, discogs_key = SHAPES[record_type]
    relations = Relations(entity, reading, is_large=isinstance(line, memoryview))
    # Both ways give the same record: the second one is slower and keeps only what the record needs in memory.
    fields = read_whole(line, relations) if isinstance(line, bytes) else read_large(line, relations)
    identity = parse_mbid(fields.get("id") if isinstance(fields.get("id"), str) else None)
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
        "relations": dump_list(relations.relations),
        "external_links": dump_list(relations.links),
    }
    data = hashing.dump_canonical(record)
    return Entity(uuid.UUID(identity), data, hashing.content_hash(data)), list(reading.findings())


class DroppedError(MalformedError):
    """A line is dropped. ``rule`` says why; ``mbid`` is the entity's id, empty if the line has none."""

    def __init__(self, rule: str, reason: str, identity: str = "") -> None:
        super().__init__(reason)
        self.rule = rule
        self.mbid = identity


def read_whole(line: bytes, relations: Relations) -> Object:
    """Return the fields of a line and add its relations to ``relations``."""
    fields = parse(line)
    if not isinstance(fields, dict):
        raise DroppedError("malformed", f"a line is one JSON object, and this is a {type(fields).__name__}")
    for entry in relations.reading.of_type("relations", fields.get("relations"), list, ()):
        relations.take(entry)
    return fields


def parse(line: bytes) -> Any:
    """Return the value of a line of JSON, with characters repaired that the stores cannot hold."""
    try:
        # orjson accepts the character U+0000 in a text, which neither store can hold.
        return clean(orjson.loads(line)) if b"\\u0000" in line else orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    # orjson refuses invalid UTF-8, lone surrogates and numbers that are too large; Python's parser takes them.
    try:
        text = line.decode("utf-8", errors="replace")
        return clean(json.loads(text, parse_int=parse_integer, parse_float=parse_real, parse_constant=refuse))
    except (ValueError, RecursionError) as error:
        raise DroppedError("malformed", f"is not JSON: {error}") from error


def parse_integer(digits: str | int) -> int | float | None:
    """Return an integer as orjson reads it: as the nearest double if it does not fit into 64 bits."""
    if isinstance(digits, str) and len(digits) > INTEGER_CHARACTERS:
        return parse_real(digits)
    value = int(digits)
    return value if -(2**63) <= value < 2**64 else parse_real(str(value))


def parse_real(digits: str | Decimal) -> float | None:
    """Return the nearest double, or None if it is infinite or no number, which neither store can hold."""
    value = float(digits)
    return value if math.isfinite(value) else None


def refuse(constant: str) -> Any:
    """Raise for NaN and Infinity, which Python's parser accepts and JSON does not."""
    raise ValueError(f"{constant} is no JSON")


def clean(value: Any) -> Any:
    """Return a value whose texts both stores can hold: U+0000 is removed, a lone surrogate becomes U+FFFD."""
    if isinstance(value, str):
        return LONE.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean(key): clean(each) for key, each in value.items()}
    return value


def read_large(line: memoryview, relations: Relations) -> Object:
    """Return the wanted fields of a large line and add its relations to ``relations``, one at a time."""
    fields: Object = {}
    if SURROGATE.search(line):
        line = memoryview(ESCAPE.sub(repair_escape, line))
    try:
        for name, value in read_large_fields(line):
            if name == "relations":
                relations.take(value)
            else:
                fields[name] = value
    except (ijson.JSONError, UnicodeError, ValueError) as error:
        raise DroppedError("malformed", f"is not JSON: {error}") from error
    return fields


def repair_escape(escape: re.Match[bytes]) -> bytes:
    """Return an escape unchanged; a lone surrogate becomes the escape of U+FFFD."""
    return rb"\ufffd" if escape[1] else escape[0]


def read_large_fields(line: memoryview) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) for each wanted field of a line and ("relations", entry) for each relation, cleaned."""
    builder: Any = None
    wanted, depth = "", 0
    # use_float would refuse integers beyond 64 bits; parse_integer() and parse_real() handle them as for small lines.
    for prefix, event, found in ijson.parse(Blocks(line), use_float=False):
        value = (parse_integer if isinstance(found, int) else parse_real)(found) if event == "number" else found
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
    """A line as a file object with ``read``, for ijson."""

    def __init__(self, line: memoryview) -> None:
        self.line = line
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next ``size`` bytes, or all that are left."""
        end = len(self.line) if size is None or size < 0 else self.position + size
        found = bytes(self.line[self.position : end])
        self.position += len(found)
        return found
