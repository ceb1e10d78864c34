"""``manage.py invite``: for a site on which not everybody may register."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from apps.accounts import mail


class Command(BaseCommand):
    """Invite somebody."""

    help = "Make an account and print the link that sets its password; it is mailed too, where mail is set up."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the argument."""
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:  # noqa: ARG002
        """Make it."""
        try:
            validate_email(email)
            link = mail.invite(email)
        except ValidationError as error:
            raise CommandError(f"{email}: {error.messages[0]}") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"For seven days this sets the password of {email}: {link}")
