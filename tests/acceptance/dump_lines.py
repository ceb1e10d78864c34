"""Reads a MusicBrainz dump for the acceptance tests: a normalised record an entity, by docs/contract/musicbrainz.md.

Made on purpose in another way than the loader reads: a whole file at once and with the standard library's JSON.
"""

import json
import lzma
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
# (entity, id or "unknown", rule, field)
Finding: TypeAlias = tuple[str, str, str, str]

ENTITIES = ("artist", "label", "release-group", "release")
UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SURROGATE = re.compile("[\ud800-\udfff]")
PAGE = re.compile(
    r"(?i:https?://(?:www\.)?discogs\.com)/(?:[a-z]{2}(?:_[A-Z]{2})?/)?(?P<kind>artist|label|master|release)/"
    r"(?P<id>[1-9][0-9]*)(?:-[^/?#]*)?/?(?:\?[^#]*)?(?:#.*)?",
    re.ASCII,
)
PAGE_KINDS = {"artist": "artist", "label": "label", "release-group": "master", "release": "release"}
ID_KEYS = {
    "artist": "discogs_artist_id",
    "label": "discogs_label_id",
    "release-group": "discogs_master_id",
    "release": "discogs_release_id",
}
LARGEST_INTEGER, LARGEST_BIGINT = 2**31 - 1, 2**63 - 1


@dataclass
class Lines:
    """The records of an entity by id, and what is wrong with its lines.

    ``dropped`` are the ids of lines that are left out; ``has_unknown`` tells that there are some without an id.
    """

    records: dict[str, Json] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    has_unknown: bool = False


def read(folder: Path, entity: str) -> Lines:
    """Return what a dump says of an entity; of two good lines with one id the later one counts."""
    found = Lines()
    for line in content(folder, entity).split(b"\n"):
        if line.strip():
            add(found, entity, line)
    return found


def content(folder: Path, entity: str) -> bytes:
    """Return the bytes of an entity's lines, out of whichever kind of file the folder has."""
    if (packed := folder / f"{entity}.tar.xz").exists():
        with tarfile.open(packed) as archive:
            member = archive.extractfile(f"mbdump/{entity}")
            assert member is not None
            return member.read()
    if (lines := folder / f"{entity}.jsonl.xz").exists():
        return lzma.decompress(lines.read_bytes())
    return (folder / f"{entity}.jsonl").read_bytes()


def add(found: Lines, entity: str, line: bytes) -> None:
    try:
        source = json.loads(line.decode("utf-8", "replace"), parse_constant=refuse)
    except (ValueError, RecursionError):
        source = None
    if not isinstance(source, dict):
        drop(found, entity, None, "malformed")
        return
    source = clean(source)
    mbid = uuid(source.get("id"))
    if mbid is None:
        drop(found, entity, None, "no-id")
        return
    values = Values(source, set())
    name = values.name("name" if entity in ("artist", "label") else "title")
    if name is None:
        drop(found, entity, mbid, "no-name")
        return
    found.records[mbid] = record(entity, mbid, name, values)
    found.findings += [(entity, mbid, "wrong-type", key) for key in sorted(values.wrong)]


def drop(found: Lines, entity: str, mbid: str | None, rule: str) -> None:
    found.findings.append((entity, mbid or "unknown", rule, ""))
    if mbid:
        found.dropped.add(mbid)
    else:
        found.has_unknown = True


def refuse(constant: str) -> None:
    raise ValueError(constant)


def clean(value: Any) -> Any:
    """Return a JSON value without what the stores cannot hold."""
    match value:
        case str():
            return SURROGATE.sub("\ufffd", value).replace("\0", "")
        case list():
            return [clean(entry) for entry in value]
        case dict():
            return {clean(key): clean(entry) for key, entry in value.items()}
    return value


def uuid(value: Any) -> str | None:
    lower = value.lower() if isinstance(value, str) else ""
    return lower if UUID.fullmatch(lower) else None


class Values:
    """Reads the values of a JSON object; what is of another type than it has to be is absent, and noted."""

    def __init__(self, source: Json, wrong: set[str], path: str = "") -> None:
        self.source, self.wrong, self.path = source, wrong, path

    def of_type(self, key: str, *types: type) -> Any:
        value = self.source.get(key)
        # A boolean is an integer to Python, not to JSON.
        is_wrong = not isinstance(value, types) or (isinstance(value, bool) and bool not in types)
        if value is not None and is_wrong:
            self.wrong.add(f"{self.path}{key}")
            return None
        return value

    def name(self, key: str) -> str | None:
        """Return a text that may be empty."""
        found: str | None = self.of_type(key, str)
        return found

    def text(self, key: str) -> str | None:
        return self.name(key) or None

    def flag(self, key: str) -> bool:
        return bool(self.of_type(key, bool))

    def integer(self, key: str) -> int | None:
        found: int | None = self.of_type(key, int)
        if found is not None and abs(found) > LARGEST_INTEGER:
            self.wrong.add(f"{self.path}{key}")
            return None
        return found

    def entries(self, key: str, *types: type) -> list[Any]:
        """Return the entries of a list that are of one of the types; all if none is given."""
        found = self.of_type(key, list) or []
        kept = [entry for entry in found if not types or isinstance(entry, types)]
        if len(kept) < len(found):
            self.wrong.add(f"{self.path}{key}")
        return kept

    def get_object(self, *keys: str) -> "Values":
        """Return the object below the first of the keys that has one; an empty one if none has."""
        for key in keys:
            if (found := self.of_type(key, dict)) is not None:
                return Values(found, self.wrong, f"{self.path}{key}.")
        return Values({}, self.wrong)

    def get_text_below(self, keys: tuple[str, ...], name: str) -> str | None:
        """Return a text of the first object below the keys that has one."""
        return next((found for key in keys if (found := self.get_object(key).text(name))), None)


