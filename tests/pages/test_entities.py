"""Pages about one entity: what they say, in which order, and where they lead."""

import json
import re
from html import unescape

import pytest

from tests.pages.catalogue import ANTI_EP, LONG_TITLE, SLEEVE, UNTITLED

pytestmark = pytest.mark.django_db


def structured(page):
    """Return what a page says for machines."""
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)[1])


def canonical(page):
    return re.search(r'<link rel="canonical" href="([^"]*)">', page.text)[1]


def test_a_release_is_the_back_of_its_sleeve(opened):
    page = opened(f"/release/{SLEEVE}")

    assert page.title() == "The Whole Sleeve by n · Linernotes"
    assert page.locator("h1").inner_text() == "The Whole Sleeve"
    facts = page.locator(".facts-grid").inner_text()
    for each in ("2 × Vinyl, LP, Gatefold", "UK", "May 1994", "13:05", "Black Dots 3"):
        assert each in facts
    assert page.locator(".tracks h3").all_inner_texts() == ["The first record", "Side A", "Side B", "Side C"]
    assert page.locator(".tracks .t").all_inner_texts() == ["Opening", "<i>Suite</i>", "Ночь", "ليل", "Untitled"]
    assert page.locator(".tracks .who").all_inner_texts() == ["Autechre Feat. N. Vale", "Harp [Small]: Nora Vale"]
    headings = page.locator("main h2").all_inner_texts()
    assert headings == ["Tracks", "Credits", "Made by", "Identifiers", "Rarity", "MusicBrainz", "Notes"]


def test_a_release_has_its_barcode_and_folds_long_lists(opened):
    page = opened(f"/release/{SLEEVE}")

    assert page.get_by_role("img", name="Barcode 0724382859925").count() == 1
    assert not page.get_by_text("NV-E").is_visible()
    page.get_by_text("2 more").click()
    assert page.get_by_text("NV-E").is_visible()


def test_notes_are_linked_and_never_executed(opened):
    page = opened(f"/release/{SLEEVE}")
    notes = page.locator(".prose")

    linked = {(each.inner_text(), each.get_attribute("href")) for each in notes.locator("a").all()}
    assert ("Anti EP", f"/release/{ANTI_EP}-anti-ep") in linked
    assert ("the site", "https://example.org/?a=1&b=2") in linked
    assert "artist 89999999" in notes.inner_text()
    assert "<script>document.title" in notes.inner_text()
    assert page.title() == "The Whole Sleeve by n · Linernotes"


def test_a_release_has_its_rarity_and_musicbrainz(opened):
    page = opened(f"/release/{SLEEVE}")

    rarity = page.locator(".sec", has=page.get_by_role("heading", name="Rarity")).inner_text()
    assert "81.5 of 100" in rarity
    assert "ultra-rare" in rarity
    about = page.locator(".sec", has=page.get_by_role("heading", name="MusicBrainz"))
    assert "Official" in about.inner_text()
    assert about.get_by_role("link", name="allmusic").get_attribute("rel") == "noopener noreferrer"


def test_a_release_has_one_address(site):
    for path in (f"/release/{ANTI_EP}", f"/release/{ANTI_EP}-anti-ep", f"/release/{ANTI_EP}-another"):
        page = site.get(path)

        assert page.status_code == 200
        assert canonical(page) == f"{site.url}/release/{ANTI_EP}-anti-ep"
        assert structured(page)["@id"] == canonical(page)


def test_a_release_without_a_title_is_untitled(site):
    assert "<title>Untitled by " in site.get(f"/release/{UNTITLED}").text


def test_names_of_any_length_and_script_are_told_to_machines(site):
    found = structured(site.get(f"/release/{LONG_TITLE}"))

    assert found["name"] == "W" * 2000
    assert "n" in {each["name"] for each in found["creditedTo"]}


@pytest.mark.parametrize("slug", ["0", "-1", "abc", "1234567890", "9" * 30, "1%00", "%D9%A1", "157.5", "x" * 2000])
def test_there_is_no_page_of_what_is_not_there(site, slug):
    answer = site.get(f"/release/{slug}")

    assert answer.status_code == 404
    assert "Nothing at this address." in unescape(answer.text)
