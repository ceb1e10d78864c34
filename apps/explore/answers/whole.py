"""Whole releases and masters, in a fixed shape: a missing field is null or an empty list.

Loading stores whatever a dump has (docs/data-dictionary.md, section 2). A value of an unexpected shape is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.explore.answers.records import Record, find_record
from apps.graph.rows import get_text, items, names

ARTIST = ("id", "name", "anv", "join", "role", "tracks")
LABEL = ("id", "name", "catno")
COMPANY = (*LABEL, "entity_type", "entity_type_name")
IDENTIFIER = ("type", "description", "value")
VIDEO = ("src", "duration", "title", "description")


def get_release(id_: str) -> Record:
    """Return a release. All ids are texts of digits.

    ``{id, title, year, released, country, status, data_quality, notes, master_id, is_main_release,
    genres, styles: [str], artists, extraartists: [{id, name, anv, join, role, tracks}],
    labels, series: [{id, name, catno}], formats: [{name, qty, text, descriptions: [str]}],
    tracklist: [{position, title, duration, artists, extraartists, sub_tracks}],
    identifiers: [{type, description, value}], companies: [{id, name, catno, entity_type, entity_type_name}],
    videos: [{src, duration, title, description}]}``. Entries of ``sub_tracks`` have none themselves.

    Raises:
        NotFound, TablesTimeOut: as ``records.find_record``.
    """
    record = find_record("release", id_)
    return {
        **read_texts(record, ("id", "title")),
        "year": read_year(record),
        **read_texts(record, ("released", "country", "status", "data_quality", "notes", "master_id")),
        "is_main_release": record.get("is_main_release") is True,
        "genres": names(record.get("genres")),
        "styles": names(record.get("styles")),
        "artists": read_entries(record.get("artists"), ARTIST),
        "extraartists": read_entries(record.get("extraartists"), ARTIST),
        "labels": read_entries(record.get("labels"), LABEL),
        "series": read_entries(record.get("series"), LABEL),
        "formats": [
            {**read_texts(each, ("name", "qty", "text")), "descriptions": names(each.get("descriptions"))}
            for each in items(record.get("formats"))
        ],
        "tracklist": [
            {**read_track(each), "sub_tracks": list(map(read_track, iterate_sub_tracks(each)))}
            for each in items(record.get("tracklist"))
        ],
        "identifiers": read_entries(record.get("identifiers"), IDENTIFIER),
        "companies": read_entries(record.get("companies"), COMPANY),
        "videos": read_entries(record.get("videos"), VIDEO),
    }


def get_master(id_: str) -> Record:
    """Return a master; fields that it shares with a release have the same shape.

    ``{id, title, year, main_release, data_quality, notes, genres, styles, artists, videos}``.

    Raises:
        NotFound, TablesTimeOut: as ``records.find_record``.
    """
    record = find_record("master", id_)
    return {
        **read_texts(record, ("id", "title")),
        "year": read_year(record),
        **read_texts(record, ("main_release", "data_quality", "notes")),
        "genres": names(record.get("genres")),
        "styles": names(record.get("styles")),
        "artists": read_entries(record.get("artists"), ARTIST),
        "videos": read_entries(record.get("videos"), VIDEO),
    }


def read_texts(record: Record, keys: Iterable[str]) -> Record:
    """Return some fields, each as a text or None."""
    return {key: get_text(record.get(key)) for key in keys}


def read_year(record: Record) -> int | None:
    """Return the year that loading derived, None if it did not."""
    found = record.get("year")
    # The JSON of the table is what the dump had, so a field may have any type.
    return found if isinstance(found, int) else None


def read_entries(value: Any, keys: Iterable[str]) -> list[Record]:
    """Return some fields of each object of a list; objects that have none of them are left out."""
    # A fixed list of fields: what a later dump adds to an entry does not become part of the API by itself.
    found = (read_texts(each, keys) for each in items(value))
    return [each for each in found if any(part is not None for part in each.values())]


def read_track(entry: Record) -> Record:
    """Return a track without its sub-tracks."""
    return {
        **read_texts(entry, ("position", "title", "duration")),
        "artists": read_entries(entry.get("artists"), ARTIST),
        "extraartists": read_entries(entry.get("extraartists"), ARTIST),
    }


def iterate_sub_tracks(entry: Record) -> Iterator[Record]:
    """Yield the sub-tracks of a track at any depth, flat."""
    for each in items(entry.get("sub_tracks")):
        yield each
        yield from iterate_sub_tracks(each)
