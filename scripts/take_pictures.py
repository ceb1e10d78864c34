"""Take the pictures of docs/pictures: every page and state of a site with the sample, light and dark, at three widths.

    export $(python manage.py stack env)
    python scripts/take_pictures.py http://127.0.0.1:8000 [NAME …]

Six of them, those of the README, are as large as the window; the others half as large.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

import psycopg
from playwright.sync_api import Page, Route, sync_playwright

from bench.pages import ARGUMENTS, browser_path

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
HEIGHTS = {1440: 900, 1024: 768, 390: 844}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLE_MILLISECONDS = 1500
QUALITY = 60
# Entities of the sample: Autechre, Ken Ishii, R & S Records, Warp Records.
PAGES = {
    "start": "/",
    "explore": "/?type=artist&id=41",
    "explore-label": "/?type=label&id=245",
    "explore-list": "/?type=artist&id=41&view=list",
    "trends": "/trends/?type=artist&id=41",
    "path": "/path/?from_type=artist&from_id=41&to_type=artist&to_id=1032",
    "search": "/search/?q=techno",
    "insights": "/insights/",
    "genres": "/genres/",
    "credits": "/credits/?name=Sean+Booth",
    "dna": "/label/245/dna/?with=23528",
    "artist": "/artist/41-autechre",
    "label": "/label/245-r-s-records",
    "master": "/master/676763",
    "release": "/release/849368",
    "genre": "/genre/Electronic/",
    "style": "/style/Techno/",
    "person": "/person/Sean%20Booth/",
    "status": "/status/",
    "login": "/login/",
    "not-found": "/artist/999999999",
    "no-results": "/search/?q=qqzzxx",
    "wrong-name": "/?type=artist&name=Autecher",
    "years": "/?type=artist&id=41&before=1995",
    "compare": "/?type=artist&id=41&compare=1995-2005",
}
IN_README = {
    "explore-light-1440",
    "release-dark-1440",
    "path-light-1440",
    "dna-light-1440",
    "search-light-1440",
    "explore-light-390",
}


def answer_fragments(page: Page, answer: Callable[[Route], None]) -> None:
    """Answer the fragments that the page asks for from now on in another way than the site does."""
    page.route("**/*", lambda route: answer(route) if "x-fragment" in route.request.headers else route.fallback())


def refuse(status: int, **headers: str) -> Callable[[Page], None]:
    """Return what shows the page when the site refuses its next question."""

    def show(page: Page) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer_fragments(page, lambda route: route.fulfill(status=status, headers=named, body=""))
        page.locator(".tabs a", has_text="Trends").click()

    return show


def wait_for_answer(page: Page) -> None:
    """Show the page while an answer is on its way for long."""
    answer_fragments(page, lambda _: None)
    page.locator(".tabs a", has_text="Trends").click()


def lose_connection(page: Page) -> None:
    """Show the page without a network."""
    page.context.set_offline(True)
    page.locator(".tabs a", has_text="Trends").click()


def offer_names(page: Page) -> None:
    """Show what is offered while a name is typed."""
    page.click("#lookup input")
    page.keyboard.type("war")


def hold_tables(page: Page) -> None:
    """Show a search that takes too long, since another transaction holds the table."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE releases")
        page.goto(urljoin(page.url, "/search/?q=acid"), wait_until="networkidle")


# States of the explorer, from a map that is drawn.
STATES: dict[str, Callable[[Page], None]] = {
    "names": offer_names,
    "loading": wait_for_answer,
    "offline": lose_connection,
    "slow-down": refuse(429, retry_after="30"),
    "graph-starts": refuse(503, retry_after="30"),
    "took-too-long": hold_tables,
}


def main(url: str, *names: str) -> None:
    """Write a picture of each page and state, or of those named, in each theme and width."""
    shown: dict[str, tuple[str, Callable[[Page], None]]] = {
        **{name: (path, lambda _: None) for name, path in PAGES.items()},
        **{name: (PAGES["explore"], show) for name, show in STATES.items()},
    }
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for theme in THEMES:
            for width, height in HEIGHTS.items():
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
                page = context.new_page()
                for name in names or shown:
                    path, show = shown[name]
                    page.goto(url + path, wait_until="networkidle")
                    show(page)
                    page.wait_for_timeout(SETTLE_MILLISECONDS)
                    take(page, f"{name}-{theme}-{width}", width, height)
                    page.unroute_all()
                    context.set_offline(False)
                context.close()
        browser.close()


def take(page: Page, name: str, width: int, height: int) -> None:
    """Write what the window shows as WebP, which Playwright's own pictures cannot be."""
    clip: dict[str, Any] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 if name in IN_README else 0.5}
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), *sys.argv[2:])
