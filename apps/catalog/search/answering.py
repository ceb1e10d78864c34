"""Answers to a question: the best of all types by words, with what else matches counted.

Where nothing has the words, artists and labels are found by the trigram similarity of their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from apps.catalog import reading
from apps.catalog.reading import TablesTimeOut
from apps.catalog.search import statements
from apps.catalog.search.asking import Question

# The contract counts no further.
MOST_COUNTED = 10_000
MOST_GENRES = 20
# An offset is a bigint. A page number from an address may be larger, and should find nothing rather than fail.
# The largest offset that PostgreSQL takes.
MOST_ROWS = 2**62
# For the fallback by similarity, which an answer can do without.
LOOK_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that matches, its name also with the words of the text marked."""

    type: str
    id: str
    name: str
    highlight: str
    rank: float
    year: int | None
    genres: list[str] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of hits, and counts: ``total`` within the filters, the others of all that match."""

    total: int
    types: dict[str, int]
    genres: dict[str, int]
    decades: dict[str, int]
    hits: list[Hit]
    is_by_similarity: bool = False


def search(question: Question) -> Answer:
    """Return the answer to a question.

    Raises:
        TablesTimeOut: it takes longer than ``SEARCH_SECONDS``.
    """
    # A text of stop words only, such as "The The", has no words for PostgreSQL. ``apps.explore.answers.searching``
    # looks such names up by their beginnings.
    *columns, has_words = run_statement(statements.BY_WORDS, question, settings.SEARCH_SECONDS)
    found = build_answer(question, *columns)
    return search_by_similarity(question, found) if has_words and not any(found.types.values()) else found


def search_by_barcode(question: Question) -> Answer | None:
    """Return the releases whose barcode is the text of a question; None if there are none.

    Raises:
        TablesTimeOut: it takes longer than ``SEARCH_SECONDS``.
    """
    if not question.barcodes:
        return None
    found = build_answer(question, *run_statement(statements.BY_BARCODE, question, settings.SEARCH_SECONDS))
    return found if any(found.types.values()) else None


def build_answer(
    question: Question,
    matching: Mapping[str, int],
    total: int,
    hits: list[list[Any]],
    decades: Mapping[str, int],
    genres: Mapping[str, int],
) -> Answer:
    """Make an answer of the columns of a statement."""
    return Answer(
        total=total,
        types=count_types(question, matching),
        genres=sort_genres(genres),
        decades={f"{decade}s": decades[decade] for decade in sorted(decades, key=int)},
        hits=[Hit(*hit) for hit in hits],
    )


def search_by_similarity(question: Question, found: Answer) -> Answer:
    """Return an answer with artists and labels of similar names; unchanged if that takes too long."""
    try:
        matching, total, hits = run_statement(statements.BY_LOOK, question, LOOK_SECONDS)
    # The search by words has found nothing, which is an answer. The fallback must not turn it into an error.
    except TablesTimeOut:
        return found
    types = count_types(question, matching)
    return replace(found, total=total, types=types, hits=[Hit(*hit) for hit in hits], is_by_similarity=True)


def run_statement(statement: str, question: Question, seconds: float) -> tuple[Any, ...]:
    """Run a statement, which finds one row, and return it."""
    (row,) = reading.rows(
        statement,
        seconds=seconds,
        text=question.text,
        types=list(question.types),
        genres=list(question.genres),
        year_min=question.year_min,
        year_max=question.year_max,
        offset=min(question.offset, MOST_ROWS),
        limit=question.limit,
        most=MOST_COUNTED,
        by_names=question.by_names,
        barcodes=question.barcodes,
    )
    return row


def count_types(question: Question, matching: Mapping[str, int]) -> dict[str, int]:
    """Return how many match of each type asked for, in that order."""
    return {type_: matching.get(type_, 0) for type_ in question.types}


def sort_genres(genres: Mapping[str, int]) -> dict[str, int]:
    """Return the most frequent genres, in that order."""
    # By name among equal counts, so that the order does not change from one request to the next.
    return dict(sorted(genres.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_GENRES])
