"""How many records of each type have what records of it can have, from one pass over each table."""

from apps.insights.computing.steps import Insight, Result, Step

STAGED = "insights.staged_completeness"
MAKE = f"""
CREATE TABLE {STAGED} (
    entity_type text, total bigint, image bigint, year bigint, country bigint, genre bigint
)
"""
# Table → (column, key in the record) of what its records can have.
FIELDS = {
    "artists": {"image": "images"},
    "labels": {"image": "images"},
    "masters": {"year": "year", "genre": "genres", "image": "images"},
    "releases": {"year": "year", "country": "country", "genre": "genres", "image": "images"},
}


def count_page(table: str) -> Step:
    """Return the step that counts the records of a table."""
    # Table and keys are names of our own code.
    fields = FIELDS[table]
    counts = "".join(f", count(*) FILTER (WHERE record.{key} NOT IN ('', '[]'))" for key in fields.values())
    return Step(
        f"""
        INSERT INTO {STAGED} (entity_type, total, {", ".join(fields)})
        SELECT '{table}', count(*){counts}
        FROM {table}, jsonb_to_record(data) AS record ({", ".join(f"{key} text" for key in fields.values())})
        WHERE data_id > %(after)s AND data_id <= %(upto)s
        """,
        over=table,
    )


# The mean of the shares of those fields that a type can have; the others are null in every page.
COMPLETENESS = f"""
WITH counted AS (
    SELECT entity_type, coalesce(sum(total), 0)::bigint AS total, sum(image)::bigint AS image,
        sum(year)::bigint AS year, sum(country)::bigint AS country, sum(genre)::bigint AS genre
    FROM (VALUES {", ".join(f"('{table}')" for table in FIELDS)}) AS type (entity_type)
    LEFT JOIN {STAGED} USING (entity_type)
    GROUP BY entity_type
)
SELECT entity_type, total AS total_count, coalesce(image, 0) AS with_image, coalesce(year, 0) AS with_year,
    coalesce(country, 0) AS with_country, coalesce(genre, 0) AS with_genre, coalesce(round((
        SELECT avg(part::numeric / nullif(total, 0)) * 100
        FROM unnest(ARRAY[image, year, country, genre]) AS part
        WHERE part IS NOT NULL
    ), 2), 0) AS completeness_pct
FROM counted
WHERE EXISTS (SELECT FROM {STAGED})
"""

DATA_COMPLETENESS = Insight(
    steps=(Step(MAKE), *map(count_page, FIELDS)),
    staged=(STAGED,),
    results=(
        Result(
            '"insights"."data_completeness"',
            (
                "entity_type",
                "total_count",
                "with_image",
                "with_year",
                "with_country",
                "with_genre",
                "completeness_pct",
            ),
            COMPLETENESS,
        ),
    ),
)
