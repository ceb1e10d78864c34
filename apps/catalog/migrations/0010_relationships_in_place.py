"""The second end of a relation that is read changes its row in place: there is room, and no index has what changes."""

from django.db import migrations

FORWARDS = """
DROP INDEX musicbrainz.relationships_unprinted;
ALTER TABLE musicbrainz.relationships SET (fillfactor = 70);
"""
BACKWARDS = """
ALTER TABLE musicbrainz.relationships RESET (fillfactor);
CREATE INDEX relationships_unprinted ON musicbrainz.relationships (id)
    WHERE source_ended IS NULL AND target_ended IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = (("catalog", "0009_words"),)

    operations = (migrations.RunSQL(FORWARDS, BACKWARDS),)
