"""The tallies have one index: a second one, for a key that only their writer would look at, doubles what they cost."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("catalog", "0005_plain_names"),)

    operations = (
        migrations.RunSQL(
            "ALTER TABLE tally DROP CONSTRAINT tally_pkey",
            "ALTER TABLE tally ADD PRIMARY KEY (kind, parent, child)",
        ),
    )
