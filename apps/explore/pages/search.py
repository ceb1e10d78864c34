"""Search: what has the words of a text in its name or title, by kind, decade and genre."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from rest_framework.exceptions import ParseError

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.catalog.makers import list_makers
from apps.catalog.reading import TablesTimeOut
from apps.catalog.search import answering
from apps.catalog.search.asking import TYPES, Question
from apps.explore.answers import searching
from apps.explore.pages.base import Page
from apps.explore.pages.names import mark_beginnings
from apps.explore.pages.states import MOST_LETTERS, State

PER_PAGE = 20
SHORTEST, LONGEST = 2, MOST_LETTERS
GENRES_SHOWN = 12
MOST_GENRES = 20
YEAR = re.compile(r"[1-9][0-9]{3}")
PAGE = re.compile(r"[1-9][0-9]{0,5}")
MARKS = re.compile(r"<b>(.*?)</b>", re.DOTALL)
# What a year and what a genre can be asked of.
WITH_YEARS, WITH_GENRES = ("master", "release"), ("release",)
PLURALS = {"artist": "Artists", "label": "Labels", "master": "Masters", "release": "Releases"}

Link = dict[str, Any]


class Search(Page):
    """``GET /search/?q=``: what is found, within the filters of the address.

    These are ``type`` and ``genre``, each as often as wanted, ``year_min`` and ``year_max``; ``page`` counts from 1.
    """

    template = "explore/search.html"
    tab = "search"
    limits = (Limit(60),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return hits and filters; without a text only the field for it."""
        self.read()
        if not self.text:
            return {"title": "Search"}
        shown = {"text": self.text, "title": f"“{self.text}”", "removable": self.list_filters()}
        if len(self.text) < SHORTEST:
            return {**shown, "state": State(422, "Two letters at least.", "One alone is in nearly every name.")}
        try:
            found = ask(self.question)
            # Counts of all kinds, whichever are asked for: they stand on what adds and removes a kind.
            # Often the same question as above, which the cache then answers.
            counts = ask(Question(text=self.text, by_names=True))["types"]
        except TablesTimeOut:
            state = State(504, "Too broad.", "Half of the catalogue has this word: add another one, or years.")
            return {**shown, "state": state}
        # Rounded up. The total counts no further than 10,000 of each type, so neither do the pages.
        pages = -(-found["total"] // PER_PAGE)
        return {
            **shown,
            "found": found,
            "is_capped": any(counts.get(each, 0) >= answering.MOST_COUNTED for each in self.question.types),
            "hits": describe_hits(found["hits"], self.text),
            "is_barcode": is_barcode(self.question, found["hits"]),
            "kinds": self.kinds_of(counts),
            "decades": self.decades(found["decades"]),
            "genres": self.genres_of(found["genres"]),
            "number": self.number,
            "pages": [(each, self.page_address(each) if each else "") for each in pages_around(self.number, pages)]
            if pages > 1
            else [],
            "previous": self.page_address(self.number - 1) if 1 < self.number <= pages else "",
            "next": self.page_address(self.number + 1) if self.number < pages else "",
        }

    def read(self) -> None:
        """Read the address."""
        query = self.request.GET
        self.text = clean_text(query.get("q", ""))
        if len(self.text) > LONGEST:
            raise ParseError(f"Search for {LONGEST} letters at most.")
        self.types = [each for each in TYPES if each in query.getlist("type")]
        self.genres = list(dict.fromkeys(filter(None, map(clean_text, query.getlist("genre")))))[:MOST_GENRES]
        years = [read_year(query.get(name, "").strip()) for name in ("year_min", "year_max")]
        # The other way round is meant the right way round.
        self.years = sorted(years) if all(years) else years
        self.number = int(query["page"]) if PAGE.fullmatch(query.get("page", "")) else 1

    @property
    def question(self) -> Question:
        """What is asked of the catalogue.

        A year or a genre alone asks for what can have one: everything else would stay among the results.
        """
        kinds = WITH_GENRES if self.genres else WITH_YEARS if any(self.years) else TYPES
        return Question(
            text=self.text,
            types=tuple(self.types) or kinds,
            genres=tuple(self.genres),
            year_min=int(self.years[0]) if self.years[0] else None,
            year_max=int(self.years[1]) if self.years[1] else None,
            limit=PER_PAGE,
            offset=(self.number - 1) * PER_PAGE,
            by_names=True,
        )

    def kinds_of(self, counts: dict[str, int]) -> list[Link]:
        """Return the kinds: the first one that is chosen is then the only one."""
        return [
            {
                "kind": each,
                "name": PLURALS[each],
                "count": counts.get(each, 0),
                "is_on": each in self.question.types,
                "address": self.address(type=toggle(self.types, each)),
            }
            for each in TYPES
        ]

    def decades(self, counts: dict[str, int]) -> list[Link]:
        """Return the decades, each as the years of it."""
        found = []
        for name, count in counts.items():
            bounds = [name[:-1], str(int(name[:-1]) + 9)]
            is_on = bounds == self.years
            years = dict.fromkeys(("year_min", "year_max"), "")
            if not is_on:
                years = {"year_min": bounds[0], "year_max": bounds[1]}
            found.append({"name": name, "count": count, "is_on": is_on, "address": self.address(**years)})
        return found

    def genres_of(self, counts: dict[str, int]) -> list[Link]:
        """Return the most frequent genres, and those that are chosen."""
        names = [*dict.fromkeys([*list(counts)[:GENRES_SHOWN], *self.genres])]
        return [
            {
                "name": each,
                "count": counts.get(each, 0),
                "is_on": each in self.genres,
                "address": self.address(genre=toggle(self.genres, each)),
            }
            for each in names
        ]

    def list_filters(self) -> list[tuple[str, str]]:
        """Return the filters that are on, each with the address without it."""
        found = [(PLURALS[each], self.address(type=toggle(self.types, each))) for each in self.types]
        if any(self.years):
            first, last = self.years
            span = f"{first}–{last}" if first and last else f"from {first}" if first else f"until {last}"
            found.append((first if first == last else span, self.address(year_min="", year_max="")))
        return [*found, *((each, self.address(genre=toggle(self.genres, each))) for each in self.genres)]

    def page_address(self, number: int) -> str:
        """Return the address of a page of this search; the first page needs no number."""
        return self.address(page=str(number) if number > 1 else "")

    def address(self, **changes: str | Sequence[str]) -> str:
        """Return the address of this search with some of it changed, on its first page."""
        first, last = self.years
        known = {"q": self.text, "type": self.types, "genre": self.genres, "year_min": first, "year_max": last}
        parameters = {name: value for name, value in {**known, **changes}.items() if value}
        return f"{reverse('pages:search')}?{urlencode(parameters, doseq=True)}"


def ask(question: Question) -> dict[str, Any]:
    """Return the answer to a question with the fields of ``answering.Answer``, from the cache if it is there.

    Each hit has ``makers`` as well, the names of its artists.
    """

    def read() -> dict[str, Any]:
        answer = asdict(searching.search(question))
        names = list_makers((hit["type"], hit["id"]) for hit in answer["hits"])
        hits = [{**hit, "makers": names.get((hit["type"], hit["id"]), [])} for hit in answer["hits"]]
        return {**answer, "hits": hits}

    found: dict[str, Any] = cache_json(question.key, SHORT, read)
    return found


def is_barcode(question: Question, found: Sequence[dict[str, Any]]) -> bool:
    """Tell whether hits were found by their barcode, and not by digits in their titles."""
    return bool(question.barcodes and found) and not any(MARKS.search(each["highlight"]) for each in found)


def clean_text(text: str) -> str:
    """Return a text without what PostgreSQL refuses and without blanks around it."""
    return text.replace("\0", " ").strip()


def read_year(text: str) -> str:
    """Return a year of four digits, or an empty text."""
    if text and not YEAR.fullmatch(text):
        raise ParseError("Give years of four digits, such as 1994.")
    return text


def toggle(chosen: Sequence[str], each: str) -> list[str]:
    """Return what is chosen with one thing more, or without it if it is among it."""
    return [other for other in chosen if other != each] if each in chosen else [*chosen, each]


def describe_hits(found: Sequence[dict[str, Any]], text: str = "") -> list[dict[str, Any]]:
    """Return hits as they are shown: with what matches marked, and how good they are where they differ.

    What was not found by its words has the beginnings of ``text`` marked.
    """
    best = max((each["rank"] for each in found), default=0)
    differ = len({round(each["rank"], 4) for each in found}) > 1
    return [
        {
            **each,
            "marked": mark_beginnings(each["name"], " ".join(MARKS.findall(each["highlight"])) or text),
            "relevance": each["rank"] / best if differ and best else None,
        }
        for each in found
    ]


def pages_around(page: int, last: int) -> list[int | None]:
    """Return the numbers of pages that a list of pages shows: the ends and those beside ``page``, None for a gap."""
    shown = sorted({each for each in (1, page - 1, page, page + 1, last) if 1 <= each <= last})
    found: list[int | None] = []
    for each in shown:
        if found and each - (found[-1] or 0) > 1:
            found.append(None)
        found.append(each)
    return found
