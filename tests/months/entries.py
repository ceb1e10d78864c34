"""Records as a file has them: sound ones of every type, and those that cannot be read.

Each content has a mark of its own, a number in brackets, that stands in the stored row too. So a row says which record
it was made of, whatever a loader makes of ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from tests import records

Id = int | str
PADDED = re.compile(r'<id>\s|\d\s+</id>|id="\s|\d\s+"')
MARK = re.compile(r"\{(\d+)\}")


class Kind(Enum):
    """What a loader can know of an entry."""

    SOUND = "sound"
    RETIRED = "retired"  # sound, and marked "do not use": left out on purpose
    BROKEN = "broken"  # cannot be read, but its id is plain
    UNKNOWN = "of unknown id"  # cannot be read, and nothing says whose it is
    DOUBTFUL = "broken at its id"  # cannot be read; a careful reader may find the id, another may not


@dataclass(frozen=True)
class Entry:
    """A record in a file. ``id`` is whose it is, even if the bytes do not say so."""

    id: Id
    kind: Kind
    mark: int
    raw: str

    @property
    def bytes(self) -> bytes:
        return self.raw.encode("utf-8", "surrogateescape")

    def __str__(self) -> str:
        shown = f"{self.id}{{{self.mark}}}" + ("" if self.kind is Kind.SOUND else f" {self.kind.value}")
        return f"{shown} with a padded id" if PADDED.search(self.raw[:40]) else shown


class Discogs:
    """Makes records of Discogs. ``ids`` are how many of each type there may be; references name two more."""

    types = ("artists", "labels", "masters", "releases")

    def __init__(self, chance: Random, ids: dict[str, int], troubles: Collection[str]) -> None:
        self.chance = chance
        self.ids = ids
        self.troubles = troubles
        self.marks = count(1)

    def make(self, record_type: str, data_id: int) -> Entry:
        """Return new content for a record."""
        mark = next(self.marks)
        shown = str(data_id) if not self.has("padded ids") else self.chance.choice(PADDINGS).format(data_id)
        raw = MAKERS[record_type](self, shown, f"{{{mark}}}")
        if record_type in ("artists", "labels") and self.has("retired"):
            return Entry(data_id, Kind.RETIRED, mark, raw.replace("}</profile>", "} DO NOT USE</profile>"))
        return Entry(data_id, Kind.SOUND, mark, raw)

    def has(self, trouble: str) -> bool:
        """Tell whether one record has a trouble."""
        return trouble in self.troubles and self.chance.random() < 0.1

    def reprint(self, record_type: str, entry: Entry) -> Entry:
        """Return the same content in other bytes."""
        places = [place.end() - 1 for place in re.finditer("><(?!/)", entry.raw)]
        at = self.chance.choice(places)
        return replace(entry, raw=f"{entry.raw[:at]}\n  {entry.raw[at:]}")

    def spoil(self, record_type: str, entry: Entry) -> Entry:
        """Return an entry as nobody can read it."""
        kind, change = self.chance.choice(FAULTS[record_type])
        return Entry(entry.id, kind, next(self.marks), change(MARK.sub("", entry.raw), str(entry.id)))

    def pick(self, record_type: str, most: int) -> list[int]:
        """Return some ids to refer to."""
        return [self.chance.randint(1, self.ids[record_type] + 2) for _ in range(self.chance.randint(0, most))]

    def pick_some(self, pool: Sequence[str], most: int) -> list[str]:
        return [self.chance.choice(pool) for _ in range(self.chance.randint(0, most))]

    def artist(self, data_id: str, mark: str) -> str:
        return records.artist(
            data_id,
            self.chance.choice(NAMES),
            aliases=self.pick("artists", 2),
            members=self.pick("artists", 2),
            groups=self.pick("artists", 2),
            more=f"<profile>{mark}</profile>",
        )

    def label(self, data_id: str, mark: str) -> str:
        return records.label(
            data_id,
            self.chance.choice(NAMES),
            parent=next(iter(self.pick("labels", 1)), None),
            sublabels=self.pick("labels", 2),
            more=f"<profile>{mark}</profile>",
        )

    def master(self, data_id: str, mark: str) -> str:
        made = records.master(
            data_id,
            self.chance.choice(NAMES),
            year=self.chance.choice(DATES),
            artists=self.pick("artists", 2),
            genres=self.pick_some(GENRES, 2),
            styles=self.pick_some(STYLES, 2),
        )
        return made.replace("</master>", f"<notes>{mark}</notes></master>")

    def release(self, data_id: str, mark: str) -> str:
        people = zip(self.pick_some(NAMES, 2), self.pick_some(ROLES, 2), self.pick("artists", 2), strict=False)
        return records.release(
            data_id,
            self.chance.choice(NAMES),
            artists=self.pick("artists", 2),
            labels=self.pick("labels", 2),
            master_id=next(iter(self.pick("masters", 1)), 0),
            genres=self.pick_some(GENRES, 2),
            styles=self.pick_some(STYLES, 2),
            credits=people,
            released=self.chance.choice(DATES),
            more=f"<notes>{mark}</notes>",
        )


MAKERS: dict[str, Callable[[Discogs, str, str], str]] = {
    "artists": Discogs.artist,
    "labels": Discogs.label,
    "masters": Discogs.master,
    "releases": Discogs.release,
}
NAMES = ("Ebbe", "Deich", "Karl Vogt", "Flut & Söhne", "Watt", "", "Öl \x01\uffff", "*")
GENRES = ("Rock", "Jazz", "Folk, World, & Country", "7")
STYLES = ("Dub", "Modal", "Rock", "")
ROLES = ("Producer", "Mixed By, Producer", "Drums [Brushes]", "")
PADDINGS = (" {} ", " {}", "{} ", "\n{}\t")
DATES = ("1970", "1984-07-00", "", "0", "1492", "199?", "3000", "19991231")

Fault = tuple[Kind, Callable[[str, str], str]]
OPENING = re.compile(r"<(name|title)>")


def misspelt_end(raw: str, _: str) -> str:
    return raw.replace("</name>", "</nmae>", 1).replace("</title>", "</titel>", 1)


def lost_end(raw: str, _: str) -> str:
    return raw[: raw.rindex("</")]


def bare_bracket(raw: str, _: str) -> str:
    return OPENING.sub(r"<\1>a < b", raw, count=1)


def write_id_as_child(shown: str) -> Callable[[str, str], str]:
    return lambda raw, data_id: re.sub(r"<id>\s*\d+\s*</id>", shown.replace("ID", data_id), raw, count=1)


def write_id_as_attribute(shown: str) -> Callable[[str, str], str]:
    return lambda raw, data_id: re.sub(r'id="\s*\d+\s*"', shown.replace("ID", data_id), raw, count=1)


STRUCTURAL: list[Fault] = [(Kind.BROKEN, each) for each in (misspelt_end, lost_end, bare_bracket)]
WITH_CHILD: list[Fault] = [
    *STRUCTURAL,
    *((Kind.UNKNOWN, write_id_as_child(each)) for each in ("", "<id></id>", "<id>x</id>", "<id>007</id>")),
    *((Kind.DOUBTFUL, write_id_as_child(each)) for each in ("<id>ID</di>", "<id>ID<id>", "<id>ID")),
]
WITH_ATTRIBUTE: list[Fault] = [
    *STRUCTURAL,
    *((Kind.UNKNOWN, write_id_as_attribute(each)) for each in ('x="y"', 'id=""', 'id="x"', 'id="007"')),
    *((Kind.DOUBTFUL, write_id_as_attribute(each)) for each in ('id="ID', "id=ID", 'id="ID" id="ID"')),
]
FAULTS = {"artists": WITH_CHILD, "labels": WITH_CHILD, "masters": WITH_ATTRIBUTE, "releases": WITH_ATTRIBUTE}


class MusicBrainz:
    """Makes lines of MusicBrainz, which link to records of Discogs and to one another."""

    types = ("artists", "labels", "release-groups", "releases")

    def __init__(self, chance: Random, ids: dict[str, int], pages: dict[str, int]) -> None:
        self.chance = chance
        self.ids = ids
        self.pages = pages
        self.marks = count(1)

    def mbid(self, record_type: str, number: int) -> str:
        """Return the id of an entity; their order has nothing to do with their numbers."""
        return str(UUID(int=(self.types.index(record_type) * 1000 + number) * 0x9E3779B97F4A7C15 % 2**128, version=4))

    def make(self, record_type: str, number: int) -> Entry:
        mark, mbid = next(self.marks), self.mbid(record_type, number)
        kind, pages = PAGES[record_type]
        page = f"{kind}/{self.chance.randint(1, self.pages[pages] + 1)}" if self.chance.random() < 0.8 else ""
        line = records.entity(
            mbid,
            self.chance.choice(NAMES),
            page=page,
            relations=[self.relation(record_type) for _ in range(self.chance.randint(0, 3))],
            disambiguation=f"{{{mark}}}",
            **self.make_own_fields(record_type),
        )
        return Entry(mbid, Kind.SOUND, mark, line)

    def make_own_fields(self, record_type: str) -> dict[str, Any]:
        """Return what only one type has."""
        match record_type:
            case "artists":
                return {"gender": self.chance.choice((None, "Male")), "life-span": {"begin": "1970", "ended": False}}
            case "labels":
                return {"label-code": self.chance.choice((None, 17, 2**40))}
            case "release-groups":
                return {"secondary-types": self.pick_some(("Live", "Demo"), 2)}
        return {"barcode": self.chance.choice((None, "", "4006381333931"))}

    def pick_some(self, pool: Sequence[str], most: int) -> list[str]:
        return [self.chance.choice(pool) for _ in range(self.chance.randint(0, most))]

    def relation(self, record_type: str) -> dict[str, Any]:
        if self.chance.random() < 0.3:
            return records.link(self.chance.choice(("wikidata", "discogs")), self.chance.choice(URLS))
        other = self.chance.choice(self.types) if self.chance.random() < 0.2 else "artists"
        return records.relation(
            self.chance.choice(RELATIONS),
            self.mbid(other, self.chance.randint(1, self.ids[other] + 1)),
            ENTITIES[other],
            direction=self.chance.choice(("forward", "backward")),
            begin=self.chance.choice((None, "1970")),
            end=self.chance.choice((None, "1980")),
            ended=self.chance.choice((False, True)),
            attributes=self.pick_some(("guitar", "original"), 2),
        )

    def reprint(self, record_type: str, entry: Entry) -> Entry:
        """Return the same content with its keys in another order."""
        fields = list(json.loads(entry.raw).items())
        self.chance.shuffle(fields)
        return replace(entry, raw=json.dumps(dict(fields)))

    def spoil(self, record_type: str, entry: Entry) -> Entry:
        kind, change = self.chance.choice(LINE_FAULTS)
        return Entry(entry.id, kind, next(self.marks), change(MARK.sub("", entry.raw)))


PAGES = {
    "artists": ("artist", "artists"),
    "labels": ("label", "labels"),
    "release-groups": ("master", "masters"),
    "releases": ("release", "releases"),
}
ENTITIES = {"artists": "artist", "labels": "label", "release-groups": "release_group", "releases": "release"}
URLS = ("https://www.wikidata.org/wiki/Q1", "https://www.discogs.com/artist/1?x", "https://example.org/")
RELATIONS = (
    "member of band",
    "collaboration",
    "teacher",
    "vocal supporting musician",
    "instrumental supporting musician",
)


def drop_keys(*keys: str) -> Callable[[str], str]:
    return lambda raw: json.dumps({key: value for key, value in json.loads(raw).items() if key not in keys})


def replace_id(value: Any) -> Callable[[str], str]:
    return lambda raw: json.dumps({**json.loads(raw), "id": value})


LINE_FAULTS: list[tuple[Kind, Callable[[str], str]]] = [
    (Kind.BROKEN, drop_keys("name", "title")),
    (Kind.UNKNOWN, drop_keys("id")),
    (Kind.UNKNOWN, replace_id(None)),
    (Kind.UNKNOWN, replace_id("x")),
    (Kind.UNKNOWN, lambda _: "[]"),
    (Kind.UNKNOWN, lambda _: "noise"),
    (Kind.DOUBTFUL, lambda raw: raw[: len(raw) // 2]),
    (Kind.DOUBTFUL, lambda raw: "}" + raw),
]
