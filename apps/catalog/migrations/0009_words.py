"""What search looks at of every record that matches stands beside the JSON, which is not unpacked for each any more.

PostgreSQL keeps these columns itself. The words of a text have at most a megabyte: those of 10,000 characters fit.
A table that has rows is written anew, once.
"""

from django.db import migrations

WORDS = (
    "ADD words tsvector GENERATED ALWAYS AS"
    " (to_tsvector('english', left(coalesce(data->>'{text}', ''), 10000))) STORED"
)
YEAR = "ADD year int GENERATED ALWAYS AS ((data->>'year')::int) STORED"
GENRES = "ADD genres jsonb GENERATED ALWAYS AS (data->'genres') STORED"
ADDED = {
    "artists": [WORDS.format(text="name")],
    "labels": [WORDS.format(text="name")],
    "masters": [WORDS.format(text="title"), YEAR],
    "releases": [WORDS.format(text="title"), YEAR, GENRES],
}
# The index of words was one of an expression; where there was one, there is one again.
ADD = """
DO $$
BEGIN
    ALTER TABLE {table} {added};
    IF to_regclass('public.idx_{table}_fts') IS NOT NULL THEN
        DROP INDEX idx_{table}_fts;
        CREATE INDEX idx_{table}_fts ON {table} USING gin (words);
        ANALYZE {table};
    END IF;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = (("catalog", "0008_tally_years"),)

    operations = tuple(
        migrations.RunSQL(
            ADD.format(table=table, added=", ".join(added)),
            f"ALTER TABLE {table} {', '.join(f'DROP {column.split()[1]}' for column in added)}",
        )
        for table, added in ADDED.items()
    )
