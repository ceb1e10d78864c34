"""How the tables keep their JSON: out of the row early, and compressed by lz4 where the server has it.

A row with its JSON beside it would make every scan for hashes read all of the data. The other method that PostgreSQL has,
pglz, takes as long as all the rest of a first load's COPY (decision 3): without lz4 the JSON is kept as it is.
"""

from typing import Any

from django.db import migrations

TABLES = ("artists", "labels", "masters", "releases")
HAS_LZ4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def set_storage(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_LZ4)
        (has_lz4,) = cursor.fetchone()
        data = "SET COMPRESSION lz4" if has_lz4 else "SET STORAGE EXTERNAL"
        for table in TABLES:
            cursor.execute(
                f"ALTER TABLE {table} ALTER COLUMN data {data}, SET (toast_tuple_target = 512),"
                " ALTER COLUMN hash SET STORAGE PLAIN, ALTER COLUMN raw_hash SET STORAGE PLAIN"
            )


class Migration(migrations.Migration):
    dependencies = (("catalog", "0001_initial"),)

    operations = (migrations.RunPython(set_storage, migrations.RunPython.noop),)
