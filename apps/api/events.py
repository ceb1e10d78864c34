"""Server-Sent Events: how one is written, and the answer that sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from django.http import StreamingHttpResponse

MEDIA_TYPE = "text/event-stream"
# nginx would hold the events back.
UNBUFFERED = {"X-Accel-Buffering": "no"}


def write_event(name: str, data: bytes, number: int | None = None) -> bytes:
    """Return an event as it is sent; ``data`` is JSON, which has no line breaks."""
    identity = b"id: %d\n" % number if number is not None else b""
    return b"%sevent: %s\ndata: %s\n\n" % (identity, name.encode(), data)


def respond(content: Iterator[bytes] | AsyncIterator[bytes]) -> StreamingHttpResponse:
    """Return the answer that sends events as they come."""
    return StreamingHttpResponse(content, content_type=MEDIA_TYPE, headers=UNBUFFERED)
