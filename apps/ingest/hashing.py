"""What tells that a record is the same: over its bytes, to save the work, and over its content, to save the stores."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

# Raised whenever parsing or normalising changes what becomes of the same bytes: every record is then extracted anew.
EXTRACTION_REVISION = 2


def canonical(record: dict[str, Any]) -> bytes:
    """Return the canonical JSON (docs/contract/data.md#content-hash): keys sorted by code point, no blanks, UTF-8."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


def content_hash(canonical_json: bytes) -> bytes:
    """Return the SHA-256 of a record's canonical JSON, 32 bytes."""
    return hashlib.sha256(canonical_json).digest()


def raw_salt(rules_digest: bytes) -> bytes:
    """Return what goes before a record's bytes in their hash: what else decides what becomes of them."""
    return hashlib.sha256(b"%d\0" % EXTRACTION_REVISION + rules_digest).digest()


def raw_hash(salt: bytes, raw: bytes) -> bytes:
    """Return the SHA-256 over a record's bytes, 32 bytes."""
    return hashlib.sha256(salt + raw).digest()
