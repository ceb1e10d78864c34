"""System checks of the settings of questions in plain words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Warning as Notice

from apps.nlq.availability import is_available


def check_questions(**_: Any) -> list[Notice]:
    """Warn if ``NLQ_ENABLED`` is on but no question can be answered."""
    if not settings.NLQ_ENABLED or is_available():
        return []
    text = "NLQ_ENABLED is on, but NLQ_API_KEY is missing: /api/nlq/status says so and /api/nlq/query answers 503"
    return [Notice(text, hint="Set NLQ_API_KEY, or NLQ_ENABLED to no", id="nlq.W001")]
