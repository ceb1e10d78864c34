"""A language model of our own on loopback: it plays a script, by Anthropic's Messages and as OpenAI's chat completions.

It checks every request as the real ones do: the key, the tools' schemas, and that each call got its result.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests import loopback

KEY = "our-secret-key"
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True)
class Say:
    """A turn of the model: a text and calls (name, arguments), or what it does instead.

    ``body`` is sent as it is; ``seconds``: that long after it was asked; ``is_slow``: a byte every tenth of a second.
    """

    text: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    status: int = 200
    body: bytes | None = None
    seconds: float = 0
    is_slow: bool = False


class ModelSite:
    """What the model will say, and what it was asked. The last turn of the script is repeated for ever."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self.script: deque[Say] = deque([Say("Nothing was planned.")])
        self.asked: list[dict[str, Any]] = []
        # Requests whose client left before it had the answer.
        self.left = 0

    def play(self, *turns: Say) -> None:
        """Say this from now on."""
        self.script = deque(turns)

    def results(self) -> list[Any]:
        """Return what the tools returned, of the last request."""
        messages = self.asked[-1]["messages"]
        blocks = [each for message in messages if isinstance(message["content"], list) for each in message["content"]]
        found = [each["content"] for each in blocks if each.get("type") == "tool_result"]
        return [json.loads(each) for each in found or [each["content"] for each in messages if each["role"] == "tool"]]

    def answer(self, path: str, headers: Any, content: bytes) -> tuple[Say, bytes]:
        """Return the next turn, and the body that it is sent as."""
        body = json.loads(content)
        is_anthropic = path == "/messages"
        key = headers.get("x-api-key") if is_anthropic else headers.get("authorization", "").removeprefix("Bearer ")
        wrong = check_anthropic(body, headers) if is_anthropic else check_openai(body)
        self.asked.append(body)
        if wrong or path not in ("/messages", "/chat/completions"):
            say = Say(status=400, body=json.dumps({"error": wrong}).encode())
        elif key != KEY:
            say = Say(status=401, body=f"Incorrect API key provided: {key}".encode())
        else:
            say = self.script.popleft() if len(self.script) > 1 else self.script[0]
        if say.body is not None:
            return say, say.body
        return say, json.dumps(write_anthropic(say) if is_anthropic else write_openai(say)).encode()


def check_anthropic(body: dict[str, Any], headers: Any) -> str:
    """Return what is wrong with a request; empty if nothing is."""
    if headers.get("anthropic-version") != "2023-06-01" or not body["max_tokens"] or not body["model"]:
        return "version, max_tokens or model"
    if [each["role"] for each in body["messages"]] != [
        ("user", "assistant")[n % 2] for n in range(len(body["messages"]))
    ]:
        return "roles must alternate"
    called: list[str] = []
    for message in body["messages"]:
        blocks = message["content"] if isinstance(message["content"], list) else []
        if called != [each["tool_use_id"] for each in blocks if each["type"] == "tool_result"]:
            return "each tool_use needs its tool_result"
        called = [each["id"] for each in blocks if each["type"] == "tool_use"]
        if message["content"] in ("", []) or any(each.get("text") == "" for each in blocks):
            return "empty content"
    return check_tools((each["name"], each["input_schema"]) for each in body.get("tools", ()))


def check_openai(body: dict[str, Any]) -> str:
    """Return what is wrong with a request; empty if nothing is."""
    if not body["model"] or body["messages"][0]["role"] != "system":
        return "model or system"
    called: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if not called or called.pop(0) != message["tool_call_id"]:
                return "a result of no call"
        elif called:
            return "each tool call needs its result"
        elif message["role"] == "assistant":
            called = [each["id"] for each in message["tool_calls"]]
            if not called or not all(isinstance(each["function"]["arguments"], str) for each in message["tool_calls"]):
                return "tool_calls"
    functions = [each["function"] for each in body.get("tools", ()) if each["type"] == "function"]
    return check_tools((each["name"], each["parameters"]) for each in functions)


def check_tools(tools: Iterator[tuple[str, Any]]) -> str:
    wrong = [name for name, schema in tools if not TOOL_NAME.fullmatch(name) or schema["type"] != "object"]
    return f"tools: {wrong}" if wrong else ""


def write_anthropic(say: Say) -> Any:
    text = [{"type": "text", "text": say.text}] if say.text else []
    calls = [
        {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": arguments}
        for number, (name, arguments) in enumerate(say.calls)
    ]
    return {"role": "assistant", "content": [*text, *calls], "stop_reason": "tool_use" if calls else "end_turn"}


def write_openai(say: Say) -> Any:
    calls = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for number, (name, arguments) in enumerate(say.calls)
    ]
    message = {"role": "assistant", "content": say.text or None, **({"tool_calls": calls} if calls else {})}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}]}


@contextmanager
def serving() -> Iterator[ModelSite]:
    """Serve a language model on a port of this host."""

    class Handler(loopback.Quiet, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            say, body = found.answer(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            if say.seconds and self.wait(say.seconds):
                return
            self.send_response(say.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for number in range(len(body) if say.is_slow else 0):
                self.wfile.write(body[number : number + 1])
                time.sleep(0.1)
            if not say.is_slow:
                self.wfile.write(body)

        def wait(self, seconds: float) -> bool:
            """Wait; return whether the client left meanwhile. Nothing can be read from the connection after that."""
            self.close_connection = True
            self.connection.settimeout(seconds)
            try:
                has_left = self.rfile.read(1) == b""
            except TimeoutError:
                return False
            found.left += has_left
            return has_left

    with loopback.serve(Handler) as url:
        found = ModelSite(url)
        yield found
