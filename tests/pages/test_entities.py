"""Pages about one entity: what they say, in which order, and where they lead."""

import json
import re
from html import unescape

import pytest

from tests.pages.catalogue import (
    ANTI_EP,
    ANTI_MASTER,
    AUTECHRE,
    HOSTILE,
    LONELY,
    LONG_LIVED,
    LONG_TITLE,
    PERSON,
    R_AND_S,
    SLEEVE,
    TWIN,
    UNBROKEN,
    UNTITLED,
    WARP,
    YEARS,
    rarity,
)
from tests.pages.elsewhere import elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def rare(site, django_db_blocker):
    with elsewhere(django_db_blocker, rarity()):
        yield


def read_structured(page):
    """Return what a page says for machines."""
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)[1])


def read_canonical(page):
    return re.search(r'<link rel="canonical" href="([^"]*)">', page.text)[1]


def test_a_release_is_the_back_of_its_sleeve(opened, rare):
    page = opened(f"/release/{SLEEVE}")

    assert page.title() == "The Whole Sleeve by n · Linernotes"
    assert page.locator("h1").inner_text() == "The Whole Sleeve"
    facts = page.locator(".facts-grid").inner_text()
    for each in ("2 × Vinyl, LP, Gatefold", "UK", "May 1994", "13:05", "Black Dots 3"):
        assert each in facts
    assert page.locator(".tracks h3").all_inner_texts() == ["The first record", "Side A", "Side B", "Side C"]
    assert page.locator(".tracks .t").all_inner_texts() == [
        f"Opening {UNBROKEN}",
        "<i>Suite</i>",
        "Ночь",
        "ليل",
        "Untitled",
    ]
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


def test_a_release_has_its_rarity_and_musicbrainz(opened, rare):
    page = opened(f"/release/{SLEEVE}")

    score = page.locator(".sec", has=page.get_by_role("heading", name="Rarity")).inner_text()
    assert "81.5 of 100" in score
    assert "ultra-rare" in score
    about = page.locator(".sec", has=page.get_by_role("heading", name="MusicBrainz"))
    assert "Official" in about.inner_text()
    assert about.get_by_role("link", name="allmusic").get_attribute("rel") == "noopener noreferrer"


def test_a_release_has_one_address(site):
    for path in (f"/release/{ANTI_EP}", f"/release/{ANTI_EP}-anti-ep", f"/release/{ANTI_EP}-another"):
        page = site.get(path)

        assert page.status_code == 200
        assert read_canonical(page) == f"{site.url}/release/{ANTI_EP}-anti-ep"
        assert read_structured(page)["@id"] == read_canonical(page)


@pytest.mark.parametrize("path", [f"/release/{ANTI_EP}", f"/artist/{AUTECHRE}-autechre", f"/label/{WARP}", "/master/1"])
def test_a_slash_at_the_end_leads_to_the_address_without_it(site, path):
    answer = site.get(f"{path}/?order=newest")

    assert (answer.status_code, answer.headers["Location"]) == (301, f"{path}?order=newest")


def test_words_of_a_list_are_whole(opened):
    page = opened(f"/label/{R_AND_S}")

    for width in (1440, 1024, 800):
        page.set_viewport_size({"width": width, "height": 900})
        narrow = page.evaluate(
            """() => [...document.querySelectorAll(".listing td, .listing th[scope=row]")].flatMap((cell) => {
              const words = cell.innerText.split(/[\\s-]+/);
              const probe = document.createElement("span");
              probe.style.whiteSpace = "nowrap";
              cell.append(probe);
              const room = cell.clientWidth;
              const wide = words.filter((word) => ((probe.textContent = word), probe.offsetWidth > room));
              probe.remove();
              return wide;
            })"""
        )

        assert narrow == [], width


def test_a_release_without_a_title_is_untitled(site):
    assert "<title>Untitled by " in site.get(f"/release/{UNTITLED}").text


def test_names_of_any_length_and_script_are_told_to_machines(site):
    found = read_structured(site.get(f"/release/{LONG_TITLE}"))

    assert found["name"] == "W" * 2000
    assert "n" in {each["name"] for each in found["creditedTo"]}


@pytest.mark.parametrize("slug", ["0", "-1", "abc", "1234567890", "9" * 30, "1%00", "%D9%A1", "157.5", "x" * 2000])
def test_there_is_no_page_of_what_is_not_there(site, slug):
    answer = site.get(f"/release/{slug}")

    assert answer.status_code == 404
    assert "Nothing at this address." in unescape(answer.text)


