"""Ask: a question in plain words, its answer, and what the page does with it. The model is one of our own."""

import re

import pytest

from tests.api.site import run_site
from tests.model_site import KEY, Say, serving
from tests.pages.catalogue import AUTECHRE, PERSON
from tests.pages.test_everywhere import AXE, RULES

pytestmark = pytest.mark.django_db

PHONE = {"width": 390, "height": 844}
NAMED = {"name": "Autechre", "entity_type": "artist"}
WARP = {"name": "Warp Records", "entity_type": "label"}
LOOK = Say(
    calls=(
        ("get_artist_details", {"name": AUTECHRE}),
        ("get_label_details", {"name": "Warp Records"}),
        ("search", {"query": "Rob Brown"}),
    )
)


@pytest.fixture(scope="module")
def model_site():
    with serving() as found:
        yield found


@pytest.fixture
def model(model_site):
    model_site.forget()
    return model_site


@pytest.fixture(scope="module")
def asked(loaded, model_site, tmp_path_factory):
    log = tmp_path_factory.mktemp("asked") / "site.log"
    with run_site(log, NLQ_ENABLED="yes", NLQ_API_KEY=KEY, NLQ_URL=model_site.url, NLQ_RATE_LIMIT="1000") as found:
        yield found


@pytest.fixture
def opened(asked, page):
    """Return what opens an address of the site that answers questions."""

    def open_(path):
        page.goto(f"{asked.url}{path}", wait_until="networkidle")
        return page

    return open_


def answer(model, text, *actions):
    """Let the model look some names up, and say a text with actions."""
    model.play(LOOK, Say(text, (("show_on_page", {"actions": list(actions)}),)))


def ask(page, question):
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator("#ask .outcome").wait_for()


def taken(page, count):
    """Return what became of the actions, in the order of their list, when there are so many."""
    page.locator(f"#ask .taken li:nth-child({count}) span").wait_for()
    return page.locator("#ask .taken li").all_inner_texts()


def test_a_question_is_asked_by_keyboard_and_answered_with_links_that_are_ours(opened, model):
    model.play(
        LOOK,
        Say(
            "**Autechre** are on *Warp Records*.\n\n- <img src=x onerror=alert(1)>one\n- [two](https://evil.example)\n\n`Autechre`"
        ),
    )
    page = opened("/")
    page.keyboard.press("Control+k")
    assert page.locator("#question").evaluate("each => each === document.activeElement")
    page.locator("#ask .chip:nth-child(4)").wait_for()
    ask(page, "Who are Autechre?")

    assert page.locator("#ask .summary p").first.inner_text() == "Autechre are on Warp Records."
    assert page.locator("#ask .summary li").all_inner_texts() == ["one", "two"]
    assert page.locator("#ask .summary img").count() == 0
    links = page.locator("#ask .summary a").evaluate_all("all => all.map((each) => each.getAttribute('href'))")
    assert links == [f"/?type=artist&id={AUTECHRE}", "/?type=label&id=23528"]
    page.locator("#ask .summary a").first.click()
    page.locator("h1", has_text="Explore: Autechre").wait_for(state="attached")
    assert not page.locator("#ask").is_visible()
    # What was asked is offered again, with what suits the page.
    page.keyboard.press("?")
    page.locator("#ask .chip", has_text="Who has worked with Autechre?").wait_for()
    assert page.locator("#ask .chip").first.inner_text() == "Who are Autechre?"
    page.keyboard.press("Escape")
    assert not page.locator("#ask").is_visible()


def test_every_action_on_a_map_is_taken_or_told_to_have_failed_and_all_are_undone(opened, model):
    page = opened("/trends/")
    answer(
        model,
        "Look.",
        {"type": "seed_graph", "entities": [NAMED], "replace": True},
        {"type": "focus_node", **WARP},
        {"type": "filter_graph", "by": "year", "value": 1995},
        {"type": "filter_graph", "by": "year", "value": [1992, 1995]},
        {"type": "filter_graph", "by": "label", "value": "Warp Records"},
        {"type": "filter_graph", "by": "genre", "value": "Autechre"},
        {"type": "suggest_followups", "queries": ["What came next?"]},
    )
    page.get_by_role("button", name="Ask", exact=True).first.click()
    ask(page, "Show me Autechre")

    assert taken(page, 6)[:6] == [
        "✓ The map of Autechre",
        "✓ Warp Records, on the map",
        "✓ The map until 1995",
        "✓ The map of 1992 against 1995",
        "✓ Warp Records and what it is linked to",
        "✗ Filter: Autechre is not on this map",
    ]
    assert "compare=1992-1995" in page.url
    assert page.locator("#panel-title").inner_text() == "Warp Records"
    assert page.locator("#ask .chip").all_inner_texts() == ["What came next?"]
    page.get_by_role("button", name="Undo what is shown").click()
    page.locator("main[data-tab=trends]").wait_for()
    assert page.url.endswith("/trends/")


def test_every_action_on_other_panes_is_taken_or_told_to_have_failed(opened, model):
    page = opened(f"/?type=artist&id={AUTECHRE}")
    answer(
        model,
        "Look.",
        {"type": "find_path", "from": "Autechre", "to": "Warp Records", "from_type": "artist", "to_type": "label"},
        {"type": "highlight_path", "nodes": ["Autechre", "Warp Records"]},
        {"type": "filter_graph", "by": "year", "value": 1995},
        {"type": "switch_pane", "pane": "genres"},
        {"type": "open_insight_tile", "tile_id": "anniversaries"},
        {"type": "show_credits", "name": PERSON, "entity_type": "artist"},
        {"type": "focus_node", **NAMED},
        {"type": "set_trend_range", "from": "1993", "to": "1996-12-31"},
    )
    page.keyboard.press("?")
    ask(page, "Show me everything")

    found = taken(page, 8)
    assert re.match(r"✓ \w+ steps? from Autechre to Warp Records", found[0])
    assert found[1:5] == [
        "✓ Autechre – Warp Records",
        "✗ Filter: there is no map on the page",
        "✓ Genres",
        "✓ Anniversaries",
    ]
    assert found[5].startswith("✓ Rob Brown")
    assert found[6] == "✓ The map of Autechre"
    assert found[7].startswith("✓ ")
    assert "series=artist%3A41&from=1993&to=1996" in page.url


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (Say(status=429, body=b"{}"), "The language model is busy: try again in a minute"),
        (Say(body=b"{"), "could not be read"),
    ],
)
def test_a_failure_is_told_and_the_question_stays(opened, model, say, words):
    model.play(say)
    page = opened("/")
    page.keyboard.press("Control+k")
    page.locator("#question").fill("Failing?")
    page.keyboard.press("Enter")

    page.locator("#ask .step.failed", has_text=words).wait_for()
    assert not page.locator("#ask .outcome").is_visible()
    assert page.locator("#question").input_value() == "Failing?"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_it_is_accessible_and_covers_nothing_that_cannot_be_reached(opened, page, model, scheme, viewport):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if viewport:
        page.set_viewport_size(viewport)
    answer(
        model,
        "**Autechre** are on Warp Records.\n\n1. one\n2. two",
        {"type": "focus_node", **WARP},
        {"type": "filter_graph", "by": "genre", "value": "Autechre"},
    )
    opened(f"/?type=artist&id={AUTECHRE}")
    page.keyboard.press("Control+k")
    ask(page, "Who are Autechre?")
    taken(page, 2)

    for width in (320, viewport["width"]) if viewport else ():
        page.set_viewport_size({**viewport, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [each["id"] for each in found["violations"]] == []
