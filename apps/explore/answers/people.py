"""A person, who is a name in credits: figures, years, and people on the same releases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.exceptions import NotFound

from apps.api.caching import SHORT, cache_json
from apps.graph.readers import credits as readers

CONNECTIONS = 10


def get_person(name: str) -> dict[str, Any]:
    """Return the figures of a person's credits.

    ``{name, total, categories: {category: credits}, first_year, last_year, artist_id, artist_name, years}``; ``years``
    is year → category → credits, years ascending.

    Raises:
        NotFound: nobody of that name has a credit.
    """
    profile = cache_json(f"person:{name}", SHORT, lambda: get_profile(name))
    if profile is None:
        raise NotFound(f"Person {name!r} not found")
    found: dict[int, dict[str, int]] = {}
    for each in list_years(name):
        if each["year"]:
            found.setdefault(each["year"], {})[each["category"]] = each["count"]
    return {"name": name, "total": sum(profile["categories"].values()), **profile, "years": found}


def list_years(name: str) -> list[dict[str, Any]]:
    """Return ``{year, category, count}`` of a person's credits."""
    found: list[dict[str, Any]] = cache_json(f"person-years:{name}", SHORT, lambda: readers.count_years(name))
    return found


def get_profile(name: str) -> dict[str, Any] | None:
    """Return a person's profile as a dict."""
    found = readers.get_profile(name)
    return asdict(found) if found else None


def list_connections(name: str) -> list[dict[str, Any]]:
    """Return ``{name, shared_count}`` of the people with most releases in common."""
    found: list[dict[str, Any]] = cache_json(
        f"connections:{name}", SHORT, lambda: readers.list_connections(name, CONNECTIONS)
    )
    return found
