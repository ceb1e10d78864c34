"""A release for its page: its record in the order of the back of a sleeve."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.explore import drawings
from apps.explore.answers import records
from apps.explore.answers.records import Named, Record, get_shown_name
from apps.graph.readers import musicbrainz
from apps.graph.roles import categorise
from apps.graph.rows import NAME_CHARACTERS, get_text, items, names
from apps.insights import rarity

# Kind → id → name of the entities that have a page.
Known = Mapping[str, Mapping[str, str]]
Work = dict[str, list[Named]]

# The most tracks, credits, companies and identifiers of a page; a record may have any number.
MOST = 1_000
# What makes a release rare, in a word each.
SIGNALS = {
    "pressing_scarcity": "Pressings",
    "label_catalog": "Label",
    "format_rarity": "Format",
    "temporal_scarcity": "Age",
    "graph_isolation": "Links",
    "collection_prevalence": "Collectors",
}
# Kinds of work, in the order in which a sleeve has them.
WORK = ("production", "session", "engineering", "mastering", "design", "management", "other")
SIDE = re.compile(r"([A-Z]{1,2})[0-9]{0,3}[a-z]?")
DISC = re.compile(r"(?:(CD|DVD|LP|Disc)\s?)?([0-9]{1,3})[-.][0-9]{1,3}[a-z]?", re.IGNORECASE)
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class Track:
    """A track, a heading between tracks, or with ``level`` 1 a part of the track before it.

    ``group`` is the side or disc that begins with it, empty if none does. ``seconds`` is None if the length is unknown.
    """

    position: str
    title: str
    seconds: int | None
    artists: list[Named]
    work: Work
    level: int = 0
    group: str = ""
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A date of partial precision: as it is read, and for machines (``1994-09``), empty if it is none."""

    text: str
    iso: str = ""


def get_release(id_: str) -> dict[str, Any]:
    """Return a release as its page shows it: ``describe_record``, its rarity, and what MusicBrainz adds.

    Raises:
        NotFound, records.Gone: there is no such release.
    """
    record = records.find_record("release", id_)
    known = records.get_names_by_kind(collect_references(record))
    number = int(id_)
    return {
        "id": id_,
        **describe_record(record, known),
        "rarity": get_rarity(number),
        "musicbrainz": musicbrainz.get_entity("release", number),
    }


def get_rarity(release_id: int) -> dict[str, Any] | None:
    """Return how rare a release is, ``{score, tier, signals: [(name, score)]}``; None if that is not computed."""
    found = rarity.find_score(release_id)
    if found is None:
        return None
    signals = [(name, getattr(found, signal) or 0.0) for signal, name in SIGNALS.items()]
    return {"score": found.rarity_score, "tier": found.tier, "signals": signals}


def collect_references(record: Record) -> dict[str, set[str]]:
    """Return kind → ids of the entities that the page of a release links to."""
    people = [*items(record.get("artists")), *items(record.get("extraartists"))]
    for track, _ in iterate_tracks(record):
        people += [*items(track.get("artists")), *items(track.get("extraartists"))]
    firms = [entry for key in ("labels", "companies", "series") for entry in items(record.get(key))]
    return {
        "artist": {id_ for each in people if (id_ := get_text(each.get("id")))},
        "label": {id_ for each in firms if (id_ := get_text(each.get("id")))},
        "master": {get_text(record.get("master_id")) or ""},
    }


def describe_record(record: Record, known: Known) -> dict[str, Any]:
    """Return the fields of a release's page; names whose id is not in ``known`` come without one.

    ``{title, artists, labels, catalogue_numbers, formats, country, released, seconds, series, genres, styles, master,
    tracks, track_count, credits, credit_count, companies, identifiers, barcode, notes}``.
    """
    tracks = list_tracks(record, known)
    credited = items(record.get("extraartists"))[:MOST]
    labels = items(record.get("labels"))
    master = get_text(record.get("master_id"))
    return {
        "title": get_text(record.get("title")) or "",
        "artists": list_names("artist", items(record.get("artists")), known),
        "labels": drop_duplicates(list_names("label", labels, known)),
        "catalogue_numbers": list(dict.fromkeys(text for each in labels if (text := read_catalogue_number(each)))),
        "formats": [describe_format(each) for each in items(record.get("formats"))],
        "country": get_text(record.get("country")),
        "released": read_date(get_text(record.get("released"))),
        "seconds": sum(each.seconds or 0 for each in tracks if not each.level),
        "series": [
            Named(each.kind, each.id, each.name, detail=read_catalogue_number(entry))
            for entry in items(record.get("series"))
            for each in list_names("label", [entry], known)
        ],
        "genres": names(record.get("genres")),
        "styles": names(record.get("styles")),
        "master": master if master in known["master"] else None,
        "tracks": tracks,
        "track_count": sum(not each.is_heading and not each.level for each in tracks),
        "credits": group_by_role(credited, name_person),
        "credit_count": len(credited),
        "companies": list_companies(record, known),
        "barcode": next(filter(None, map(drawings.barcode, iterate_barcodes(record))), None),
        "identifiers": list_identifiers(record),
        "notes": get_text(record.get("notes")) or "",
    }


def iterate_tracks(record: Record) -> Iterator[tuple[Record, int]]:
    """Yield the tracks of a record and their parts, each with its level, up to ``MOST``."""
    # Bounds the page and not only the query: a box set may have thousands of tracks, and its page must stay readable.
    left = MOST
    for track in items(record.get("tracklist")):
        parts = items(track.get("sub_tracks"))[: max(0, left - 1)]
        yield track, 0
        yield from ((part, 1) for part in parts)
        left -= 1 + len(parts)
        if left <= 0:
            return