def record(entity: str, mbid: str, name: str, values: Values) -> Json:
    """Return the record of a line; ``name`` is its name or title."""
    relations = [Values(each, values.wrong, "relations.") for each in values.entries("relations", dict)]
    links = [each for each in relations if each.text("target-type") == "url"]
    discogs_id, link_ended = discogs_page(entity, links)
    return {
        "id": mbid,
        ID_KEYS[entity]: discogs_id,
        "discogs_link_ended": link_ended,
        "name": name,
        "disambiguation": values.text("disambiguation"),
        **READERS[entity](values),
        "relations": [read_relation(each) for each in relations if each.text("target-type") != "url"],
        "external_links": [read_link(each) for each in links if each.text("type") != "discogs"],
    }


def read_artist(values: Values) -> Json:
    return {
        "sort_name": values.text("sort-name"),
        "mb_type": values.text("type"),
        "gender": values.text("gender"),
        "life_span": life_span(values),
        "area": values.get_text_below(("area",), "name"),
        "begin_area": values.get_text_below(("begin-area", "begin_area"), "name"),
        "end_area": values.get_text_below(("end-area", "end_area"), "name"),
        "aliases": values.entries("aliases"),
        "tags": values.entries("tags"),
    }


def read_label(values: Values) -> Json:
    return {
        "mb_type": values.text("type"),
        "label_code": values.integer("label-code"),
        "life_span": life_span(values),
        "area": values.get_text_below(("area",), "name"),
    }


def read_release_group(values: Values) -> Json:
    return {
        "mb_type": values.text("primary-type"),
        "secondary_types": values.entries("secondary-types", str),
        "first_release_date": values.text("first-release-date"),
    }


def read_release(values: Values) -> Json:
    return {
        "barcode": values.name("barcode"),
        "status": values.text("status"),
        "release_group_mbid": uuid(values.get_object("release-group", "release_group").text("id")),
        "aliases": values.entries("aliases"),
        "tags": values.entries("tags"),
    }


READERS = {"artist": read_artist, "label": read_label, "release-group": read_release_group, "release": read_release}


def life_span(values: Values) -> Json:
    span = values.get_object("life-span")
    return {"begin": span.text("begin"), "end": span.text("end"), "ended": span.flag("ended")}


def read_relation(values: Values) -> Json:
    target_type = values.text("target-type")
    return {
        "type": values.text("type"),
        "target_type": target_type and hyphenate(target_type),
        "target_mbid": target(values, target_type),
        "direction": "backward" if values.text("direction") == "backward" else "forward",
        "attributes": sorted(values.entries("attributes", str)),
        "begin_date": values.text("begin"),
        "end_date": values.text("end"),
        "ended": values.flag("ended"),
    }


def hyphenate(target_type: str) -> str:
    return target_type.replace("_", "-")


def target(values: Values, target_type: str | None) -> str:
    if target_type is None:
        return ""
    keys = (target_type, hyphenate(target_type), target_type.replace("-", "_"))
    return uuid(values.get_object(*keys).text("id")) or ""


def read_link(values: Values) -> Json:
    return {"service": values.text("type"), "url": values.get_object("url").text("resource")}


def discogs_page(entity: str, links: list[Values]) -> tuple[int | None, bool | None]:
    """Return the Discogs id that an entity's links name, and whether that link is ended."""
    pages = list(discogs_pages(entity, links))
    # The first that is not ended; if all are, the first: Python's sort keeps the order of equals.
    return min(pages, key=lambda page: page[1]) if pages else (None, None)


def discogs_pages(entity: str, links: list[Values]) -> Iterator[tuple[int, bool]]:
    for link in links:
        found = (
            PAGE.fullmatch(link.get_object("url").text("resource") or "") if link.text("type") == "discogs" else None
        )
        if found and found["kind"] == PAGE_KINDS[entity] and int(found["id"]) <= LARGEST_BIGINT:
            yield int(found["id"]), link.flag("ended")
