"""Requests to the REST API of a site, and errors in the form that assistants get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import anyio
import httpx

TIMEOUT_SECONDS = 30
# Seconds that one call of a tool waits at most for a limit of the API to end; the longest usual one is a minute.
MOST_WAITING_SECONDS = 65
APP_TOKEN_PREFIX = "dscg_"  # noqa: S105 - what app tokens begin with
CODES = {
    400: "invalid_arguments",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    414: "invalid_arguments",
    422: "invalid_arguments",
    429: "rate_limited",
    503: "unavailable",
    504: "timed_out",
}


class ApiError(Exception):
    """A call that cannot be answered, for one of the reasons in ``CODES``, ``missing_scope`` or ``failed``."""

    def __init__(self, message: str, code: str, *, url: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.url = url
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        """Return ``{"error": str, "code": str, "url": str|null, "retry_after": int|null}``, the last in seconds."""
        return {"error": str(self), "code": self.code, "url": self.url, "retry_after": self.retry_after}


def make_client(base_url: str) -> httpx.AsyncClient:
    """Return a client for all callers: it keeps no cookie, or one caller would get another's."""
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS, cookies=cookies)


@dataclass(frozen=True)
class Api:
    """The API in the name of one caller.

    ``address`` is the caller's, where it is known: the API counts its limits by it if this server is one of its trusted
    proxies.
    """

    client: httpx.AsyncClient
    token: str | None = None
    address: str | None = None

    async def get(self, path: str, *segments: str, scope: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Return the body of an answer.

        Args:
            path: an address with ``{}`` for each of ``segments``, which are encoded whole.
            segments: what stands in the path.
            scope: the scope that an app token needs here, if any.
            parameters: the query; None is left out.

        Raises:
            ApiError: the API refuses, fails or is not there.
        """
        url = fill(path, segments)
        query = {name: value for name, value in parameters.items() if value is not None}
        return self._read(await self._send("GET", url, params=query), scope)

    async def get_patiently(self, path: str, *segments: str, **parameters: Any) -> dict[str, Any]:
        """Return the body of an answer as ``get`` does; if a limit is met, wait until it ends, but not for long."""
        waited = 0
        while True:
            try:
                return await self.get(path, *segments, **parameters)
            except ApiError as error:
                waited += error.retry_after or 0
                if error.code != "rate_limited" or not error.retry_after or waited > MOST_WAITING_SECONDS:
                    raise
                await anyio.sleep(error.retry_after)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of an answer to a body; it raises as ``get`` does."""
        return self._read(await self._send("POST", path, json=body), None)

    async def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.address:
            headers["X-Forwarded-For"] = self.address
        try:
            return await self.client.request(method, url, headers=headers, **options)
        except httpx.TimeoutException:
            message = f"The API has not answered within {TIMEOUT_SECONDS} seconds"
            raise ApiError(message, "timed_out", url=url) from None
        except httpx.RequestError:
            raise ApiError("The API cannot be reached", "unavailable", url=url) from None
        except (httpx.InvalidURL, UnicodeError):
            raise ApiError("An argument is too long, or no valid text", "invalid_arguments") from None

    def _read(self, response: httpx.Response, scope: str | None) -> dict[str, Any]:
        try:
            body = response.json()
        except ValueError:
            body = None
        if response.is_success and isinstance(body, dict):
            return body
        raise self._explain(response, body, scope)

    def _explain(self, response: httpx.Response, body: Any, scope: str | None) -> ApiError:
        status, url = response.status_code, str(response.url)
        message = read_message(body) or f"The API answered {status} without a reason"
        code = CODES.get(status, "failed")
        if response.is_redirect:
            message = f"The API is elsewhere, at {response.headers['Location']}: set API_BASE_URL to it"
        if scope and status in (401, 403):
            if self.token is None:
                message = f"This needs an app token with the scope {scope}"
            # To an app whose scopes do not open an address, the API says 403, or 401 as to a token of another kind.
            elif status == 403 or (self.token.startswith(APP_TOKEN_PREFIX) and "revoked" not in message):
                message, code = f"The app token lacks the scope {scope}", "missing_scope"
        retry_after = read_seconds(response.headers.get("Retry-After")) if status in (429, 503) else None
        return ApiError(message, code, url=url, retry_after=retry_after)


def fill(path: str, segments: tuple[str, ...]) -> str:
    """Return a path with its segments.

    Raises:
        ApiError: a segment would lead elsewhere, or is no text that can be sent.
    """
    if any(each in ("", ".", "..") for each in segments):
        raise ApiError("A name must not be empty, and not just dots", "invalid_arguments")
    try:
        return path.format(*(quote(each, safe="") for each in segments))
    except UnicodeError:
        raise ApiError("An argument is no valid text", "invalid_arguments") from None


def read_message(body: Any) -> str | None:
    """Return what an error says: a text, or the first sentence of each invalid value."""
    if not isinstance(body, dict):
        return None
    found = body.get("error") or body.get("detail") or body.get("message")
    if isinstance(found, list):
        return "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in found)
    return str(found) if found else None


def read_seconds(text: str | None) -> int | None:
    """Return the seconds of a ``Retry-After``; None if there is none, or a date."""
    return int(text) if text and text.isdecimal() else None
