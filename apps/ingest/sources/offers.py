"""What a publisher offers, in a form that is the same for all sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overview:
    """The published versions: the newest complete one, the incomplete ones, and warnings about the pages."""

    newest: str | None
    incomplete: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that can be downloaded: the key of each wanted type, and the checksums by file name.

    A key is a file's name at the publisher's site, with its folders.
    """

    version: str
    keys: dict[str, str]
    checksums: dict[str, str]
    warnings: tuple[str, ...] = ()

    def checksum(self, key: str) -> str:
        """Return the published SHA-256 of a key's file in hex; "" if none is published."""
        return self.checksums.get(file_name(key), "")


def file_name(key: str) -> str:
    """Return the file name of a key, without its folders."""
    return key.rpartition("/")[2]
