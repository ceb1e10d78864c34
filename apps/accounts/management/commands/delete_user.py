"""``manage.py delete_user``: for a user who wants to be forgotten."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import belongings
from apps.accounts.management.reading import find_user


class Command(BaseCommand):
    """Delete a user."""

    help = "Delete a user with all that belongs to them, in all stores."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, email: str, yes: bool, **options: Any) -> None:  # noqa: ARG002
        """Delete them, once the operator typed the address again."""
        user = find_user(email)
        if not yes and input(f"Type {user.email} to delete the account for good: ") != user.email:
            raise CommandError("Nothing was deleted")
        belongings.delete_account(user, by=None)
        self.stdout.write(f"{email} is deleted")
