"""Journeys of somebody who has no account: by keyboard alone, with Back and copied addresses, without a network."""

import re

import pytest

from tests.pages.catalogue import ANTI_EP, AUTECHRE, BARCODE, LONG_LIVED, R_AND_S, SIDE_ROOM, SLEEVE, TOR, WARP
from tests.pages.test_map import wait_until_centred, wait_until_drawn

pytestmark = pytest.mark.django_db

# A key is pressed this often at most until what is looked for has the focus.
MOST_STEPS = 120
# The browser says of each request that there is no connection, or no such name.
REFUSED = (
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
    "Failed to load resource: the server responded with a status of 404",
)


@pytest.fixture
def page(page, messages):
    yield page
    messages[:] = [each for each in messages if not each.startswith(REFUSED)]


def heading(page, text):
    """Wait for a heading that begins with a text."""
    page.locator("h1", has_text=re.compile(f"^{re.escape(text)}")).wait_for()


def tab_to(page, text):
    """Press Tab until a link, a button or a field of a name has the focus."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        # What a screen reader would say, as far as these pages need it.
        name = page.evaluate(
            """() => {
                const at = document.activeElement;
                return at.ariaLabel || at.labels?.[0]?.textContent.trim() || at.textContent.trim();
            }"""
        )
        if name == text:
            return
    pytest.fail(f"{text!r} cannot be reached by Tab")


# --- by keyboard alone ----------------------------------------------------------------------------------------------


def test_who_produced_a_record_is_found_by_keyboard(opened):
    page = opened("/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    heading(page, "Search the catalogue.")
    tab_to(page, "Title, artist, label, or the digits of a barcode")
    page.keyboard.type("the whole sleeve")
    page.keyboard.press("Enter")
    heading(page, "1 result")
    tab_to(page, "The Whole Sleeve")
    page.keyboard.press("Enter")
    heading(page, "The Whole Sleeve")
    assert page.evaluate("document.activeElement.tagName") == "H1"

    tab_to(page, "Nora Vale")
    page.keyboard.press("Enter")
    heading(page, "Nora Vale")


def test_a_letter_in_the_first_moments_of_a_page_leads_nowhere(opened):
    page = opened("/search/")
    page.evaluate(
        """() => {
            const event = new KeyboardEvent("keydown", { key: "t", bubbles: true });
            Object.defineProperty(event, "timeStamp", { value: 700 });
            document.body.dispatchEvent(event);
        }"""
    )
    page.wait_for_timeout(500)

    assert page.url.endswith("/search/")


def test_a_record_is_found_by_its_barcode_by_keyboard(opened):
    page = opened("/")
    tab_to(page, "Search")
    page.keyboard.press("Enter")
    heading(page, "Search the catalogue.")
    tab_to(page, "Title, artist, label, or the digits of a barcode")
    page.keyboard.type(BARCODE)
    page.keyboard.press("Enter")
    heading(page, "1 release with the barcode")
    tab_to(page, "The Whole Sleeve")
    page.keyboard.press("Enter")
    heading(page, "The Whole Sleeve")

    assert f"/release/{SLEEVE}" in page.url


def test_a_barcode_that_is_typed_as_a_name_leads_to_its_record(opened):
    page = opened("/")
    page.keyboard.press("/")
    page.keyboard.type("724382859925")
    page.keyboard.press("Enter")
    heading(page, "No artist called “724382859925”.")
    tab_to(page, "a search for “724382859925”")
    page.keyboard.press("Enter")
    heading(page, "1 release with the barcode 724382859925")


def test_a_path_begins_at_an_artist_of_the_map_by_keyboard(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={TOR}"))
    tab_to(page, "Path from here")
    page.keyboard.press("Enter")
    heading(page, "From Tor Enn to whom?")
    tab_to(page, "To")
    page.keyboard.type("The Side Room")
    page.locator(".field:has(#to) .pop [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    heading(page, "Four steps from Tor Enn to The Side Room")


def test_releases_of_a_label_before_a_year_are_found_by_keyboard(opened):
    page = opened("/")
    page.keyboard.press("/")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("Label")
    page.keyboard.press("Tab")
    page.keyboard.type("R & S")
    page.locator(".pop [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until_centred(page, "label", R_AND_S)
    tab_to(page, "Open the label’s page")
    page.keyboard.press("Enter")
    heading(page, "R & S Records")
    decade = page.locator("[aria-label=Decades] a", has_text="1980s").inner_text().replace("\n", "")
    tab_to(page, decade)
    page.keyboard.press("Enter")
    page.wait_for_url("**decade=1980*")

    assert page.locator("[aria-label=Decades] [aria-current]").inner_text().startswith("1980s")
    assert page.locator("tbody tr:has(th[scope=row]) td.num.opt").first.inner_text().startswith("198")


def test_the_content_is_reached_over_the_skip_link(opened):
    page = opened(f"/artist/{AUTECHRE}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_the_sheet_of_shortcuts_keeps_the_focus_and_gives_it_back(opened):
    page = opened(f"/artist/{AUTECHRE}")
    tab_to(page, "Show in the graph")
    page.keyboard.press("?")
    page.locator("dialog#keys[open]").wait_for()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")

    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.activeElement.textContent.trim()") == "Show in the graph"


# --- Back, Forward, reload, a copied address ------------------------------------------------------------------------


def test_back_and_forward_lead_through_panes_and_their_states(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    page.get_by_role("link", name="Open the artist’s page").click()
    heading(page, "Autechre")
    page.locator("main").get_by_role("link", name="Trends", exact=True).click()
    page.wait_for_url("**/trends/**")
    page.get_by_role("link", name="Find path").click()
    page.wait_for_url("**/path/")
    heading(page, "How are two names connected?")

    page.go_back()
    page.wait_for_selector("main[data-tab=trends]")
    page.go_back()
    heading(page, "Autechre")
    page.go_back()
    wait_until_centred(page, "artist", AUTECHRE)
    assert page.locator(".tabs [aria-current]").inner_text() == "Explore"
    assert page.title() == "Autechre · Linernotes"
    page.go_forward()
    heading(page, "Autechre")
    page.go_forward()
    page.wait_for_selector("main[data-tab=trends]")
    assert page.locator(".tabs [aria-current]").inner_text() == "Trends"


# Address → what shows that its state is there.
STATES = {
    f"/?type=artist&id={AUTECHRE}&before=1999&open=release:{ANTI_EP}": "#panel-title:has-text('Anti EP')",
    "/search/?q=mix&type=release&year_min=1990&year_max=1999": ".filters .chip:has-text('1990–1999')",
    f"/trends/?series=artist:{AUTECHRE}&series=label:{WARP}&scale=share&from=1994&to=2005": "h2:has-text('1994–2005')",
    f"/path/?from_id={TOR}&to_id={SIDE_ROOM}&via=credits&exclude=IS": ".chain li:has-text('Beside')",
    "/credits/?name=Sean+Booth&order=-year": "main a:has-text('oldest first')",
    f"/label/{R_AND_S}/dna/?with={WARP}": "main:has-text('Warp Records')",
    "/genres/?open=Electronic": "details[open]:has-text('Electronic')",
    f"/artist/{LONG_LIVED}?decade=1950&order=newest": "tbody th:has-text('Year 1959')",
}


@pytest.mark.parametrize("address", STATES)
def test_a_reload_and_a_copied_address_show_the_same(opened, browser, site, address):
    def text_of(one):
        one.locator(STATES[address]).first.wait_for()
        return one.locator("main").inner_text()

    page = opened(address)
    first = text_of(page)
    page.reload(wait_until="networkidle")
    assert text_of(page) == first

    with browser.new_context(viewport=page.viewport_size, locale="en-GB", reduced_motion="reduce") as another:
        copied = another.new_page()
        copied.goto(page.url, wait_until="networkidle")
        assert text_of(copied) == first
    assert page.url == f"{site.url}{address}"


# --- without a network ----------------------------------------------------------------------------------------------


def notice(page):
    page.locator("#notice", has_text="No connection.").wait_for()
    return page.locator("#notice").inner_text()


@pytest.mark.parametrize("tab", ["Trends", "Search", "Genres", "Credits"])
def test_a_tab_without_a_network_leaves_the_page_and_says_so(opened, tab):
    page = opened(f"/artist/{AUTECHRE}")
    page.context.set_offline(True)
    page.get_by_role("navigation", name="Panes").get_by_role("link", name=tab).click()

    assert re.search(r"What you see is from \d", notice(page))
    heading(page, "Autechre")
    assert page.url.endswith(f"/artist/{AUTECHRE}")
    page.context.set_offline(False)
    page.wait_for_selector(f"main[data-tab={tab.lower()}]")
    assert page.locator("#notice").inner_text() == ""


def test_a_form_without_a_network_keeps_what_was_typed_and_is_sent_again(opened):
    page = opened("/search/")
    page.context.set_offline(True)
    page.get_by_label("Title, artist, label").fill("the whole sleeve")
    page.keyboard.press("Enter")
    notice(page)
    assert page.get_by_label("Title, artist, label").input_value() == "the whole sleeve"

    page.context.set_offline(False)
    heading(page, "1 result")


def test_a_page_asks_nothing_of_another_site(opened, site, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for address in STATES:
        opened(address)

    assert [each for each in asked if not each.startswith((site.url, "data:", "blob:"))] == []
