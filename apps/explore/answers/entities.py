"""Artists, labels and masters as their records describe them, and what MusicBrainz adds."""

from __future__ import annotations

from itertools import islice
from typing import Any

from apps.explore.answers import panels, records, releases
from apps.explore.answers.records import Named, Record
from apps.graph import tallies
from apps.graph.readers import entities, musicbrainz
from apps.graph.rows import get_text, items, names

# Of names in a list, such as the sublabels of a publisher.
MOST = 200
GENRES = 9
SITES = ("http://", "https://")


def describe_artist(id_: str) -> dict[str, Any]:
    """Return what the record of an artist says.

    ``{id, name, real_name, profile, sites, variations, aliases, groups, members}``.

    Raises:
        NotFound, records.Gone: there is no such artist.
    """
    record = records.find_record("artist", id_)
    lists = ("aliases", "groups", "members")
    known = records.get_names_by_kind({"artist": set().union(*(read_ids(record, key) for key in lists))})
    return {
        **describe_common_fields("artist", id_, record),
        "real_name": get_text(record.get("realname")) or "",
        "variations": names(record.get("namevariations"))[:MOST],
        **{key: list_named("artist", record, key, known) for key in lists},
    }


def describe_label(id_: str) -> dict[str, Any]:
    """Return what the record of a label says, and what MusicBrainz adds.

    ``{id, name, profile, contact, sites, parents, sublabels, musicbrainz}``.

    Raises:
        NotFound, records.Gone: there is no such label.
    """
    record = records.find_record("label", id_)
    parents = record.get("parentLabel")
    # A parent without an id is a plain text.
    record["parents"] = [
        each if isinstance(each, dict) else {"name": get_text(each)}
        for each in (parents if isinstance(parents, list) else [parents])
        if each
    ]
    known = records.get_names_by_kind({"label": read_ids(record, "parents") | read_ids(record, "sublabels")})
    return {
        **describe_common_fields("label", id_, record),
        "contact": get_text(record.get("contactinfo")) or "",
        "parents": list_named("label", record, "parents", known),
        "sublabels": list_named("label", record, "sublabels", known),
        "musicbrainz": musicbrainz.get_entity("label", int(id_)),
    }


def describe_master(id_: str) -> dict[str, Any]:
    """Return what the record of a master says, and what MusicBrainz adds.

    ``{id, title, artists, year, genres, styles, main_release, notes, musicbrainz}``; ``main_release`` is None if the
    catalogue does not have it.

    Raises:
        NotFound, records.Gone: there is no such master.
    """
    record = records.find_record("master", id_)
    main = get_text(record.get("main_release")) or ""
    known = records.get_names_by_kind({"artist": read_ids(record, "artists"), "release": {main}})
    year = record.get("year")
    return {
        "id": id_,
        "title": get_text(record.get("title")) or "",
        "artists": releases.list_names("artist", items(record.get("artists")), known),
        "year": year if isinstance(year, int) else None,
        "genres": names(record.get("genres")),
        "styles": names(record.get("styles")),
        "main_release": Named("release", main, known["release"][main]) if main in known["release"] else None,
        "notes": get_text(record.get("notes")) or "",
        "musicbrainz": musicbrainz.get_entity("master", int(id_)),
    }


def list_genres_of_label(id_: str) -> list[str]:
    """Return the most frequent genres of a label from the tallies; from the graph before they are counted."""
    counted = tallies.read_page("label genre", id_, offset=0, limit=GENRES)
    return panels.list_tags("label", id_, "genres") if counted is None else [genre for genre, _ in counted]


def describe_common_fields(kind: str, id_: str, record: Record) -> dict[str, Any]:
    """Return the fields that artists and labels share."""
    return {
        "id": id_,
        "name": entities.get_shown_name(kind, id_, get_text(record.get("name"))),
        "profile": get_text(record.get("profile")) or "",
        "sites": [each for each in names(record.get("urls")) if each.startswith(SITES)][:MOST],
    }


def read_ids(record: Record, key: str) -> set[str]:
    """Return the ids in the first ``MOST`` entries of a list."""
    return {get_text(each.get("id")) or "" for each in items(record.get(key))[:MOST]}


def list_named(kind: str, record: Record, key: str, known: releases.Known) -> list[Named]:
    """Return the first ``MOST`` names of a list, each as its own record has it, if there is one."""
    found = []
    for entry in islice(items(record.get(key)), MOST):
        id_, name = get_text(entry.get("id")) or "", get_text(entry.get("name")) or ""
        found.append(Named(kind, id_ if id_ in known[kind] else None, known[kind].get(id_) or name or "Unnamed"))
    return list(dict.fromkeys(found))