def section(page, name):
    return page.locator(".sec", has=page.get_by_role("heading", name=name, exact=True))


def test_an_artist_has_a_discography_by_decade(opened):
    page = opened(f"/artist/{LONG_LIVED}")

    assert page.locator("main h2").first.inner_text() == "101 years, 101 releases"
    assert page.locator(".dec").all_inner_texts() == [f"{each}s" for each in range(1920, 1970, 10)]
    assert page.locator("tbody th[scope=row]").count() == 50
    page.get_by_role("link", name="Next 50").click()
    page.get_by_role("link", name="Year 1970", exact=True).wait_for()
    assert "after=1969-" in page.url
    assert page.evaluate("document.activeElement.textContent") == "Discography"
    page.get_by_role("link", name="Next 50").click()
    page.get_by_role("link", name="Year 2020", exact=True).wait_for()
    assert page.locator("tbody th[scope=row]").count() == 1
    page.get_by_role("link", name="Previous 50").click()
    page.get_by_role("link", name="Year 1970", exact=True).wait_for()
    assert "before=2020-" in page.url
    assert page.evaluate("document.activeElement.textContent") == "Discography"
    page.get_by_role("link", name="Year 1970", exact=True).click()
    page.get_by_role("heading", name="Year 1970").wait_for()
    page.go_back()
    page.get_by_role("link", name="Year 1971", exact=True).wait_for()
    assert page.locator("tbody th[scope=row]").count() == 50


def test_pages_of_a_list_are_links_in_both_directions(site):
    def follow(path, relation):
        found = re.search(f'href="([^"]+)"[^>]* rel="{relation}"', site.get(path).text)
        return unescape(found[1]) if found else None

    for order in ("", "?order=newest"):
        first = f"/artist/{LONG_LIVED}{order}"
        second = follow(first, "next")
        third = follow(second, "next")
        assert follow(first, "prev") is follow(third, "next") is None
        for path, expected in ((follow(third, "prev"), second), (follow(second, "prev"), first)):
            assert list_titles(site, path) == list_titles(site, expected)
            assert follow(path, "next") == follow(expected, "next")
        assert follow(follow(second, "prev"), "prev") is None


def list_titles(site, path):
    return re.findall(r">Year ([0-9]+)</a>", site.get(path).text)


def test_a_list_begins_at_a_decade_or_at_its_end(site):
    assert list_titles(site, f"/artist/{LONG_LIVED}?decade=1990")[:2] == ["1990", "1991"]
    assert list_titles(site, f"/artist/{LONG_LIVED}?decade=1990&order=newest")[:2] == ["1999", "1998"]
    assert list_titles(site, f"/artist/{LONG_LIVED}?order=newest")[0] == str(max(YEARS))
    assert list_titles(site, f"/artist/{LONG_LIVED}?decade=none") == []
    for odd in (
        "after=x",
        "after=1990-",
        "after=99999-1",
        "decade=199",
        "after=%00",
        "after=1990-" + "9" * 400,
        "before=x",
        "before=1920-1",
    ):
        assert list_titles(site, f"/artist/{LONG_LIVED}?{odd}")[0] == str(min(YEARS)), odd


def test_a_fragment_is_the_list_alone(site):
    page = site.ask("GET", f"/artist/{LONG_LIVED}?decade=1990", headers={"X-Fragment": "list"})

    assert page.headers["X-Fragment"] == "list"
    assert page.text.startswith('<div class="listing" data-fragment="list">')
    assert "<h1" not in page.text


def test_an_artist_is_told_by_its_record_and_musicbrainz(opened):
    page = opened(f"/artist/{TWIN}")

    assert "Eleonora Vale" in page.locator(".facts-grid").inner_text()
    assert section(page, "Profile").get_by_role("link", name="Anti EP").count() == 1
    assert section(page, "Member of").get_by_role("link", name="The Long Lived").count() == 1
    assert section(page, "Elsewhere").get_by_role("link").all_inner_texts() == ["https://example.org/nora"]
    page = opened(f"/artist/{AUTECHRE}")
    assert "since 1987, Rochdale" in page.locator(".catline").inner_text()
    assert section(page, "MusicBrainz").get_by_role("link", name="wikidata").count() == 1


def test_a_member_whom_the_catalogue_lacks_is_a_name_without_a_page(site):
    page = site.get(f"/artist/{LONG_LIVED}").text

    assert f"/artist/{TWIN}-nora-vale" in page
    assert "89999999" not in page


