"""A row for each user who has or wants something; later ones come with changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As they are, a megabyte for 10,000 copies, since each read would decompress them.
UNCOMPRESSED = """
ALTER TABLE user_libraries
    ALTER COLUMN copies SET STORAGE EXTERNAL,
    ALTER COLUMN wants SET STORAGE EXTERNAL
"""
FILL = """
INSERT INTO user_libraries (user_id, version)
SELECT user_id, 0 FROM user_collections
UNION
SELECT user_id, 0 FROM user_wantlists
"""


class Migration(migrations.Migration):

    dependencies = [
        ('collections', '0004_names_of_folders_and_fields'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Library',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL)),
                ('version', models.BigIntegerField(default=0, help_text='number of changes')),
                ('copies', models.TextField(help_text='JSON; null: not read since the last change', null=True)),
                ('wants', models.TextField(help_text='likewise', null=True)),
            ],
            options={
                'verbose_name_plural': 'libraries',
                'db_table': 'user_libraries',
            },
        ),
        migrations.RunSQL(UNCOMPRESSED, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
