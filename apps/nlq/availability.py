"""Whether questions in plain words can be answered."""

from __future__ import annotations

from django.conf import settings


def is_available() -> bool:
    """Tell whether questions can be answered: they are wanted, and there is a key of a language model."""
    return bool(settings.NLQ_ENABLED and settings.NLQ_API_KEY)
