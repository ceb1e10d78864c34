"""What the stores must hold after one dump was loaded into empty stores, computed in another way than the loader does.

Straight from the XML of the folder, with plain dicts and sets, everything in memory at once: slow and simple, so that
it can be trusted. Of the product it knows only the categories of roles, which are a table.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from apps.graph.roles import categorise
from tests.acceptance.dump_records import Credit, Link, Record, read_records
from tests.acceptance.dump_xml import RECORD_TAGS, elements, leaves_of

# (type, start label, start key, end label, end key, *(property name, value) sorted by name)
Edge: TypeAlias = tuple[Any, ...]
# (record type, record id, relationship, target type, target id, "out" | "in")
Dangling: TypeAlias = tuple[str, int, str, str, int, str]
Statistics: TypeAlias = dict[str, dict[str, dict[str, int]]]

Records: TypeAlias = dict[str, dict[int, Record]]

NODE_LABELS = {"artists": "Artist", "labels": "Label", "masters": "Master", "releases": "Release"}
# Relationships that either end may assert, so that they say which of them does.
MARKED = {"MEMBER_OF", "SUBLABEL_OF"}
STATISTICS = {
    "Genre": {"Artist": "artist_count", "Label": "label_count", "Style": "style_count"},
    "Style": {"Artist": "artist_count", "Label": "label_count", "Genre": "genre_count"},
    "Label": {"Artist": "artist_count", "Genre": "genre_count"},
}


@dataclass(frozen=True)
class Expected:
    """The content of both stores; keys of nodes are their ids or names, ids of records are integers."""

    nodes: dict[str, dict[str, dict[str, Any]]]
    edges: set[Edge]
    dangling: set[Dangling]
    records: dict[str, dict[int, dict[str, int]]]
    statistics: Statistics


@dataclass
class Tally:
    """What the releases of one genre, style or label have between them."""

    releases: int = 0
    ends: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    years: set[int] = field(default_factory=set)


def read(folder: Path, *, year_now: int | None = None) -> Expected:
    """Return what the stores hold after a load of the dump in the folder, all four types.

    ``year_now`` is the year of the load, now by default: later years than the next one are not believed.
    """
    newest = newest_year(year_now)
    # Of two records with one id the later one counts, and so it is with a dict.
    records = {type_: dict(read_records(folder, type_, newest)) for type_ in RECORD_TAGS}
    found = nodes(records)
    edges, dangling = reference_edges(records)
    return Expected(
        nodes=found,
        edges=edges | tag_edges(records) | part_of_edges(records) | credit_edges(records) | same_as_edges(records),
        dangling=dangling,
        records={type_: {id_: record.counts for id_, record in of_type.items()} for type_, of_type in records.items()},
        statistics=statistics(records, found),
    )


def leaves(folder: Path, type_: str, *, year_now: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield the id and all texts and attribute values of every record of a file that must be stored, in file order.

    Left out is what the record loses on purpose: numeric genres, years that are not believed, ``master_id`` 0, the ids
    beside the names of members. An id that comes twice is yielded twice; the later one is stored.
    """
    newest = newest_year(year_now)
    for id_, element in elements(folder, type_):
        yield id_, list(leaves_of(element, newest))


def missing_leaves(record_leaves: list[str], stored: dict[str, Any]) -> list[str]:
    """Return the leaves of a record that its stored JSON has not, or not as often, sorted."""
    # The derived year of a release, and of a master beside its source, would stand in for a lost leaf.
    derived = {"year"} if {"released", "year_source"} & stored.keys() else set()
    values = Counter(json_leaves({key: value for key, value in stored.items() if key not in derived}))
    return sorted((Counter(record_leaves) - values).elements())


