"""Requests to Discogs, signed by OAuth 1.0a (HMAC-SHA1)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import requests
from django.conf import settings
from requests_oauthlib import OAuth1Session

from apps.collections.discogs.application import Application
from apps.http import pace
from apps.http.errors import RefusedError, SiteError
from apps.stack import outages

TIMEOUT_SECONDS = 30
# A page of a hundred items has some 200 KB.
LONGEST_BYTES = 16 * 1024**2
BLOCK_BYTES = 64 * 1024


class UnauthorizedError(RefusedError):
    """Discogs does not accept the token of a user any more."""


class BusyError(SiteError):
    """Discogs wants fewer requests; ``seconds``: how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Discogs is busy and asks us to wait for {seconds:.0f} seconds")
        self.seconds = seconds


class Discogs:
    """Discogs as one user of it: ``token`` and ``secret`` are those of the user, or of a request for them."""

    def __init__(self, application: Application, token: str = "", secret: str = "", **options: str) -> None:
        self.session = OAuth1Session(
            application.key,
            client_secret=application.secret,
            resource_owner_key=token or None,
            resource_owner_secret=secret or None,
            **options,
        )
        self.session.headers["User-Agent"] = settings.FETCH_USER_AGENT
        # Requests left in this minute, as Discogs said last; None if it said nothing.
        self.requests_left: int | None = None

    @classmethod
    def as_application(cls, application: Application) -> Discogs:
        """Return Discogs as our application, for what needs no user."""
        found = cls(application)
        found.session.auth = None
        found.session.headers["Authorization"] = f"Discogs key={application.key}, secret={application.secret}"
        return found

    def get_json(self, path: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON object at a path.

        Raises:
            UnauthorizedError, BusyError, RefusedError, SiteError: as ``ask``.
            SiteError: What comes is no JSON object.
        """
        response = self.ask("GET", path, parameters)
        try:
            found = response.json()
        except ValueError as error:
            raise SiteError(f"{path} of Discogs is not JSON") from error
        if not isinstance(found, dict):
            raise SiteError(f"{path} of Discogs is no JSON object")
        return found

    def get_token(self, method: str, path: str) -> tuple[str, str]:
        """Return the token and the secret that a step of OAuth gives.

        Raises:
            UnauthorizedError, BusyError, RefusedError, SiteError: as ``ask``.
        """
        fields = parse_qs(self.ask(method, path).text)
        try:
            return fields["oauth_token"][0], fields["oauth_token_secret"][0]
        except KeyError as error:
            raise SiteError(f"{path} of Discogs gives no token") from error

    def ask(self, method: str, path: str, parameters: Mapping[str, Any] | None = None) -> requests.Response:
        """Send one request and return its answer, which is 200.

        Raises:
            UnauthorizedError: Discogs does not accept the token.
            BusyError: Discogs wants fewer requests.
            RefusedError: Discogs refuses for another reason.
            SiteError: Discogs does not answer, or answers with a server error or without end.
        """
        url = f"{settings.DISCOGS_API_URL}{path}"
        response: requests.Response
        try:
            with self.session.request(
                method, url, params=parameters, timeout=TIMEOUT_SECONDS, stream=True, allow_redirects=False
            ) as response:
                read_body(response, path)
        except (requests.RequestException, OSError) as error:
            raise SiteError(f"Discogs does not answer: {outages.explain_request(error)}") from error
        left = response.headers.get("X-Discogs-Ratelimit-Remaining", "")
        self.requests_left = int(left) if left.isascii() and left.isdigit() and len(left) < 10 else None
        require_given(response, path)
        return response


def read_body(response: requests.Response, path: str) -> None:
    """Read the body of a response, unless it is too long."""
    body = bytearray()
    for block in response.iter_content(BLOCK_BYTES):
        body += block
        if len(body) > LONGEST_BYTES:
            raise SiteError(f"{path} of Discogs is longer than {LONGEST_BYTES:,} bytes")
    response._content = bytes(body)  # noqa: SLF001 - what ``content``, ``text`` and ``json`` read


def require_given(response: requests.Response, path: str) -> None:
    """Raise unless a response has what was asked for."""
    status = response.status_code
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        asked = response.headers.get("Retry-After")
        raise BusyError(pace.wait_seconds(asked, 0, time.time()) if asked else settings.DISCOGS_BUSY_SECONDS)
    if status == HTTPStatus.UNAUTHORIZED:
        raise UnauthorizedError(f"{path} of Discogs answers with status 401")
    said = f"{path} of Discogs answers with status {status}"
    raise (RefusedError if status < HTTPStatus.INTERNAL_SERVER_ERROR else SiteError)(said)
