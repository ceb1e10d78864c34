"""Ids that may stand in two chunks of a file are known when it is split."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0012_debts")]

    operations = [
        migrations.AddField(
            "chunk",
            "shared_ids",
            ArrayField(
                models.BigIntegerField(),
                default=list,
                help_text="its sound records whose id an earlier chunk may have as well",
                size=None,
            ),
        ),
        migrations.AddIndex(
            "chunk",
            GinIndex(fields=("shared_ids",), condition=~models.Q(shared_ids=[]), name="chunk_shared_ids"),
        ),
        migrations.AddField(
            "dumpfile",
            "may_repeat",
            models.BooleanField(default=False, help_text="an id may stand in two of its chunks"),
        ),
        migrations.AlterField(
            "dumpfile",
            "malformed",
            models.IntegerField(default=0, help_text="records dropped as unreadable or without a usable id"),
        ),
    ]
