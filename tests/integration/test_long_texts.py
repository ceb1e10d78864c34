"""Texts of two megabytes in every field of both sources: no index, no constraint and no statement fails on one.

The test reads from both servers which indexes there are. So a new one is looked at as soon as it exists.
"""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from neo4j import Session

from apps.catalog import loader
from apps.catalog.musicbrainz import tables as entity_tables
from apps.graph.rows import NAME_CHARACTERS
from apps.ingest.models import Chunk, DeadLetter, Run, RunState
from apps.insights.models import GenreTrend
from tests.loading import edition, month

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
LONG_BYTES = 2_000_000
# Of characters of four bytes each.
LONG_CHARACTERS = LONG_BYTES // 4
# Characters of texts that are cut, by table or by column; those of what is due are words of ours.
CUT = {
    "tally": NAME_CHARACTERS,
    "insights.genre_trends": NAME_CHARACTERS,
    "leading_name": 200,
    "words": 10_000,
    "musicbrainz.due": 0,
}
# Types of PostgreSQL of which no value is long.
BOUNDED = re.compile(
    r"(big|small)?int(eger)?|uuid|boolean|date|timestamp with time zone|double precision|inet|character varying\(\d+\)"
)
# Tables in which no text of a dump is; those of insights have ids, and words of ours, in their indexes.
NOT_FROM_A_DUMP = re.compile(
    r"(auth|axes|django|otp)_\w+|insights\.(computation_log|data_completeness|release_rarity|monthly_anniversaries|leading_\w+)"
)
# Properties of nodes and relationships that are ids or numbers.
SHORT_PROPERTIES = re.compile(r"id|artist_id|mbid|year|first_year|\w+_count")

# A row for each column that an index covers, by itself or in an expression. An entry of GIN is one of an array.
INDEXED_COLUMNS = """
SELECT DISTINCT indrelid::regclass::text, indexrelid::regclass::text, quote_ident(attname),
    CASE amname WHEN 'gin' THEN replace(format_type(atttypid, atttypmod), '[]', '')
        ELSE format_type(atttypid, atttypmod) END
FROM pg_index
JOIN pg_class AS indexed ON indexed.oid = indrelid
JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_am ON pg_am.oid = index.relam
JOIN pg_attribute ON attrelid = indrelid AND (
    attnum = ANY(indkey)
    OR attnum IN (SELECT refobjsubid FROM pg_depend WHERE objid = indexrelid AND refobjid = indrelid)
)
WHERE indexed.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'pg_toast') AND attnum > 0
ORDER BY 1, 2, 3
"""
# A row for each index; Neo4j unwinds no list of a SHOW.
INDEXED_PROPERTIES = "SHOW INDEXES YIELD name, labelsOrTypes, properties, state"
LONGEST = "SELECT coalesce(max(length({column}::text)), 0) FROM {table}"

# A record of each type of Discogs, {} wherever a text becomes more than a part of its JSON, and in one place where not.
DISCOGS = {
    "artists": "<artist><id>%d</id><name>{}</name><profile>{}</profile></artist>",
    "labels": "<label><id>%d</id><name>{}</name><sublabels><label id='1'>{}</label></sublabels></label>",
    "masters": """
        <master id='%d'><artists><artist><id>1</id><name>{}</name></artist></artists><title>{}</title>
        <genres><genre>{}</genre></genres><styles><style>{}</style></styles><year>{}</year></master>
    """,
    "releases": """
        <release id='%d'><artists><artist><id>1</id><name>{}</name></artist></artists><title>{}</title>
        <country>{}</country><released>{}</released><labels><label id='1' name='{}' catno='{}'/></labels>
        <genres><genre>{}</genre><genre>Rock</genre></genres><styles><style>{}</style><style>Dub</style></styles>
        <extraartists><artist><id>1</id><name>{}</name><role>{}</role></artist></extraartists>
        <formats><format name='{}' qty='1'/></formats>
        <identifiers><identifier type='Barcode' value='{}'/><identifier type='{}' value='1'/></identifiers>
        <master_id>{}</master_id></release>
    """,
}
# A line of each type of MusicBrainz, TEXT likewise.
TEXT = "{}"
LIFE = {"life-span": {"begin": TEXT, "end": TEXT, "ended": True}, "area": {"name": TEXT}}
MUSICBRAINZ: dict[str, dict[str, Any]] = {
    "artists": {
        "name": TEXT,
        "sort-name": TEXT,
        "type": TEXT,
        "gender": TEXT,
        "disambiguation": TEXT,
        **LIFE,
        "begin-area": {"name": TEXT},
        "aliases": [{"name": TEXT}],
        "relations": [
            {"type": TEXT, "target-type": "url", "url": {"resource": "https://example.org/"}},
            {"type": "homepage", "target-type": "url", "url": {"resource": TEXT}},
            {"type": "member of band", "target-type": TEXT},
            {
                "type": "member of band",
                "target-type": "artist",
                "artist": {"id": "00000000-0000-4000-8000-000000000001"},
                "begin": TEXT,
                "end": TEXT,
                "attributes": [TEXT],
            },
            {"type": TEXT, "target-type": "artist", "artist": {"id": "00000000-0000-4000-8000-000000000001"}},
        ],
    },
    "labels": {"name": TEXT, "type": TEXT, "disambiguation": TEXT, **LIFE},
    "release-groups": {
        "title": TEXT,
        "primary-type": TEXT,
        "secondary-types": [TEXT],
        "first-release-date": TEXT,
        "disambiguation": TEXT,
    },
    "releases": {"title": TEXT, "barcode": TEXT, "status": TEXT, "disambiguation": TEXT},
}
PAGES = {"artists": "artist", "labels": "label", "release-groups": "master", "releases": "release"}


