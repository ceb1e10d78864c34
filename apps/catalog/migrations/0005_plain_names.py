"""Names without accents and capitals, as the index for the look of names has them (``apps.catalog.indexes``)."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# unaccent is only stable, because its dictionary may be changed; who names the dictionary may promise not to.
MAKE = """
CREATE OR REPLACE FUNCTION plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, left(name, 200))) $$
"""


class Migration(migrations.Migration):
    dependencies = (("catalog", "0004_musicbrainz"),)

    operations = (
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(MAKE, "DROP FUNCTION plain_name(text)"),
    )
