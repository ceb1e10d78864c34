"""The key of our application at Discogs, which an operator gets there and stores here, encrypted."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import InvalidToken

from apps.accounts import encryption
from apps.api.responses import NotAvailable
from apps.collections.models import AppConfig

KEY, SECRET = "discogs_consumer_key", "discogs_consumer_secret"
PURPOSE = "oauth-tokens"


@dataclass(frozen=True, slots=True)
class Application:
    """The key and the secret of our application."""

    key: str
    secret: str


def encrypt(text: str) -> str:
    """Return a secret as it is stored.

    Raises:
        NotAvailable: there is no key to encrypt with.
    """
    try:
        return encryption.get_cipher(PURPOSE).encrypt(text.encode()).decode()
    except ValueError as error:
        raise NotAvailable(f"Secrets cannot be stored: {error}") from error


def decrypt(stored: str) -> str:
    """Return a stored secret.

    Raises:
        NotAvailable: no key of this site reads it.
    """
    try:
        return encryption.get_cipher(PURPOSE).decrypt(stored).decode()
    except (InvalidToken, ValueError) as error:
        raise NotAvailable("A stored secret of Discogs cannot be read: was ENCRYPTION_MASTER_KEY changed?") from error


def store(application: Application) -> None:
    """Store the application's key, in place of one of before."""
    for key, value in ((KEY, application.key), (SECRET, application.secret)):
        AppConfig.objects.update_or_create(key=key, defaults={"value": encrypt(value)})


def load() -> Application:
    """Return the application's key.

    Raises:
        NotAvailable: there is none, or it cannot be read.
    """
    stored = dict(AppConfig.objects.filter(key__in=(KEY, SECRET)).values_list("key", "value"))
    if len(stored) < 2:
        raise NotAvailable("Discogs is not set up: manage.py discogs_setup stores the key of an application")
    return Application(decrypt(stored[KEY]), decrypt(stored[SECRET]))
