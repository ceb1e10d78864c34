"""Answers about people and their credits, for endpoints and pages."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound

from apps.graph.readers import completing
from apps.graph.readers import credits as readers


def list_person_credits(name: str) -> dict[str, Any]:
    """Return all credits of a person, ``{name, total_credits, credits}``.

    Raises:
        NotFound: nobody of that name has a credit.
    """
    found = readers.list_person_credits(name)
    if not found:
        raise make_not_found(name)
    return {"name": name, "total_credits": len(found), "credits": found}


def get_timeline(name: str) -> dict[str, Any]:
    """Return the credits of a person by year and category, ``{name, timeline}``.

    Raises:
        NotFound: nobody of that name has a credit.
    """
    found = readers.count_years(name)
    if not found:
        raise make_not_found(name)
    return {"name": name, "timeline": found}


def get_profile(name: str) -> dict[str, Any]:
    """Return the figures of a person's credits; see ``PersonProfileSerializer``.

    Raises:
        NotFound: nobody of that name has a credit.
    """
    found = readers.get_profile(name)
    if found is None:
        raise make_not_found(name)
    return {
        "name": name,
        # Credits, not releases: a person who wrote and played on a release has two.
        "total_credits": sum(found.categories.values()),
        "categories": sorted(found.categories),
        "first_year": found.first_year,
        "last_year": found.last_year,
        "artist_id": found.artist_id,
        "artist_name": found.artist_name,
        "role_breakdown": [{"category": category, "count": count} for category, count in found.categories.items()],
    }


def make_not_found(name: str) -> NotFound:
    """Return the error for a person without credits."""
    return NotFound(f"Credits of {name!r} not found")


def list_release_credits(release_id: str) -> dict[str, Any]:
    """Return the credits of a release, ``{release_id, credits}``.

    Raises:
        NotFound: it has none.
    """
    found = readers.list_release_credits(release_id)
    if not found:
        raise NotFound(f"Credits of release {release_id!r} not found")
    return {"release_id": release_id, "credits": found}


def list_leaders(category: str, limit: int) -> dict[str, Any]:
    """Return those with the most releases in a category of roles, ``{category, entries}``."""
    return {"category": category, "entries": readers.list_leaders(category, limit)}


def list_shared_credits(person1: str, person2: str) -> dict[str, Any]:
    """Return the releases that two people worked on, ``{person1, person2, shared_releases}``."""
    return {
        "person1": person1,
        "person2": person2,
        "shared_releases": readers.list_shared_credits(person1, person2),
    }


def list_connections(name: str, limit: int) -> dict[str, Any]:
    """Return who is credited on the same releases as a person, ``{name, connections}``."""
    return {"name": name, "connections": readers.list_connections(name, limit)}


def complete_people(text: str, limit: int) -> dict[str, Any]:
    """Return people whose names have words that begin with those of a text, ``{results: [{name, score}]}``."""
    return {"results": completing.complete_names("person", text, limit)}
