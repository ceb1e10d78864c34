"""The artists and labels with most releases, by name. The table is empty until the next run counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("catalog", "0010_relationships_in_place"),)

    operations = (
        migrations.CreateModel(
            name="LeadingName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(help_text="artist or label", max_length=6)),
                ("id", models.BigIntegerField()),
                ("name", models.TextField(db_collation="C", help_text="in lower case, its first 200 characters")),
                ("releases", models.IntegerField()),
            ],
            options={
                "db_table": "leading_name",
                "indexes": [models.Index("kind", "name", "releases", "id", name="leading_name_beginning")],
            },
        ),
    )
