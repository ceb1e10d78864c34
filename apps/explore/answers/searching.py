"""Search by names: a barcode, or what is called so before what only has its words (decision 143)."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.catalog.search import answering
from apps.catalog.search.answering import Answer, Hit
from apps.catalog.search.asking import Question
from apps.graph.readers import completing, hints
from apps.graph.readers.completing import measure_unlikeness
from apps.graph.reading import GraphAway, GraphTimeOut

logger = logging.getLogger(__name__)

# So many hits are ordered by name and releases; the others follow as the tables rank them.
CANDIDATES = 1000
# The name itself, in whatever capitals; a name that begins with the text; others.
# Ranks are (likeness + a share of 1) / 4. So likeness always decides first, and releases only between equals.
LIKENESS = (3, 3, 2, 1)
MOST_LIKE = 4
# Kinds that are looked up by the beginning of a name, and how many of each.
NAMED = ("artist", "label")
MOST_NAMED = 20
# With so many releases a hit is half-way to the next degree of likeness.
HALFWAY = 100


def search(question: Question) -> Answer:
    """Return the answer to a question; with ``by_names``, hits have a rank of 0.25 to 1, by name and releases.

    Raises:
        TablesTimeOut: it takes longer than ``SEARCH_SECONDS``.
    """
    if not question.by_names:
        return answering.search(question)
    if found := answering.search_by_barcode(question):
        return found
    # That deep in the results the order by name says nothing any more, and reading all before it would be wasted.
    if question.offset >= CANDIDATES:
        found = answering.search(question)
        return replace(found, hits=[replace(hit, rank=1 / MOST_LIKE) for hit in found.hits])
    end = question.offset + question.limit
    # From the first hit on, whatever the page: only the whole list can be ordered anew, and pages of it must agree.
    found = answering.search(replace(question, offset=0, limit=max(CANDIDATES, end)))
    if not any(found.types.values()):
        found = search_by_beginning(question, found)
    hits = found.hits if found.is_by_similarity else rank_hits(found.hits, question)
    return replace(found, hits=hits[question.offset : end])


def answer_question(question: Question) -> dict[str, Any]:
    """Return what ``/api/search`` answers to a question: ``search`` with its facets and its place among the pages."""
    answer = search(question)
    return {
        "query": question.text,
        "total": answer.total,
        "facets": {"type": answer.types, "genre": answer.genres, "decade": answer.decades},
        "results": [describe_hit(hit) for hit in answer.hits],
        "pagination": {
            "limit": question.limit,
            "offset": question.offset,
            "has_more": question.offset + len(answer.hits) < answer.total,
        },
    }


def describe_hit(hit: Hit) -> dict[str, Any]:
    """Return a hit as the API has it."""
    metadata = {"year": hit.year, "genres": hit.genres}
    return {
        "type": hit.type,
        "id": hit.id,
        "name": hit.name,
        "highlight": hit.highlight,
        "relevance": round(hit.rank, 4),
        "metadata": {name: value for name, value in metadata.items() if value},
    }


def search_by_beginning(question: Question, found: Answer) -> Answer:
    """Return an answer with the artists and labels whose names have words that begin with those of the text.

    For names of words that are too frequent for the tables, such as Can or The The; unchanged while the graph is away.
    """
    try:
        hits = [
            Hit(type_, each["id"], each["name"], each["name"], 0, None, None)
            for type_ in NAMED
            if type_ in question.types
            for each in completing.complete_names(type_, question.text, MOST_NAMED)
        ]
    except (GraphAway, GraphTimeOut) as error:
        logger.warning("names that begin with a text are not looked up: %s", error)
        return found
    counts = Counter(hit.type for hit in hits)
    return replace(found, total=len(hits), types={type_: counts[type_] for type_ in question.types}, hits=hits)


def rank_hits(hits: Sequence[Hit], question: Question) -> list[Hit]:
    """Return hits with their ranks: the exact name, then names that begin with the text, then more releases."""
    # One query a type. Hits beyond the candidates are not counted: their rank is fixed below all others.
    counts = count_releases(hits[:CANDIDATES])
    text = " ".join(question.text.split())

    def rank(hit: Hit) -> float:
        releases = counts.get((hit.type, hit.id), 0)
        return (LIKENESS[measure_unlikeness(hit.name, text)] + releases / (releases + HALFWAY)) / MOST_LIKE

    first = [replace(hit, rank=rank(hit)) for hit in hits[:CANDIDATES]]
    first.sort(key=lambda hit: (-hit.rank, question.types.index(hit.type), len(hit.id), hit.id))
    return [*first, *(replace(hit, rank=1 / MOST_LIKE) for hit in hits[CANDIDATES:])]


def count_releases(hits: Sequence[Hit]) -> dict[tuple[str, str], int]:
    """Return how many releases hits have, by type and id; none while the graph does not answer."""
    ids = defaultdict(list)
    for hit in hits:
        ids[hit.type].append(hit.id)
    try:
        return {(type_, id_): count for type_ in ids for id_, count in hints.count_releases(type_, ids[type_]).items()}
    except (GraphAway, GraphTimeOut) as error:
        logger.warning("hits are ordered without their releases: %s", error)
        return {}
