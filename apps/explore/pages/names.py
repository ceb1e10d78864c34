"""What the name fields offer while somebody types."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.explore.answers import names
from apps.explore.pages.base import Page
from apps.graph.readers.completing import STATEMENTS

LIMIT = 10


class Names(Page):
    """``GET /names/?q=&type=``, also of ``any`` type: options of a list, for people alone who have JavaScript."""

    template = "parts/names.html"
    fragments: ClassVar = {"names": "parts/names.html"}
    limits = (Limit(120),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the names that fit."""
        text = self.request.GET.get("q", "").strip().lower()
        kind = self.request.GET.get("type", "")
        if kind not in (*STATEMENTS, "master", names.ANY) or not text:
            return {"names": []}
        found = cache_json(f"names:{kind}:{text}", SHORT, lambda: names.complete_names(kind, text, LIMIT))
        return {"names": [{**each, "marked": mark_beginnings(each["name"], text)} for each in found]}


def mark_beginnings(name: str, text: str) -> SafeString:
    """Return a name with the beginnings that somebody typed marked, where its words begin with them."""
    beginnings = sorted({re.escape(word) for word in re.findall(r"\w+", text)}, key=len, reverse=True)
    if not beginnings:
        return escape(name)
    # Odd pieces are what the pattern found.
    pieces = re.split(rf"(?<!\w)({'|'.join(beginnings)})", name, flags=re.IGNORECASE)
    written = (f"<mark>{escape(each)}</mark>" if at % 2 else escape(each) for at, each in enumerate(pieces))
    return mark_safe("".join(written))  # noqa: S308 - each piece is escaped
