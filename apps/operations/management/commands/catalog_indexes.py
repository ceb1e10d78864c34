"""``manage.py catalog_indexes``: make the secondary indexes of the record tables."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog import indexes


class Command(BaseCommand):
    """Make the secondary indexes of the record tables that are missing."""

    help = "Make the secondary indexes of the record tables that are missing; a first load does so by itself."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Make them."""
        indexes.create()
        self.stdout.write("All secondary indexes are there.")
