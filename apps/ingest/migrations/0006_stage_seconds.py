from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0005_feed"),
    ]

    operations = [
        migrations.AddField(
            model_name="chunk",
            name="extract_seconds",
            field=models.FloatField(help_text="how long the stage took when it was done", null=True),
        ),
        migrations.AddField(
            model_name="chunk",
            name="table_seconds",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="chunk",
            name="graph_seconds",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="chunk",
            name="link_seconds",
            field=models.FloatField(null=True),
        ),
    ]
