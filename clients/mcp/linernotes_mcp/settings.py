"""What the environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

DEFAULT_API = "http://localhost:8004"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
REQUESTS_PER_MINUTE = 120


class SettingsError(Exception):
    """A variable of the environment that makes no sense."""


@dataclass(frozen=True)
class Settings:
    """The settings of a server. ``token`` is that of stdio; callers over HTTP have their own."""

    api_base_url: str = DEFAULT_API
    token: str | None = None
    is_anonymous: bool = False
    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    allowed_origins: tuple[str, ...] = ()
    requests_per_minute: int = REQUESTS_PER_MINUTE


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; an empty variable counts as none.

    Raises:
        SettingsError: a value is not possible.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    return Settings(
        api_base_url=check_url(given.get("API_BASE_URL", DEFAULT_API)),
        token=given.get("API_TOKEN") or read_file(given.get("API_TOKEN_FILE")),
        is_anonymous=given.get("MCP_ANONYMOUS", "").lower() in ("1", "true", "yes", "on"),
        allowed_hosts=split(given.get("MCP_ALLOWED_HOSTS")) or LOCAL_HOSTS,
        allowed_origins=split(given.get("MCP_ALLOWED_ORIGINS")),
        requests_per_minute=read_number("MCP_REQUESTS_PER_MINUTE", given.get("MCP_REQUESTS_PER_MINUTE")),
    )


def check_url(text: str) -> str:
    """Return the address of the API if it is one."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError("API_BASE_URL must be an address such as http://localhost:8004")
    return text


def read_file(path: str | None) -> str | None:
    """Return the token in a file."""
    if not path:
        return None
    try:
        return Path(path).read_text().strip() or None
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"API_TOKEN_FILE cannot be read: {type(error).__name__}") from None


def read_number(name: str, text: str | None) -> int:
    """Return a number of at least 1."""
    if text is None:
        return REQUESTS_PER_MINUTE
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{name} must be a number of at least 1")
    return int(text)


def split(text: str | None) -> tuple[str, ...]:
    """Return the values of a list with commas."""
    return tuple(filter(None, (each.strip() for each in (text or "").split(","))))
