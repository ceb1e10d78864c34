"""``manage.py export_user``: for a user who asks for their data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import audit, belongings
from apps.accounts.management.reading import find_user


class Command(BaseCommand):
    """Export what belongs to a user."""

    help = "Write a zip with all that belongs to a user, as JSON and CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("email")
        parser.add_argument("path", type=Path, help="of the zip; it must not be there yet")

    def handle(self, *args: Any, email: str, path: Path, **options: Any) -> None:  # noqa: ARG002
        """Write it."""
        user = find_user(email)
        try:
            with path.open("xb") as written, belongings.export_account(user) as packed:
                shutil.copyfileobj(packed, written)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        audit.record("account.export", target=str(user.pk))
        self.stdout.write(f"Wrote {path}")
