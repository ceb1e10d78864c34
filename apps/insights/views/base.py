"""What the endpoints over insights have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from apps.api.views import ApiView
from apps.insights import keeping


class InsightView(ApiView):
    """An endpoint whose answers are kept until insights are computed anew."""

    # A computation is told at once.
    repeats = False
    # What of an answer is a list: with nothing in it, it is not kept.
    listed = "items"

    def reply_until_computed(self, rest: str, compute: Callable[[], dict[str, Any]]) -> HttpResponse:
        """Answer with what is kept under the rest of a key, or with what ``compute`` returns."""
        key = keeping.make_key(rest)
        if key is None:
            return self.reply(compute())
        return self.reply_cached(key, keeping.SECONDS, compute, keeps=lambda found: bool(found[self.listed]))
