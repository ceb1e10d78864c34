"""What tools have in common: who calls, what arguments may be, and how an answer and an error are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, TextContent
from pydantic import AfterValidator, BeforeValidator, Field
from starlette.requests import Request

from linernotes_mcp.api import Api, ApiError

LONGEST_SUMMARY = 300
NEAREST = "another number becomes the nearest"
# Functions with their titles for people.
Tools = dict[Callable[..., Any], str]


@dataclass(frozen=True)
class Connection:
    """What calls of tools share: a client of the API and, over stdio, the user's token."""

    client: httpx.AsyncClient
    token: str | None


Caller = Context[Connection, Request]


def open_api(context: Caller) -> Api:
    """Return the API in the name of the caller: over HTTP with the caller's token, never with the server's own."""
    request, shared = context.request_context.request, context.request_context.lifespan_context
    if request is None:
        return Api(shared.client, shared.token)
    address = request.client.host if request.client else None
    return Api(shared.client, read_bearer(request.headers.get("Authorization")), address)


def read_bearer(header: str | None) -> str | None:
    """Return the credential of an ``Authorization`` header."""
    scheme, _, credential = (header or "").partition(" ")
    return credential.strip() or None if scheme.lower() == "bearer" else None


def spell(value: Any) -> Any:
    """Return an id as text: assistants send numbers, too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def clamp(least: int, most: int) -> Callable[[int], int]:
    """Return a function that brings a number into bounds."""
    return lambda number: max(least, min(most, number))


DIGITS = Field(pattern="^[0-9]{1,18}$", description="a Discogs id: digits", examples=["108713"])
ArtistId = Annotated[str, DIGITS, BeforeValidator(spell)]
LabelId = Annotated[str, DIGITS, BeforeValidator(spell)]
ReleaseId = Annotated[str, DIGITS, BeforeValidator(spell)]
Limit = Annotated[int, AfterValidator(clamp(1, 100)), Field(description=f"1 to 100; {NEAREST}")]
SimilarLimit = Annotated[int, AfterValidator(clamp(1, 50)), Field(description=f"1 to 50; {NEAREST}")]
PageLimit = Annotated[int, AfterValidator(clamp(1, 1000)), Field(description=f"1 to 1000; {NEAREST}")]
Depth = Annotated[int, AfterValidator(clamp(1, 10)), Field(description=f"1 to 10; {NEAREST}")]
Cursor = Annotated[
    str | None,
    Field(pattern="^[0-9]{1,18}$", description="next_cursor of the page before; none for the first page"),
    BeforeValidator(spell),
]


def say_how_many(things: str, start: int, end: int, total: int) -> str:
    """Return which of how many things a page has, and how to go on."""
    if start == 0 and end == total:
        return f"{total} {things}"
    shown = f"{start + 1} to {end} of {total} {things}" if end > start else f"none of {total} {things}"
    return f"{shown}; go on with cursor {end}" if end < total else shown


def answer(body: dict[str, Any], summary: str) -> CallToolResult:
    """Return an answer of the API as it is, with one line about it.

    The text has the answer, too: many assistants show their model nothing else.
    """
    line = " ".join(summary.split())
    short = line if len(line) <= LONGEST_SUMMARY else line[: LONGEST_SUMMARY - 1] + "…"
    return CallToolResult(
        content=[TextContent(text=short), TextContent(text=json.dumps(body, ensure_ascii=False))],
        structured_content=body,
    )


def refuse(error: ApiError) -> CallToolResult:
    """Return an error as a result, which the model reads and can act on."""
    body = error.as_json()
    line = f"{body['error']} ({error.code})"
    if error.retry_after:
        line += f"; try again in {error.retry_after} seconds"
    return CallToolResult(content=[TextContent(text=line)], structured_content=body, is_error=True)
