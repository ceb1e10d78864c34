"""A name of a genre may be too long for an index: the key of the trends has its MD5."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("insights", "0001_initial"),)

    operations = (
        migrations.RunSQL(
            "ALTER TABLE insights.genre_trends DROP CONSTRAINT genre_trends_pkey",
            "ALTER TABLE insights.genre_trends ADD PRIMARY KEY (genre, decade)",
        ),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX genre_trends_key ON insights.genre_trends (md5(genre), decade)",
            "DROP INDEX insights.genre_trends_key",
        ),
    )
