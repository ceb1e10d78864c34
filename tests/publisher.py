"""A site that behaves like the publisher's, and badly when a test says so."""

from __future__ import annotations

import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from tests.dumps import pack

PAGE = "<html><body><table>{}</table></body></html>"


@dataclass(frozen=True)
class Answer:
    """What the site says instead of what was asked for.

    ``cut_after``: that, but it hangs up after so many bytes, once ``hold`` is set if there is one.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_after: int | None = None
    hold: threading.Event | None = None


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    what: str
    range: str | None
    user_agent: str | None


class Publisher:
    """What a site publishes and what it was asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.files: dict[str, bytes] = {}
        self.asked: list[Asked] = []
        self.ignores_ranges = False
        self.answers: dict[str, deque[Answer]] = defaultdict(deque)

    def forget(self) -> None:
        """Be as new: nothing is published, nobody asked."""
        for kept in (self.files, self.asked, self.answers):
            kept.clear()
        self.ignores_ranges = False

    def publish(self, version: str, month: Path, scratch: Path) -> None:
        """Publish the five files of a month."""
        folder = pack(month, version, scratch / version)
        for path in sorted(folder.iterdir()):
            self.files[key(path.name)] = path.read_bytes()

    def withdraw(self, name: str) -> bytes:
        """Take a file away."""
        return self.files.pop(key(name))

    def answer(self, what: str, *answers: Answer) -> None:
        """Let the next requests for something, a file's name, ``2026/`` or ``front``, have other answers."""
        self.answers[what].extend(answers)

    def downloads(self) -> list[str]:
        """Return the names of the dump files that were asked for."""
        return [each.what for each in self.asked if each.what.endswith(".gz")]

    def page(self, prefix: str) -> str | None:
        """Return the page of a year, or the front page."""
        if prefix:
            links = [f"?download={quote(name, safe='')}" for name in sorted(self.files) if name.startswith(prefix)]
        else:
            years = {name.split("/")[1] for name in self.files}
            links = [f"?prefix=data%2F{year}%2F" for year in sorted(years)]
        return PAGE.format("".join(f'<tr><td><a href="{link}">it</a></td></tr>' for link in links))


def key(name: str) -> str:
    """Return the key of a file in the bucket."""
    return f"data/{name.split('_')[1][:4]}/{name}"


class Handler(BaseHTTPRequestHandler):
    """Answers for the publisher that its server has."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site = self.server.publisher
        query = parse_qs(urlsplit(self.path).query)
        wanted = query.get("download", [""])[0]
        prefix = query.get("prefix", [""])[0]
        what = wanted.rpartition("/")[2] or prefix.removeprefix("data/") or "front"
        site.asked.append(Asked(what, self.headers.get("Range"), self.headers.get("User-Agent")))
        answer = site.answers[what].popleft() if site.answers[what] else Answer()
        if answer.status != 200 or answer.body:
            self.say(answer.status, answer.body, answer.headers)
        elif not wanted:
            self.say(200, site.page(prefix).encode(), {"Content-Type": "text/html"})
        elif wanted in site.files:
            self.give(site, site.files[wanted], answer)
        else:
            self.say(404, b"no such file", {})

    def give(self, site: Publisher, content: bytes, answer: Answer) -> None:
        """Send a file, or the rest of it."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if not asked or site.ignores_ranges:
            self.say(200, content, answer.headers, answer)
            return
        begin = int(asked[1])
        if begin >= len(content):
            self.say(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        headers = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}", **answer.headers}
        self.say(206, content[begin:], headers, answer)

    def say(self, status: int, body: bytes, headers: Mapping[str, str], how: Answer = Answer()) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: how.cut_after])
        if how.hold:
            self.wfile.flush()
            how.hold.wait(60)
        self.close_connection = how.cut_after is not None or self.close_connection

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    publisher: Publisher


@contextmanager
def run_publisher() -> Iterator[Publisher]:
    """Run a site on a free port of this host."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.publisher = Publisher(f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.publisher
        finally:
            server.shutdown()
            thread.join()


class FastClock:
    """A clock on which waiting takes no time; ``slept`` has how long each wait was."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds
