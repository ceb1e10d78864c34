"""The tabs of the header: each is a page of its own."""

from __future__ import annotations

from django.urls import reverse

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
# Those of a visitor who is logged in.
PERSONAL = (
    ("collection", "Collection"),
    ("wantlist", "Wantlist"),
    ("discover", "Discover"),
    ("missing", "Missing"),
)


def list_tabs() -> list[tuple[str, str, str]]:
    """Return (name, text, address) of the tabs for everyone."""
    return [(name, text, reverse(f"pages:{name}")) for name, text in TABS]


def list_personal() -> list[tuple[str, str, str]]:
    """Return the same of the tabs of a visitor who is logged in."""
    return [(name, text, reverse(f"pages:{name}")) for name, text in PERSONAL]
