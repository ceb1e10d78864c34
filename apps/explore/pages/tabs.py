"""The tabs of the header: each is a page of its own."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

# Name of the page's address, and of the tab.
TABS = (
    ("explore", "Explore"),
    ("trends", "Trends"),
    ("path", "Find path"),
    ("search", "Search"),
    ("insights", "Insights"),
    ("genres", "Genres"),
    ("credits", "Credits"),
    ("dna", "Label DNA"),
)


def list_tabs() -> list[tuple[str, str, str]]:
    """Return (name, text, address) of the tabs that there are pages for."""
    found = []
    for name, text in TABS:
        try:
            found.append((name, text, reverse(f"pages:{name}")))
        except NoReverseMatch:
            continue
    return found
