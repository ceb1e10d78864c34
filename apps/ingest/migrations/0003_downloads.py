from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingest', '0002_new_ids'),
    ]

    operations = [
        migrations.AlterField(
            model_name='dumpfile',
            name='bytes',
            field=models.BigIntegerField(help_text='size of the file; 0: not known before it is downloaded'),
        ),
        migrations.AddField(
            model_name='dumpfile',
            name='url',
            field=models.TextField(blank=True, default='', help_text='where it is downloaded from; empty: it was here already'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='dumpfile',
            name='bytes_fetched',
            field=models.BigIntegerField(default=0, help_text='how much of it is here, for the progress bar'),
        ),
        migrations.AddField(
            model_name='dumpfile',
            name='fetched_at',
            field=models.DateTimeField(help_text='when the whole of it was here', null=True),
        ),
        migrations.CreateModel(
            name='SourceCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('discogs', 'Discogs')], max_length=20, unique=True)),
                ('checked_at', models.DateTimeField(help_text="by the database's clock")),
                ('newest', models.CharField(blank=True, help_text='newest complete version; empty: there was none', max_length=20)),
                ('outcome', models.TextField(help_text='what came of it, or why it failed')),
            ],
        ),
    ]
