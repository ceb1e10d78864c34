"""Charts that stand in rows of a template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from apps.explore import charts

register = template.Library()


@register.simple_tag
def spark(points: Sequence[dict[str, Any]], first: int, last: int) -> SafeString:
    """Draw ``{year, count}`` as bars in a line of text."""
    return charts.spark([(each["year"], each["count"]) for each in points], first, last)


@register.simple_tag
def meter(value: float, most: float = 100, label: str = "") -> SafeString:
    """Draw how much of ``most`` there is."""
    return charts.meter(value, most, label=label or percent(value / most if most else 0))


@register.filter
def percent(share: float) -> str:
    """Write a share of 1 in percent."""
    return f"{share:.0%}"
