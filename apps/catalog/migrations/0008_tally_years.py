"""Tallies know their years. Those from before do not: the graph is walked until the next run counts again."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("catalog", "0007_collaborations"),)

    operations = (
        migrations.AddField(
            model_name="tally",
            name="years",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.SmallIntegerField(),
                db_default=[],
                help_text="of those that have one, ascending; of genres and styles with artists, labels and each other",
                size=None,
            ),
        ),
        migrations.RunSQL("DELETE FROM tally", migrations.RunSQL.noop),
    )
