"""Barcodes of releases as digits, which search finds by an index (``apps.catalog.indexes``, decision 143)."""

from django.db import migrations

# A barcode has digits with blanks, hyphens or dots between them: eight, twelve or thirteen. Whatever else an entry of
# this kind says, of any length, is none. Null without one.
# Not STRICT, or PostgreSQL would call it for each row rather than put its one expression in its place.
MAKE = r"""
CREATE FUNCTION barcodes(release jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT string_to_array(
        nullif(
            translate(
                jsonb_path_query_array(
                    release,
                    '$.identifiers[*] ? (@.type == "Barcode").value
                        ? (@.type() == "string" && @ like_regex "^([0-9][ .-]{0,4}){7,13}[0-9]$")'
                )::text,
                ' .-"[]',
                ''
            ),
            ''
        ),
        ','
    )
$$
"""
# Where the table has its indexes already, no load makes this one.
INDEX = """
DO $$
BEGIN
    IF to_regclass('public.idx_releases_fts') IS NOT NULL THEN
        CREATE INDEX idx_releases_barcodes ON releases USING gin (barcodes(data));
        ANALYZE releases;
    END IF;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = (("catalog", "0012_tally_beginnings_of_names"),)

    operations = (
        migrations.RunSQL(MAKE, "DROP FUNCTION barcodes(jsonb)"),
        migrations.RunSQL(INDEX, "DROP INDEX IF EXISTS idx_releases_barcodes"),
    )
