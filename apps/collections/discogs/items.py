"""What Discogs says of a copy or a want, as the fields of our rows."""

from __future__ import annotations

from typing import Any

from apps.collections.models import LONGEST_NAME, LONGEST_TEXT
from apps.http.errors import SiteError

# Discogs' numbers of the fields that every collection has. Those that a user made are kept by number.
MEDIA_CONDITION, SLEEVE_CONDITION, NOTES = 1, 2, 3
LARGEST = 2**63 - 1


def read_copy(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a copy.

    Raises:
        SiteError: it has no release or no number.
    """
    about = item.get("basic_information") or {}
    fields = describe(about)
    notes = {
        each.get("field_id"): str(each.get("value"))
        for each in item.get("notes") or ()
        if isinstance(each, dict) and each.get("value")
    }
    formats = [each for each in about.get("formats") or () if isinstance(each, dict)]
    condition = notes.pop(MEDIA_CONDITION, None)
    fields["metadata"]["sleeve_condition"] = notes.pop(SLEEVE_CONDITION, None)
    fields |= {
        "release_id": read_number(about.get("id")),
        "instance_id": read_number(item.get("instance_id")),
        "folder_id": item.get("folder_id") if isinstance(item.get("folder_id"), int) else None,
        "rating": read_rating(item),
        "date_added": read_text(item.get("date_added"), 40),
        "formats": formats or None,
        "condition": read_text(condition, 100),
        "notes": read_text(notes.pop(NOTES, None)),
    }
    fields["metadata"]["fields"] = {str(number): text for number, text in sorted(notes.items(), key=str)}
    return fields


def read_want(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a want.

    Raises:
        SiteError: it has no release.
    """
    about = item.get("basic_information") or {}
    fields = describe(about)
    del fields["label"]
    names = [each.get("name") for each in about.get("formats") or () if isinstance(each, dict)]
    return fields | {
        "release_id": read_number(item.get("id")),
        "rating": read_rating(item),
        "date_added": read_text(item.get("date_added"), 40),
        "format": read_text(next(iter(names), None), LONGEST_NAME),
        "notes": read_text(item.get("notes")),
    }


def describe(about: dict[str, Any]) -> dict[str, Any]:
    """Return what both have of their release."""
    artists, labels = list_names(about.get("artists")), list_names(about.get("labels"))
    numbers = [each.get("catno") for each in about.get("labels") or () if isinstance(each, dict)]
    year = about.get("year")
    metadata: dict[str, Any] = {
        "artists": artists,
        "labels": labels,
        "genres": [str(each) for each in about.get("genres") or ()],
        "styles": [str(each) for each in about.get("styles") or ()],
    }
    if numbers and numbers[0]:
        metadata["catalog_number"] = read_text(numbers[0], LONGEST_NAME)
    return {
        "title": read_text(about.get("title"), LONGEST_TEXT),
        "artist": read_text(artists[0] if artists else None, LONGEST_TEXT),
        "label": read_text(labels[0] if labels else None, LONGEST_NAME),
        # Discogs says 0 for an unknown year.
        "year": year if isinstance(year, int) and 0 < year < 10_000 else None,
        "metadata": clean(metadata),
    }


def list_names(entries: Any) -> list[str]:
    """Return the names of artists or labels."""
    return [str(each["name"]) for each in entries or () if isinstance(each, dict) and each.get("name")]


def read_rating(item: dict[str, Any]) -> int | None:
    """Return a rating of 0 to 5."""
    rating = item.get("rating")
    return rating if isinstance(rating, int) and 0 <= rating <= 5 else None


def read_number(value: Any) -> int:
    """Return an id of Discogs."""
    if not isinstance(value, int) or not 0 < value <= LARGEST:
        raise SiteError(f"Discogs sends an item with the id {value!r:.40}")
    return value


def read_text(value: Any, most: int | None = None) -> str | None:
    """Return a text as PostgreSQL takes it, cut to ``most`` characters; None for an empty one."""
    text = str(value).replace("\0", "")[:most] if value is not None else ""
    return text or None


def clean(value: Any) -> Any:
    """Return JSON without NUL characters, which PostgreSQL refuses."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean(key): clean(each) for key, each in value.items()}
    return value
