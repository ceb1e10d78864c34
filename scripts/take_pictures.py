"""Take the pictures of docs/pictures: every page and state of a site with the sample, light and dark, at three widths.

    export $(python manage.py stack env)
    python -m scripts.take_pictures http://127.0.0.1:8000 [NAME …]

Six of them, those of the README, are as large as the window; the others half as large. Pages of a collector are those
of an account that is registered here, with the collection of ``manage.py seed_collection``.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

import httpx
import psycopg
from playwright.sync_api import Browser, Page, Route, StorageState, sync_playwright

from bench.pages import ARGUMENTS, browser_path

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = PROJECT / "docs" / "pictures"
COLLECTOR = {"email": "mara@example.org", "password": "a collector's password"}
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
# Pages of a collector.
OWN_PAGES = {
    "settings": "/settings/",
    "collection": "/collection/",
    "wantlist": "/wantlist/",
    "discover": "/discover/",
    "missing": "/missing/?type=label&id=245",
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


def open_login(page: Page) -> None:
    """Show the dialog that asks who the visitor is."""
    page.get_by_role("link", name="Log in", exact=True).click()
    page.wait_for_selector("#account[open]")


def open_registration(page: Page) -> None:
    """Show the dialog in which an account is made."""
    open_login(page)
    page.locator("#account").get_by_role("link", name="Register").click()
    page.wait_for_selector("#repeat")


def open_sharing(page: Page) -> None:
    """Show the dialog in which a map is shared."""
    # A narrow window has no room for the button.
    page.locator("[data-share]").evaluate("button => button.click()")
    page.wait_for_selector("#share-map[open]")


def open_snapshot(page: Page) -> None:
    """Show a map that was shared."""
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    open_sharing(page)
    page.fill("#share-map-name", "Autechre and around")
    page.fill("#share-map-text", "Sheffield, 1991 to now.")
    page.locator("#share-map button[value=share]").click()
    page.wait_for_selector("#share[open]")
    page.goto(page.locator("#share input").input_value(), wait_until="networkidle")


# States of the explorer, from a map that is drawn.
STATES: dict[str, Callable[[Page], None]] = {
    "names": offer_names,
    "loading": wait_for_answer,
    "offline": lose_connection,
    "slow-down": refuse(429, retry_after="30"),
    "graph-starts": refuse(503, retry_after="30"),
    "took-too-long": hold_tables,
    "login-dialog": open_login,
    "register-dialog": open_registration,
}
# The same for a collector.
OWN_STATES: dict[str, Callable[[Page], None]] = {"share": open_sharing, "snapshot": open_snapshot}


def main(url: str, *names: str) -> None:
    """Write a picture of each page and state, or of those named, in each theme and width."""
    shown: dict[str, tuple[str, Callable[[Page], None]]] = {
        **{name: (path, lambda _: None) for name, path in {**PAGES, **OWN_PAGES}.items()},
        **{name: (PAGES["explore"], show) for name, show in {**STATES, **OWN_STATES}.items()},
    }
    wanted = names or tuple(shown)
    own = [name for name in wanted if name in {**OWN_PAGES, **OWN_STATES}]
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        cookies = log_in(browser, url) if own else None
        for theme in THEMES:
            for width, height in HEIGHTS.items():
                for state, group in ((None, [name for name in wanted if name not in own]), (cookies, own)):
                    size = {"width": width, "height": height}
                    context = browser.new_context(viewport=size, color_scheme=theme, storage_state=state)  # type: ignore[arg-type]
                    page = context.new_page()
                    for name in group:
                        path, show = shown[name]
                        page.goto(url + path, wait_until="networkidle")
                        show(page)
                        page.wait_for_timeout(SETTLE_MILLISECONDS)
                        take(page, f"{name}-{theme}-{width}", width, height)
                        page.unroute_all()
                        context.set_offline(False)
                    context.close()
        browser.close()


def log_in(browser: Browser, url: str) -> StorageState:
    """Return the cookies of a collector, who is made if there is none yet."""
    httpx.post(f"{url}/api/auth/register", json=COLLECTOR, trust_env=False).raise_for_status()
    subprocess.run([sys.executable, PROJECT / "manage.py", "seed_collection", COLLECTOR["email"]], check=True)  # noqa: S603
    page = browser.new_page()
    page.goto(f"{url}/login/?next=/settings/", wait_until="networkidle")
    page.fill("#email", COLLECTOR["email"])
    page.fill("#password", COLLECTOR["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/settings/")
    state = page.context.storage_state()
    page.close()
    return state


def take(page: Page, name: str, width: int, height: int) -> None:
    """Write what the window shows as WebP, which Playwright's own pictures cannot be."""
    clip: dict[str, Any] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 if name in IN_README else 0.5}
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), *sys.argv[2:])
