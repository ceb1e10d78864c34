"""The releases of an entity as a list: one page grouped by decade, and the number of releases by year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
from django.conf import settings

from apps.api.caching import SHORT, cache_json
from apps.catalog import reading
from apps.explore.answers import people, records, releases
from apps.graph.readers import discographies
from apps.graph.readers.discographies import Listed, Start
from apps.graph.rows import get_text, items

Years = list[tuple[int, int]]

SIZE = 50
# Names in a row: a compilation may have a hundred artists.
NAMES_SHOWN = 3
BESIDE = re.compile(r"([0-9]{1,4})-([1-9][0-9]{0,18})")
DECADE = re.compile(r"[0-9]{1,3}0|none")
NEWEST = "newest"
# The fields of a row.
ROWS = """
SELECT data_id, jsonb_build_object(
    'title', data->'title', 'artists', data->'artists', 'labels', data->'labels', 'formats', data->'formats',
    'country', data->'country'
)::text
FROM releases
WHERE data_id = ANY(%(ids)s)
"""


def read_start(query: Mapping[str, str]) -> Start:
    """Return where a page begins: ``after=1994-157``, or ``decade=1990`` (``none``), and ``order=newest``.

    With ``before=1994-157`` it ends before that release. Invalid values begin with the first page.
    """
    is_newest_first = query.get("order") == NEWEST
    for name in ("after", "before"):
        if match := BESIDE.fullmatch(query.get(name, "")):
            return Start(int(match[1]), match[2], is_newest_first, is_backward=name == "before")
    if match := DECADE.fullmatch(query.get("decade", "")):
        year = 0 if match[0] == "none" else int(match[0])
        return Start(year + 9 if year and is_newest_first else year, "", is_newest_first)
    return Start(None, "", is_newest_first)


def get_years(kind: str, id_: str) -> Years:
    """Return (year, releases) of an entity, ascending; the year 0 stands for none. Of a person, its credits."""
    # Cached by itself, because each page of the list and the strip of years need the same counts.
    found = cache_json(f"years:{kind}:{id_}", SHORT, lambda: count_years(kind, id_))
    return [(year, count) for year, count in found]


def count_years(kind: str, id_: str) -> Years:
    """Count the releases of an entity or the credits of a person by year."""
    if kind != "person":
        return discographies.count_years(kind, id_)
    counts: Counter[int] = Counter()
    for each in people.list_years(id_):
        counts[each["year"]] += each["count"]
    return sorted(counts.items())


def list_releases(kind: str, id_: str, start: Start) -> dict[str, Any]:
    """Return a page of the releases of an entity.

    ``{groups, before, after, decades, is_first, is_newest_first}``. ``groups`` are (decade or None, rows), ``decades``
    are (decade or None, releases) of all. ``before`` is the release before which the previous page ends, ``after`` the
    one behind which the next page begins; both are empty if there is no such page.
    """
    counts = get_years(kind, id_)
    # One release more than is shown says whether another page follows.
    page = discographies.read_page(kind, id_, counts, start, SIZE + 1)
    if start.is_backward and len(page) <= SIZE:
        # The beginning is near: the first page, which is always full.
        start = Start(is_newest_first=start.is_newest_first)
        page = discographies.read_page(kind, id_, counts, start, SIZE + 1)
    shown = page[1:] if start.is_backward else page[:SIZE]
    # What precedes a page that was reached backwards is the release left out; what follows is where that page ended.
    has_before = start.is_backward or discographies.has_earlier(counts, start)
    has_after = start.is_backward or len(page) > SIZE
    return {
        "groups": [
            (decade, list(each)) for decade, each in groupby(describe_releases(shown, id_), lambda row: row["decade"])
        ],
        "before": name_place(shown[0]) if has_before and shown else "",
        "after": name_place(shown[-1]) if has_after and shown else "",
        "decades": [each for each in sum_by_decade(counts) if each[0] or discographies.has_undated(kind, counts)],
        "is_first": start.year is None,
        "is_newest_first": start.is_newest_first,
    }


def name_place(release: Listed) -> str:
    """Return a release as the parameters ``before`` and ``after`` name it: ``1994-157``."""
    return f"{release.year}-{release.id}"


def sum_by_decade(counts: Sequence[tuple[int, int]]) -> list[tuple[int | None, int]]:
    """Return (decade, releases), ascending; None stands for releases without a year, and is last."""
    found: Counter[int | None] = Counter()
    for year, releases_ in counts:
        found[year // 10 * 10 if year else None] += releases_
    return sorted(found.items(), key=lambda each: each[0] or discographies.NO_YEAR)


def describe_releases(listed: Sequence[Listed], label_id: str = "") -> list[dict[str, Any]]:
    """Return the rows of releases, in their order; the catalogue number is that of ``label_id`` if it has one.

    ``{id, title, year, decade, artists, more_artists, labels, catalogue_number, format, country, roles}``. One that is
    in the graph and no longer in its table is left out.
    """
    found = reading.rows(ROWS, seconds=settings.SEARCH_SECONDS, ids=[int(each.id) for each in listed]) if listed else []
    by_id = {str(id_): orjson.loads(record) for id_, record in found}
    known = {"master": {}, **records.get_names_by_kind(collect_references(by_id.values()))}
    return [describe_release(each, by_id[each.id], known, label_id) for each in listed if each.id in by_id]


def collect_references(found: Iterable[records.Record]) -> dict[str, set[str]]:
    """Return kind → ids of the entities that the rows link to."""
    ids: dict[str, set[str]] = {"artist": set(), "label": set()}
    for record in found:
        for kind in ids:
            ids[kind] |= {get_text(each.get("id")) or "" for each in items(record.get(f"{kind}s"))[:NAMES_SHOWN]}
    return ids


def describe_release(listed: Listed, record: records.Record, known: releases.Known, label_id: str) -> dict[str, Any]:
    """Return the row of one release."""
    artists, labels = items(record.get("artists")), items(record.get("labels"))
    # A stable sort: the entry of the label whose page this is comes first, the others stay in the order of the record.
    numbers = sorted(labels, key=lambda each: get_text(each.get("id")) != label_id)
    return {
        "id": listed.id,
        "title": get_text(record.get("title")) or "Untitled",
        "year": listed.year,
        "decade": listed.year // 10 * 10 if listed.year else None,
        "artists": releases.list_names("artist", artists[:NAMES_SHOWN], known),
        "more_artists": max(0, len(artists) - NAMES_SHOWN),
        "labels": releases.drop_duplicates(releases.list_names("label", labels[:NAMES_SHOWN], known)),
        "catalogue_number": next(filter(None, map(releases.read_catalogue_number, numbers)), ""),
        "format": next(iter(map(releases.describe_format, items(record.get("formats")))), ""),
        "country": get_text(record.get("country")) or "",
        "roles": listed.roles,
    }
