"""A file keeps why its purge was vetoed; earlier runs left a warning alone."""

from django.db import migrations, models

KEEP_VETOES = """
UPDATE ingest_dumpfile AS file
SET purge_veto = split_part(warning, ': purge vetoed, nothing removed: ', 2)
FROM ingest_run AS run, unnest(run.warnings) AS warning
WHERE run.id = file.run_id AND warning LIKE file.type || ': purge vetoed, nothing removed: %'
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0013_shared_ids")]

    operations = [
        migrations.AddField(
            "dumpfile",
            "purge_veto",
            models.TextField(blank=True, help_text="why nothing that it lacks may be deleted"),
        ),
        migrations.RunSQL(KEEP_VETOES, migrations.RunSQL.noop),
    ]
