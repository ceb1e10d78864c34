"""What a page says when it cannot answer: one sentence for each kind of failure, and what to do about it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions

from apps.api.responses import Exceeded, NotAvailable, NotEnough
from apps.catalog.reading import TablesTimeOut
from apps.explore.answers import snapshots
from apps.explore.answers.records import Gone
from apps.graph.reading import GraphAway, GraphTimeOut

logger = logging.getLogger(__name__)

# Of what can be searched for.
MOST_LETTERS = 300

# What a page knows how to put into words. Everything else is a bug, and so an error page.
FAILURES = (
    exceptions.APIException,
    Http404,
    GraphTimeOut,
    TablesTimeOut,
    GraphAway,
    OperationalError,
    InterfaceError,
)


class NothingOfThatName(exceptions.NotFound):
    """There is no entity of a name; ``suggestions`` are the closest names, ``{kind, id, name, hint}``."""

    def __init__(self, kind: str, name: str, suggestions: list[dict[str, Any]]) -> None:
        super().__init__(f"{kind.capitalize()} {name!r} not found")
        self.kind, self.name, self.suggestions = kind, name, suggestions


@dataclass(frozen=True, slots=True)
class State:
    """Why there is no answer. ``title`` is a sentence, ``text`` says what to do."""

    status: int
    title: str
    text: str
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    # What a search for titles and barcodes may find all the same.
    words: str = ""
    retry_after: int | None = None

    @property
    def is_passing(self) -> bool:
        """It is worth trying again by itself."""
        return self.status in (429, 503)


# What is said whatever the error says of itself.
FIXED: tuple[tuple[tuple[type[Exception], ...], State], ...] = (
    ((Gone,), State(410, "It has left the catalogue.", "It was here once; a later dump no longer has it.")),
    (
        (snapshots.Unknown,),
        State(
            404,
            "This link opens no map.",
            "It has expired after 28 days, or was copied in part. Begin with a name above.",
        ),
    ),
    (
        (exceptions.NotFound, Http404),
        State(404, "Nothing at this address.", "The catalogue has no such entry. Look up its name above."),
    ),
    (
        (GraphTimeOut, TablesTimeOut),
        State(504, "Too big a question.", "Ask for less: fewer steps, fewer years, or without genres."),
    ),
    ((GraphAway,), State(503, "The graph is starting.", "Pages and search work already.", retry_after=5)),
    (
        (OperationalError, InterfaceError),
        State(503, "The catalogue is starting.", "This page comes when it is ready.", retry_after=5),
    ),
)


def describe_failure(error: Exception) -> State:
    """Return what a page says about one of ``FAILURES``."""
    match error:
        case NothingOfThatName():
            words = error.name if len(error.name) <= MOST_LETTERS else ""
            return State(404, f"No {error.kind} called “{error.name}”.", "Did you mean", error.suggestions, words)
        case NotEnough():
            return State(422, "Too little to go on.", str(error.detail))
        case Exceeded():
            seconds = getattr(error, "retry_after", 60)
            return State(429, "Slow down a moment.", f"The next try is possible in {seconds} s.", retry_after=seconds)
        case NotAvailable():
            return State(503, "Not set up here.", str(error.detail))
    for types, state in FIXED:
        if isinstance(error, types):
            # 404 and 410 are everyday answers. What is above 500 an operator should be able to find.
            if state.status > 500:
                logger.warning("a page has no answer: %r", error)
            return state
    if isinstance(error, exceptions.APIException):
        return State(error.status_code, "That address cannot be read.", str(error.detail))
    raise error
