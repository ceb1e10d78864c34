"""Resources and prompts: records by their address, and beginnings of conversations."""

from __future__ import annotations

import json
from typing import Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from linernotes_mcp.answering import Caller, open_api
from linernotes_mcp.api import ApiError

MIME_TYPE = "application/json"


async def artist(context: Caller, id: str) -> str:  # noqa: A002 - the variable of its address
    """An artist: genres, styles, groups, number of releases."""
    return await read(context, "/api/node/{}", id, type="artist")


async def label(context: Caller, id: str) -> str:  # noqa: A002
    """A label and its number of releases."""
    return await read(context, "/api/node/{}", id, type="label")


async def release(context: Caller, id: str) -> str:  # noqa: A002
    """A whole release: tracks, credits, identifiers, companies."""
    return await read(context, "/api/release/{}", id)


async def master(context: Caller, id: str) -> str:  # noqa: A002
    """A whole master with its releases."""
    return await read(context, "/api/master/{}", id)


async def genre(context: Caller, name: str) -> str:
    """A genre and its number of artists."""
    return await read(context, "/api/node/{}", name, type="genre")


async def style(context: Caller, name: str) -> str:
    """A style and its number of artists."""
    return await read(context, "/api/node/{}", name, type="style")


async def read(context: Caller, path: str, key: str, **parameters: Any) -> str:
    """Return an answer of the API as text."""
    try:
        found = await open_api(context).get(path, key, **parameters)
    except ApiError as error:
        kind = ResourceNotFoundError if error.code in ("not_found", "invalid_arguments") else ResourceError
        raise kind(str(error)) from None
    return json.dumps(found, ensure_ascii=False)


def compare_two_artists(first: str, second: str) -> str:
    """Compare two artists: sound, years, labels, people in common."""
    return (
        f"Compare the artists {first!r} and {second!r}. Find both with search. Look at their details, trends and "
        "collaborators, and find a path between them. Say what they share, how they differ and what connects them. "
        "Name only what the tools found."
    )


def find_gaps(entity_type: Literal["artist", "label", "master"], name: str) -> str:
    """Find what the user's collection lacks of an artist, a label or a master."""
    return (
        f"What does my collection lack of the {entity_type} {name!r}? Find its id with search, then ask get_my_gaps "
        "until there is no next_cursor. Group what is missing by decade and format, and say what is on my wantlist "
        "already."
    )


def add_resources_and_prompts(server: MCPServer[Any]) -> None:
    """Add all of them to a server."""
    for record in (artist, label, release, master):
        server.resource(f"discogs://{record.__name__}/{{id}}", mime_type=MIME_TYPE)(record)
    for kind in (genre, style):
        server.resource(f"discogs://{kind.__name__}/{{name}}", mime_type=MIME_TYPE)(kind)
    server.prompt(title="Compare two artists")(compare_two_artists)
    server.prompt(title="Find gaps")(find_gaps)
