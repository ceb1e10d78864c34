"""``manage.py catalog_indexes``: create the secondary indexes of the record tables."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog import indexes


class Command(BaseCommand):
    """Create the missing secondary indexes of the record tables."""

    help = "Make the secondary indexes of the record tables that are missing; a first load does so by itself."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Create the indexes. The command is idempotent."""
        indexes.create()
        self.stdout.write("All secondary indexes are there.")
