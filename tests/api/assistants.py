"""An assistant: the client of the package mcp, unchanged, with the server that it starts or is told of."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult

from tests.api.site import PROJECT


class Assistant:
    """A client, asked from code that is not asynchronous."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self.portal = portal
        self.client = client

    def call(self, name: str, /, **arguments: Any) -> CallToolResult:
        """Call a tool; the client checks the answer against the schema that the tool declares."""
        result: CallToolResult = self.portal.call(self.client.call_tool, name, arguments)
        return result

    def ask(self, name: str, /, **arguments: Any) -> Any:
        """Return what a tool answers, which must be no error."""
        result = self.call(name, **arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def refusal(self, name: str, /, **arguments: Any) -> Any:
        """Return the error that a tool gives."""
        result = self.call(name, **arguments)
        assert result.is_error, result.structured_content
        return result.structured_content

    def run(self, method: str, *arguments: Any) -> Any:
        """Return what a method of the client does."""
        return self.portal.call(getattr(self.client, method), *arguments)


@contextmanager
def connect(transport: Any) -> Iterator[Assistant]:
    """Connect an assistant to a server."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(transport)) as client,
    ):
        yield Assistant(portal, client)


@contextmanager
def over_stdio(api: str, variables: Mapping[str, str] | None = None) -> Iterator[Assistant]:
    """Start a server as an assistant on the desktop does."""
    environment = {**os.environ, "API_BASE_URL": api, **(variables or {})}
    command = [str(PROJECT / "manage.py"), "mcp"]
    parameters = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=PROJECT)
    with connect(stdio_client(parameters)) as assistant:
        yield assistant
