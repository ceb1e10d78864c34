from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="HealthSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("server", models.CharField(max_length=20)),
                ("ok", models.BooleanField()),
                ("ms", models.FloatField(help_text="how long its answer took, milliseconds")),
                (
                    "sizes",
                    models.JSONField(
                        default=dict, help_text="how much it holds: bytes; nodes and relationships of the graph"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["server", "at"], name="samples_of_a_server"),
                    models.Index(fields=["at"], name="health_samples_of_a_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("queue", models.CharField(max_length=50)),
                ("ready", models.BigIntegerField(help_text="messages that no worker had taken")),
                ("consumers", models.IntegerField(help_text="null where the broker does not tell", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["queue", "at"], name="samples_of_a_queue"),
                    models.Index(fields=["at"], name="queue_samples_of_a_time"),
                ],
            },
        ),
    ]
