"""Find path: what connects two names, in words, and other ways."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.site import run_site
from tests.pages.catalogue import AUTECHRE, LONELY, NAMES, OTHER_TWIN, RUNA, SIDE_ROOM, TOR, TRIO, TWIN, WORLD

pytestmark = pytest.mark.django_db

THROUGH_CREDITS = f"/path/?from_id={TOR}&to_id={SIDE_ROOM}&via=credits&exclude=IS"


def query_of(page):
    return {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}


def heading(page):
    return page.locator("h1").inner_text()


def cards(page):
    return page.locator(".chain .hop :is(a:not(.to-map), b)").all_inner_texts()


def words(page):
    return page.locator(".chain .rel span").all_inner_texts()


def pick(page, side, text):
    page.locator(f"#{side}").fill(text)
    page.locator(f".field:has(#{side}) .pop [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_two_names_are_connected_by_keyboard(opened):
    page = opened("/path/")
    assert page.get_by_label("Through credits").is_checked()
    assert page.get_by_label("Avoid genres and styles").is_checked()
    page.locator("#from").focus()
    pick(page, "from", "Tor Enn")
    pick(page, "to", "The Side Room")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Four steps from Tor Enn to The Side Room')")

    assert query_of(page) == {
        "from_type": "artist",
        "from_id": str(TOR),
        "to_type": "artist",
        "to_id": str(SIDE_ROOM),
        "via": "credits",
        "exclude": "IS",
        "max_depth": "6",
    }
    assert cards(page) == ["Tor Enn", "Alone", "R. Falk", "Beside", "The Side Room"]
    assert words(page) == ["released", "has on drums", "mixed", "is by"]
    assert page.locator(".chain small").nth(1).inner_text() == "Release, 1988"


def test_names_of_every_kind_are_offered(opened):
    page = opened(f"/path/?from_id={AUTECHRE}")
    page.locator("#to").focus()
    pick(page, "to", "Warp Records")

    assert page.locator("[name=to_type]").input_value() == "label"
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Two steps from Autechre to Warp Records')")


def test_without_credits_nothing_connects_them(opened):
    page = opened(f"/path/?from_id={TOR}&to_id={SIDE_ROOM}")
    assert heading(page) == "No link within six steps."
    page.get_by_role("link", name="Try 8 steps").click()
    page.wait_for_selector("h1:has-text('No link within eight steps.')")
    page.get_by_role("link", name="Through credits").click()
    page.wait_for_selector("h1:has-text('Four steps')")
    page.go_back()
    page.wait_for_selector("h1:has-text('No link within eight steps.')")


def test_an_artist_is_the_person_of_their_credits(opened):
    page = opened(f"/path/?from_id={TOR}&to_id={RUNA}&via=credits")

    assert heading(page) == "Two steps from Tor Enn to Runa Falk"
    assert cards(page) == ["Tor Enn", "Alone", "Runa Falk"]
    assert words(page) == ["released", "has on drums"]


def test_a_card_leads_to_the_page_and_to_the_map(opened):
    page = opened(f"/path/?from_id={TOR}&to_id={RUNA}&via=credits")
    page.get_by_label("Map of Runa Falk").click()
    page.wait_for_selector("h1:has-text('Explore: Runa Falk')")
    page.go_back()
    page.locator(".hop.release").click()
    page.wait_for_selector("h1:has-text('Alone')")


def test_members_are_told_from_their_groups(opened):
    page = opened(f"/path/?from_id={RUNA}&to_id={TRIO}")
    assert words(page) == ["is a member of"]
    page.get_by_label("Swap the two ends").click()
    page.wait_for_selector("h1:has-text('One step from The Now to Runa Falk')")
    assert words(page) == ["has the member"]


def test_genres_are_avoided_where_asked_for(opened):
    page = opened(f"/path/?from_id={AUTECHRE}&to_type=genre&to_id=Electronic")
    assert heading(page) == "Two steps from Autechre to Electronic"
    # A release, or a master.
    assert words(page) in (["released", "is"], ["made", "is"])
    page.get_by_label("Avoid genres and styles").check()
    page.get_by_role("button", name="Connect").click()
    page.wait_for_selector("h1:has-text('No link within six steps.')")
    page.get_by_role("link", name="Through genres and styles").click()
    page.wait_for_selector("h1:has-text('Two steps')")


def test_two_of_one_name_are_told_apart(opened):
    page = opened(f"/path/?from_id={TWIN}&to_id={OTHER_TWIN}&exclude=IS")
    assert heading(page) == "Four steps from Nora Vale to Nora Vale"

    page = opened("/path/?from_name=Nora+Vale&to_name=Nora+Vale")
    assert heading(page) == "They are the same."


def test_other_ways_are_sentences_cards_and_a_graph(opened):
    # A label and an artist have many records in common.
    page = opened("/path/?from_id=41&to_type=label&to_id=23528&exclude=IS")
    first = cards(page)
    assert page.locator(".ways li").count() == 3
    sentence = page.locator(".ways li").first.inner_text()
    assert "Autechre" in sentence
    assert "came out on" in sentence
    page.get_by_role("link", name="Another path").click()
    page.wait_for_url("**way=2*")
    second = cards(page)
    assert (second[0], second[-1]) == (first[0], first[-1])
    page.get_by_role("link", name="Show in the graph").click()
    page.wait_for_selector(".web svg")
    assert page.locator(".web .link").count() == 4
    assert page.locator(".web .link.main").count() == 1

    page.reload()
    page.locator(".web a:has-text('Autechre')").click()
    page.wait_for_selector("h1:has-text('Autechre')")
    page.go_back()
    page.wait_for_selector(".web svg")


def test_a_name_that_nobody_has_leads_to_the_closest(opened, messages):
    page = opened(f"/path/?from_name=Autecher&to_id={TOR}")
    assert heading(page) == "No artist called “Autecher”."
    messages.clear()
    page.locator("main .rows").get_by_role("link", name="Autechre", exact=True).click()
    page.wait_for_selector("h1:has-text('No link within')")
    assert query_of(page)["from_id"] == AUTECHRE


def test_names_that_are_typed_over_are_believed_without_javascript(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}/path/?from_id={TOR}&to_id={TRIO}&via=credits")
        page.locator("#from").fill("Runa Falk")
        page.get_by_role("button", name="Connect").click()

        assert heading(page) == "One step from Runa Falk to The Now"
        page.get_by_label("Swap the two ends").click()
        assert heading(page) == "One step from The Now to Runa Falk"


def test_the_panel_leads_here_with_its_name(opened):
    page = opened(f"/?type=artist&id={WORLD}")
    page.locator(".panel").get_by_role("link", name="Path from here").click()
    page.wait_for_selector(f"h1:has-text('From {NAMES[WORLD]} to whom?')")

    assert page.locator("#from").input_value() == NAMES[WORLD]
    assert page.get_by_label("Through credits").is_checked()


def test_the_address_is_copied_or_shown(opened):
    page = opened(THROUGH_CREDITS)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.locator("main [data-share]").click()
    page.wait_for_selector("#share[open]")

    assert page.locator("#share input").input_value() == page.url


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from_name=a%00b&to_name=Autechre", 404),
        (f"from_name={'x' * 2001}&to_name=Autechre", 400),
        ("from_type=planet&from_name=x&to_name=y", 400),
        (f"from_id=%00&to_id={AUTECHRE}", 404),
        (f"from_id={AUTECHRE}&to_id={LONELY}&max_depth=99&way=77&view=%3Cb%3E", 200),
        (f"from_id={AUTECHRE}&to_id={LONELY}&max_depth=-1", 200),
        ("from_type=genre&from_id=%E2%80%AE&to_name=Autechre", 404),
        ("from_name=<script>alert(1)</script>&to_name=y", 404),
    ],
)
def test_whatever_the_address_says_is_answered(site, query, status):
    response = site.get(f"/path/?{query}")

    assert response.status_code == status
    assert "<script>alert" not in response.text


def test_while_the_graph_is_away_the_page_says_so(loaded, tmp_path):
    with run_site(tmp_path / "site.log", NEO4J_URL="bolt://127.0.0.1:1") as site:
        response = site.get(f"/path/?from_id={TOR}&to_id={SIDE_ROOM}&max_depth=3")

        assert response.status_code == 503
        assert "The graph is starting." in response.text
        assert response.headers["Retry-After"] == "5"