def list_tracks(record: Record, known: Known) -> list[Track]:
    """Return the tracks; where a record has several sides or discs, each of them begins with its name."""
    found = list(iterate_tracks(record))
    groups = [read_group(get_text(track.get("position")) or "") for track, _ in found]
    # "Side A" over every track of a one-sided record would say nothing.
    has_groups = len(set(filter(None, groups))) > 1
    listed: list[Track] = []
    last = ""
    for (track, level), group in zip(found, groups, strict=True):
        begins = group if has_groups and group and group != last else ""
        last = begins or last
        position, length = get_text(track.get("position")) or "", get_text(track.get("duration"))
        listed.append(
            Track(
                position=position,
                title=get_text(track.get("title")) or "",
                seconds=drawings.read_seconds(length),
                artists=list_names("artist", items(track.get("artists")), known),
                work=group_by_role(items(track.get("extraartists")), lambda each: name_artist(each, known)),
                level=level,
                group=begins,
                # Discogs has no mark for headings. An entry that has only a title is one.
                is_heading=not (position or length or level or track.get("sub_tracks")),
            )
        )
    return listed


def read_group(position: str) -> str:
    """Return the side or the disc of a position: ``A1`` is on side A, ``CD2-3`` and ``2-03`` on a second disc."""
    if match := SIDE.fullmatch(position):
        return f"Side {match[1]}"
    if match := DISC.fullmatch(position):
        return f"{match[1].upper() if match[1] and match[1].lower() != 'disc' else 'Disc'} {int(match[2])}"
    return ""


def group_by_role(entries: Iterable[Record], name: Callable[[Record], Named]) -> Work:
    """Return role → names, in the order of ``WORK``; a name that has a role several times comes once."""
    found: dict[str, list[Named]] = {}
    for entry in entries:
        role = get_text(entry.get("role")) or "Credit"
        named = name(entry)
        if named not in (under := found.setdefault(role, [])):
            under.append(named)
    return dict(sorted(found.items(), key=lambda each: WORK.index(categorise(each[0]))))


def name_person(entry: Record) -> Named:
    """Return the person of a credit; a credit with a role leads to the person's page, by name."""
    name = get_text(entry.get("name"))
    # Cut as loading cuts it: the graph's person has the cut name, and the page is found by that.
    id_ = name[:NAME_CHARACTERS] if name and get_text(entry.get("role")) else None
    return Named("person", id_, get_shown_name(entry), detail=get_text(entry.get("tracks")) or "")


def name_artist(entry: Record, known: Known) -> Named:
    """Return an artist that an entry names."""
    return list_names("artist", [entry], known)[0]


def list_names(kind: str, entries: Iterable[Record], known: Known) -> list[Named]:
    """Return the artists or labels that a list of a record names."""
    found = []
    for entry in entries:
        id_ = get_text(entry.get("id"))
        join = (get_text(entry.get("join")) or ",").strip()
        found.append(Named(kind, id_ if id_ in known[kind] else None, get_shown_name(entry), join=join))
    return found


def drop_duplicates(named: Iterable[Named]) -> list[Named]:
    """Return names, each once: a release with two catalogue numbers names its label twice."""
    return list(dict.fromkeys(named))


def read_catalogue_number(entry: Record) -> str:
    """Return the catalogue number of an entry; empty if it has none."""
    number = get_text(entry.get("catno")) or ""
    return "" if number.lower() == "none" else number


def describe_format(entry: Record) -> str:
    """Write a format: ``2 × Vinyl, LP, Album, Gatefold``."""
    quantity, name = get_text(entry.get("qty")) or "", get_text(entry.get("name")) or "Format unknown"
    times = f"{quantity} × " if quantity.isdigit() and quantity not in ("0", "1") else ""
    more = [*names(entry.get("descriptions")), get_text(entry.get("text")) or ""]
    return ", ".join((f"{times}{name}", *filter(None, more)))


def list_companies(record: Record, known: Known) -> Work:
    """Return role → companies, such as ``Pressed By``, in the order of the record."""
    found: dict[str, list[Named]] = {}
    for entry in items(record.get("companies"))[:MOST]:
        did = get_text(entry.get("entity_type_name")) or "Company"
        under = found.setdefault(did, [])
        under += [each for each in list_names("label", [entry], known) if each not in under]
    return found


def iterate_barcodes(record: Record) -> Iterator[str]:
    """Yield the values of a record's barcodes."""
    for entry in items(record.get("identifiers")):
        if get_text(entry.get("type")) == "Barcode" and (value := get_text(entry.get("value"))):
            yield value


def list_identifiers(record: Record) -> dict[str, list[tuple[str, str]]]:
    """Return type → (value, description): matrix numbers, label codes and the like."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in items(record.get("identifiers"))[:MOST]:
        value = get_text(entry.get("value"))
        if value and value.lower() != "none":
            each = (value, get_text(entry.get("description")) or "")
            if each not in (under := found.setdefault(get_text(entry.get("type")) or "Other", [])):
                under.append(each)
    return found


def read_date(text: str | None) -> Date | None:
    """Return a date as it is written in a record: ``1994-09-03``, ``1994-09-00``, ``1994``; None if there is none."""
    if not text:
        return None
    match = DATE.fullmatch(text.strip())
    # "Summer 1994" or "?": shown as it is written, and told to machines as no date at all.
    if match is None or match[1] == "0000":
        return Date(text)
    year, month, day = match[1], int(match[2] or 0), int(match[3] or 0)
    try:
        found = date(int(year), month or 1, day or 1)
    except ValueError:
        return Date(year, year)
    if not month:
        return Date(year, year)
    if not day:
        return Date(f"{found:%B %Y}", f"{found:%Y-%m}")
    return Date(f"{found.day} {found:%B %Y}", found.isoformat())
