"""Which encoding a text from outside is in: UTF-8 is read, with a byte order mark or without; others are told."""

from __future__ import annotations

import codecs

from apps.ingest.errors import DumpError

MARK = codecs.BOM_UTF8
UTF_8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))


def is_wide(content: bytes | bytearray) -> bool:
    """Tell whether a text begins with the byte order mark of UTF-16 or UTF-32."""
    return content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


def require_utf8(content: bytes | bytearray, declared: str = "utf-8") -> None:
    """Refuse a dump that is not in UTF-8, by its first bytes and by the name of its encoding that it declares.

    Raises:
        DumpError: It is in another encoding.
    """
    name = "UTF-16 or UTF-32" if is_wide(content) else declared
    if name.lower() not in UTF_8:
        raise DumpError(f"is in {name}, and dumps are in UTF-8: convert it, or fetch it again")


def decode(content: bytes) -> str:
    """Return a text in UTF-8, or in UTF-16 with a byte order mark, without that mark."""
    if is_wide(content):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="replace")
