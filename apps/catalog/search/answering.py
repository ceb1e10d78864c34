"""Answers to a question: the best of each type by words, put together, with what else matches counted.

Where nothing of the types asked for has the words, artists and labels are looked up by the look of their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings

from apps.catalog import reading
from apps.catalog.reading import TablesTimeOut
from apps.catalog.search import statements
from apps.catalog.search.asking import Question

# Beyond these nothing is counted, as the contract has it.
MOST_COUNTED = 10_000
MOST_GENRES = 20
# Each type brings this many times the rows that are wanted.
SPARE = 2
# The largest number of rows that PostgreSQL takes.
MOST_ROWS = 2**62
# For the look of names, which is a courtesy.
LOOK_SECONDS = 2

BY_WORDS = {
    "artist": statements.SEARCH_ARTISTS,
    "label": statements.SEARCH_LABELS,
    "master": statements.SEARCH_MASTERS,
    "release": statements.SEARCH_RELEASES,
}
SHOWN = {
    "artist": statements.SHOW_ARTISTS,
    "label": statements.SHOW_LABELS,
    "master": statements.SHOW_MASTERS,
    "release": statements.SHOW_RELEASES,
}
BY_LOOK = {"artist": statements.SIMILAR_ARTISTS, "label": statements.SIMILAR_LABELS}
# Asked in any case: facets are about these.
FACETED = ("master", "release")


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that matches."""

    type: str
    id: str
    rank: float
    year: int | None
    genres: list[str] | None

    @property
    def order(self) -> tuple[float, str]:
        """The best first, then by id as a text."""
        return (-self.rank, self.id)


@dataclass(frozen=True, slots=True)
class Found:
    """What one table has: how many match, how many of these within the filters, the best of them, and facets."""

    matching: int = 0
    kept: int = 0
    hits: tuple[Hit, ...] = ()
    decades: Mapping[str, int] = field(default_factory=dict)
    genres: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of hits, each with its name and the same with the words marked, and counts of all."""

    total: int
    types: dict[str, int]
    genres: dict[str, int]
    decades: dict[str, int]
    hits: list[tuple[Hit, str, str]]


NOTHING = Found()


def search(question: Question) -> Answer:
    """Return the answer to a question.

    Raises:
        TablesTimeOut: it takes longer than ``SEARCH_SECONDS``.
    """
    with reading.limited(settings.SEARCH_SECONDS) as cursor:
        found = by_words(cursor, question)
        return put_together(question, found, shown(cursor, question, page_of(question, found)))


def by_words(cursor: Any, question: Question) -> dict[str, Found]:
    """Return what each type has, by words, or by the look of names if no words of the question are anywhere."""
    cursor.execute(statements.HAS_WORDS, {"text": question.text})
    if cursor.fetchone() != (True,):
        return {}
    asked = dict.fromkeys((*question.types, *FACETED))
    found = {type_: ask(cursor, type_, BY_WORDS[type_], question) for type_ in asked}
    if any(found[type_].matching for type_ in question.types):
        return found
    return found | by_look(cursor, question)


def by_look(cursor: Any, question: Question) -> dict[str, Found]:
    """Return the artists and labels whose names look like the text; none if that takes too long."""
    try:
        with reading.limited(LOOK_SECONDS):
            return {type_: ask(cursor, type_, BY_LOOK[type_], question) for type_ in question.types if type_ in BY_LOOK}
    except TablesTimeOut:
        return {}


def ask(cursor: Any, type_: str, statement: str, question: Question) -> Found:
    """Ask one table."""
    cursor.execute(
        statement,
        {
            "text": question.text,
            "genres": list(question.genres),
            "year_min": question.year_min,
            "year_max": question.year_max,
            "rows": min((question.limit + question.offset) * SPARE, MOST_ROWS),
            "most": MOST_COUNTED,
        },
    )
    matching, kept, best, *facets = cursor.fetchone()
    hits = (Hit(type_, str(id_), rank, year, genres) for id_, rank, year, genres in decoded(best))
    return Found(matching, kept, tuple(hits), *map(decoded, facets))


def decoded(value: Any) -> Any:
    """Return a value of JSON, which Django's cursors leave as text."""
    return orjson.loads(value)


def page_of(question: Question, found: Mapping[str, Found]) -> list[Hit]:
    """Return the page that is wanted of what all types have."""
    hits = (hit for type_ in question.types for hit in found.get(type_, NOTHING).hits)
    return sorted(hits, key=lambda hit: hit.order)[question.offset : question.offset + question.limit]


def shown(cursor: Any, question: Question, page: list[Hit]) -> list[tuple[Hit, str, str]]:
    """Return hits with their names, and the same with the words of the text marked where there are any."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for type_ in dict.fromkeys(hit.type for hit in page):
        ids = [int(hit.id) for hit in page if hit.type == type_]
        cursor.execute(SHOWN[type_], {"text": question.text, "ids": ids})
        names |= {(type_, str(id_)): (name, headline or name) for id_, name, headline in cursor.fetchall()}
    return [(hit, *names[hit.type, hit.id]) for hit in page if (hit.type, hit.id) in names]


def put_together(question: Question, found: Mapping[str, Found], hits: list[tuple[Hit, str, str]]) -> Answer:
    """Return what all types have together with a page of hits."""
    of_types = {type_: found.get(type_, NOTHING) for type_ in question.types}
    faceted = [found.get(type_, NOTHING) for type_ in FACETED]
    decades: Counter[str] = Counter()
    for each in faceted:
        decades.update(each.decades)
    return Answer(
        total=sum(each.kept for each in of_types.values()),
        types={type_: each.matching for type_, each in of_types.items()},
        genres=most_frequent(genres for each in faceted for genres in each.genres.items()),
        decades={f"{decade}s": decades[decade] for decade in sorted(decades, key=int)},
        hits=hits,
    )


def most_frequent(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the most frequent genres, in that order."""
    return dict(sorted(counts, key=lambda entry: (-entry[1], entry[0]))[:MOST_GENRES])
