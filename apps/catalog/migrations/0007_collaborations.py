import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("catalog", "0006_tally_without_key"),)

    operations = (
        migrations.CreateModel(
            name="Collaboration",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "artist", "other", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("artist", models.BigIntegerField(help_text="id of an artist that has a node")),
                ("other", models.BigIntegerField(help_text="likewise; each pair has a row in both directions")),
                ("releases", models.IntegerField()),
                (
                    "years",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), help_text="of those that have one, ascending", size=None
                    ),
                ),
            ],
            options={"db_table": "collaboration"},
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "artist",
                    models.BigIntegerField(
                        help_text="id of an artist that has a node", primary_key=True, serialize=False
                    ),
                ),
                (
                    "names",
                    models.JSONField(
                        help_text="genre, style, label, collaborator → name, empty if it has none → releases"
                    ),
                ),
            ],
            options={"db_table": "profile"},
        ),
    )