def test_an_artist_without_a_release_says_so(opened):
    page = opened(f"/artist/{LONELY}")

    assert page.get_by_text("Nothing linked yet.").count() == 1


def test_a_name_with_html_is_a_name(opened):
    page = opened(f"/artist/{HOSTILE}")

    assert page.locator("h1").inner_text().startswith("<script>document.title='x'</script>")
    assert page.title().startswith("<script>")


def test_a_label_has_its_releases_with_their_numbers(opened):
    page = opened(f"/label/{R_AND_S}")

    assert page.locator("h1").inner_text() == "R & S Records"
    assert page.locator("thead th").all_inner_texts() == ["Year", "No.", "Title", "Artist", "Format"]
    assert section(page, "Artists").locator("li").count() == 15


def test_a_label_is_told_by_musicbrainz(site):
    page = site.get(f"/label/{WARP}").text

    assert "LC 2070" in page
    assert "Original Production" in page
    assert read_structured(site.get(f"/label/{WARP}"))["sameAs"] == [
        f"https://www.discogs.com/label/{WARP}",
        "https://www.wikidata.org/wiki/Q1312934",
    ]


def test_a_label_without_a_name_is_shown_by_its_number(site):
    assert "Label 90000107</h1>" in site.get("/label/90000107").text


def test_a_master_has_its_versions(opened):
    page = opened(f"/master/{ANTI_MASTER}")

    rows = page.locator("tbody tr:not(.dec)")
    assert rows.count() == 4
    assert page.get_by_role("link", name="Main release").get_attribute("href") == f"/release/{ANTI_EP}-anti-ep"
    assert "1994-09-05" in section(page, "MusicBrainz").inner_text()
    page.get_by_role("link", name="Main release").click()
    page.get_by_role("link", name="Versions of this album").click()
    page.get_by_role("heading", name="Versions").wait_for()


@pytest.mark.parametrize(("path", "other"), [("/genre/Electronic/", "Its styles"), ("/style/IDM/", "Part of")])
def test_a_genre_and_a_style_have_releases_and_what_goes_with_them(opened, path, other):
    page = opened(path)

    assert page.locator("tbody th[scope=row]").count() == 50
    for each in (other, "Artists", "Labels"):
        assert section(page, each).get_by_role("link").count() > 0
    assert read_structured_in(page)["@type"] == "DefinedTerm"


def read_structured_in(page):
    return json.loads(page.locator('script[type="application/ld+json"]').text_content())


def test_a_name_with_a_slash_has_a_page(site):
    page = site.get("/genre/Folk, World, & Country/")

    assert page.status_code == 200
    assert read_canonical(page) == unescape(f"{site.url}/genre/Folk,%20World,%20&amp;%20Country/").replace("&", "&amp;")


def test_a_person_has_credits_and_company(opened):
    page = opened(f"/person/{PERSON}/")

    assert "1991–" in page.locator(".catline").inner_text()
    assert page.get_by_role("img", name="Credits a year by kind of work").count() == 1
    assert "Producer" in section(page, "On the back of").inner_text()
    assert section(page, "In the room with").get_by_role("link", name="Sean Booth").count() == 1
    page.get_by_role("link", name="View as artist").click()
    page.get_by_role("heading", name="Discography").wait_for()
    assert page.locator("h1").inner_text() == PERSON


def test_a_person_is_found_from_a_sleeve(opened):
    page = opened(f"/release/{SLEEVE}")

    page.locator(".credits").first.get_by_role("link", name="Karl Vogt").first.click()
    page.get_by_role("heading", name="On the back of").wait_for()
    assert page.locator("tbody .muted").all_inner_texts() == ["Design, Mixed By"]


@pytest.mark.parametrize("kind", ["artist", "label", "master"])
@pytest.mark.parametrize("slug", ["0", "1234567890", "abc", "9" * 30, "1%00"])
def test_there_is_no_page_of_another_id(site, kind, slug):
    assert site.get(f"/{kind}/{slug}").status_code == 404


@pytest.mark.parametrize("kind", ["genre", "style", "person"])
@pytest.mark.parametrize("name", ["nothing", "%00", "..%2F..", "x" * 2000, "<script>", "%D9%82%D9%85%D8%B1", "a/b//c"])
def test_there_is_no_page_of_another_name(site, kind, name):
    assert site.get(f"/{kind}/{name}/").status_code == 404


def test_a_genre_that_is_not_there_has_close_ones(site):
    page = site.get("/genre/Elektronic/")

    assert page.status_code == 404
    assert "/genre/Electronic/" in page.text or "id=Electronic" in page.text
