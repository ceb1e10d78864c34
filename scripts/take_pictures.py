"""Take the pictures of docs/pictures: every page of a site with the sample, light and dark, at three widths.

    python scripts/take_pictures.py http://127.0.0.1:8000

Six of them, those of the README, are as large as the window; the others half as large.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.pages import ARGUMENTS, browser_path

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
HEIGHTS = {1440: 900, 1024: 768, 390: 844}
THEMES = ("light", "dark")
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
    "not-found": "/artist/999999999",
    "no-results": "/search/?q=qqzzxx",
}
IN_README = {
    "explore-light-1440",
    "release-dark-1440",
    "path-light-1440",
    "dna-light-1440",
    "search-light-1440",
    "explore-light-390",
}


def main(url: str) -> None:
    """Write a picture of each page, theme and width."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for theme in THEMES:
            for width, height in HEIGHTS.items():
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
                page = context.new_page()
                for name, path in PAGES.items():
                    page.goto(url + path, wait_until="networkidle")
                    page.wait_for_timeout(SETTLE_MILLISECONDS)
                    take(page, f"{name}-{theme}-{width}", width, height)
                context.close()
        browser.close()


def take(page: Page, name: str, width: int, height: int) -> None:
    """Write what the window shows as WebP, which Playwright's own pictures cannot be."""
    clip: dict[str, Any] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 if name in IN_README else 0.5}
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
