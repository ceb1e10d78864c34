"""Lists of releases become a list for each field. The next maintenance fills the table; until then the graph answers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_large_discographies'),
    ]

    operations = [
        migrations.RunSQL('DELETE FROM large_discography', migrations.RunSQL.noop),
        migrations.RemoveField(model_name='largediscography', name='releases'),
        *(
            migrations.AddField(
                model_name='largediscography',
                name=name,
                field=models.TextField(help_text=f'JSON: {help_text}'),
                preserve_default=False,
            )
            for name, help_text in (
                ('ids', 'the releases, by title and id'),
                ('masters', 'the master of each, or null'),
                ('places', 'which of the formats each has'),
            )
        ),
    ]
