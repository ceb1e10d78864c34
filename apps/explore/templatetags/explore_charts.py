"""Charts that stand in rows of a template."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.explore import charts

register = template.Library()


@register.simple_tag
def spark(points: Sequence[dict[str, Any]], first: int, last: int) -> SafeString:
    """Draw ``{year, count}`` as bars in a line of text."""
    return charts.spark([(each["year"], each["count"]) for each in points], first, last)


@register.simple_tag
def meter(value: float, most: float = 100, label: str = "", series: int = 0) -> SafeString:
    """Draw how much of ``most`` there is; in the colour of a series, from 1, if there is one."""
    label = label or percent(value / most if most else 0)
    return charts.meter(value, most, label=label, classes=f"s{series}" if series else "")


@register.simple_tag
@cache
def swatch(series: int) -> SafeString:
    """Draw the dash and the marker of a series, from 1, in front of its name."""
    line = '<path class="line" d="M0 5H34"/><circle class="dot" cx="17" cy="5" r="3.6"/>'
    return format_html(
        '<svg class="chart sw" viewBox="0 0 34 10" aria-hidden="true"><g class="s{}">{}</g></svg>',
        series,
        mark_safe(line),  # noqa: S308 - our own
    )


@register.filter
def percent(share: float) -> str:
    """Write a share of 1 in percent."""
    return f"{share:.0%}"


@register.simple_tag
@cache
def square(series: int) -> SafeString:
    """Draw a square in the colour of a series, from 1, in front of its name."""
    return format_html(
        '<svg class="chart sq" viewBox="0 0 12 12" aria-hidden="true"><path class="fill s{}" d="M0 0h12v12H0z"/></svg>',
        series,
    )
