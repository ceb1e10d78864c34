"""Checks before production starts: it refuses missing, known or weak secrets and debugging (decision 50)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import addresses

KEY_CHARACTERS = 50
TOKEN_KEY_CHARACTERS = 32
PASSWORD_CHARACTERS = 16
DIFFERENT_CHARACTERS = 5
# Words in placeholders that were meant to be replaced.
PLACEHOLDERS = ("change", "default", "example", "insecure", "password", "secret")


def require(variables: Mapping[str, str], *, debug: bool) -> None:
    """Refuse to start with an unsafe configuration.

    Raises:
        ImproperlyConfigured: The message names every problem at once, and never a secret.
    """
    found = problems(variables, debug=debug)
    if found:
        raise ImproperlyConfigured(f"Production does not start: {'; '.join(found)}")


def problems(variables: Mapping[str, str], *, debug: bool) -> list[str]:
    """Return one sentence for each problem."""
    found = ["set DEBUG to no: its pages show settings and source"] if debug else []
    key = variables.get("DJANGO_SECRET_KEY", "")
    if not key:
        found.append("set DJANGO_SECRET_KEY, or DJANGO_SECRET_KEY_FILE, to a secret of its own")
    elif is_weak(key, KEY_CHARACTERS):
        found.append(f"DJANGO_SECRET_KEY must be {KEY_CHARACTERS} random characters or more")
    if not (variables.get("ENCRYPTION_MASTER_KEYS") or variables.get("ENCRYPTION_MASTER_KEY")):
        found.append("set ENCRYPTION_MASTER_KEY, or ENCRYPTION_MASTER_KEY_FILE, to 32 random bytes in base64")
    found += [
        f"{name} must be {TOKEN_KEY_CHARACTERS} random characters or more"
        for name in ("JWT_SECRET_KEY", "JWT_PREVIOUS_SECRET_KEY")
        if variables.get(name) and is_weak(variables[name], TOKEN_KEY_CHARACTERS)
    ]
    for name, host in addresses.HOSTS.items():
        if not variables.get(name):
            found.append(f"set {name}, or {name}_FILE, or {host} and its password")
        elif asks_for_password(variables[name]) and is_weak(password(variables[name]), PASSWORD_CHARACTERS):
            found.append(f"the password in {name} must be {PASSWORD_CHARACTERS} random characters or more")
    return found


def is_weak(secret: str, characters: int) -> bool:
    """Tell whether a secret is short, has few different characters, or looks like a placeholder."""
    is_short = len(secret) < characters or len(set(secret)) < DIFFERENT_CHARACTERS
    return is_short or any(word in secret.lower() for word in PLACEHOLDERS)


def password(url: str) -> str:
    """Return the password of an address; "" if it has none."""
    return unquote(urlsplit(url).password or "")


def asks_for_password(url: str) -> bool:
    """Tell whether a server needs a password: it is reached over the network. A socket is guarded by its folder."""
    return bool(urlsplit(url).hostname)
