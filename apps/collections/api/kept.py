"""The base of endpoints about a collection, whose answers are kept until it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse

from apps.accounts.authentication import PersonalView
from apps.collections import keeping

KEPT_SECONDS = 300


class KeptView(PersonalView):
    """An endpoint about a collection."""

    # Whether its answers change with the collections of other users too.
    is_about_others: ClassVar[bool] = False

    def make_key(self) -> str:
        """Return the key of the answer: the operation, its parameters, and the state of the collection."""
        parameters = orjson.dumps([*self.kwargs.values(), dict(getattr(self, "query", {}))]).decode()
        return keeping.make_key(self.caller.id, f"{self.operation}:{parameters}", of_all=self.is_about_others)

    def reply_kept(self, compute: Callable[[], Any]) -> HttpResponse:
        """Return the kept answer, or what ``compute`` returns, which is kept."""
        return self.reply_cached(self.make_key(), KEPT_SECONDS, compute)
