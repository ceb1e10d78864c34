"""Tallies: how many releases have both of two things. Counted in PostgreSQL when a run ends (decision 91).

A reader needs a fallback: the table is empty until the first maintenance, and PostgreSQL may be away. The functions
below return None in both cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.catalog import reading
from apps.catalog.reading import Rows
from apps.graph import differences, statistics

# Only artists and labels with a node are counted, as in all figures.
COUNT = """
CREATE TEMPORARY TABLE counted AS
WITH genre AS (
    SELECT unnest(genres) COLLATE "C" AS name, artists, labels, styles, year::smallint AS year
    FROM fact
), style AS (
    SELECT unnest(styles) COLLATE "C" AS name, artists, labels, genres, year::smallint AS year
    FROM fact
), pair AS (
    SELECT 'genre artist' AS kind, name AS parent, unnest(artists) AS id, year FROM genre
    UNION ALL
    SELECT 'genre label', name, unnest(labels), year FROM genre
    UNION ALL
    SELECT 'style artist', name, unnest(artists), year FROM style
    UNION ALL
    SELECT 'style label', name, unnest(labels), year FROM style
), by_id AS (
    SELECT kind, parent, id, count(*)::int AS releases,
        coalesce(array_agg(year ORDER BY year) FILTER (WHERE year > 0), '{}') AS years
    FROM pair
    GROUP BY id, parent, kind
), existing AS (
    SELECT kind, parent, id::text AS child, releases, years
    FROM by_id
    WHERE NOT EXISTS (SELECT FROM missing_artist WHERE artist = id AND kind IN ('genre artist', 'style artist'))
        AND NOT EXISTS (SELECT FROM missing_label WHERE label = id AND kind IN ('genre label', 'style label'))
), together AS (
    SELECT name AS genre, style, count(*)::int AS releases,
        coalesce(array_agg(year ORDER BY year) FILTER (WHERE year > 0), '{}') AS years
    FROM genre, unnest(styles) AS style
    GROUP BY name, style
)
SELECT kind, parent, child, releases, years FROM existing
UNION ALL
SELECT 'label genre', child, parent, releases, '{}' FROM existing WHERE kind = 'genre label'
UNION ALL
SELECT 'genre style', genre, style, releases, years FROM together
UNION ALL
SELECT 'style genre', style, genre, releases, years FROM together
UNION ALL
SELECT 'genre year', name, year::text, count(*)::int, '{}' FROM genre WHERE year > 0 GROUP BY name, year
UNION ALL
SELECT 'style year', name, year::text, count(*)::int, '{}' FROM style WHERE year > 0 GROUP BY name, year
"""
ANALYZE_COUNTED = "ANALYZE pg_temp.counted"

# An empty table is filled before its index is created, which takes half the time.
EMPTY = "SELECT NOT EXISTS (SELECT FROM tally)"
DROP_INDEX = "DROP INDEX IF EXISTS idx_tally_pages"
FILL = """
INSERT INTO tally (kind, parent, child, releases, years)
SELECT kind, parent, child, releases, years
FROM pg_temp.counted
"""
# An index entry has room for 2,700 bytes and a name has up to 2,000 characters, so the index holds the beginnings of
# names. A statement that is to use the index compares the beginnings too, and sorts by them before the whole names,
# which gives the same order.
MAKE_INDEX = """
CREATE INDEX IF NOT EXISTS idx_tally_pages ON tally (kind, left(parent, 200), releases DESC, left(child, 200))
"""
OF_PARENT = "kind = %(kind)s AND left(parent, 200) = left(%(parent)s, 200) AND parent = %(parent)s"

PAGE = f"""
SELECT child, releases
FROM tally
WHERE {OF_PARENT}
ORDER BY releases DESC, left(child, 200), child
OFFSET %(offset)s
LIMIT %(limit)s
"""
# The same for releases of a year or before. The last column is the number of children that have such a release.
PAGE_BEFORE = f"""
SELECT child, width_bucket(%(year)s::smallint, years) AS before, count(*) OVER ()
FROM tally
WHERE {OF_PARENT} AND years[1] <= %(year)s
ORDER BY before DESC, child
OFFSET %(offset)s
LIMIT %(limit)s
"""
COUNT_BEFORE = f"""
SELECT count(*)
FROM tally
WHERE {OF_PARENT} AND years[1] <= %(year)s
"""
HAS = f"SELECT EXISTS (SELECT FROM tally WHERE {OF_PARENT})"

ALL = """
SELECT parent, child, releases
FROM tally
WHERE kind = %(kind)s
ORDER BY parent, releases DESC, child
"""

OF_ANY = """
kind = %(kind)s AND left(parent, 200) = ANY(ARRAY(SELECT left(each, 200) FROM unnest(%(parents)s::text[]) AS each))
    AND parent = ANY(%(parents)s)
