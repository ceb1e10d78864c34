"""``manage.py discogs_setup``: store the key of our application at Discogs."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.api.responses import NotAvailable
from apps.collections.discogs import application
from apps.collections.discogs.application import Application


class Command(BaseCommand):
    """Store or show the application's key."""

    help = "Store the key of an application that you made at discogs.com/settings/developers, encrypted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--consumer-key", metavar="KEY")
        parser.add_argument(
            "--consumer-secret", metavar="SECRET", help="others on this computer may see it: rather a file"
        )
        parser.add_argument("--consumer-secret-file", metavar="FILE", type=Path)
        parser.add_argument(
            "--show", action="store_true", help="tell whether a key is stored, and its first characters"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Store the key, or show it."""
        try:
            if options["show"]:
                self.stdout.write(f"Key {application.load().key[:4]}…, and a secret")
                return
            key = (options["consumer_key"] or ask("Consumer key")).strip()
            secret = read_secret(options).strip()
            if not key or not secret:
                raise CommandError("Both a key and a secret are needed: see discogs.com/settings/developers")
            application.store(Application(key, secret))
        except NotAvailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Stored: users can link their accounts")


def read_secret(options: dict[str, Any]) -> str:
    """Return the secret from an option, a file, the terminal or stdin."""
    if options["consumer_secret"]:
        return str(options["consumer_secret"])
    if path := options["consumer_secret_file"]:
        try:
            return str(path.read_text())
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    return ask("Consumer secret")


def ask(what: str) -> str:
    """Ask on the terminal, without showing what is typed; elsewhere read a line of stdin."""
    return getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline()
