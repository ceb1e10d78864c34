"""``make bench-pages``: bytes, paint, interaction, frames and server time of the pages of a running site.

The addresses are those that the site itself offers: the names to begin with, and what is linked from their lists. The
server's times are those of an HTTP client without a browser. Cold is the first request of each address; empty the cache
and start the site anew before it for figures of a cold site.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from playwright.sync_api import Page, Request, Response, sync_playwright

WINDOW = {"width": 1440, "height": 900}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Nothing that asks the network, and no sandbox, which root cannot have.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# Panes that need no name.
PANES = ("/", "/search/?q=the", "/genres/", "/insights/", "/credits/", "/dna/", "/path/", "/trends/")
SLOWER = 4
LARGE_MAP = 400
SETTLE_MILLISECONDS = 1500
KINDS = ("artist", "label", "release", "master", "genre", "style", "person")
ENTITY = re.compile(rf"/({'|'.join(KINDS)})/[^?#]+")

# Milliseconds and shares that the page has counted so far.
READ = """() => {
    const entries = (type) => window.measured[type] ?? [];
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return {
        paint: paint ? paint.startTime : null,
        largest: entries("largest-contentful-paint").at(-1)?.startTime ?? null,
        shift: entries("layout-shift").reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0),
        task: Math.max(0, ...entries("longtask").map((each) => each.duration)),
        interaction: Math.max(0, ...entries("event").map((each) => each.duration)),
    };
}"""
WATCH = """
window.measured = {};
for (const type of ["largest-contentful-paint", "layout-shift", "longtask", "event"]) {
    new PerformanceObserver((list) => {
        (window.measured[type] ??= []).push(...list.getEntries());
    }).observe({ type, buffered: true, durationThreshold: 16 });
}
"""
# Milliseconds between frames while the map is dragged.
FRAMES = """() => new Promise((resolve) => {
    const times = [];
    const step = (now) => {
        times.push(now);
        if (times.length < 90) requestAnimationFrame(step);
        else resolve(times.slice(1).map((time, place) => time - times[place]));
    };
    requestAnimationFrame(step);
})"""
MEMBERS = """() => document.querySelector("record-map").scene.categories
    .reduce((sum, each) => sum + each.shown.length, 0)"""
# Asks for more of every category that has more.
LOAD_MORE = """() => {
    const map = document.querySelector("record-map");
    for (const category of map.scene.categories) if (category.more) map.loadMore(category.name);
}"""


def main() -> int:
    """Measure and print; return 1 if the site does not answer."""
    given = arguments()
    site = httpx.Client(base_url=given.url, timeout=60, headers={"Accept": "text/html"})
    try:
        addresses = find_addresses(site, given.names)
    except httpx.HTTPError as error:
        print(f"{given.url} does not answer ({error}): start the site, or give its address with --url", file=sys.stderr)
        return 1
    found: dict[str, Any] = {"server": measure_server(site, addresses, given.warm)}
    with browser() as pages:
        found["pages"] = [measure_page(pages, given.url, path, SLOWER) for path in shown(addresses)]
        found["unthrottled"] = [measure_page(pages, given.url, path, 1) for path in shown(addresses)[:3]]
        found["map"] = measure_map(pages, given.url, addresses["map"])
    report(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))
    return 0


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="make bench-pages", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the site")
    parser.add_argument("--names", type=int, default=30, help="entities of each kind")
    parser.add_argument("--warm", type=int, default=5, help="requests of each address, after the first")
    parser.add_argument("--json", type=Path, help="where all figures go as well")
    return parser.parse_args()


def find_addresses(site: httpx.Client, names: int) -> dict[str, list[str]]:
    """Return the addresses of panes, of maps, and of the pages of each kind, by following links from the first page."""
    maps: dict[str, None] = {}
    pages: dict[str, dict[str, None]] = {kind: {} for kind in KINDS}
    waiting, read = ["/"], 0
    while waiting and read < 4 * names:
        path, read = waiting.pop(0), read + 1
        for link in links_in(site.get(path).raise_for_status().text):
            if match := ENTITY.fullmatch(link):
                waiting += [link] if len(pages[match[1]]) < 2 else []
                pages[match[1]][link] = None
            elif link.startswith("/?type=") and "&" not in link.partition("&id=")[2] and link not in maps:
                maps[link] = None
                waiting.append(f"{link}&view=list")
    return {
        "pane": list(PANES),
        "map": list(maps)[:names],
        **{kind: list(links)[:names] for kind, links in pages.items()},
    }


def links_in(html: str) -> list[str]:
    """Return the paths that a page links to, each once."""
    return list(dict.fromkeys(unescape(each) for each in re.findall(r'href="(/[^"]*)"', html)))


def shown(addresses: dict[str, list[str]]) -> list[str]:
    """Return one address of each kind, all of the panes, and a map first."""
    one = [paths[0] for kind, paths in addresses.items() if kind not in ("pane", "map") and paths]
    return [*addresses["map"][:1], *one, *addresses["pane"]]


def measure_server(site: httpx.Client, addresses: dict[str, list[str]], warm: int) -> dict[str, dict[str, float]]:
    """Return milliseconds to the whole answer, cold and warm, by kind of page."""
    found = {}
    for kind, paths in addresses.items():
        cold = [ask(site, path) for path in paths]
        again = [ask(site, path) for path in paths for _ in range(warm)]
        found[kind] = {
            "addresses": len(paths),
            "cold p50": percentile(cold, 0.5),
            "cold p95": percentile(cold, 0.95),
            "warm p50": percentile(again, 0.5),
            "warm p95": percentile(again, 0.95),
        }
    return found


def ask(site: httpx.Client, path: str) -> float:
    """Return the milliseconds of a request. A site that counts requests refuses some: they are waited for."""
    while True:
        began = time.perf_counter()
        response = site.get(path)
        spent = (time.perf_counter() - began) * 1000
        if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return spent
        time.sleep(float(response.headers.get("Retry-After", 1)))


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of some values is; 0 of none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0


def find_browser() -> str | None:
    """Return where the system's Chromium is: by ``LINERNOTES_BROWSER`` or under its usual names."""
    return os.environ.get("LINERNOTES_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


def browser_path() -> str:
    """Return where the system's Chromium is; exit where there is none."""
    return find_browser() or sys.exit("There is no Chromium: apt install chromium, or set LINERNOTES_BROWSER")


@contextmanager
def browser() -> Iterator[Any]:
    """Start the system's Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def open_tab(pages: Any, slower: float) -> Iterator[Page]:
    """Open a tab of a new visitor, on a CPU that is so many times slower."""
    context = pages.new_context(viewport=WINDOW)
    page = context.new_page()
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    yield page
    context.close()


def measure_page(pages: Any, url: str, path: str, slower: float) -> dict[str, Any]:
    """Return what a first visit of a page costs."""
    with open_tab(pages, slower) as page:
        requests: list[Request] = []
        page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks it
        page.goto(urljoin(url, path), wait_until="networkidle")
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        size = sum(compressed_size(request.response()) for request in requests)
        return {"path": path, "kilobytes": round(size / 1000, 1), **page.evaluate(READ)}


def compressed_size(response: Response | None) -> int:
    """Return the bytes of an answer as a proxy would compress them; fonts and pictures are so already."""
    if response is None or not response.ok:
        return 0
    body = response.body()
    kind = response.headers.get("content-type", "")
    return len(body) if kind.startswith(("font/", "image/png", "image/jpeg")) else len(gzip.compress(body, 9))


def measure_map(pages: Any, url: str, maps: list[str]) -> dict[str, Any]:
    """Return frames a second of a map as it opens and of a large one, and the worst interaction of a short session."""
    found: dict[str, Any] = {}
    with open_tab(pages, SLOWER) as page:
        open_map(page, urljoin(url, maps[0]))
        play_session(page)
        found["worst interaction, 4 x slower"] = page.evaluate(READ)["interaction"]
    with open_tab(pages, 1) as page:
        open_map(page, urljoin(url, maps[0]))
        found["at first"] = frames(page)
        for path in maps:
            open_map(page, urljoin(url, path))
            load_more(page)
            if members(page) >= LARGE_MAP:
                break
        found["large"] = frames(page)
    return found


def open_map(page: Page, address: str) -> None:
    """Open a map and wait until it is drawn."""
    page.goto(address, wait_until="networkidle")
    page.wait_for_function("() => document.querySelector('record-map')?.scene")
    page.wait_for_timeout(SETTLE_MILLISECONDS)


def play_session(page: Page) -> None:
    """Zoom, point at the map, and go to the list and back."""
    box = page.locator("canvas").bounding_box()
    if box is None:
        return
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in range(10):
        page.mouse.move(x + 20 * step, y + 10 * step)
        page.mouse.wheel(0, -120 if step % 2 else 120)
    page.keyboard.press("l")
    page.wait_for_timeout(500)
    page.keyboard.press("l")
    page.wait_for_timeout(500)


def members(page: Page) -> int:
    """Return how many nodes a map shows."""
    return int(page.evaluate(MEMBERS))


def load_more(page: Page) -> None:
    """Load more of every category until the map is large or has all."""
    before = -1
    while before < members(page) < LARGE_MAP:
        before = members(page)
        page.evaluate(LOAD_MORE)
        page.wait_for_timeout(SETTLE_MILLISECONDS)


def frames(page: Page) -> dict[str, float]:
    """Return frames a second while a map is dragged: the median, and that of the slowest in twenty."""
    box = page.locator("canvas").bounding_box()
    if box is None:
        return {}
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(f"() => {{ window.frames_measured = ({FRAMES})(); }}")
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + 3 * step, y + 2 * step)
    page.mouse.up()
    gaps = page.evaluate("() => window.frames_measured")
    return {
        "members": members(page),
        "frames a second": round(1000 / statistics.median(gaps), 1),
        "slowest in twenty": round(1000 / percentile(gaps, 0.95), 1),
    }


def report(found: dict[str, Any]) -> None:
    """Print the figures."""
    print("Server, milliseconds to the whole answer")
    for kind, figures in found["server"].items():
        print(f"  {kind:8}", *(f"{name} {value:g}" for name, value in figures.items()), sep="  ")
    for title, key in ((f"First visit, CPU {SLOWER} x slower", "pages"), ("First visit, CPU as it is", "unthrottled")):
        print(f"{title}: KB compressed; milliseconds to first and largest paint, of the longest task; layout shift")
        for each in found[key]:
            figures = [f"{each['kilobytes']} KB", *(f"{each[name] or 0:.0f}" for name in ("paint", "largest", "task"))]
            print(f"  {each['path'][:60]:60}", *figures, f"{each['shift']:.3f}", sep="  ")
    for name, value in found["map"].items():
        print(f"Map, {name}: {value}")


if __name__ == "__main__":
    sys.exit(main())
