"""``manage.py rotate_encryption_key``: after a new key was put first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import audit, encryption


class Command(BaseCommand):
    """Encrypt secrets with the newest key."""

    help = "Encrypt all stored secrets with the first of ENCRYPTION_MASTER_KEYS; then the others can go."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Encrypt them."""
        try:
            rotated, unreadable = encryption.rotate_keys()
        except ValueError as error:
            raise CommandError(str(error)) from error
        audit.record("encryption.rotate", details={"rotated": rotated, "unreadable": unreadable})
        self.stdout.write(f"{rotated} secrets are encrypted with the newest key")
        if unreadable:
            raise CommandError(f"{unreadable} secrets cannot be read with any key: their users set them up again")
