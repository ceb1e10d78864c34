import django.db.models.functions
from django.db import migrations, models

import apps.ingest.models


def tell_nothing_of_the_past(registry, schema_editor):
    """What ended before there was a feed is nothing new to anybody."""
    registry.get_model("ingest", "Run").objects.filter(completed_at__isnull=False).update(
        fed_at=django.db.models.functions.Now()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0004_operators"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="feeds_records",
            field=models.BooleanField(
                default=apps.ingest.models.feeds_records,
                help_text="FEED_RECORDS when it began: the feed tells of every record",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="fed_at",
            field=models.DateTimeField(help_text="when the feed had told all of it", null=True),
        ),
        migrations.AddField(
            model_name="dumpfile",
            name="fed_at",
            field=models.DateTimeField(help_text="when the feed had told that it is complete", null=True),
        ),
        migrations.AddField(
            model_name="chunk",
            name="fed_at",
            field=models.DateTimeField(help_text="when the feed had told its records", null=True),
        ),
        migrations.RunPython(tell_nothing_of_the_past, migrations.RunPython.noop),
    ]
