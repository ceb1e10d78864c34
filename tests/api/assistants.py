"""An assistant: the client of the package mcp, unchanged, with the server that it starts or is told of."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from apps.stack import ports
from tests.api.site import PROJECT, START_SECONDS


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


@dataclass(frozen=True)
class Hosted:
    """A server over HTTP, and what it logs."""

    url: str
    log: Path

    @contextmanager
    def connect(self, **headers: str) -> Iterator[Assistant]:
        """Connect an assistant that sends headers of its own with each call."""
        client = httpx2.AsyncClient(headers=headers, timeout=150, trust_env=False)
        with connect(streamable_http_client(f"{self.url}/mcp", http_client=client)) as assistant:
            try:
                yield assistant
            finally:
                assistant.portal.call(client.aclose)

    def post(self, body: Any = None, **headers: str) -> httpx.Response:
        """Send a call as it goes over the wire, by default a ping."""
        return httpx.post(
            f"{self.url}/mcp",
            json=body or {"jsonrpc": "2.0", "id": 1, "method": "ping"},
            headers={"Accept": "application/json, text/event-stream"} | headers,
            timeout=30,
            trust_env=False,
        )


@contextmanager
def run_hosted(api: str, log: Path, **variables: str) -> Iterator[Hosted]:
    """Run a server over HTTP."""
    port = ports.choose()
    command = [sys.executable, "manage.py", "mcp", "--transport", "streamable-http", "--port", str(port)]
    environment = {**os.environ, "API_BASE_URL": api, "PYTHONUNBUFFERED": "1", **variables}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output)
    try:
        until = time.monotonic() + START_SECONDS
        while not ports.is_answering(port):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < until, log.read_text(errors="replace")
            time.sleep(0.1)
        yield Hosted(f"http://{ports.HOST}:{port}", log)
    finally:
        process.terminate()
        process.wait(START_SECONDS)
