"""A polite HTTP client for publishers' sites: it names itself, spaces its requests and obeys ``Retry-After``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import requests
import urllib3
from django.conf import settings

from apps.http import pace
from apps.http.clock import Clock, SystemClock
from apps.http.errors import RefusedError, SiteError
from apps.stack import outages

BLOCK_BYTES = 1024**2
# How often in a row a site may answer that it is busy.
WAITS = 5
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
GIVEN = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)


class Client:
    """Sends requests to one site, one at a time."""

    def __init__(self, pacing: pace.Pace, *, user_agent: str, timeout_seconds: float) -> None:
        self.pace = pacing
        self.clock = pacing.clock
        self.timeout_seconds = timeout_seconds
        self.session = requests.Session()
        # "identity": dumps are compressed already, and the checksum is that of the compressed bytes.
        self.session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "identity"})

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[requests.Response]:
        """Request a URL and yield the response with its body unread.

        The status is 200, or 206 or 416 if ``headers`` ask for a range.

        Raises:
            RefusedError: The site does not have the page or file, or was busy ``WAITS`` times.
            SiteError: The site does not answer, or answers with a server error.
        """
        response = self.ask(url, headers or {})
        for waits in range(WAITS):
            if response.status_code not in BUSY:
                break
            response.close()
            seconds = pace.wait_seconds(response.headers.get("Retry-After"), waits, self.clock.time())
            self.pace.hold(seconds)
            response = self.ask(url, headers or {})
        with response:
            require_given(response, url)
            yield response

    def ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """Send one request, when the pace of the site allows it."""
        self.pace.take_turn()
        try:
            return self.session.get(url, headers=dict(headers), stream=True, timeout=self.timeout_seconds)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise SiteError(f"{url} does not answer: {outages.explain_request(error)}") from error

    def text(self, url: str, longest_bytes: int) -> str:
        """Return the text of a page.

        Raises:
            SiteError: As in ``open``, or the page is longer than ``longest_bytes``.
        """
        content = bytearray()
        with self.open(url) as response:
            for block in blocks(response):
                content += block
                if len(content) > longest_bytes:
                    raise SiteError(f"{url} is longer than {longest_bytes:,} bytes: is it the right address?")
        return content.decode("utf-8", errors="replace")


def require_given(response: requests.Response, url: str) -> None:
    """Raise unless the status of a response is one of ``GIVEN``."""
    status = response.status_code
    if status in GIVEN:
        return
    if status in BUSY:
        raise RefusedError(f"{url} put us off {WAITS} times (status {status}): try again later")
    said = f"{url} answers with status {status}"
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise RefusedError(f"{said}: the publisher does not give it to us")
    raise SiteError(said)


def blocks(response: requests.Response) -> Iterator[bytes]:
    """Yield the body of a response in blocks.

    Raises:
        SiteError: The body ends too early, or the site stops sending.
    """
    try:
        # Not decoded: a site may declare a .gz file as gzip-encoded content, and it would be decompressed here.
        yield from response.raw.stream(BLOCK_BYTES, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise SiteError(f"{response.url} broke off: {outages.explain_request(error)}") from error


def pace_file(source: str) -> str:
    """Return the name of the file, in the folder of the dumps, that holds the time of the next allowed request."""
    return f".{source}_next_request"


def of(source: str, folder: Path, clock: Clock | None = None) -> Client:
    """Return a client for a source's site. All processes that use the same folder share its pace."""
    pacing = pace.Pace(
        folder / pace_file(source),
        interval_seconds=settings.FETCH_INTERVAL_SECONDS,
        longest_seconds=settings.FETCH_LONGEST_WAIT_SECONDS,
        clock=clock or SystemClock(),
    )
    return Client(pacing, user_agent=settings.FETCH_USER_AGENT, timeout_seconds=settings.FETCH_TIMEOUT_SECONDS)
