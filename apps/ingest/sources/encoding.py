"""The encoding of files from outside: UTF-8, with or without a byte order mark. Others are recognised and named."""

from __future__ import annotations

import codecs

from apps.ingest.errors import DumpError

MARK = codecs.BOM_UTF8
# The white space of XML and of JSON. Other blanks of Unicode are text.
WHITE_SPACE = " \t\r\n"
UTF_8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))


def is_wide(content: bytes | bytearray) -> bool:
    """Tell whether a text begins with the byte order mark of UTF-16 or UTF-32."""
    return content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


def require_utf8(content: bytes | bytearray, declared: str = "utf-8") -> None:
    """Check by its first bytes and by its declared encoding that a dump is in UTF-8.

    Raises:
        DumpError: The dump is in another encoding.
    """
    name = "UTF-16 or UTF-32" if is_wide(content) else declared
    if name.lower() not in UTF_8:
        raise DumpError(f"is in {name}, and dumps are in UTF-8: convert it, or fetch it again")


def decode(content: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark, and drop the mark."""
    if is_wide(content):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="replace")
