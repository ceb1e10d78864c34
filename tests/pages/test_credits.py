"""The pane about credits: a person's kinds of work, years, records and collaborators."""

import csv
import re
from html import unescape

import pytest

from tests.pages.catalogue import AUTECHRE

pytestmark = pytest.mark.django_db

BOOTH, BROWN = "Sean Booth", "Rob Brown (3)"
PERSON = f"/credits/?name={BOOTH.replace(' ', '+')}"


def records(page):
    return page.locator("#records tbody tr")


def test_the_figures_are_those_of_the_api(site):
    profile = site.json(f"/api/credits/person/{BOOTH}/profile")
    timeline = site.json(f"/api/credits/person/{BOOTH}/timeline")["timeline"]
    text = site.get(PERSON).text

    assert f"<span>{profile['total_credits']} credits</span>" in text
    for each in profile["role_breakdown"]:
        assert f"{each['category'].capitalize()}<b>{each['count']}</b>" in text
    for year in {each["year"] for each in timeline}:
        assert f'<th scope="row">{year}</th>' in text


def test_all_records_of_a_person_are_on_its_pages(site):
    wanted = {each["release_id"] for each in site.json(f"/api/credits/person/{BOOTH}")["credits"]}
    titles, address, years = 0, PERSON, []
    while address:
        text = site.get(unescape(address)).text
        table = text[text.index('records"><thead') :]
        years += [int(each or 9999) for each in re.findall(r'<td class="num">([0-9]*)</td>', table)]
        titles += table[: table.index("</table>")].count('scope="row"')
        more = re.search(r'href="([^"]+)"[^>]*>More records', text)
        address = more[1] if more else ""

    assert titles == len(wanted)
    assert years == sorted(years)


def test_a_kind_of_work_is_chosen_and_given_up(opened):
    page = opened(PERSON)
    page.get_by_role("link", name="Production").click()
    page.wait_for_function("() => document.querySelector('.chip[aria-current]')")
    roles = records(page).locator("td:last-child").all_inner_texts()

    assert roles
    assert all("Produc" in each for each in roles)
    assert "role=production" in page.url

    page.get_by_role("link", name="Production").click()
    page.wait_for_function("() => !document.querySelector('.chip[aria-current]')")

    assert "role=" not in page.url


def test_the_newest_records_can_come_first(site):
    text = site.get(f"{PERSON}&order=-year").text
    table = text[text.index('records"><thead') :]
    years = [int(each) for each in re.findall(r'<td class="num">([0-9]+)</td>', table)]

    assert years == sorted(years, reverse=True)


def test_who_was_in_the_room_leads_on_and_to_the_records_of_both(opened, site):
    shared = site.json("/api/credits/shared", person1=BOOTH, person2=BROWN)["shared_releases"]
    page = opened(PERSON)
    page.get_by_role("link", name=f"records with {BROWN}").click()
    page.get_by_role("heading", name=f"With {BROWN}").wait_for()
    rows = page.locator("section", has_text=f"With {BROWN}").first.locator("tbody tr")

    assert rows.count() == min(25, len({each["release_id"] for each in shared}))

    page.get_by_role("link", name=BROWN, exact=True).first.click()
    page.wait_for_function("() => document.querySelector('h1').textContent.startsWith('Rob')")

    assert page.locator("h1").inner_text() == BROWN


def test_two_people_are_looked_up_without_javascript(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}/credits/")
        page.get_by_label("Who made the record?").fill(BOOTH)
        page.get_by_role("button", name="Show credits").click()
        page.get_by_label("Shared with").fill("Nobody At All")
        page.get_by_role("button", name="Show records").click()

        assert page.locator("h1").inner_text() == BOOTH
        assert "No record of both." in page.locator("main").inner_text()


def test_a_person_is_offered_while_a_name_is_typed(opened):
    page = opened("/credits/")
    page.get_by_label("Who made the record?").fill("sean bo")
    page.locator(".look [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('h1').textContent === 'Sean Booth'")

    assert "id=Sean+Booth" in page.url


def test_the_pane_begins_with_those_with_most_credits(site):
    text = site.get("/credits/").text

    for category in ("production", "mastering", "design"):
        first = site.json(f"/api/credits/role/{category}/top", limit=1)["entries"][0]
        assert re.search(rf">{re.escape(first['name'])}</a></span><small class=\"num\">{first['credit_count']}<", text)


def test_a_name_that_nobody_has_leads_to_those_like_it(site):
    response = site.get("/credits/", name="sean booth")

    assert response.status_code == 404
    assert 'href="/credits/?name=Sean+Booth"' in response.text


@pytest.mark.parametrize("parameters", ["role=singing", "role=management", "order=size", "page=0", "page=1e9"])
def test_what_cannot_be_read_is_refused(site, parameters):
    assert site.get(f"{PERSON}&{parameters}").status_code == 400


@pytest.mark.parametrize("name", ["%00", "x" * 2000, "<script>", "%F0%9F%8C%8A", "//", "%20%20"])
def test_hostile_names_are_not_found(site, name):
    assert site.get(f"/credits/?name={name}").status_code == (200 if name == "%20%20" else 404)
    assert site.get(f"{PERSON}&with={name}").status_code == 200


def test_the_panel_of_an_artist_leads_to_its_credits(opened):
    page = opened(f"/?type=artist&id={AUTECHRE}")
    page.locator(".panel").get_by_role("link", name="Credits").click()
    page.wait_for_function("() => document.querySelector('main').dataset.tab === 'credits'")

    assert page.locator("h1").inner_text() == "Autechre"


def test_all_credits_are_a_table_for_other_programs(site):
    credits_ = site.json(f"/api/credits/person/{BOOTH}")["credits"]
    response = site.get("/credits.csv", name=BOOTH)
    head, *rows = csv.reader(response.text.splitlines())

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert head == ["release_id", "title", "year", "role", "category", "artists", "labels"]
    assert [(row[0], row[3]) for row in rows] == [(each["release_id"], each["role"]) for each in credits_]
    assert site.get("/credits.csv", name="Nobody At All").status_code == 404
    assert site.get("/credits.csv").status_code == 200
