"""The status page in a browser: brought up to date by the stream or by asking, and usable by all."""

import os
import subprocess
import sys

import pytest

from apps.stack import ports
from tests.api.site import PROJECT, stores, wait_for
from tests.pages.test_everywhere import AXE, RULES

pytestmark = pytest.mark.django_db

SIZES = [({"width": 1440, "height": 900}, "dark"), ({"width": 390, "height": 844}, "light")]


@pytest.fixture
def publish(site):
    """Return what publishes the snapshot of a busy site with a heading, as the collector does."""
    from apps.dashboard.health import get_cache_client  # noqa: PLC0415
    from apps.dashboard.live import store  # noqa: PLC0415
    from tests.integration.dashboard.test_pages import busy  # noqa: PLC0415

    def publish(heading):
        snapshot = busy()
        snapshot["data"]["overall"]["heading"] = heading
        store.publish([snapshot], snapshot)

    yield publish
    get_cache_client().delete(store.SNAPSHOT, store.WATCHED)


@pytest.fixture(scope="module")
def live(site, tmp_path_factory):
    """Run the site and the live status in one process, as the demo does, and return its address."""
    port, log = ports.choose(), tmp_path_factory.mktemp("live") / "live.log"
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--timeout-graceful-shutdown=1"],
            cwd=PROJECT,
            env={**os.environ, **stores()},
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(process, port, log)
        yield f"http://{ports.HOST}:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_the_stream_brings_figures_and_leaves_what_has_the_focus(live, page, publish):
    publish("Everything works")
    page.goto(f"{live}/status/")
    page.wait_for_selector("[data-light]:text-is('Live')")
    page.locator("[data-part=queues] summary").click()
    page.locator("[data-part=events] a").focus()

    publish("Working, but a worker was lost")

    page.wait_for_selector("h1:text-is('Working, but a worker was lost')")
    assert page.locator("[data-part=queues] details").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.textContent") == "only problems"
    assert page.locator("#said").inner_text() == "Working, but a worker was lost"


def test_without_a_stream_the_page_asks(site, page, publish):
    publish("Everything works")
    page.goto(f"{site.url}/status/")

    publish("Loading Discogs")

    page.wait_for_selector("h1:text-is('Loading Discogs')")
    page.wait_for_selector("[data-light]:text-is('Asking every 5 s')")


@pytest.mark.parametrize(("size", "theme"), SIZES, ids=["desktop", "phone"])
def test_all_can_use_it(site, browser, publish, size, theme):
    publish("Working, but a worker was lost")
    with browser.new_context(viewport=size, color_scheme=theme) as context:
        page = context.new_page()
        page.goto(f"{site.url}/status/")
        page.locator("[data-part=queues] summary").click()
        page.evaluate(AXE.read_text())
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        width = page.evaluate("document.documentElement.scrollWidth")

    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert width == size["width"]


def test_without_javascript_it_is_complete(site, browser, publish):
    publish("Working, but a worker was lost")
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}/status/")
        page.get_by_role("link", name="only problems").click()
        text = page.locator("main").inner_text()

    assert "check failed" in text
    assert "graphinator" in text
    assert "started" not in text
