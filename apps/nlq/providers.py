"""Requests to a language model: by Anthropic's Messages, or as OpenAI's chat completions, which many servers speak.

Neither the key nor the body of a provider's error is logged or shown: an error may repeat the key.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Protocol

import httpx
import orjson
from django.conf import settings

logger = logging.getLogger(__name__)

MOST_BYTES = 1024**2
# Tokens of a turn, which Anthropic wants to know.
MOST_TOKENS = 2048
# Seconds between two looks whether the client still waits.
LOOK_SECONDS = 0.5


class ModelError(Exception):
    """The language model gives no answer. The text says why and may be shown."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; ``parameters`` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool by the model; its arguments are None if they are no JSON object."""

    id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says: a text, calls of tools, or both."""

    text: str
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returned, as JSON."""

    call: Call
    content: str
    is_error: bool = False


# A question, what the model said to it, the results of its calls, and so on.
Message = str | Turn | Sequence[Result]


class Provider(Protocol):
    """The interface of a provider: its address, its model, and how both sides write."""

    url: str
    path: str
    model: str

    def build_headers(self, key: str) -> dict[str, str]:
        """Return the headers that carry the key."""
        ...

    def write(self, system: str, messages: Sequence[Message], tools: Sequence[Tool], *, may_call: bool) -> Any:
        """Return the body of a request, without the model."""
        ...

    def read(self, answer: Any) -> Turn:
        """Return what an answer says; raise LookupError, TypeError or ValueError if it is malformed."""
        ...


class Anthropic:
    """Anthropic's Messages."""

    url = "https://api.anthropic.com/v1"
    path = "/messages"
    model = "claude-sonnet-4-5"

    def build_headers(self, key: str) -> dict[str, str]:
        """Return the headers that carry the key."""
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}

    def write(self, system: str, messages: Sequence[Message], tools: Sequence[Tool], *, may_call: bool) -> Any:
        """Return the body of a request, without the model."""
        body: dict[str, Any] = {"max_tokens": MOST_TOKENS, "system": system}
        body["messages"] = [self.write_message(each) for each in messages]
        if tools:
            body["tools"] = [
                {"name": each.name, "description": each.description, "input_schema": each.parameters} for each in tools
            ]
            body["tool_choice"] = {"type": "auto" if may_call else "none"}
        return body

    def write_message(self, message: Message) -> dict[str, Any]:
        if isinstance(message, str):
            return {"role": "user", "content": message}
        if isinstance(message, Turn):
            text = [{"type": "text", "text": message.text}] if message.text.strip() else []
            calls = [
                {"type": "tool_use", "id": each.id, "name": each.name, "input": each.arguments or {}}
                for each in message.calls
            ]
            return {"role": "assistant", "content": [*text, *calls]}
        results = [
            {"type": "tool_result", "tool_use_id": each.call.id, "content": each.content, "is_error": each.is_error}
            for each in message
        ]
        return {"role": "user", "content": results}

    def read(self, answer: Any) -> Turn:
        """Return what an answer says."""
        blocks = answer["content"]
        text = "".join(require_text(each["text"]) for each in blocks if each["type"] == "text")
        calls = [
            Call(require_text(each["id"]), require_text(each["name"]), as_object(each["input"]))
            for each in blocks
            if each["type"] == "tool_use"
        ]
        return Turn(text, tuple(calls))


class OpenAI:
    """Chat completions as OpenAI has them."""

    url = "https://api.openai.com/v1"
    path = "/chat/completions"
    model = "gpt-4.1-mini"

    def build_headers(self, key: str) -> dict[str, str]:
        """Return the headers that carry the key."""
        return {"authorization": f"Bearer {key}"}

    def write(self, system: str, messages: Sequence[Message], tools: Sequence[Tool], *, may_call: bool) -> Any:
        """Return the body of a request, without the model."""
        body: dict[str, Any] = {"messages": [{"role": "system", "content": system}]}
        for each in messages:
            body["messages"] += self.write_message(each)
        if tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": each.name, "description": each.description, "parameters": each.parameters},
                }
                for each in tools
            ]
            body["tool_choice"] = "auto" if may_call else "none"
        return body

    def write_message(self, message: Message) -> list[dict[str, Any]]:
        if isinstance(message, str):
            return [{"role": "user", "content": message}]
        if isinstance(message, Turn):
            calls = [
                {
                    "id": each.id,
                    "type": "function",
                    "function": {"name": each.name, "arguments": orjson.dumps(each.arguments or {}).decode()},
                }
                for each in message.calls
            ]
            return [{"role": "assistant", "content": message.text or None, "tool_calls": calls}]
        return [{"role": "tool", "tool_call_id": each.call.id, "content": each.content} for each in message]

    def read(self, answer: Any) -> Turn:
        """Return what an answer says."""
        message = answer["choices"][0]["message"]
        calls = []
        for each in message.get("tool_calls") or ():
            function = each["function"]
            try:
                arguments = as_object(orjson.loads(require_text(function["arguments"])))
            except orjson.JSONDecodeError:
                arguments = None
            calls.append(Call(require_text(each["id"]), require_text(function["name"]), arguments))
        return Turn(require_text(message.get("content") or ""), tuple(calls))


