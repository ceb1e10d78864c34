"""Paths from one entity to another, in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from apps.api.caching import SHORT, cache_json
from apps.explore.answers import relations
from apps.graph.readers import paths, steps
from apps.graph.readers.paths import End
from apps.graph.readers.steps import Key, Pair

# {kind, id, name, year, words}: the words lead to it from the one before.
Step = dict[str, Any]
Way = list[Step]


# Time limits in seconds of the first way and of all others: a page waits less than a program.
# Other ways are a courtesy: the page shows the first one even if the search for others takes too long.
SECONDS, MORE_SECONDS = 20, 3
MOST = 4


def find_ways(start: End, end: End, *, most_steps: int, has_credits: bool, has_genres: bool) -> list[Way]:
    """Return the shortest way between two entities in words, and up to three others that share no step with it.

    Empty if none has at most ``most_steps``. ``has_credits`` and ``has_genres``: whether ways may lead along these.

    Raises:
        GraphTimeOut: it takes too long.
    """
    edges = paths.list_edges(through_credits=has_credits, exclude=() if has_genres else ("IS",))
    # JSON rather than a joined text: a name may contain any separator.
    key = orjson.dumps([*start.key, *end.key, most_steps, edges]).decode()

    def read() -> list[Way]:
        found = paths.find_ways(
            start, end, most_steps, edges=edges, most=MOST, seconds=SECONDS, more_seconds=MORE_SECONDS
        )
        return describe_ways(
            found, years=steps.get_years(found), members=steps.find_members(found), roles=steps.find_roles(found)
        )

    found: list[Way] = cache_json(f"ways:{key}", SHORT, read)
    return found


def describe_ways(
    found: Sequence[Sequence[paths.Step]], *, years: Mapping[Key, int], members: set[Pair], roles: Mapping[Pair, str]
) -> list[Way]:
    """Return paths in words. A person next to the same artist is merged into the artist."""
    return [merge_people([describe_step(at, path, years, members, roles) for at in range(len(path))]) for path in found]


def describe_step(
    at: int, path: Sequence[paths.Step], years: Mapping[Key, int], members: set[Pair], roles: Mapping[Pair, str]
) -> Step:
    """Return a step of a path in words."""
    each = path[at]
    key = (each["type"], each["id"])
    before = (path[at - 1]["type"], path[at - 1]["id"]) if at else None
    words = ""
    if before and each["rel"] == "MEMBER_OF":
        words = relations.MEMBER if (before, key) in members else relations.GROUP
    elif before and each["rel"] == "CREDITED_ON":
        is_release_first = before[0] == "release"
        pair = (key, before) if is_release_first else (before, key)
        words = relations.describe_credit(roles.get(pair, ""), is_release_first=is_release_first)
    elif before:
        words = relations.describe_relation(each["rel"], before[0], key[0])
    return {
        "kind": each["type"],
        "id": each["id"],
        "name": each["name"],
        "year": years.get(key),
        "words": words,
        "rel": each["rel"],
    }


def merge_people(way: Way) -> Way:
    """Return a way in which people are merged into the same artist beside them, unless a person links two artists."""
    found: Way = []
    for each, following in zip(way, [*way[1:], None], strict=True):
        is_same = each["rel"] == "SAME_AS"
        if is_same and each["kind"] == "artist" and found[-1]["rel"] != "SAME_AS":
            person = found.pop()
            # What led to the person leads to the artist.
            found.append({**each, "words": person["words"], "rel": person["rel"]})
        elif not is_same or each["kind"] == "artist" or (following and following["rel"] == "SAME_AS"):
            found.append(each)
    return found
