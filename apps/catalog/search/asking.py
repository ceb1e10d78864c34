"""What is searched for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

TYPES = ("artist", "label", "master", "release")
# Of Discogs' genres, those with commas in their names: a list with commas cuts them to pieces.
GENRES_WITH_COMMAS = ("Folk, World, & Country",)


@dataclass(frozen=True, slots=True)
class Question:
    """A text, the types in which it is searched, filters and the page that is wanted."""

    text: str
    types: tuple[str, ...] = TYPES
    genres: tuple[str, ...] = ()
    year_min: int | None = None
    year_max: int | None = None
    limit: int = 20
    offset: int = 0

    @property
    def key(self) -> str:
        """The key of its answer, by the contract's digest (docs/contract/rest.md#caches).

        Questions of one digest have one answer but for their text and the order of their types, which it repeats: where
        these are not as the digest has them, they are in the key as well.
        """
        text = self.text.strip().lower()
        asked = {
            "q": text,
            "types": sorted(self.types),
            "genres": sorted(self.genres),
            "year_min": self.year_min,
            "year_max": self.year_max,
            "limit": self.limit,
            "offset": self.offset,
        }
        digest = hashlib.md5(json.dumps(asked, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        is_plain = self.text == text and list(self.types) == sorted(self.types)
        return f"search:{digest}" if is_plain else f"search:{digest}:{','.join(self.types)}:{self.text}"


def rejoin(entries: list[str]) -> tuple[str, ...]:
    """Return genres from a list that was cut at commas, those with commas in their names put together again."""
    found: list[str] = []
    at = 0
    while at < len(entries):
        whole = next((name for name in GENRES_WITH_COMMAS if starts_with(entries[at:], name)), entries[at])
        found.append(whole)
        at += whole.count(",") + 1 if whole in GENRES_WITH_COMMAS else 1
    return tuple(found)


def starts_with(entries: list[str], name: str) -> bool:
    """Tell whether entries begin with the pieces of a name."""
    pieces = [piece.strip() for piece in name.split(",")]
    return entries[: len(pieces)] == pieces
