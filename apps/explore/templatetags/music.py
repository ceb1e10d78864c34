"""Tags and filters for names, kinds, lengths and years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from apps.explore.answers.records import Named
from apps.explore.pages import addresses

register = template.Library()

# Script → the language that names in it are most likely of: right letters, right direction, right voice.
SCRIPTS = (
    ("ru", re.compile("[\u0400-\u052f]")),
    ("ko", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    # Also names in Chinese characters alone: most of Discogs' are Japanese.
    ("ja", re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")),
    ("he", re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)


def guess_language(text: str) -> str:
    """Return the language that a name's script suggests; empty for Latin letters."""
    return next((language for language, letters in SCRIPTS if letters.search(text)), "")


@register.filter("named")
def write_name(name: str | None) -> SafeString:
    """Write a name so that its script is read and drawn rightly."""
    if language := guess_language(name or ""):
        return format_html('<bdi lang="{}">{}</bdi>', language, name)
    return conditional_escape(name or "")


@register.filter("linked")
def write_link(entity: Named) -> SafeString:
    """Write what a record names as a link to its own page; its name alone if it has none."""
    address = addresses.get_page_address(entity.kind, entity.id, entity.name) if entity.id else ""
    if not address:
        return write_name(entity.name)
    return format_html('<a href="{}" data-swap>{}</a>', address, write_name(entity.name))


@register.filter("joined")
def write_artists(entities: Sequence[Named]) -> SafeString:
    """Write artists as links, joined as their record joins them: ``A, B & C``."""
    last = len(entities) - 1
    pieces = ((write_link(each), "" if at == last else each.joint) for at, each in enumerate(entities))
    return format_html_join("", "{}{}", pieces)


@register.filter("sized")
def choose_size(name: str) -> str:
    """Return the class of a heading: the longer a name, the smaller its letters."""
    return "" if len(name) <= 40 else "long" if len(name) <= 160 else "longest"


@register.simple_tag
@cache
def kind(name: str) -> SafeString:
    """Draw the shape of a kind, in front of a name."""
    return format_html(
        '<svg class="kind {}" aria-hidden="true"><use href="{}#{}"/></svg>', name, static("icons.svg"), name
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon."""
    return format_html('<svg class="icon-svg" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name)


@register.simple_tag
def page_of(kind: str, id_: str, name: str = "") -> str:
    """Return the address of an entity's own page."""
    return addresses.get_page_address(kind, id_, name)


@register.simple_tag
def link_to(kind_: str, id_: str, name: str) -> SafeString:
    """Write a name with the shape of its kind, as a link to its own page if it has one."""
    address = addresses.get_page_address(kind_, id_, name)
    written = format_html("{}{}", kind(kind_), write_name(name))
    return format_html('<a href="{}" data-swap>{}</a>', address, written) if address else written


@register.simple_tag
def pane_of(pane: str, **parameters: str) -> str:
    """Return the address of a pane with parameters."""
    return addresses.pane(pane, **parameters)


@register.simple_tag
def map_of(kind: str, id_: str) -> str:
    """Return the address of an entity's map."""
    return addresses.explore(kind, id_)


@register.simple_tag
def discogs_of(kind: str, id_: str) -> str:
    """Return the address of an entity at Discogs."""
    return addresses.discogs(kind, id_)


@register.filter
def duration(seconds: int | None) -> str:
    """Write seconds as ``3:05`` or ``1:02:09``; nothing where they are not known."""
    if not seconds:
        return ""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


@register.simple_tag
def years(first: int | None, last: int | None) -> str:
    """Write a span of years: ``1973–2023``, or one year if they are the same."""
    if not first or not last or first == last:
        return str(first or last or "")
    return f"{first}–{last}"


@register.filter("counted")
def write_count(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 release``, ``1,024 releases``. ``alias,aliases`` has a plural of its own."""
    one, _, many = noun.partition(",")
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


@register.filter("grouped")
def group_digits(number: int) -> str:
    """Write a number with commas: ``1,024``."""
    return f"{number:,}"
