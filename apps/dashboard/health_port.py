"""The port for monitoring: health and metrics only.

``manage.py serve`` serves it from a process of its own, so that it answers while the web server is busy or hangs. It
checks neither ``ALLOWED_HOSTS`` nor HTTPS. A slow client blocks no thread and is cut off after ``HEAD_SECONDS``.
"""

from __future__ import annotations

import asyncio
import io
import logging
from http.client import HTTPException, parse_headers

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from apps.api.middleware import HEALTH, SECURITY_HEADERS
from apps.api.responses import reply
from apps.dashboard import health, views

logger = logging.getLogger(__name__)

# This port has no proxy in front of it that would keep slow or greedy clients away.
# Limits: bytes and seconds for the head of a request, and connections at a time.
HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 5.0
MOST_CONNECTIONS = 500
END_OF_HEAD = b"\r\n\r\n"


class HealthPort:
    """A server on one port, with one request a connection."""

    def __init__(self) -> None:
        self.connections = 0

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Start the server.

        Raises:
            OSError: the port is taken, or the host is none of this machine's addresses.
        """
        return await asyncio.start_server(self.serve, host, port, limit=HEAD_BYTES)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the request of one connection and close it."""
        self.connections += 1
        try:
            # Beyond the limit the connection is closed at once, without an answer: reading a request costs memory, and
            # a probe takes a closed connection for what it is, a failure.
            if self.connections <= MOST_CONNECTIONS:
                await answer_connection(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            # The client is gone, or too slow.
            pass
        finally:
            self.connections -= 1
            writer.close()


async def answer_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request and answer it in a thread, because the views query the stores."""
    address, *_ = writer.get_extra_info("peername") or ("",)
    async with asyncio.timeout(HEAD_SECONDS):
        try:
            request = read_request(await reader.readuntil(END_OF_HEAD), address)
        # A head that is too large, not ASCII, or not HTTP at all, such as the first bytes of TLS.
        except (ValueError, HTTPException, asyncio.LimitOverrunError):
            request = None
    # The views use Django's ORM, which blocks. On the event loop one slow store would keep every other probe waiting.
    response = await asyncio.to_thread(answer_request, request) if request else make_empty_response(400)
    writer.write(encode_response(response))
    async with asyncio.timeout(HEAD_SECONDS):
        await writer.drain()


def read_request(head: bytes, address: str) -> HttpRequest:
    """Parse the head of a request from a client at an address.

    Raises:
        ValueError, HTTPException: it is not HTTP.
    """
    lines = io.BytesIO(head)
    method, target, _ = lines.readline().decode("ascii").split()
    request = HttpRequest()
    request.method, request.path = method, target.partition("?")[0]
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in parse_headers(lines).items()}
    request.META = {"REMOTE_ADDR": address, **headers}
    return request


def answer_request(request: HttpRequest) -> HttpResponse:
    """Return the answer at the path of a request."""
    view = VIEWS.get(request.path)
    if view is None:
        return make_empty_response(404)
    if request.method != "GET":
        response: HttpResponse = HttpResponseNotAllowed(["GET"])
        return response
    try:
        response = view(request)
    except Exception:
        # The last resort: the port must go on answering.
        logger.exception("%s failed on the health port", request.path)
        response = make_empty_response(500)
    return response


def tell_health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """``GET /health``: 200 if the API is healthy, else 503."""
    report = health.report_health()
    return reply(report, 200 if report["status"] == health.HEALTHY else 503)


VIEWS = {HEALTH: tell_health, "/metrics": views.answer_metrics}


def make_empty_response(status: int) -> HttpResponse:
    """Return an answer without a body."""
    response = HttpResponse(status=status)
    del response["Content-Type"]
    return response


def encode_response(response: HttpResponse) -> bytes:
    """Return an answer as bytes of HTTP/1.1."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response["Cache-Control"] = "no-store"
    # One request a connection: keeping connections open would need time-outs for idle ones, and probes do not reuse
    # them.
    response["Connection"] = "close"
    response["Content-Length"] = str(len(response.content))
    status = f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n"
    return status.encode() + response.serialize_headers() + END_OF_HEAD + response.content
