"""The relay: an ASGI application that passes the collector's messages on, by ``/ws`` and by Server-Sent Events.

A process subscribes to Redis once, while it has clients. A client that is slow misses frames, never the newest one; one
that takes nothing for ``STALL_SECONDS`` is dropped, with close code 1011. No client waits for another.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import orjson
import redis.asyncio
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.http.request import split_domain_port, validate_host
from django_otp.middleware import OTPMiddleware
from redis.exceptions import RedisError

from apps.api import limits
from apps.api.events import MEDIA_TYPE, UNBUFFERED, write_event
from apps.api.middleware import SECURITY_HEADERS
from apps.dashboard import access
from apps.dashboard.live import rendering, snapshots, store
from apps.dashboard.live.snapshots import Found

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Text = TypeVar("Text", str, bytes)

SOCKET, STREAM = "/ws", "/api/status/stream"
STALL_SECONDS = 5.0
# A comment keeps proxies from closing a stream in which nothing happens.
HEARTBEAT_SECONDS = 15.0
RECONNECT_SECONDS = 5
RETRY = b"retry: %d\n\n" % (1000 * RECONNECT_SECONDS)
# Connections of one address, and of a process.
MOST_OF_AN_ADDRESS = 10
MOST_CLIENTS = 2000
MOST_EVENTS = 50
# A session that ended is noticed after so long.
STAFF_SECONDS = 60.0
# Close codes of WebSockets: the client is not welcome; it took nothing; there are too many; the server ends.
REFUSED, STALLED, FULL, ENDING = 1008, 1011, 1013, 1012


class Update:
    """A snapshot with the texts that clients get of it; each is made once, for all of them."""

    def __init__(self, snapshot: Found) -> None:
        self.snapshot = snapshot
        self.made: dict[tuple[Any, ...], Any] = {}

    @property
    def number(self) -> int:
        """The id of the event, growing: milliseconds since 1970."""
        return round(snapshots.read_time(self.snapshot).timestamp() * 1000)

    def get_frame(self, *, is_staff: bool) -> Found:
        """Return the message of ``/ws``."""
        return snapshots.make_frame(self.snapshot if is_staff else snapshots.make_public(self.snapshot))

    def write_socket(self, *, is_staff: bool) -> str:
        """Return the message as text."""
        return self.make((is_staff,), lambda: orjson.dumps(self.get_frame(is_staff=is_staff)).decode())

    def write_stream(self, *, is_staff: bool, page: str | None) -> bytes:
        """Return the events of the stream: the figures or, for a page, its HTML; ``page`` is its filter of events."""
        return self.make((is_staff, page), lambda: self.write_event(is_staff=is_staff, page=page))

    def write_event(self, *, is_staff: bool, page: str | None) -> bytes:
        """Compose what ``write_stream`` returns."""
        if page is None:
            return write_event("metrics_update", orjson.dumps(self.get_frame(is_staff=is_staff)["data"]), self.number)
        html = rendering.render(self.snapshot, is_staff=is_staff, problems=page == "problems")
        return write_event("page", orjson.dumps({"html": html}), self.number)

    def make(self, key: tuple[Any, ...], make: Callable[[], Text]) -> Text:
        """Return the text of a key, made at its first use."""
        if key not in self.made:
            self.made[key] = make()
        found: Text = self.made[key]
        return found


class Client:
    """One connection: the newest frame and the latest events that it has not taken yet."""

    def __init__(self, *, is_staff: bool) -> None:
        self.is_staff = is_staff
        self.checked_at = time.monotonic()
        self.update: Update | None = None
        self.events: deque[Found] = deque(maxlen=MOST_EVENTS)
        self.ready = asyncio.Event()

    def give(self, *, update: Update | None = None, event: Found | None = None) -> None:
        """Note what is new, in the place of a frame that was not taken yet."""
        if update is not None:
            self.update = update
        if event is not None:
            self.events.append(event)
        self.ready.set()

    async def take(self, seconds: float) -> tuple[list[Found], Update | None]:
        """Wait for something new; return events and a frame, none of either after ``seconds``."""
        # Not wait_for(): in Python 3.11 it loses a cancellation that comes together with something new.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ready.wait()
        self.ready.clear()
        events, self.events = list(self.events), deque(maxlen=MOST_EVENTS)
        update, self.update = self.update, None
        if not self.is_staff:
            events = [snapshots.hide_words(each) for each in events]
        return events, update


class Relay:
    """The application. One of it is in a process."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.by_address: Counter[str] = Counter()
        self.latest: Update | None = None
        self.listening: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a connection to one of the two addresses."""
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        is_socket = scope["type"] == "websocket"
        if is_socket:
            await receive()
        refusal = self.find_refusal(scope, headers)
        if refusal is not None:
            await refuse(send, refusal, is_socket=is_socket)
            return
        # A client without a cookie costs no thread.
        cookie = headers.get("cookie")
        client = Client(is_staff=await asyncio.to_thread(find_staff, cookie) if cookie else False)
        address = get_address(scope, headers)
        self.by_address[address] += 1
        self.clients.add(client)
        try:
            await self.begin(client)
            serve = self.serve_socket if is_socket else self.serve_stream
            await serve(client, scope, headers, receive, send)
        finally:
            self.clients.discard(client)
            self.by_address[address] -= 1
            if not self.by_address[address]:
                del self.by_address[address]

    def find_refusal(self, scope: Scope, headers: dict[str, str]) -> int | None:
        """Return the HTTP status with which a connection is refused; None if it is welcome."""
        host = headers.get("host", "")
        if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
            return 400
        if scope["type"] == "http" and scope["method"] != "GET":
            return 405
        if scope["path"] not in (SOCKET, STREAM):
            return 404
        origin = headers.get("origin")
        # Another site must not read what a member of staff sees. Programs send no origin.
        if origin is not None and urlsplit_host(origin) != host and origin not in settings.CORS_ORIGINS:
            return 403
        if len(self.clients) >= MOST_CLIENTS:
            return 503
        return 429 if self.by_address[get_address(scope, headers)] >= MOST_OF_AN_ADDRESS else None

    async def begin(self, client: Client) -> None:
        """Give a client its first frame, and listen to Redis if it is the first client."""
        if self.listening is None or self.listening.done():
            self.latest = None
            self.listening = asyncio.create_task(self.listen())
        if self.latest is None:
            found = await asyncio.to_thread(store.read_snapshot)
            # Another client may have waited for the same.
            self.latest = self.latest or Update(found or snapshots.make_unknown())
        client.give(update=self.latest)

    async def listen(self) -> None:
        """Pass messages of the collector on to the clients, as long as there are any."""
        watching = asyncio.create_task(self.watch())
        try:
            while self.clients:
                try:
                    await self.subscribe()
                except (RedisError, OSError) as error:
                    logger.warning("the channel of the status is away: %s", error)
                    await asyncio.sleep(1)
        finally:
            watching.cancel()

    async def subscribe(self) -> None:
        """Subscribe, and pass messages on until there are no clients."""
        async with (
            redis.asyncio.from_url(str(settings.CACHES["default"]["LOCATION"]), health_check_interval=10) as client,
            client.pubsub(ignore_subscribe_messages=True) as channel,
        ):
            await channel.subscribe(store.CHANNEL)
            # What was published before the subscription.
            found = await asyncio.to_thread(store.read_snapshot)
            if found and self.latest and snapshots.read_time(found) > snapshots.read_time(self.latest.snapshot):
                self.pass_on(found)
            while self.clients:
                message = await channel.get_message(timeout=STALL_SECONDS)
                if message is not None:
                    self.pass_on(orjson.loads(message["data"]))

    def pass_on(self, message: Found) -> None:
        """Give a message to every client."""
        if message["type"] == "event":
            for client in self.clients:
                client.give(event=message["data"])
            return
        self.latest = Update(message)
        for client in self.clients:
            client.give(update=self.latest)

    async def watch(self) -> None:
        """Tell the collector again and again that someone looks."""
        while True:
            await asyncio.to_thread(store.mark_watched)
            await asyncio.sleep(store.WATCHED_SECONDS / 3)

    async def serve_socket(
        self, client: Client, _: Scope, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        """Send frames and events until the client goes or stalls."""

        async def send_all() -> None:
            while True:
                events, update = await client.take(STAFF_SECONDS)
                await check_staff(client, headers)
                for each in events:
                    message = {"type": "event", "data": each}
                    await send({"type": "websocket.send", "text": orjson.dumps(message).decode()})
                if update is not None:
                    await send({"type": "websocket.send", "text": update.write_socket(is_staff=client.is_staff)})

        await send({"type": "websocket.accept"})
        await run_until_gone(client, send_all, receive, "websocket.disconnect", lambda: send_close(send, STALLED))

    async def serve_stream(
        self, client: Client, scope: Scope, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        """Send Server-Sent Events until the client goes or stalls."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        page = query.get("events", [""])[0] if "page" in query else None

        async def send_text(text: bytes) -> None:
            await send({"type": "http.response.body", "body": text, "more_body": True})

        async def send_all() -> None:
            await send_text(RETRY)
            while True:
                events, update = await client.take(HEARTBEAT_SECONDS)
                await check_staff(client, headers)
                # A page has its events in the HTML.
                found = [] if page is not None else [write_event("event", orjson.dumps(each)) for each in events]
                if update is not None:
                    found.append(update.write_stream(is_staff=client.is_staff, page=page))
                await send_text(b"".join(found) or b": nothing new\n\n")

        await send(begin_response(200, f"{MEDIA_TYPE}; charset=utf-8"))
        await run_until_gone(client, send_all, receive, "http.disconnect", None)


