"""Names as somebody types them, each with what tells it from another of the same name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from apps.catalog.search import answering
from apps.catalog.search.asking import Question
from apps.graph.readers import completing, hints

Names = list[dict[str, Any]]

NOUNS = {"person": "credit"}
SUGGESTED = 5


def complete(kind: str, text: str, limit: int) -> Names:
    """Return entities ``{kind, id, name, hint}`` whose names have words that begin with those of a text."""
    found = [(str(each.get("id", each["name"])), each["name"]) for each in completing.complete(kind, text, limit)]
    return with_hints(kind, found)


def closest(kind: str, name: str) -> Names:
    """Return the entities of a kind whose names are most like one that nobody has."""
    if kind in ("genre", "style"):
        known = {each.casefold(): each for each in hints.all_names(kind)}
        alike = difflib.get_close_matches(name.casefold(), known, SUGGESTED, cutoff=0.5)
        return with_hints(kind, [(known[each], known[each]) for each in alike])
    # PostgreSQL refuses a NUL.
    hits = answering.search(Question(text=name.replace("\0", " "), types=(kind,), limit=SUGGESTED)).hits
    return with_hints(kind, [(hit.id, hit.name) for hit in hits])


def with_hints(kind: str, found: Sequence[tuple[str, str]]) -> Names:
    """Return names (id, name) with a hint: how many releases, and of an artist the genre of most of them."""
    ids = [id_ for id_, _ in found]
    counts = hints.release_counts(kind, ids)
    genres = hints.main_genres(ids) if kind == "artist" else {}
    noun = NOUNS.get(kind, "release")
    return [
        {"kind": kind, "id": id_, "name": name, "hint": hint(counts.get(id_, 0), noun, genres.get(id_))}
        for id_, name in found
    ]


def hint(count: int, noun: str, genre: str | None) -> str:
    """Say in a few words how much there is: ``36 releases, Electronic``."""
    said = f"{count:,} {noun if count == 1 else f'{noun}s'}" if count else f"no {noun}s"
    return f"{said}, {genre}" if genre else said
