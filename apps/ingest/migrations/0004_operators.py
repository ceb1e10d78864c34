from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingest', '0003_downloads'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='rules_digest',
            field=models.CharField(blank=True, default='', help_text='SHA-256, hex; with another one every record is parsed again', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='event',
            name='by',
            field=models.CharField(blank=True, default='', help_text='the user who did it; empty: nobody, it happened', max_length=150),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='deadletter',
            name='run',
            field=models.ForeignKey(null=True, on_delete=models.deletion.CASCADE, related_name='dead_letters', to='ingest.run'),
        ),
        migrations.AddField(
            model_name='deadletter',
            name='message_id',
            field=models.CharField(blank=True, default='', help_text='of a message that died in the broker', max_length=64),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(
            model_name='deadletter',
            name='one_dead_letter_per_stage_and_record',
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.UniqueConstraint(fields=('run', 'stage', 'chunk', 'file', 'record_id', 'message_id'), name='one_dead_letter_per_stage_and_record', nulls_distinct=False),
        ),
    ]
