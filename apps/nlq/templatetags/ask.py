"""Whether pages offer to ask in plain words."""

from __future__ import annotations

from django import template
from django.conf import settings

from apps.nlq.availability import is_available

register = template.Library()


@register.simple_tag
def get_ask_state() -> str:
    """Return ``on``, ``keyless`` if asking is wanted and has no key, or nothing."""
    if is_available():
        return "on"
    return "keyless" if settings.NLQ_ENABLED else ""


@register.simple_tag
def get_longest_question() -> int:
    """Return the most characters of a question."""
    return settings.NLQ_MAX_QUERY_LENGTH
