"""The pane about genres: all of them with their styles, as a list that opens and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.explore import charts
from apps.explore.pages import addresses
from apps.explore.pages.base import Page
from apps.graph.readers import genres

# Styles of a genre that are shown at first, and that have a place in the picture. In all of Discogs it has hundreds.
SHOWN = 24
DRAWN = 14
ALL = "all"

Genre = dict[str, Any]


class Genres(Page):
    """``GET /genres/``: genres with their styles, by the number of releases.

    ``q=`` leaves those whose name, or a style's, has a text in it; ``open=Rock`` opens one and shows all its styles,
    ``open=all`` opens all.
    """

    template = "explore/genres.html"
    tab = "genres"
    limits = (Limit(120),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the genres, and the picture of all of them."""
        query = self.request.GET
        text, opened = query.get("q", "").strip(), query.get("open", "")
        tree = cache_json("genre-tree", SHORT, genres.get_tree)
        found = filter_tree(tree, text) if text else tree
        return {
            "title": "Genres",
            "canonical": addresses.pane("genres"),
            "text": text,
            "opened": opened,
            "is_all_open": opened == ALL,
            "all_address": addresses.pane(
                "genres", **{"q": text} if text else {}, **{} if opened == ALL else {"open": ALL}
            ),
            "number": len(tree),
            "largest": tree[0]["release_count"] if tree else 0,
            "genres": [limit_styles(each, everything=bool(text) or each["name"] == opened) for each in found],
            "sunburst": charts.sunburst([describe_slice(each) for each in tree]),
        }


def filter_tree(tree: Sequence[Genre], text: str) -> list[Genre]:
    """Return the genres whose name has a text in it, and of others the styles that do; case does not matter."""
    text = text.casefold()
    found = []
    for genre in tree:
        if text in genre["name"].casefold():
            found.append(genre)
        elif styles := [each for each in genre["styles"] if text in each["name"].casefold()]:
            found.append({**genre, "styles": styles})
    return found


def limit_styles(genre: Genre, *, everything: bool) -> Genre:
    """Return a genre with its first styles, or all of them; ``more`` says how many styles are left out."""
    styles = genre["styles"] if everything else genre["styles"][:SHOWN]
    return {**genre, "styles": styles, "more": len(genre["styles"]) - len(styles)}


def describe_slice(genre: Genre) -> tuple[str, int, str, list[tuple[str, int]]]:
    """Return what the picture shows of a genre: name, releases, address, and its largest styles."""
    styles = [(each["name"], each["release_count"]) for each in genre["styles"][:DRAWN]]
    return (
        genre["name"],
        genre["release_count"],
        addresses.get_page_address("genre", genre["name"], genre["name"]),
        styles,
    )
