"""Trends: series side by side, their years, and what leaves the page as a table or a picture."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pages.catalogue import AUTECHRE, HOSTILE, LONELY, LONG_LIVED, R_AND_S, SINGLE, WORLD, YEARS

pytestmark = pytest.mark.django_db

ONE = f"/trends/?series=artist:{AUTECHRE}"
TWO = f"{ONE}&series=label:{R_AND_S}"
LONG = f"/trends/?series=artist:{LONG_LIVED}"
PNG = b"\x89PNG\r\n\x1a\n"


def query_of(page):
    return parse_qs(urlsplit(page.url).query)


def heading(page):
    return page.locator("h1").inner_text()


def list_compared(page):
    return page.locator(".compared .chip a.t").all_inner_texts()


def table_of(response):
    return list(csv.reader(io.StringIO(response.text)))


def test_a_name_of_the_header_leads_to_its_trend(opened):
    page = opened("/trends/")
    page.locator("#lookup input").fill("autechre")
    page.locator(".pop [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Autechre, year by year')")

    assert list_compared(page) == ["Autechre"]
    assert page.locator(".wide .line").count() >= 1


def test_up_to_four_are_compared_and_each_can_go(opened):
    page = opened(TWO)
    assert heading(page).endswith(", against one other")
    page.locator(".add select").select_option("style")
    page.locator(".add input[name=name]").fill("IDM")
    page.locator(".add button").click()
    page.wait_for_selector("h1:has-text('against two others')")
    page.locator(".add select").select_option("genre")
    page.locator(".add input[name=name]").fill("Electronic")
    page.locator(".add button").click()
    page.wait_for_selector("h1:has-text('against three others')")
    names = list_compared(page)
    assert names[2:] == ["IDM", "Electronic"]
    assert page.locator(".add").count() == 0
    assert page.locator(".wide .name").all_text_contents() != []

    page.reload()
    assert list_compared(page) == names
    page.get_by_label("Without IDM").click()
    page.wait_for_selector("h1:has-text('against two others')")
    assert list_compared(page) == [names[0], names[1], "Electronic"]
    page.go_back()
    page.wait_for_selector("h1:has-text('against three others')")


def test_the_chart_has_the_numbers_of_its_table(opened):
    page = opened(LONG)
    assert page.locator("table").first.locator("tbody tr").count() == len(YEARS) // 10 + 1
    page.locator("summary").click()
    rows = page.locator(".by-year tbody tr")

    assert rows.count() == len(YEARS)
    assert set(rows.locator("td").all_inner_texts()) == {"1"}
    assert "Years without a release" in page.locator(".facts-grid").inner_text()


def test_shares_are_of_all_releases_of_a_year(opened, site):
    page = opened(ONE)
    page.get_by_role("link", name="Share of all").click()
    page.wait_for_url("**scale=share")
    assert "in percent of the year" in page.locator(".trend header").inner_text()
    header, *rows = table_of(site.get(f"/trends.csv?series=artist:{AUTECHRE}&scale=share"))
    shares = {row[0]: round(100 * int(row[1]) / int(row[2])) for row in rows if row[2] != "0"}
    page.locator("summary").click()
    shown = dict(line.split("\t") for line in page.locator(".by-year tbody").inner_text().splitlines())

    assert header == ["year", "Autechre", "all releases"]
    assert any(shares.values())
    assert {year: int(share) for year, share in shown.items() if year in shares} == shares


def test_years_are_chosen_by_handles_and_come_back(opened):
    page = opened(LONG)
    page.locator(".handles input").first.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.wait_for_selector("h2:has-text('1950–2020')")
    page.wait_for_function("() => document.activeElement.id === 'from-year'")
    page.get_by_label("to", exact=True).fill("1979")
    page.get_by_role("button", name="Show").click()
    page.wait_for_selector("h2:has-text('1950–1979')")

    assert page.locator("table").first.locator("tbody tr").count() == 3
    assert query_of(page) == {"series": [f"artist:{LONG_LIVED}"], "from": ["1950"], "to": ["1979"]}
    page.get_by_role("link", name="all years").click()
    page.wait_for_selector("h2:has-text('1920–2020')")


def test_years_are_chosen_without_javascript(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}{LONG}")
        page.get_by_label("from", exact=True).fill("2000")
        page.get_by_role("button", name="Show").click()

        assert page.locator("h2").first.inner_text() == "2000–2020"
        assert page.locator(".wide svg").get_attribute("aria-label").startswith("Releases a year: The Long Lived")


def test_the_pointer_reads_a_year(opened):
    page = opened(LONG)
    box = page.locator(".wide svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    assert "The Long Lived: 1" in page.locator(".wide .read").inner_text()
    page.mouse.move(2, 2)
    assert page.locator(".read").count() == 0


def test_a_table_leaves_as_csv(site):
    response = site.get(f"/trends.csv?series=artist:{LONG_LIVED}&series=artist:{HOSTILE}&from=1999&to=2001")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="trends.csv"'
    header, *rows = table_of(response)
    assert header[:2] == ["year", "The Long Lived"]
    assert [row[:2] for row in rows] == [["1999", "1"], ["2000", "1"], ["2001", "1"]]


def test_a_table_of_nothing_says_why(site):
    response = site.get("/trends.csv?series=artist:1234567890")

    assert response.status_code == 404
    assert "Nothing at this address." in response.text


def test_a_picture_leaves_as_png(opened):
    page = opened(TWO)
    with page.expect_download() as waiting:
        page.locator("[data-png]").click()
    content = waiting.value.path().read_bytes()

    assert waiting.value.suggested_filename == "trends.png"
    assert content.startswith(PNG)
    # More than an empty sheet.
    assert len(content) > 20_000


def test_what_has_no_years_says_so(opened):
    page = opened(f"/trends/?series=artist:{SINGLE}")
    assert "No dated releases." in page.locator("main").inner_text()
    assert "1 release" in page.locator("main").inner_text()

    page = opened(f"/trends/?series=artist:{LONELY}")
    assert "The dump has no release of them." in page.locator("main").inner_text()


def test_a_slip_of_the_pen_leads_to_trends(opened, messages):
    page = opened(f"{ONE}&type=artist&name=The+Long+Lifed")
    messages.clear()
    page.get_by_role("link", name="The Long Lived").click()
    page.wait_for_selector("h1:has-text('Autechre, against one other')")


def test_the_panel_leads_here(opened):
    page = opened(f"/?type=artist&id={WORLD}")
    page.locator(".panel").get_by_role("link", name="Trends").click()
    page.wait_for_selector("h1:has-text('Камыши и тростник, year by year')")

    assert page.locator("h1 bdi[lang=ru]").count() == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("series=person:41", 400),
        ("series=artist", 400),
        ("series=artist:%00", 404),
        ("series=genre:a%00b", 404),
        (f"series=genre:{'x' * 2000}", 400),
        (f"type=artist&name={'x' * 2000}", 404),
        ("type=artist&name=a%00b", 404),
        ("type=planet&name=x", 400),
        (f"series=artist:{AUTECHRE}&from=soon&to=9999", 200),
        (f"series=artist:{AUTECHRE}&from=2010&to=1991", 200),
        ("&".join(f"series=artist:{AUTECHRE}" for _ in range(9)), 200),
        ("series=style:IDM&scale=%3Cscript%3E", 200),
    ],
)
def test_whatever_the_address_says_is_answered(site, query, status):
    assert site.get(f"/trends/?{query}").status_code == status
    assert site.get(f"/trends.csv?{query}").status_code == status
