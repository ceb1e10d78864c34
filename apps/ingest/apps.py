"""The configuration of the ingest app for Django."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """From a dump file to batches of records for the stores, and the ledger of what is done."""

    name = "apps.ingest"
    label = "ingest"
    verbose_name = "Loading"
