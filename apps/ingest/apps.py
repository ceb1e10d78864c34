"""Django's entry for the ingest app."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """The way of a record from a dump file to a batch, and the ledger."""

    name = "apps.ingest"
    label = "ingest"
    verbose_name = "Loading"
