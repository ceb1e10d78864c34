"""What the commands about accounts ask their operator for."""

from __future__ import annotations

import getpass
import os
import sys

from django.core.management.base import CommandError

from apps.accounts.models import User, normalise_email
from apps.accounts.passwords import check_password_rules


def find_user(email: str) -> User:
    """Return the user with an address.

    Raises:
        CommandError: there is none.
    """
    user = User.objects.filter(email=normalise_email(email)).first()
    if user is None:
        raise CommandError(f"There is no user {email}")
    return user


def read_password(email: str, variable: str = "") -> str:
    """Return a new password: of a variable, of stdin, or of a prompt at a terminal, which asks twice.

    Raises:
        CommandError: it breaks the rules, or the two differ.
    """
    if variable and os.environ.get(variable):
        password = os.environ[variable]
    elif sys.stdin.isatty():
        password = getpass.getpass("New password: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if wrong := check_password_rules(password, email):
        raise CommandError(wrong[0])
    return password
