"""Discogs' markup in notes and profiles, as HTML: names and numbers become links, everything else is escaped.

What there is of it: ``[a=Name]``, ``[l=Name]``, ``[a123]``, ``[l123]``, ``[r123]``, ``[m123]`` (also with ``=`` before
the number), ``[url=ADDRESS]text[/url]``, ``[b]``, ``[i]``, ``[u]``. A tag that we do not know stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from django.utils.safestring import SafeString, mark_safe

from apps.explore.pages import addresses

KINDS = {"a": "artist", "l": "label", "r": "release", "m": "master"}
TAG = re.compile(
    r"\[(?P<kind>[alrm])=?(?P<id>[1-9][0-9]{0,18})\]"
    r"|\[(?P<named>[al])=(?P<name>[^\]\n]{1,300})\]"
    # Every repetition is bounded and none is nested: a text of the dump cannot make matching slow.
    r"|\[url=(?P<address>[^\]\s]{1,2000})\](?P<text>.{0,2000}?)\[/url\]"
    r"|\[url\](?P<bare>[^\[\s]{1,2000})\[/url\]"
    r"|\[(?P<style>/?[biu])\]",
    re.IGNORECASE | re.DOTALL,
)
ELEMENTS = {"b": "b", "i": "i", "u": "span"}
SITES = ("http", "https")


def html(text: str, names: Mapping[str, Mapping[str, str]] | None = None) -> SafeString:
    """Return a text as paragraphs, with the links that its markup means.

    ``names`` is kind → id → name of what the numbers in it mean; what it does not have is no link. Without it a number
    leads to a page that may not be there.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    paragraphs = [each for each in re.split(r"\n{2,}", text) if each.strip()]
    return mark_safe("".join(f"<p>{_paragraph(each.strip(), names)}</p>" for each in paragraphs))  # noqa: S308 - escaped


def find_references(text: str) -> dict[str, set[str]]:
    """Return kind → ids that the markup of a text names."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS.values()}
    for tag in TAG.finditer(text):
        if tag["kind"]:
            found[KINDS[tag["kind"].lower()]].add(tag["id"])
    return found


def strip_markup(text: str) -> str:
    """Return a text without its markup, for a description."""
    return TAG.sub(lambda tag: tag["name"] or tag["text"] or tag["bare"] or "", text).strip()


def _paragraph(text: str, names: Mapping[str, Mapping[str, str]] | None) -> str:
    written: list[str] = []
    opened: list[str] = []
    at = 0
    for tag in TAG.finditer(text):
        written += [_lines(text[at : tag.start()]), _tag(tag, opened, names)]
        at = tag.end()
    written.append(_lines(text[at:]))
    return "".join(written) + "".join(f"</{ELEMENTS[each]}>" for each in reversed(opened))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _tag(tag: re.Match[str], opened: list[str], names: Mapping[str, Mapping[str, str]] | None) -> str:
    if tag["kind"]:
        kind, id_ = KINDS[tag["kind"].lower()], tag["id"]
        name = names[kind].get(id_, "") if names is not None else ""
        address = addresses.get_page_address(kind, id_, name) if name or names is None else ""
        return _link(address, name or f"{kind} {id_}")
    if tag["named"]:
        kind = KINDS[tag["named"].lower()]
        return _link(addresses.lookup(kind, tag["name"]), tag["name"])
    if tag["style"]:
        return _style(tag["style"].lower(), opened)
    address, text = (tag["address"], tag["text"]) if tag["address"] else (tag["bare"], tag["bare"])
    # javascript: and data: would run in our page. Only the text is shown then.
    if urlsplit(address).scheme.lower() not in SITES:
        return _lines(text)
    return f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">{_lines(text)}</a>'


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>' if address else escape(text)


def _style(name: str, opened: list[str]) -> str:
    """Open or close an element; one that is not open is not closed, so elements always nest."""
    if not name.startswith("/"):
        opened.append(name)
        return f"<{ELEMENTS[name]}>"
    if not opened or opened[-1] != name[1:]:
        return ""
    return f"</{ELEMENTS[opened.pop()]}>"
