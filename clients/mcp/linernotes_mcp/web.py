"""The server over HTTP, for many callers: who may call, from which pages, and how often."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from datetime import UTC, datetime

import uvicorn
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from linernotes_mcp.answering import Connection, read_bearer
from linernotes_mcp.api import Api, ApiError, make_client
from linernotes_mcp.settings import Settings

HEALTH = "/health"
WINDOW_SECONDS = 60
APP_TOKEN = re.compile(r"dscg_[\w-]{43}", re.ASCII)
STATUSES = {"unauthorized": 401, "rate_limited": 429}
# Seconds after which a caller may try again while the API does not answer.
PAUSE_SECONDS = 5


def serve(server: MCPServer[Connection], settings: Settings, host: str, port: int) -> None:
    """Serve at ``/mcp`` until the process is ended."""
    uvicorn.run(make_app(server, settings), host=host, port=port, server_header=False, timeout_graceful_shutdown=10)


def make_app(server: MCPServer[Connection], settings: Settings) -> Starlette:
    """Return the application: ``/mcp`` behind the gate, and ``/health``."""
    server.custom_route(HEALTH, methods=["GET"])(say_health)
    security = TransportSecuritySettings(
        allowed_hosts=[*settings.allowed_hosts, *(f"{host}:*" for host in settings.allowed_hosts)],
        allowed_origins=list(settings.allowed_origins),
    )
    # A call is one request with one answer, so any process can take it.
    app = server.streamable_http_app(stateless_http=True, json_response=True, transport_security=security)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "Mcp-Protocol-Version", "Mcp-Session-Id"],
    )
    return app


async def say_health(_: Request) -> Response:
    """Return that the process lives; whether the API does, calls say."""
    body = {"status": "healthy", "service": "mcp", "timestamp": datetime.now(UTC).isoformat()}
    return JSONResponse(body)


class Gate:
    """Lets calls through that have a valid app token, or all where anonymous ones are allowed; and not too many."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.window = 0
        self.counts: Counter[str] = Counter()
        # Hashes of the tokens that were valid in this window.
        self.valid: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call that may not be made; else pass it on."""
        if scope["type"] == "http" and scope["path"] != HEALTH:
            try:
                await self.admit(Request(scope))
            except ApiError as error:
                await refuse(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def admit(self, request: Request) -> None:
        """Count a call and check its token.

        Raises:
            ApiError: it has no valid token, or there were too many before.
        """
        now = time.monotonic()
        if (window := int(now // WINDOW_SECONDS)) != self.window:
            self.window = window
            self.counts.clear()
            self.valid.clear()
        token = read_bearer(request.headers.get("Authorization"))
        known = hashlib.sha256(token.encode()).hexdigest() if token else ""
        # Guesses count by address, so that one caller cannot make many of them.
        key = known if known in self.valid else request.client.host if request.client else ""
        self.counts[key] += 1
        if self.counts[key] > self.settings.requests_per_minute:
            rest = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
            raise ApiError("Too many calls", "rate_limited", retry_after=rest)
        if self.settings.is_anonymous or known in self.valid:
            return
        if not token or not APP_TOKEN.fullmatch(token) or not await self.is_valid(token):
            raise ApiError("This server needs an app token of the site, as a bearer token", "unauthorized")
        self.valid.add(known)

    async def is_valid(self, token: str) -> bool:
        """Ask the API whether it knows a token, whatever its scopes."""
        async with make_client(self.settings.api_base_url) as client:
            try:
                await Api(client, token).get("/api/user/collection", limit=1)
            except ApiError as error:
                if error.code in ("unauthorized", "forbidden", "rate_limited"):
                    return error.code != "unauthorized"
                raise ApiError("The API cannot be reached", "unavailable", retry_after=PAUSE_SECONDS) from None
        return True


def refuse(error: ApiError) -> Response:
    """Return an error as an answer over HTTP."""
    headers = {"WWW-Authenticate": "Bearer"} if error.code == "unauthorized" else {}
    if error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(error.as_json(), STATUSES.get(error.code, 503), headers)