"""

OF_PARENTS = f"""
SELECT parent, child, releases
FROM tally
WHERE {OF_ANY}
"""

# The first and last year of the children that have a dated release.
SPANS = f"""
SELECT child, years[1], years[cardinality(years)]
FROM tally
WHERE {OF_PARENT} AND child = ANY(%(children)s) AND cardinality(years) > 0
"""

# The children with the largest sums over several parents.
LARGEST_SUMS = f"""
SELECT child, sum(releases)::int AS total
FROM tally
WHERE {OF_ANY} AND child <> %(but)s
GROUP BY child
HAVING sum(releases) >= %(least)s
ORDER BY total DESC, child
LIMIT %(limit)s
"""

# The same for artists with a name, where each genre contributes only its ``most`` largest children.
LEADING_SUMS = """
SELECT child, sum(releases)::int AS total, (SELECT data->>'name' FROM artists WHERE data_id = child::bigint)
FROM unnest(%(parents)s::text[]) AS wanted (name), LATERAL (
    SELECT child, releases
    FROM tally
    WHERE kind = 'genre artist' AND left(parent, 200) = left(wanted.name, 200) AND parent = wanted.name
        AND child <> %(but)s
        AND (SELECT data->>'name' FROM artists WHERE data_id = child::bigint) IS NOT NULL
    ORDER BY releases DESC, left(child, 200), child
    LIMIT %(most)s
) AS best
GROUP BY child
HAVING sum(releases) >= %(least)s
ORDER BY total DESC, child
LIMIT %(limit)s
"""

# The time limit of a statement, in seconds.
SECONDS = 30


def rebuild() -> None:
    """Count the tallies anew and write the rows that differ. The call is idempotent."""
    with statistics.facts(), connection.cursor() as cursor, statistics.temporary_tables(cursor, "counted"):
        cursor.execute(COUNT)
        cursor.execute(EMPTY)
        if cursor.fetchone() == (True,):
            cursor.execute(DROP_INDEX)
            cursor.execute(FILL)
        else:
            cursor.execute(ANALYZE_COUNTED)
            differences.write(
                cursor, "tally", "counted", keys=("kind", "parent", "child"), values=("releases", "years")
            )
        cursor.execute(MAKE_INDEX)


def read_page(kind: str, parent: str, *, offset: int, limit: int) -> Rows | None:
    """Return a page of (child, releases), the most frequent first; None if the table has nothing about the parent."""
    given = {"kind": kind, "parent": parent}
    found = _rows(PAGE, **given, offset=offset, limit=limit)
    return None if found == [] and not is_known(kind, parent) else found


def read_page_before(kind: str, parent: str, year: int, *, offset: int, limit: int) -> tuple[Rows, int] | None:
    """Return a page of (child, releases of a year or before), the most frequent first, and the number of children.

    None if the table has nothing about the parent.
    """
    given = {"kind": kind, "parent": parent, "year": year}
    found = _rows(PAGE_BEFORE, **given, offset=offset, limit=limit)
    if found:
        return [(child, releases) for child, releases, _ in found], found[0][2]
    counted = _rows(COUNT_BEFORE, **given) if found == [] and is_known(kind, parent) else None
    return ([], counted[0][0]) if counted else None


def is_known(kind: str, parent: str) -> bool:
    """Tell whether the table has a row of this kind for a parent."""
    return _rows(HAS, kind=kind, parent=parent) == [(True,)]


def read_all(kind: str) -> Rows | None:
    """Return all (parent, child, releases) of a kind, by parent, the most frequent first; None if there are none."""
    return _rows(ALL, kind=kind) or None


def read_parents(kind: str, parents: Sequence[str]) -> Rows | None:
    """Return (parent, child, releases) of these parents; None if there are none."""
    return _rows(OF_PARENTS, kind=kind, parents=list(parents)) or None


def read_years(kind: str, parent: str) -> dict[int, int] | None:
    """Return year → releases of a genre or a style; None if there are none."""
    found = read_parents(f"{kind} year", [parent])
    return None if found is None else {int(year): releases for _, year, releases in found}


def read_spans(kind: str, parent: str, children: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return child → (first, last) year of the releases that a child shares with the parent."""
    found = _rows(SPANS, kind=kind, parent=parent, children=list(children)) if children else []
    return {child: (first, last) for child, first, last in found or ()}


def read_largest_sums(kind: str, parents: Sequence[str], *, but: str, least: int, limit: int) -> Rows | None:
    """Return (child, total over the parents), the largest total first, without ``but``; None if there are none."""
    return _rows(LARGEST_SUMS, kind=kind, parents=list(parents), but=but, least=least, limit=limit) or None


def read_leading_sums(genres: Sequence[str], *, but: str, most: int, least: int, limit: int) -> Rows | None:
    """Return (artist, total over the genres, name), the largest total first, without ``but``; None if there are none.

    Only the ``most`` frequent artists of each genre count.
    """
    given = {"parents": list(genres), "but": but, "most": most, "least": least, "limit": limit}
    return _rows(LEADING_SUMS, in_index_order=True, **given) or None


def _rows(statement: str, **parameters: Any) -> Rows | None:
    return reading.rows_if_there(statement, seconds=SECONDS, **parameters)
