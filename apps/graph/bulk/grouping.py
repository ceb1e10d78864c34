"""Put together what the chunks of a bulk load share: count and merge it in PostgreSQL, and write it as CSV files.

The parts of all chunks are copied into temporary tables and grouped there, so memory does not grow with the dump. The
results are those of the maintenance steps that a load over Bolt ends with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from apps.catalog import loader
from apps.graph import statistics
from apps.graph.bulk import parts
from apps.graph.bulk.parts import GROUPS, igzip
from apps.graph.fields import quote, write_number
from apps.graph.people import CATEGORIES
from apps.graph.session import Counters
from apps.ingest.chunks import spool
from apps.ingest.models import Chunk, Run

# Bytes of CSV in one file of a group.
PART_BYTES = 32 * 1024**2

COUNTED = ", ".join(CATEGORIES)
# Names are compared byte by byte, as in the graph.
TABLES = {
    "people": f'name text COLLATE "C", credits int, {", ".join(f"{each} int" for each in CATEGORIES)}',
    "same_as": 'name text COLLATE "C", artist bigint, credits int',
    "members": "low bigint, high bigint, by_source boolean, by_target boolean",
    "sublabels": "low bigint, high bigint, by_source boolean, by_target boolean",
    "labels": "id bigint, name text, sha256 text, rev smallint",
}
COPY_IN = "COPY pg_temp.part_{table} FROM STDIN (FORMAT csv)"
COPY_OUT = "COPY ({query}) TO STDOUT (FORMAT csv{options})"

COUNT_CREDITS = "SELECT coalesce(sum(credits), 0) FROM pg_temp.part_people"

# A count of 0 is left out.
PEOPLE = f"""
SELECT name, sum(credits), {", ".join(f"nullif(sum({each}), 0)" for each in CATEGORIES)}
FROM pg_temp.part_people
GROUP BY name
"""

SAME_AS = """
SELECT name, artist::text, sum(credits)
FROM pg_temp.part_same_as
JOIN artists ON data_id = artist
GROUP BY name, artist
"""

# A relationship has a mark of each end that asserts it.
ASSERTED = """
SELECT low, high, CASE WHEN bool_or(by_source) THEN 'true' END, CASE WHEN bool_or(by_target) THEN 'true' END
FROM pg_temp.part_{table}
GROUP BY low, high
"""

# Every label has its figures. One whose chunk gave up has no other property, and is a debt.
LABELS = f"""
SELECT data_id, name, sha256, rev, release_count, artist_count, genre_count
FROM ({statistics.LABELS}) AS figures (data_id, release_count, artist_count, genre_count)
LEFT JOIN pg_temp.part_labels ON id = data_id
"""

# Records of chunks that gave up their links. Others refer to them, so they get nodes without properties.
UNLINKED = "SELECT data_id FROM {table} WHERE chunk_id = ANY(%s)"


def group(run: Run) -> Counters:
    """Write the files of what chunks share; a repeat writes them again. Return how many nodes and relationships."""
    with statistics.facts(), open_shared(run, *TABLES) as cursor:
        counts = {
            "people": write_query(cursor, run, "people", PEOPLE, quoted="name"),
            "same_as": write_query(cursor, run, "same_as", SAME_AS, quoted="name"),
            "members": write_query(cursor, run, "members", ASSERTED.format(table="members")),
            "sublabels": write_query(cursor, run, "sublabels", ASSERTED.format(table="sublabels")),
            "labels": write_query(cursor, run, "labels", LABELS, quoted="name"),
            **write_tags(run),
        }
        nodes = sum(number for folder, number in counts.items() if GROUPS[folder].option == "nodes")
        unlinked = sum(write_unlinked(cursor, run, table) for table in ("artists", "masters"))
    return Counters(nodes + unlinked, sum(counts.values()) - nodes)


@contextmanager
def open_shared(run: Run, *tables: str) -> Iterator[Any]:
    """Hold temporary tables with what the chunks of a run share; yield a cursor that sees them."""
    names = [f"part_{table}" for table in tables]
    with connection.cursor() as cursor, statistics.temporary_tables(cursor, *names):
        for table in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE part_{table} ({TABLES[table]})")
            for content in read_shared(run, table):
                loader.copy(cursor, COPY_IN.format(table=table), [content])
            cursor.execute(f"ANALYZE pg_temp.part_{table}")
        yield cursor


def read_shared(run: Run, name: str) -> Iterator[bytes]:
    """Yield the CSV rows that the chunks of a run have of one kind, one file after another."""
    yield from map(spool.read, spool.find(f"{run.pk}/import/shared/{name}"))


def write_query(cursor: Any, run: Run, folder: str, query: str, *, quoted: str = "") -> int:
    """Write the result of a query as the files of a group; return the number of rows.

    ``quoted`` names the column of text, which is put into quotes in any case.
    """
    clear(run, folder)
    # PostgreSQL leaves an absent value empty and puts an empty text into quotes, as the import wants it.
    options = f", FORCE_QUOTE ({quoted})" if quoted else ""
    number, rows, content = 0, 0, bytearray()
    with connection.wrap_database_errors, cursor.copy(COPY_OUT.format(query=query, options=options)) as stream:
        for block in stream:
            content += block
            if len(content) > PART_BYTES:
                write_part(run, folder, number, content)
                number, content = number + 1, bytearray()
            # PostgreSQL sends a row at a time.
            rows += 1
    if content:
        write_part(run, folder, number, content)
    return rows


def clear(run: Run, folder: str) -> None:
    """Delete the files of a group: another attempt may have written more of them."""
    spool.delete(f"{run.pk}/import/{folder}")


def write_part(run: Run, folder: str, number: int, content: bytes | bytearray) -> None:
    """Write one file of a group that is not a chunk's."""
    spool.write(f"{run.pk}/import/{folder}/all-{number:06d}.csv.gz", igzip.compress(content, parts.LEVEL))