async def run_until_gone(
    client: Client,
    send_all: Callable[[], Awaitable[None]],
    receive: Receive,
    gone: str,
    drop: Callable[[], Awaitable[None]] | None,
) -> None:
    """Send until the client goes; drop it if it takes nothing while there is something for it."""
    sending = asyncio.ensure_future(send_all())
    receiving = asyncio.create_task(wait_for_end(receive, gone))
    waiting_since: float | None = None
    try:
        while not (sending.done() or receiving.done()):
            await asyncio.wait((sending, receiving), timeout=1, return_when=asyncio.FIRST_COMPLETED)
            # What lies here is taken at once by a sender that is not held up by its client.
            now = time.monotonic()
            waiting_since = (waiting_since or now) if client.ready.is_set() else None
            if waiting_since and now - waiting_since > STALL_SECONDS:
                if drop is not None:
                    sending.cancel()
                    with suppress(TimeoutError, OSError):
                        async with asyncio.timeout(1):
                            await drop()
                return
    finally:
        sending.cancel()
        receiving.cancel()
        # An error of the connection is its end; any other one is ours.
        with suppress(asyncio.CancelledError, OSError):
            await sending


async def wait_for_end(receive: Receive, gone: str) -> None:
    """Read what a client sends, which means nothing, until it goes."""
    while (await receive())["type"] != gone:
        pass


