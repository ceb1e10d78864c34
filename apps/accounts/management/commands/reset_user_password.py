"""``manage.py reset_user_password``: for a user who cannot get a mail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts import passwords
from apps.accounts.management.reading import find_user, read_password


class Command(BaseCommand):
    """Set the password of a user."""

    help = "Set a new password, read from a prompt or stdin; all logins of the user end and app tokens are revoked."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the argument."""
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:  # noqa: ARG002
        """Set it."""
        user = find_user(email)
        passwords.change_password(user, read_password(user.email), action="password.operator")
        self.stdout.write(f"{user.email} has a new password; the logins of before are over")
