"""The two hashes that find unchanged records.

The raw hash is over a record's bytes: if it is equal, the record is not even parsed. The content hash is over the
canonical JSON: if it is equal, nothing is written to the stores, although the bytes differ.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

# Raise this number when a change of the code makes another record of the same bytes: it is part of the raw hash, so
# every record is then extracted again.
EXTRACTION_REVISION = 2


def dump_canonical(record: dict[str, Any]) -> bytes:
    """Return the canonical JSON (docs/contract/data.md#content-hash): keys sorted by code point, no blanks, UTF-8."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


def content_hash(canonical_json: bytes) -> bytes:
    """Return the SHA-256 of a record's canonical JSON, 32 bytes."""
    return hashlib.sha256(canonical_json).digest()


def raw_salt(rules_digest: bytes) -> bytes:
    """Return a prefix for raw hashes that changes with the extraction revision and with the rules, 32 bytes."""
    return hashlib.sha256(b"%d\0" % EXTRACTION_REVISION + rules_digest).digest()


def raw_hash(salt: bytes, raw: bytes) -> bytes:
    """Return the SHA-256 over the salt and a record's bytes, 32 bytes."""
    return hashlib.sha256(salt + raw).digest()
