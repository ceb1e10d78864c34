"""Django's entry for the ingest app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.ingest import groups


class IngestConfig(AppConfig):
    """The way of a record from a dump file to a batch, and the ledger."""

    name = "apps.ingest"
    label = "ingest"
    verbose_name = "Loading"

    def ready(self) -> None:
        """Keep the groups whenever an app was migrated, after Django has made its permissions."""
        post_migrate.connect(groups.keep, dispatch_uid="apps.ingest.groups")
