"""The pane of insights: before the first computation, after it, after one that failed, and while one cannot be read."""

from contextlib import contextmanager

import pytest

from tests.pages.elsewhere import elsewhere
from tests.pages.test_everywhere import AXE, RULES

pytestmark = pytest.mark.django_db

CARDS = 6


@pytest.fixture
def computed(site, django_db_blocker):
    """Return what fills the tables of insights, as in ``computed.rows``."""
    from tests.pages import computed  # noqa: PLC0415

    return lambda **options: elsewhere(django_db_blocker, computed.rows(**options))


@pytest.fixture
def locked(site, django_db_blocker):
    """Return what locks a table of insights against readers."""
    from django.db import connection, transaction  # noqa: PLC0415

    @contextmanager
    def lock(table):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "insights"."{table}" IN ACCESS EXCLUSIVE MODE')
            yield

    return lambda table: elsewhere(django_db_blocker, lock(table))


def test_before_the_first_computation_every_card_says_so(opened):
    page = opened("/insights/")

    assert page.locator(".banner").count() == CARDS
    assert "Rarity not computed yet." in page.locator("main").inner_text()
    assert page.locator(".state").inner_text() == "Not computed yet"


def test_what_was_computed_is_shown(opened, computed):
    with computed():
        page = opened("/insights/")

    assert page.locator(".banner").count() == 0
    assert page.locator(".state.good").inner_text().startswith("All 6 computed 3")
    assert page.locator(".small figure").count() == 9
    text = page.locator("main").inner_text()
    for each in ("Autechre", "Amber", "Hidden gems", "ultra-rare", "61.4 %", "<script>document.title='x'</script>"):
        assert each in text
    assert page.title() == "Insights · Linernotes"


def test_all_genres_and_more_artists_are_asked_for_by_links(site, browser, computed):
    with computed(), browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}/insights/")
        page.get_by_role("link", name="All genres").click()

        assert page.locator(".small figure").count() == 10

        page.get_by_role("link", name="25", exact=True).click()

        assert page.url.endswith("?top=25&genres=all")
        assert page.locator(".sizes [aria-current]").inner_text() == "25"


def test_a_run_that_failed_leaves_the_data_of_the_one_before(opened, computed):
    with computed(failed="label_longevity"):
        page = opened("/insights/")

    card = page.locator("section", has_text="Longest-lived labels")
    assert "The last run failed." in card.inner_text()
    assert "R & S Records" in card.locator(".chart").text_content()
    assert page.locator(".banner").count() == 1
    assert page.locator(".state.warn").inner_text() == "1 of 6 failed: Longest-lived labels"


def test_a_card_that_cannot_be_read_fails_alone(opened, computed, locked):
    with computed(), locked("label_longevity"):
        page = opened("/insights/")

    assert page.locator(".banner").all_inner_texts() == ["This took too long. Everything else is here.\nTry again"]
    assert "This took too long." in page.locator("section", has_text="Longest-lived labels").inner_text()

    page.get_by_role("link", name="Try again").click()
    page.wait_for_function("() => document.querySelector('main').textContent.includes('not computed yet')")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_what_was_computed(opened, computed, theme, width):
    with computed():
        page = opened("/insights/")
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)

    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("top", ["0", "11", "1e1", "x", "9999999999", "%00"])
def test_another_number_of_artists_is_refused(site, top):
    assert site.get(f"/insights/?top={top}").status_code == 400
