"""Years: when entities had releases, when genres came up, and what span the catalogue has."""

from __future__ import annotations

from apps.graph import tallies
from apps.graph.cypher import exploring as cypher
from apps.graph.readers import nameless
from apps.graph.reading import Rows, collected, row, rows

TRENDS = {
    "artist": cypher.TRENDS_ARTIST,
    "genre": cypher.TRENDS_GENRE,
    "label": cypher.TRENDS_LABEL,
    "style": cypher.TRENDS_STYLE,
}
# Of what has more releases than can be walked while somebody waits.
TALLIED = ("genre", "style")


def count_trends(kind: str, name: str, id_: str | None = None) -> Rows:
    """Return ``{year, count}`` of the releases of all entities of a kind that have a name, years ascending.

    With an id only those of that artist or label.
    """
    counted = tallies.years(kind, name) if kind in TALLIED else None
    if counted is None:
        return collected(TRENDS[kind], **nameless.make_keys(kind, name, id_))
    return [{"year": year, "count": count} for year, count in sorted(counted.items())]


def get_span() -> tuple[int | None, int | None]:
    """Return the first and the last year of a release."""
    first, last = row(cypher.FIRST_YEAR), row(cypher.LAST_YEAR)
    return (first["year"] if first else None, last["year"] if last else None)


def list_emerged(before_year: int) -> tuple[Rows, Rows]:
    """Return the genres and the styles, ``{name, first_year}``, that had a release by a year, the first ones first."""
    return (
        rows(cypher.EMERGED_GENRES, before_year=before_year),
        rows(cypher.EMERGED_STYLES, before_year=before_year),
    )
