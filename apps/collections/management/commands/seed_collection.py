"""``manage.py seed_collection``: a collection for tests and demonstrations."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.collections import seeding


class Command(BaseCommand):
    """Give a user releases of the catalogue."""

    help = "Give a user a collection of the 60 first releases of the catalogue and a wantlist of the next 20."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the argument."""
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:  # noqa: ARG002
        """Add what is missing, and say how much that was."""
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(email)
        except users.DoesNotExist as error:
            raise CommandError(f"There is no user {email}: the site's registration makes one") from error
        collected, wanted = seeding.seed(user)
        self.stdout.write(f"{email}: {collected} copies and {wanted} wants added")
