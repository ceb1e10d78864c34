"""Whether questions in plain words can be answered."""

from __future__ import annotations


def is_available() -> bool:
    """Tell whether questions can be answered: not yet, because there is no client of a language model.

    ``NLQ_ENABLED`` and ``NLQ_API_KEY`` will be needed for it, and say nothing by themselves.
    """
    return False
