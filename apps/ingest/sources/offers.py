"""What a publisher has for us, whoever it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overview:
    """Which versions are published: the newest complete one, those that lack a file, and what to know of the pages."""

    newest: str | None
    incomplete: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that can be downloaded: the key of each type that is wanted, and the checksums by file name."""

    version: str
    keys: dict[str, str]
    checksums: dict[str, str]
    warnings: tuple[str, ...] = ()

    def checksum(self, key: str) -> str:
        """Return the published SHA-256 of a key's file, in hex; empty if there is none."""
        return self.checksums.get(file_name(key), "")


def file_name(key: str) -> str:
    """Return the name of a key's file."""
    return key.rpartition("/")[2]
