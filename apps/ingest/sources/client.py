"""A polite HTTP client for publishers' sites: it says who it is, keeps its distance and waits when it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import requests
import urllib3
from django.conf import settings

from apps.ingest.errors import RefusedError, SiteError
from apps.ingest.sources import pace
from apps.ingest.sources.clock import Clock, SystemClock
from apps.stack import outages

BLOCK_BYTES = 1024**2
# Requests that a site may put off in a row.
WAITS = 5
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
GIVEN = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)


class Client:
    """Asks one site, one request at a time."""

    def __init__(self, pacing: pace.Pace, *, user_agent: str, timeout_seconds: float) -> None:
        self.pace = pacing
        self.clock = pacing.clock
        self.timeout_seconds = timeout_seconds
        self.session = requests.Session()
        # The bytes as they are: a dump is compressed by itself.
        self.session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "identity"})

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[requests.Response]:
        """Ask for an address and yield the answer with its body unread: 200, or 206 or 416 where a range was asked for.

        Raises:
            RefusedError: The site does not have it, or put us off too often.
            SiteError: The site does not answer, or with an error of its own.
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
        """Make one request, in turn."""
        self.pace.take_turn()
        try:
            return self.session.get(url, headers=dict(headers), stream=True, timeout=self.timeout_seconds)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise SiteError(f"{url} does not answer: {outages.explain_request(error)}") from error

    def text(self, url: str, longest_bytes: int) -> str:
        """Return a page.

        Raises:
            SiteError: As ``open``, or it is longer than a page of its kind can be.
        """
        content = bytearray()
        with self.open(url) as response:
            for block in blocks(response):
                content += block
                if len(content) > longest_bytes:
                    raise SiteError(f"{url} is longer than {longest_bytes:,} bytes: is it the right address?")
        return content.decode("utf-8", errors="replace")


def require_given(response: requests.Response, url: str) -> None:
    """Raise unless an answer is one that has something for us."""
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
    """Yield the body of an answer as it comes.

    Raises:
        SiteError: It ends too early, or the site falls silent.
    """
    try:
        # What a site says of the encoding of a .gz file is not to be believed.
        yield from response.raw.stream(BLOCK_BYTES, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise SiteError(f"{response.url} broke off: {outages.explain_request(error)}") from error


def pace_file(source: str) -> str:
    """Return the name of the file in the folder of the dumps that says when the next request may be."""
    return f".{source}_next_request"


def of(source: str, folder: Path, clock: Clock | None = None) -> Client:
    """Return a client for the site of a source's dumps; its pace is shared by all who have this folder."""
    pacing = pace.Pace(
        folder / pace_file(source),
        interval_seconds=settings.FETCH_INTERVAL_SECONDS,
        longest_seconds=settings.FETCH_LONGEST_WAIT_SECONDS,
        clock=clock or SystemClock(),
    )
    return Client(pacing, user_agent=settings.FETCH_USER_AGENT, timeout_seconds=settings.FETCH_TIMEOUT_SECONDS)
