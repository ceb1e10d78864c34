"""Encryption of users' secrets: a copy of the database alone reveals none of them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import transaction

KEY_BYTES = 32


@dataclass(frozen=True)
class EncryptedField:
    """A field of a model that is encrypted: the model's label, the field's name, the purpose of its key."""

    model: str
    field: str
    purpose: str


_encrypted: set[EncryptedField] = set()


def register_field(model: str, field: str, purpose: str) -> None:
    """Let ``rotate_keys`` know of an encrypted text field, such as ``accounts.Authenticator``'s ``secret``."""
    _encrypted.add(EncryptedField(model, field, purpose))


def list_keys() -> list[str]:
    """Return the master keys, newest first: ``ENCRYPTION_MASTER_KEYS``, else ``ENCRYPTION_MASTER_KEY``."""
    return settings.ENCRYPTION_MASTER_KEYS or [key for key in (settings.ENCRYPTION_MASTER_KEY,) if key]


def get_cipher(purpose: str) -> MultiFernet:
    """Return the cipher of a purpose: it encrypts with the newest key and decrypts with each.

    Each purpose has its own key, derived from the master key.

    Raises:
        ValueError: there is no master key, or one is not 32 bytes in base64.
    """
    keys = list_keys()
    if not keys:
        raise ValueError("ENCRYPTION_MASTER_KEY is missing")
    return MultiFernet([derive_cipher(key, purpose) for key in keys])


def derive_cipher(key: str, purpose: str) -> Fernet:
    """Return the cipher that one master key gives for a purpose."""
    try:
        master = base64.b64decode(key, validate=True)
    except binascii.Error:
        master = b""
    if len(master) != KEY_BYTES:
        raise ValueError(f"ENCRYPTION_MASTER_KEY is not {KEY_BYTES} bytes in base64")
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(master)
    return Fernet(base64.urlsafe_b64encode(derived))


def rotate_keys() -> tuple[int, int]:
    """Encrypt every stored secret with the newest key; return how many were, and how many no key can read.

    A row that changes meanwhile is not overwritten: each is read and written under its lock.
    """
    rotated = unreadable = 0
    for each in sorted(_encrypted, key=lambda found: (found.model, found.field)):
        rows = apps.get_model(each.model)._default_manager  # noqa: SLF001
        cipher = get_cipher(each.purpose)
        for pk in rows.exclude(**{each.field: ""}).values_list("pk", flat=True).iterator():
            with transaction.atomic():
                row = rows.select_for_update().filter(pk=pk).first()
                if row is None:
                    continue
                try:
                    setattr(row, each.field, cipher.rotate(getattr(row, each.field)).decode())
                except InvalidToken:
                    unreadable += 1
                    continue
                row.save(update_fields=(each.field,))
                rotated += 1
    return rotated, unreadable
