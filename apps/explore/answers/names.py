"""Names by their beginning, each with a hint that tells it from another of the same name."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from apps.catalog.search import answering
from apps.catalog.search.asking import Question
from apps.graph.readers import completing, hints
from apps.graph.readers.entities import CATEGORIES

Names = list[dict[str, Any]]

# All kinds of ``CATEGORIES``.
ANY = "any"
NOUNS = {"person": "credit"}
SUGGESTED = 5


def complete_names(kind: str, text: str, limit: int) -> Names:
    """Return entities ``{kind, id, name, hint}`` whose names have words that begin with those of a text.

    Of the kind ``any`` they are of every kind that has a map.
    """
    if kind == ANY:
        results = complete_for_api(kind, text, limit, has_hints=True)["results"]
        return [{"kind": each["type"], **{name: each[name] for name in ("id", "name", "hint")}} for each in results]
    if kind == "master":
        # The graph has no index of their titles. PostgreSQL finds whole words.
        return find_closest(kind, text)
    found = [(str(each.get("id", each["name"])), each["name"]) for each in completing.complete_names(kind, text, limit)]
    return add_hints(kind, found)


def find_closest(kind: str, name: str) -> Names:
    """Return the entities of a kind whose names are most like an unknown name."""
    if kind in ("genre", "style"):
        known = {each.casefold(): each for each in hints.list_names(kind)}
        # There are some hundred genres and styles, so all of them can be compared in Python.
        alike = difflib.get_close_matches(name.casefold(), known, SUGGESTED, cutoff=0.5)
        return add_hints(kind, [(known[each], known[each]) for each in alike])
    # PostgreSQL refuses a NUL.
    hits = answering.search(Question(text=name.replace("\0", " "), types=(kind,), limit=SUGGESTED)).hits
    return add_hints(kind, [(hit.id, hit.name) for hit in hits])


def add_hints(kind: str, found: Sequence[tuple[str, str]]) -> Names:
    """Return names (id, name) with the hints of ``write_hints``."""
    said = write_hints(kind, [id_ for id_, _ in found])
    return [{"kind": kind, "id": id_, "name": name, "hint": said[id_]} for id_, name in found]


def write_hints(kind: str, ids: Sequence[str]) -> dict[str, str]:
    """Return id → hint: what tells an entity of a kind from others of its name.

    It has the number of releases, and MusicBrainz's disambiguation or, of an artist without one, the main genre.
    """
    counts = hints.count_releases(kind, ids)
    what = hints.get_disambiguations(kind, ids)
    if kind == "artist":
        what = hints.find_main_genres([id_ for id_ in ids if id_ not in what]) | what
    return {id_: write_hint(counts.get(id_, 0), NOUNS.get(kind, "release"), what.get(id_)) for id_ in ids}


def write_hint(count: int, noun: str, what: str | None) -> str:
    """Return a hint such as ``36 releases, Electronic``."""
    said = f"{count:,} {noun if count == 1 else f'{noun}s'}" if count else f"no {noun}s"
    return f"{said}, {what}" if what else said


def complete_for_api(kind: str, text: str, limit: int, *, has_hints: bool) -> dict[str, Any]:
    """Return the answer of ``/api/autocomplete``, ``{results: [{id, name, score}]}``.

    Of the kind ``any`` each has its ``type`` as well, with ``has_hints`` its ``hint``.
    """
    if kind == ANY:
        results = completing.complete_any(CATEGORIES, text, limit)
    else:
        results = completing.complete_names(kind, text, limit)
    if has_hints:
        of_kind = defaultdict(list)
        for each in results:
            of_kind[each.get("type", kind)].append(each)
        for type_, entries in of_kind.items():
            said = write_hints(type_, [each["id"] for each in entries])
            for each in entries:
                each["hint"] = said[each["id"]]
    return {"results": results}
