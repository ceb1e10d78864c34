"""What the endpoints over insights have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse

from apps.api.views import ApiView
from apps.insights import keeping


class InsightView(ApiView):
    """An endpoint whose answers are cached until insights are computed again."""

    # A new computation must show at once.
    repeats = False
    # The list in an answer: if it is empty, the answer is not cached.
    listed = "items"
    # Whose last computation is ``Last-Modified``.
    insight: ClassVar[str] = "release_rarity"

    def reply_until_computed(self, rest: str, compute: Callable[[], dict[str, Any]]) -> HttpResponse:
        """Return the cached answer of a key, else what ``compute`` returns; ``rest``: key without generation."""
        key, modified = keeping.look_up(rest, self.insight)
        if key is None:
            return self.reply(compute())
        response = self.reply_cached(key, keeping.SECONDS, compute, keeps=lambda found: bool(found[self.listed]))
        if modified is not None:
            response["Last-Modified"] = modified
        return response
