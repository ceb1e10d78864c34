"""``manage.py reset_two_factor``: for a user who lost their phone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import two_factor


class Command(BaseCommand):
    """Forget a user's phone."""

    help = "Forget the phone of a user of the admin, who enrols another at the next login."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the argument."""
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:  # noqa: ARG002
        """Forget it, and say whether there was one."""
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(email)
        except users.DoesNotExist as error:
            raise CommandError(f"There is no user {email}: createsuperuser makes one") from error
        if not two_factor.reset_authenticator(user):
            raise CommandError(f"{email} has enrolled no phone")
        self.stdout.write(f"{email} enrols a phone at the next login")