async def check_staff(client: Client, headers: dict[str, str]) -> None:
    """Take from a client what staff sees, once its session has ended."""
    if client.is_staff and time.monotonic() - client.checked_at > STAFF_SECONDS:
        client.checked_at = time.monotonic()
        client.is_staff = await asyncio.to_thread(find_staff, headers.get("cookie", ""))


def find_staff(cookies: str) -> bool:
    """Tell whether the cookies have a session of staff."""
    request = HttpRequest()
    request.COOKIES = parse_cookie(cookies)
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    request.session = SessionStore(request.COOKIES[settings.SESSION_COOKIE_NAME])
    found = False

    def look(given: HttpRequest) -> HttpResponse:
        nonlocal found
        found = access.is_staff(given)
        return HttpResponse()

    try:
        request.user = get_user(request)
        OTPMiddleware(look)(request)
    finally:
        connection.close()
    return found


def get_address(scope: Scope, headers: dict[str, str]) -> str:
    """Return the address by which a client counts."""
    peer = scope.get("client") or ("", 0)
    variables = {"REMOTE_ADDR": peer[0]}
    if "x-forwarded-for" in headers:
        variables["HTTP_X_FORWARDED_FOR"] = headers["x-forwarded-for"]
    return limits.get_address(variables) or ""


def urlsplit_host(origin: str) -> str:
    """Return host and port of an origin; "" if it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


REASONS = {
    400: "Bad Request",
    404: "Not Found",
    403: "This origin is not allowed",
    405: "Method Not Allowed",
    429: f"Rate limit exceeded: {MOST_OF_AN_ADDRESS} connections at a time",
    503: "Too many connections: try again in a moment",
}


async def refuse(send: Send, status: int, *, is_socket: bool) -> None:
    """Answer a connection that is not welcome."""
    if is_socket:
        # Before it is accepted: the server answers 403.
        await send_close(send, FULL if status in (429, 503) else REFUSED)
        return
    await send(begin_response(status, "application/json"))
    key = "detail" if status in (400, 403, 405) else "error"
    await send({"type": "http.response.body", "body": orjson.dumps({key: REASONS[status]})})


async def send_close(send: Send, code: int) -> None:
    """Close a WebSocket."""
    await send({"type": "websocket.close", "code": code})


def begin_response(status: int, content_type: str) -> MutableMapping[str, Any]:
    """Return the message with status and headers of an answer."""
    headers = {**SECURITY_HEADERS, "Content-Type": content_type, "Cache-Control": "no-store"}
    if status == 200:
        headers |= UNBUFFERED
    if status in (429, 503):
        headers["Retry-After"] = str(RECONNECT_SECONDS)
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
    }


def is_relayed(scope: Scope) -> bool:
    """Tell whether a connection is one of the relay's."""
    kind, path = str(scope["type"]), scope.get("path")
    return kind == "websocket" or (kind == "http" and path == STREAM)
