"""Encryption of users' secrets: a copy of the database alone reveals none of them."""

from __future__ import annotations

import base64
import binascii

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32


def get_cipher(purpose: str) -> Fernet:
    """Return the cipher of a purpose; each has its own key, derived from ``ENCRYPTION_MASTER_KEY``.

    Raises:
        ValueError: the master key is not 32 bytes in base64.
    """
    try:
        master = base64.b64decode(settings.ENCRYPTION_MASTER_KEY, validate=True)
    except binascii.Error:
        master = b""
    if len(master) != KEY_BYTES:
        raise ValueError(f"ENCRYPTION_MASTER_KEY is not {KEY_BYTES} bytes in base64")
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(master)
    return Fernet(base64.urlsafe_b64encode(derived))
