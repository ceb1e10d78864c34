"""A site over the sample, and a browser: the system's Chromium, by ``LINERNOTES_BROWSER`` or under its usual names.

Playwright keeps a loop running in the thread of the tests, in which Django refuses the database: the stores are filled
before it begins, and emptied after it has ended.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from bench.pages import ARGUMENTS, find_browser
from tests.pages import catalogue

# The first answer of a store that has just started may take a while.
PATIENCE_MILLISECONDS = 60_000
# 32 bytes.
ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(autouse=True)
def _django_db_marker():
    """Begin no transaction for the marker ``django_db``, which is here to say that there must be a database."""


@pytest.fixture(scope="package")
def loaded(django_db_setup, django_db_blocker, _graph_with_constraints, tmp_path_factory):
    from tests.api import stores  # noqa: PLC0415 - models can be imported only when the servers run

    folder = tmp_path_factory.mktemp("catalogue")
    loading = stores.load_stores(_graph_with_constraints, folder, catalogue.dump(), catalogue.edition())
    with django_db_blocker.unblock(), loading:
        yield


@pytest.fixture(scope="package")
def site(loaded, tmp_path_factory):
    from tests.api.site import run_site  # noqa: PLC0415

    with run_site(tmp_path_factory.mktemp("site") / "site.log", ENCRYPTION_MASTER_KEY=ENCRYPTION_KEY) as found:
        yield found


@pytest.fixture(scope="package")
def browser(site):
    path = find_browser()
    if path is None:
        pytest.skip("needs a browser: install chromium, or name one by LINERNOTES_BROWSER")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def messages():
    """Collect what a browser complains of: errors of scripts and of the Content Security Policy."""
    return []


@pytest.fixture
def page(browser, messages):
    """Return a page of a new browser, and fail if the browser complained of anything."""
    with browser.new_context(
        viewport=DESKTOP, locale="en-GB", color_scheme="light", reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("console", lambda each: messages.append(each.text) if each.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: messages.append(str(error)))
        yield page
    assert messages == []


@pytest.fixture
def opened(site, page):
    """Return what opens an address of the site in a browser."""

    def open_(path):
        page.goto(f"{site.url}{path}", wait_until="networkidle")
        return page

    return open_
