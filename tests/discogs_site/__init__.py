"""A Discogs of our own on loopback: OAuth 1.0a, a collection, a wantlist, rates, and failures on demand.

It checks every signature by itself, without the library that makes ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tests import loopback

KEY, SECRET = "our-key", "our-secret"
CLOCK_SECONDS = 300


@dataclass(frozen=True)
class Failure:
    """What the site does instead of answering. ``cut``: it hangs up in the middle of the page."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: bool = False
    change: Any = None


@dataclass
class Member:
    """A user of Discogs."""

    name: str
    number: int
    collection: list[dict[str, Any]] = field(default_factory=list)
    wants: list[dict[str, Any]] = field(default_factory=list)


class DiscogsSite:
    """What the site knows, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self.member = Member("digger", 1578108)
        self.tokens: dict[str, str] = {}
        self.verifiers: dict[str, str] = {}
        self.nonces: set[tuple[str, str]] = set()
        self.asked: list[str] = []
        self.failures: deque[Failure | None] = deque()
        self.callbacks: list[str] = []
        self.folders: dict[int, str] = {0: "All", 1: "Uncategorized"}
        self.fields: dict[int, str] = {1: "Media Condition", 2: "Sleeve Condition", 3: "Notes"}
        self.limit = 0
        self.used = 0
        self.community: dict[int, dict[str, Any]] = {}

    def allow(self, request_token: str) -> str:
        """Allow an application in, as the user does on the page; return the code."""
        assert request_token in self.tokens
        self.verifiers[request_token] = "1234567"
        return "1234567"

    def make_token(self) -> tuple[str, str]:
        """Return a new token and its secret."""
        token, secret = secrets.token_hex(8), secrets.token_hex(8)
        self.tokens[token] = secret
        return token, secret

    def answer(self, method: str, path: str, query: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of a request."""
        if path.startswith("/releases/") and authorization == f"Discogs key={KEY}, secret={SECRET}":
            return self.find_release(path)
        oauth = self.check_signature(method, path, query, authorization)
        if oauth is None:
            return 401, {}, b'{"message": "You must authenticate to access this resource."}'
        self.used += 1
        if self.limit and self.used > self.limit:
            self.used = 0
            return 429, {}, b'{"message": "You are making requests too quickly."}'
        headers = {"X-Discogs-Ratelimit": "60", "X-Discogs-Ratelimit-Used": "1", "X-Discogs-Ratelimit-Remaining": "59"}
        status, body = self.find(method, path, dict(parse_qsl(query)), oauth)
        return status, headers, body

    def find_release(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return a release with its counts; one that Discogs does not have is 404."""
        counts = self.community.get(int(path.removeprefix("/releases/")))
        return (404, {}, b"{}") if counts is None else (200, {}, json.dumps({"community": counts}).encode())

    def find(self, method: str, path: str, query: dict[str, str], oauth: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body of a signed request."""
        if (method, path) == ("GET", "/oauth/request_token"):
            self.callbacks.append(oauth["oauth_callback"])
            return 200, self.send_token()
        if (method, path) == ("POST", "/oauth/access_token"):
            if self.verifiers.pop(oauth["oauth_token"], None) != oauth.get("oauth_verifier"):
                return 401, b"Invalid verifier"
            del self.tokens[oauth["oauth_token"]]
            return 200, self.send_token()
        if method != "GET" or not oauth.get("oauth_token"):
            return 405, b"{}"
        name = quote(self.member.name, safe="")
        if path == "/oauth/identity":
            return 200, json.dumps({"id": self.member.number, "username": self.member.name}).encode()
        if path == f"/users/{name}/collection/folders/0/releases":
            assert (query["sort"], query["sort_order"]) == ("added", "desc")
            newest_first = sorted(self.member.collection, key=lambda each: each["date_added"], reverse=True)
            return 200, self.send_page("releases", newest_first, query)
        if path == f"/users/{name}/collection/folders":
            return 200, json.dumps(
                {"folders": [{"id": key, "name": each} for key, each in self.folders.items()]}
            ).encode()
        if path == f"/users/{name}/collection/fields":
            return 200, json.dumps(
                {"fields": [{"id": key, "name": each} for key, each in self.fields.items()]}
            ).encode()
        if path == f"/users/{name}/wants":
            return 200, self.send_page("wants", self.member.wants, query)
        return 404, b'{"message": "The requested resource was not found."}'

    def send_token(self) -> bytes:
        token, secret = self.make_token()
        return urlencode({"oauth_token": token, "oauth_token_secret": secret}).encode()

    def send_page(self, key: str, items: list[dict[str, Any]], query: dict[str, str]) -> bytes:
        page, size = int(query["page"]), int(query["per_page"])
        pagination = {"page": page, "pages": max(-(-len(items) // size), 1), "per_page": size, "items": len(items)}
        return json.dumps({"pagination": pagination, key: items[(page - 1) * size : page * size]}).encode()

    def check_signature(self, method: str, path: str, query: str, authorization: str) -> dict[str, str] | None:
        """Return the parameters of OAuth of a request; None if its signature, time or nonce is wrong."""
        scheme, _, rest = authorization.partition(" ")
        parts = (each.strip().partition("=") for each in rest.split(","))
        oauth = {unquote(name): unquote(value.strip('"')) for name, _, value in parts}
        stamp = (oauth.get("oauth_timestamp", "0"), oauth.get("oauth_nonce", ""))
        token = oauth.get("oauth_token", "")
        if scheme != "OAuth" or oauth.get("oauth_consumer_key") != KEY or stamp in self.nonces:
            return None
        if abs(time.time() - int(stamp[0])) > CLOCK_SECONDS or (token and token not in self.tokens):
            return None
        self.nonces.add(stamp)
        signed = [each for each in oauth.items() if each[0] not in ("oauth_signature", "realm")]
        pairs = sorted(
            (encode(name), encode(value)) for name, value in (*signed, *parse_qsl(query, keep_blank_values=True))
        )
        text = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join(map(encode, (method, f"{self.url}{path}", text)))
        key = f"{encode(SECRET)}&{encode(self.tokens.get(token, ''))}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        is_right = hmac.compare_digest(base64.b64encode(digest).decode(), oauth.get("oauth_signature", ""))
        return oauth if is_right else None


def encode(text: str) -> str:
    return quote(text, safe="-._~")


def make_item(release: int, instance: int, added: str = "", **fields: Any) -> dict[str, Any]:
    """Return a copy as Discogs sends it."""
    about = {
        "id": release,
        "title": f"Title {release}",
        "year": 1970 + release % 30,
        "artists": [{"name": f"Artist {release % 5 + 1}", "id": release % 5 + 1}, {"name": "Another", "id": 9}],
        "labels": [{"name": f"Label {release % 3 + 1}", "catno": f"CAT {release}", "id": release % 3 + 1}],
        "formats": [{"name": "Vinyl", "qty": "1", "descriptions": ["LP"]}],
        "genres": ["Rock"],
        "styles": [],
    }
    return {
        "id": release,
        "instance_id": instance,
        "folder_id": 1,
        "rating": 0,
        "date_added": added or f"2026-01-01T00:00:00-{instance % 8:02}:{instance % 60:02}",
        "basic_information": about,
        "notes": [{"field_id": 1, "value": "Mint (M)"}, {"field_id": 3, "value": "signed"}],
        **fields,
    }


def make_want(release: int, **fields: Any) -> dict[str, Any]:
    """Return a want as Discogs sends it."""
    return {**make_item(release, 0), "notes": "", **fields}


@contextmanager
def serving() -> Iterator[DiscogsSite]:
    """Serve a Discogs on a port of this host."""

    class Handler(loopback.Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.handle_any()

        def do_POST(self) -> None:
            self.handle_any()

        def handle_any(self) -> None:
            split = urlsplit(self.path)
            found.asked.append(self.path)
            failure = found.failures.popleft() if found.failures else None
            if failure and failure.change:
                failure.change()
            if failure and (failure.status != 200 or failure.body is not None):
                status, headers, body = failure.status, failure.headers, failure.body or b""
            else:
                status, headers, body = found.answer(
                    self.command, split.path, split.query, self.headers.get("Authorization", "")
                )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if failure and failure.cut:
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
                return
            self.wfile.write(body)

    with loopback.serve(Handler) as url:
        found = DiscogsSite(url)
        yield found