PROVIDERS: Mapping[str, Provider] = {"anthropic": Anthropic(), "openai": OpenAI()}


def require_text(value: Any) -> str:
    """Return a text.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    return value


def as_object(value: Any) -> dict[str, Any] | None:
    """Return a JSON object; None for anything else."""
    return value if isinstance(value, dict) else None


def ask_model(
    system: str,
    messages: Sequence[Message],
    tools: Sequence[Tool] = (),
    *,
    seconds: float,
    may_call: bool = True,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Turn:
    """Return what the model says next, within ``seconds``. The request is given up as soon as ``is_wanted`` says no.

    Raises:
        ModelError: there is no answer, or none that can be read.
    """
    provider = PROVIDERS[settings.NLQ_PROVIDER]
    body = {
        "model": settings.NLQ_MODEL or provider.model,
        **provider.write(system, messages, tools, may_call=may_call),
    }
    address = f"{(settings.NLQ_URL or provider.url).rstrip('/')}{provider.path}"
    status, content = asyncio.run(
        send(address, provider.build_headers(settings.NLQ_API_KEY), orjson.dumps(body), seconds, is_wanted)
    )
    if status != HTTPStatus.OK:
        raise explain_status(status)
    try:
        return provider.read(orjson.loads(content))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        logger.warning("the language model's answer cannot be read: %s", type(error).__name__)
        raise ModelError("The language model's answer could not be read") from error


def explain_status(status: int) -> ModelError:
    """Return the error that the status of an answer is."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        logger.error("the language model's provider refuses NLQ_API_KEY (status %s)", status)
        return ModelError("The language model refuses this site")
    logger.warning("the language model's provider answers with status %s", status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ModelError("The language model is busy: try again in a minute")
    return ModelError("The language model answers with an error")


async def send(
    address: str, headers: Mapping[str, str], body: bytes, seconds: float, is_wanted: Callable[[], bool]
) -> tuple[int, bytes]:
    """Send a request; return status and body of its answer."""
    try:
        # Of the whole: httpx limits each read alone, and a server that sends a byte a second would never end.
        async with asyncio.timeout(seconds), httpx.AsyncClient(verify=make_tls_context(), timeout=seconds) as client:
            sending = asyncio.ensure_future(receive(client, address, headers, body))
            try:
                while not sending.done():
                    await asyncio.wait({sending}, timeout=LOOK_SECONDS)
                    if not is_wanted():
                        raise ModelError("Nobody waits for the answer any more")
                return sending.result()
            finally:
                sending.cancel()
    except TimeoutError:
        logger.warning("the language model takes longer than %s seconds", seconds)
        raise ModelError("The language model took too long") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        # Not its text, which may have the key in it.
        logger.warning("the language model does not answer: %s", type(error).__name__)
        raise ModelError("The language model does not answer") from None


async def receive(
    client: httpx.AsyncClient, address: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, bytes]:
    """Send a request; return status and body of its answer, which may have ``MOST_BYTES``."""
    content = bytearray()
    sent = {"content-type": "application/json", **headers}
    async with client.stream("POST", address, headers=sent, content=body) as response:
        async for block in response.aiter_bytes():
            content += block
            if len(content) > MOST_BYTES:
                logger.warning("the language model's answer is longer than %s bytes", MOST_BYTES)
                raise ModelError("The language model's answer could not be read")
    return response.status_code, bytes(content)


@cache
def make_tls_context() -> ssl.SSLContext:
    """Make what a client needs for TLS, once: reading the certificates takes longer than a request to make."""
    return httpx.create_ssl_context()
