"""What users note on their items: conditions, a text, and the fields that they made at Discogs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from apps.collections.discogs import links
from apps.collections.discogs.items import MEDIA_CONDITION, NOTES, SLEEVE_CONDITION
from apps.collections.models import CollectionItem, WantlistItem

# Discogs' names of the fields that every collection has.
MEDIA, SLEEVE, TEXT = NAMES = ("Media Condition", "Sleeve Condition", "Notes")
BUILT_IN = {str(MEDIA_CONDITION), str(SLEEVE_CONDITION), str(NOTES)}
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
# A field of whose name Discogs has said nothing.
NAMELESS = "Field "

KEYS = """
SELECT DISTINCT jsonb_object_keys(metadata -> 'fields')
FROM user_collections
WHERE user_id = %s AND jsonb_typeof(metadata -> 'fields') = 'object'
"""


def name_fields(user_id: UUID) -> dict[str, str]:
    """Return key → name of the fields that a user made: those with a number first, ascending; no name is there twice.

    The key is Discogs' number of a field; of one that only a file has, its name.
    """
    link = links.find_link(user_id)
    given: Mapping[str, str] = link.fields if link else {}
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [user_id])
        keys = {*given, *(key for (key,) in cursor.fetchall())} - BUILT_IN
    names: dict[str, str] = {}
    for key in sorted(keys, key=order_key):
        name = given.get(key) or (NAMELESS + key if NUMBER.fullmatch(key) else key)
        names[key] = f"{name} ({key})" if name in {*NAMES, *names.values()} else name
    return names


def order_key(key: str) -> tuple[bool, int, str]:
    """Return by what the key of a field is ordered."""
    has_number = NUMBER.fullmatch(key) is not None
    return not has_number, int(key) if has_number else 0, key


def get_key(name: str) -> str:
    """Return the key of a field that a file calls so."""
    number = name.removeprefix(NAMELESS)
    return number if NUMBER.fullmatch(number) else name


def describe_copy(item: CollectionItem, names: Mapping[str, str]) -> dict[str, str | None]:
    """Return name → text of all fields of a copy, in the order of Discogs' export."""
    own = item.metadata.get("fields") or {}
    return {
        MEDIA: item.condition,
        SLEEVE: item.metadata.get("sleeve_condition"),
        TEXT: item.notes,
        **{name: own.get(key) for key, name in names.items()},
    }


def list_notes(user_id: UUID, releases: Iterable[str], *, wanted: bool) -> dict[str, list[dict[str, str]]]:
    """Return release → name → text of what a user noted on it, for each copy, or want, with anything noted."""
    names = {} if wanted else name_fields(user_id)
    model: Any = WantlistItem if wanted else CollectionItem
    found: dict[str, list[dict[str, str]]] = {}
    for item in model.objects.filter(user=user_id, release_id__in=list(releases)).order_by("date_added", "pk"):
        texts = {TEXT: item.notes} if wanted else describe_copy(item, names)
        if noted := {name: text for name, text in texts.items() if text}:
            found.setdefault(str(item.release_id), []).append(noted)
    return found
