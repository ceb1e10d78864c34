"""Whether questions in plain words are answered."""

from __future__ import annotations


def is_available() -> bool:
    """Tell whether questions are answered. They are not: nothing here speaks to a language model yet.

    ``NLQ_ENABLED`` and ``NLQ_API_KEY`` will be needed for it, and say nothing by themselves.
    """
    return False