def make_astral(seed: int) -> str:
    """Return a text of letters of four bytes each that nothing can compress."""
    letters = random.Random(seed)
    return "".join(map(chr, letters.choices(range(0x20000, 0x2A6D0), k=LONG_CHARACTERS)))


def make_latin(seed: int) -> str:
    """Return a megabyte of words of which each is another, and one word of a megabyte that nothing can compress."""
    letters = random.Random(seed)
    words = " ".join(f"{letters.getrandbits(64):016x}" for _ in range(LONG_BYTES // 34))
    return f"{words} {letters.randbytes(LONG_BYTES // 4).hex()}"


def one_long_text(count: int, long_text: Callable[[int], str]) -> Iterator[tuple[int, list[str]]]:
    """Yield a number and texts for the fields of a record, for each field in turn: that one long, the others short."""
    for place in range(count):
        yield place + 1, [long_text(place) if each == place else f"short {each}" for each in range(count)]


def dump(long_text: Callable[[int], str]) -> dict[str, list[str]]:
    """Return records of Discogs by type."""
    return {
        record_type: [
            (template % number).format(*texts) for number, texts in one_long_text(template.count(TEXT), long_text)
        ]
        for record_type, template in DISCOGS.items()
    }


def lines(long_text: Callable[[int], str]) -> dict[str, list[str]]:
    """Return lines of MusicBrainz by type; each is of the page of Discogs with its number."""
    found = {}
    for record_type, template in MUSICBRAINZ.items():
        count = json.dumps(template).count(f'"{TEXT}"')
        found[record_type] = [entity(record_type, *given) for given in one_long_text(count, long_text)]
    return found


def entity(record_type: str, number: int, texts: list[str]) -> str:
    """Return a line of MusicBrainz."""
    line = fill(MUSICBRAINZ[record_type], iter(texts))
    page = {"resource": f"https://www.discogs.com/{PAGES[record_type]}/{number}"}
    relations = [*line.get("relations", ()), {"type": "discogs", "target-type": "url", "url": page}]
    mbid = f"00000000-0000-4000-8000-{number:012}"
    return json.dumps({"id": mbid, **line, "relations": relations}, ensure_ascii=False)


def fill(template: Any, texts: Iterator[str]) -> Any:
    """Return a template with the next of some texts in each of its places."""
    if isinstance(template, dict):
        return {key: fill(value, texts) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, texts) for value in template]
    return next(texts) if template == TEXT else template


def assert_all_loaded(run: Run, count: Callable[[str], int], given: dict[str, list[str]]) -> None:
    assert run.state == RunState.COMPLETED, (run.state, run.warnings, run.error)
    assert not DeadLetter.objects.exists()
    assert not Chunk.objects.exclude(failed_stage="").exists()
    assert {each: count(each) for each in given} == {each: len(records) for each, records in given.items()}


def postgres_indexes_without_a_long_text() -> Iterator[str]:
    """Yield the columns of any length that are in an index and in which no long text came."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXED_COLUMNS)
        for table, index, column, type_ in cursor.fetchall():
            if BOUNDED.fullmatch(type_) or NOT_FROM_A_DUMP.fullmatch(table):
                continue
            cursor.execute(LONGEST.format(column=column, table=table))
            (longest,) = cursor.fetchone()
            if longest < CUT.get(table, CUT.get(column, LONG_CHARACTERS)):
                yield f"{index} of {table}: {column} has at most {longest} characters"


def graph_indexes_without_a_long_text(graph: Session) -> Iterator[str]:
    """Yield the properties of any length that are in an index or a constraint and in which no long text came."""
    for name, labels, keys, state in graph.run(INDEXED_PROPERTIES).values():
        assert state == "ONLINE", name
        for label, key in itertools.product(labels or (), keys or ()):
            if SHORT_PROPERTIES.fullmatch(key):
                continue
            found = graph.run(f"MATCH (node:`{label}`) RETURN max(size(node.`{key}`))").single(strict=True)
            if found[0] < (LONG_CHARACTERS if key == "title" else NAME_CHARACTERS):
                yield f"{name}: {key} of {label} has at most {found[0]} characters"


# Hundreds of megabytes go through every stage of both sources.
@pytest.mark.timeout(1500)
def test_texts_of_any_length_in_every_field_of_both_sources(graph):
    GenreTrend.objects.create(genre=make_astral(1)[:NAME_CHARACTERS], decade=1990, release_count=1)
    for long_text in (make_astral, make_latin):
        discogs, musicbrainz = dump(long_text), lines(long_text)
        assert_all_loaded(month(**discogs), loader.count, discogs)
        assert_all_loaded(edition(**musicbrainz), entity_tables.count, musicbrainz)

    assert "\n".join(postgres_indexes_without_a_long_text()) == ""
    assert "\n".join(graph_indexes_without_a_long_text(graph)) == ""
