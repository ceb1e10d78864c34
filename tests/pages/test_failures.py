"""What a page does when answers do not come, come late, or come in another order."""

import re

import pytest

from tests.pages.catalogue import APHEX_TWIN, AUTECHRE, R_AND_S
from tests.pages.test_map import wait_until_centred, wait_until_drawn

pytestmark = pytest.mark.django_db

ARTIST = f"/?type=artist&id={AUTECHRE}"
# The browser says of each refused request that it was.
REFUSED = "Failed to load resource"


@pytest.fixture
def page(page, messages):
    yield page
    messages[:] = [each for each in messages if not each.startswith(REFUSED)]


def refuse(page, status, *, headers=None, times=1):
    """Let the next requests for a fragment of a pane be refused by the site."""
    left = [times]

    def handle(route):
        if route.request.headers.get("x-fragment") == "pane" and left[0]:
            left[0] -= 1
            route.fulfill(status=status, headers=headers or {}, body="")
        else:
            route.fallback()

    page.route("**/*", handle)


def follow(page, kind="label", id_=R_AND_S):
    page.evaluate(
        "address => import('/static/js/swap.js').then(({swap}) => { swap(address); })", f"/?type={kind}&id={id_}"
    )


def test_a_short_wait_is_sat_out_without_a_word(opened):
    page = wait_until_drawn(opened(ARTIST))
    refuse(page, 429, headers={"Retry-After": "1"})
    follow(page)
    wait_until_centred(page, "label", R_AND_S)

    assert page.locator("#notice").inner_text() == ""


def test_a_long_wait_is_counted_down_and_the_page_stays(opened):
    page = wait_until_drawn(opened(ARTIST))
    refuse(page, 429, headers={"Retry-After": "30"})
    follow(page)
    page.wait_for_function("() => document.getElementById('notice').textContent.includes('28 s')")

    assert "Slow down a moment." in page.locator("#notice").inner_text()
    assert page.locator("record-map").get_attribute("data-id") == AUTECHRE


def test_a_graph_that_starts_is_waited_for(opened):
    page = wait_until_drawn(opened(ARTIST))
    refuse(page, 503, headers={"Retry-After": "1"})
    follow(page)
    page.wait_for_function("() => document.getElementById('notice').textContent.includes('The graph is starting.')")
    wait_until_centred(page, "label", R_AND_S)

    assert page.locator("#notice").inner_text() == ""


def test_without_a_connection_the_page_stays_and_goes_on_by_itself(opened):
    page = wait_until_drawn(opened(ARTIST))
    page.context.set_offline(True)
    follow(page)
    page.wait_for_function("() => document.getElementById('notice').textContent.includes('No connection.')")
    assert re.search(r"What you see is from \d", page.locator("#notice").inner_text())
    assert page.locator("record-map").get_attribute("data-id") == AUTECHRE

    page.context.set_offline(False)
    wait_until_centred(page, "label", R_AND_S)
    assert page.locator("#notice").inner_text() == ""


def test_a_late_answer_does_not_replace_a_newer_one(opened):
    page = wait_until_drawn(opened(ARTIST))
    held = []

    def hold(route):
        if route.request.headers.get("x-fragment") == "pane" and R_AND_S in route.request.url:
            held.append(route)
        else:
            route.fallback()

    page.route("**/*", hold)
    follow(page)
    page.wait_for_timeout(300)
    follow(page, "artist", APHEX_TWIN)
    wait_until_centred(page, "artist", APHEX_TWIN)
    for route in held:
        # It was aborted, so there may be nobody left to answer.
        route.continue_()
    page.wait_for_timeout(500)

    assert page.locator("record-map").get_attribute("data-id") == APHEX_TWIN
    assert page.url.endswith(f"id={APHEX_TWIN}")


def test_an_entity_that_is_gone_is_told_in_place(opened):
    page = wait_until_drawn(opened(ARTIST))
    follow(page, "artist", "123456789")
    page.wait_for_selector("h1:has-text('Nothing at this address.')")

    page.go_back()
    wait_until_centred(page, "artist", AUTECHRE)


def test_a_wrong_name_has_suggestions_that_lead_on(opened):
    page = opened("/?type=artist&name=Autecher")
    assert page.locator("h1").inner_text() == "No artist called “Autecher”."
    page.click(".rows a:has-text('Autechre')")

    wait_until_centred(page, "artist", AUTECHRE)


def test_too_many_names_are_told_with_the_wait(opened):
    page = opened("/")
    page.route("**/names/**", lambda route: route.fulfill(status=429, headers={"Retry-After": "12"}, body=""))
    page.click("#lookup input")
    page.keyboard.type("autec")

    page.wait_for_function("() => document.querySelector('.pop')?.textContent === 'Too many searches, wait 12 s'")


def test_names_that_cannot_be_had_are_told(opened):
    page = opened("/")
    page.route("**/names/**", lambda route: route.abort())
    page.click("#lookup input")
    page.keyboard.type("autec")

    page.wait_for_function("() => document.querySelector('.pop')?.textContent === 'Search unavailable. Try again'")


def test_no_matches_are_told(opened):
    page = opened("/")
    page.click("#lookup input")
    page.keyboard.type("qqzzxx")

    page.wait_for_function("() => document.querySelector('.pop')?.textContent === 'No matches'")


def test_a_name_with_html_in_it_is_text(opened):
    page = opened("/")
    page.click("#lookup input")
    page.keyboard.type("script")
    page.wait_for_selector(".pop [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until_drawn(page)

    assert page.title().startswith("<script>")
    assert page.locator("main script, main img[src=x]").count() == 0
