import django.db.models.functions
from django.db import migrations, models


def tell_nothing_of_the_past(registry, schema_editor):
    """What is complete already is nothing new to anybody."""
    registry.get_model("ingest", "Run").objects.filter(completed_at__isnull=False).update(
        announced_at=django.db.models.functions.Now()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0006_stage_seconds"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="announced_at",
            field=models.DateTimeField(help_text="when other apps had been told that it is complete", null=True),
        ),
        migrations.RunPython(tell_nothing_of_the_past, migrations.RunPython.noop),
    ]