def json_leaves(value: Any) -> Iterator[str]:
    """Yield every value in a JSON value as the text that it was in XML."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from json_leaves(inner)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None:
        yield str(value)


def newest_year(year_now: int | None) -> int:
    return (year_now or datetime.now(UTC).year) + 1


def key(id_: int) -> str:
    return sys.intern(str(id_))


def list_tagged(records: Records) -> Iterator[tuple[str, int, Record]]:
    """Yield node label, id and record of everything that can have genres and styles."""
    for type_ in ("masters", "releases"):
        for id_, record in records[type_].items():
            yield NODE_LABELS[type_], id_, record


def nodes(records: Records) -> dict[str, dict[str, dict[str, Any]]]:
    names = {
        "Genre": {name for _, _, record in list_tagged(records) for name in record.genres},
        "Style": {name for _, _, record in list_tagged(records) for name in record.styles},
        "Person": {credit.person for record in records["releases"].values() for credit in record.credits},
    }
    return {
        **{NODE_LABELS[t]: {key(id_): record.properties for id_, record in records[t].items()} for t in RECORD_TAGS},
        **{label: {name: {} for name in found} for label, found in names.items()},
    }


def reference_edges(records: Records) -> tuple[set[Edge], set[Dangling]]:
    """Return the relationships between two records, and the references to records that are not there."""
    marks: dict[Edge, tuple[str, ...]] = {}
    dangling: set[Dangling] = set()
    for type_, found in records.items():
        for id_, record in found.items():
            for link in record.links:
                if link.target_id in records[link.target_type]:
                    edge = link_edge(type_, id_, link)
                    marks[edge] = (*marks.get(edge, ()), *mark(link))
                else:
                    dangling.add((type_, id_, *link))
    return {(*edge, *((name, True) for name in sorted(names))) for edge, names in marks.items()}, dangling


def link_edge(type_: str, id_: int, link: Link) -> Edge:
    own, other = (NODE_LABELS[type_], key(id_)), (NODE_LABELS[link.target_type], key(link.target_id))
    ends = own + other if link.direction == "out" else other + own
    return (link.relationship, *ends)


def mark(link: Link) -> tuple[str, ...]:
    by_whom = "by_source" if link.direction == "out" else "by_target"
    return (by_whom,) if link.relationship in MARKED else ()


def tag_edges(records: Records) -> set[Edge]:
    return {
        ("IS", label, key(id_), tag_label, name)
        for label, id_, record in list_tagged(records)
        for tag_label, names in (("Genre", record.genres), ("Style", record.styles))
        for name in names
    }


def part_of_edges(records: Records) -> set[Edge]:
    """Return what single-genre releases and masters say: with two genres, a style belongs to which?"""
    weights = Counter(
        (style, genre)
        for _, _, record in list_tagged(records)
        if len(record.genres) == 1
        for genre in record.genres
        for style in record.styles
    )
    return {("PART_OF", "Style", style, "Genre", genre, ("weight", n)) for (style, genre), n in weights.items()}


def all_credits(records: Records) -> Iterator[tuple[int, Credit]]:
    return ((id_, credit) for id_, record in records["releases"].items() for credit in record.credits)


def credit_edges(records: Records) -> set[Edge]:
    return {
        ("CREDITED_ON", "Person", credit.person, "Release", key(id_), *credit_properties(credit))
        for id_, credit in all_credits(records)
    }


def credit_properties(credit: Credit) -> tuple[tuple[str, str], ...]:
    artist = (("artist_id", key(credit.artist_id)),) if credit.artist_id else ()
    return (*artist, ("category", categorise(credit.role)), ("role", credit.role))


def same_as_edges(records: Records) -> set[Edge]:
    counts = Counter(
        (credit.person, credit.artist_id)
        for _, credit in all_credits(records)
        if credit.artist_id in records["artists"]
    )
    return {
        ("SAME_AS", "Person", person, "Artist", str(artist_id), ("credits", n))
        for (person, artist_id), n in counts.items()
    }


def statistics(records: Records, names: dict[str, dict[str, Any]]) -> Statistics:
    """Return what nodes say about releases; masters do not count."""
    tallies: dict[str, defaultdict[str, Tally]] = {label: defaultdict(Tally) for label in STATISTICS}
    for record in records["releases"].values():
        ends = release_ends(records, record)
        for label, by_key in tallies.items():
            for name in ends[label]:
                count(by_key[name], ends, record.properties.get("year"))
    found = {label: {name: summary(label, tallies[label][name]) for name in names[label]} for label in STATISTICS}
    return found | {"Person": people(records)}


def people(records: Records) -> dict[str, dict[str, int]]:
    """Return how many credits each person has, and how many releases in each category of roles."""
    credited = Counter(credit.person for _, credit in all_credits(records))
    found = {person: {"credit_count": n} for person, n in credited.items()}
    pairs = {(credit.person, categorise(credit.role), id_) for id_, credit in all_credits(records)}
    for (person, category), n in Counter((person, category) for person, category, _ in pairs).items():
        found[person][f"{category}_count"] = n
    return found


def release_ends(records: Records, record: Record) -> dict[str, Iterable[str]]:
    """Return the keys of the nodes that a release is connected with, by label."""
    there = [link for link in record.links if link.target_id in records[link.target_type]]
    return {
        "Artist": {key(link.target_id) for link in there if link.relationship == "BY"},
        "Label": {key(link.target_id) for link in there if link.relationship == "ON"},
        "Genre": record.genres,
        "Style": record.styles,
    }


def count(tally: Tally, ends: dict[str, Iterable[str]], released: int | None) -> None:
    tally.releases += 1
    for label, names in ends.items():
        tally.ends[label].update(names)
    tally.years.update([released] if released else [])


def summary(label: str, tally: Tally) -> dict[str, int]:
    counts = {name: len(tally.ends[end]) for end, name in STATISTICS[label].items()}
    first = {"first_year": min(tally.years)} if tally.years and label != "Label" else {}
    return {"release_count": tally.releases} | counts | first
