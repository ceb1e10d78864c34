"""MusicBrainz is written as it writes itself; nothing changes in the database."""

from django.db import migrations, models

SOURCES = [("discogs", "Discogs"), ("musicbrainz", "MusicBrainz")]


class Migration(migrations.Migration):
    dependencies = [("ingest", "0008_musicbrainz")]

    operations = [
        migrations.AlterField("run", "source", models.CharField(choices=SOURCES, max_length=20)),
        migrations.AlterField("sourcecheck", "source", models.CharField(choices=SOURCES, max_length=20, unique=True)),
    ]
