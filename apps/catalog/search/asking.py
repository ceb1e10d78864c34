"""A question of search: its parameters, and the cache key of its answer."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

TYPES = ("artist", "label", "master", "release")
# Discogs' genres with commas in their names, which a list between commas cuts to pieces.
GENRES_WITH_COMMAS = ("Folk, World, & Country",)
# Digits of a barcode (EAN-8, UPC, EAN-13), and what people put between them.
BARCODE = re.compile(r"[0-9]{8}|[0-9]{12,13}")
BETWEEN_DIGITS = str.maketrans("", "", " .-")


@dataclass(frozen=True, slots=True)
class Question:
    """A text, the types in which it is searched, filters, the page that is wanted and in which order.

    ``by_names``: a barcode is looked up as such, and names decide about the order rather than how often a word is.
    """

    text: str
    types: tuple[str, ...] = TYPES
    genres: tuple[str, ...] = ()
    year_min: int | None = None
    year_max: int | None = None
    limit: int = 20
    offset: int = 0
    by_names: bool = False

    @property
    def barcodes(self) -> list[str]:
        """The digits by which releases have this text as their barcode; empty if it is none.

        Twelve digits are the same barcode as thirteen with a zero before them.
        """
        digits = self.text.translate(BETWEEN_DIGITS)
        if not BARCODE.fullmatch(digits):
            return []
        # A UPC is an EAN-13 that begins with 0, and Discogs has either spelling, as each contributor typed it.
        if len(digits) == len("036000291452"):
            return [digits, f"0{digits}"]
        return [digits, digits[1:]] if len(digits) == len("5021603054066") and digits[0] == "0" else [digits]

    @property
    def key(self) -> str:
        """The key of its answer, by the contract's digest (docs/contract/rest.md#caches).

        An answer repeats the text and the order of the types. The digest normalises both, so a question that differs
        from its normal form has them in the key as well.
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
        # The contract names this digest. It protects nothing.
        digest = hashlib.md5(json.dumps(asked, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        is_plain = self.text == text and list(self.types) == sorted(self.types)
        key = f"search:{digest}" if is_plain else f"search:{digest}:{','.join(self.types)}:{self.text}"
        return f"names:{key}" if self.by_names else key


def rejoin_genres(entries: list[str]) -> tuple[str, ...]:
    """Return genres from a list that was cut at commas, those with commas in their names put together again."""
    found: list[str] = []
    at = 0
    while at < len(entries):
        whole = next((name for name in GENRES_WITH_COMMAS if begins_with(entries[at:], name)), entries[at])
        found.append(whole)
        at += whole.count(",") + 1 if whole in GENRES_WITH_COMMAS else 1
    return tuple(found)


def begins_with(entries: list[str], name: str) -> bool:
    """Tell whether entries begin with the pieces of a name."""
    pieces = [piece.strip() for piece in name.split(",")]
    return entries[: len(pieces)] == pieces
