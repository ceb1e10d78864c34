"""Addresses of pages about entities, written and read in one place."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.text import slugify

# Kinds whose id is their name.
NAMED = ("genre", "style", "person")
LONGEST_SLUG = 60
# Of characters: servers refuse longer ones, and a name of 2,000 letters may take nine for each.
LONGEST = 8_000


def get_page_address(kind: str, id_: str, name: str = "") -> str:
    """Return the address of an entity's own page; empty for a name that no address has room for.

    The name makes a slug that people can read; the page is found without it.
    """
    arguments = {"name": id_} if kind in NAMED else {"slug": slug(id_, name)}
    try:
        address = reverse(f"pages:{kind}", kwargs=arguments)
    except NoReverseMatch:
        # A name with a line break in it.
        return ""
    return address if len(address) <= LONGEST else ""


def slug(id_: str, name: str) -> str:
    """Return the last part of the address of an entity: its id, and what people can read of its name."""
    readable = slugify(name)[:LONGEST_SLUG].strip("-")
    # A name in another script may have no letter that a slug can have.
    return f"{id_}-{readable}" if readable else id_


def id_of(slug: str) -> str:
    """Return the id that a slug begins with."""
    return slug.partition("-")[0]


def pane(name: str, /, **parameters: str) -> str:
    """Return the address of a pane; empty if there is none of that name."""
    try:
        return f"{reverse(f'pages:{name}')}?{urlencode(parameters)}"
    except NoReverseMatch:
        return ""


def explore(kind: str, id_: str, **parameters: str) -> str:
    """Return the address of an entity's map."""
    return f"{reverse('pages:explore')}?{urlencode({'type': kind, 'id': id_, **parameters})}"


def lookup(kind: str, name: str) -> str:
    """Return the address that leads to the map of an entity by its name."""
    return f"{reverse('pages:explore')}?{urlencode({'type': kind, 'name': name})}"


def discogs(kind: str, id_: str) -> str:
    """Return the address of an entity at Discogs; empty for kinds that have none there."""
    return f"https://www.discogs.com/{kind}/{id_}" if kind in ("artist", "label", "release", "master") else ""