def write_tags(run: Run) -> dict[str, int]:
    """Write genres and styles with their figures, and PART_OF; return the number of rows by group."""
    genres, styles = read_names(run, "genres"), read_names(run, "styles")
    weights = statistics.weigh_part_of()
    found = {
        "genres": list(list_figures(genres, statistics.count_genres())),
        "styles": list(list_figures(styles, statistics.count_styles())),
        "part_of": [
            f"{quote(style)},{quote(genre)},{weight}"
            for (style, genre), weight in weights.items()
            if style in styles and genre in genres
        ],
    }
    for folder, rows in found.items():
        if rows:
            parts.write_part(run.pk, folder, "all-000000", rows)
    return {folder: len(rows) for folder, rows in found.items()}


def read_names(run: Run, kind: str) -> set[str]:
    """Return the genres or the styles that the releases and masters of a run have."""
    texts = (io.StringIO(content.decode(), newline="") for content in read_shared(run, kind))
    return {name for text in texts for (name,) in csv.reader(text)}


def list_figures(names: set[str], figures: statistics.Figures) -> Iterator[str]:
    """Yield the row of each name with its figures. A name that only masters have is not among the figures."""
    for name in sorted(names):
        *counts, first_year = figures.get(name, [0] * 5)
        yield f"{quote(name)},{','.join(map(str, counts))},{write_number(first_year or None)}"


def write_unlinked(cursor: Any, run: Run, table: str) -> int:
    """Write nodes without properties for the records of chunks that gave up; return their number."""
    unlinked = Chunk.objects.filter(file__run=run, file__type=table, linked_at__isnull=True)
    cursor.execute(loader.statement(UNLINKED, table), [list(unlinked.values_list("pk", flat=True))])
    commas = "," * GROUPS[table].header.count(",")
    rows = [f"{data_id}{commas}" for (data_id,) in cursor.fetchall()]
    if rows:
        parts.write_part(run.pk, table, f"{table}-unlinked", rows)
    return len(rows)
