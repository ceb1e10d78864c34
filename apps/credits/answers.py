"""What is answered about people and what they are credited on, by the endpoints and by pages."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound

from apps.graph.readers import credits as readers


def credited(name: str) -> dict[str, Any]:
    """Return all credits of a person."""
    found = readers.of_person(name)
    if not found:
        raise not_found(name)
    return {"name": name, "total_credits": len(found), "credits": found}


def dated(name: str) -> dict[str, Any]:
    """Return the years of a person."""
    found = readers.years(name)
    if not found:
        raise not_found(name)
    return {"name": name, "timeline": found}


def profiled(name: str) -> dict[str, Any]:
    """Return a person in figures."""
    found = readers.profile(name)
    if found is None:
        raise not_found(name)
    return {
        "name": name,
        "total_credits": sum(found.categories.values()),
        "categories": sorted(found.categories),
        "first_year": found.first_year,
        "last_year": found.last_year,
        "artist_id": found.artist_id,
        "artist_name": found.artist_name,
        "role_breakdown": [{"category": category, "count": count} for category, count in found.categories.items()],
    }


def not_found(name: str) -> NotFound:
    """Return what is raised of a person without credits."""
    return NotFound(f"Credits of {name!r} not found")


def released(release_id: str) -> dict[str, Any]:
    """Return the credits of a release."""
    found = readers.of_release(release_id)
    if not found:
        raise NotFound(f"Credits of release {release_id!r} not found")
    return {"release_id": release_id, "credits": found}
