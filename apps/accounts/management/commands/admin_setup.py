"""``manage.py admin_setup``: the administrators of a site."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from apps.accounts import audit, passwords, two_factor
from apps.accounts.management.reading import read_password
from apps.accounts.models import User, normalise_email


class Command(BaseCommand):
    """Make or list administrators."""

    help = "Make an administrator, or list them. The password is read from ADMIN_PASSWORD, stdin or a prompt."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--email", help="who has an account gets the password and the rights")
        wanted.add_argument("--list", action="store_true", help="list the administrators")

    def handle(self, *args: Any, email: str | None, **options: Any) -> None:  # noqa: ARG002
        """Make or list them."""
        if not email:
            for user in User.objects.filter(is_superuser=True).order_by("email"):
                state = "" if user.is_active else "  deactivated"
                self.stdout.write(f"{user.email}{'  second factor' if two_factor.is_enabled(user) else ''}{state}")
            return
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email}: {error.messages[0]}") from error
        password = read_password(email, "ADMIN_PASSWORD")
        user, _ = User.objects.get_or_create(email=normalise_email(email))
        user.is_staff = user.is_superuser = user.is_active = True
        user.save()
        passwords.change_password(user, password, action="password.operator")
        audit.record("admin.setup", target=str(user.pk))
        self.stdout.write(f"{user.email} is an administrator")
