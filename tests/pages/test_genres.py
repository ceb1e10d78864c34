"""The pane about genres: what opens, what a filter leaves, the picture."""

import re

import pytest

pytestmark = pytest.mark.django_db


def test_genres_and_styles_are_those_of_the_api(site):
    tree = site.json("/api/genre-tree")["genres"]
    text = site.get("/genres/?open=all").text
    names = re.findall(r'<span>([^<]+)</span><span class="much">.*?<small class="num">([0-9,]+)<', text)

    assert [(name.replace("&amp;", "&"), int(count.replace(",", ""))) for name, count in names] == [
        (each["name"], each["release_count"]) for each in tree
    ]


def test_one_genre_is_open_and_another_opens(opened):
    page = opened("/genres/")
    second = page.locator(".acc details").nth(1)

    assert page.locator(".acc details[open]").count() == 1

    second.locator("summary").click()

    assert second.locator(".chip").first.is_visible()


def test_all_are_opened_and_closed_without_javascript(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}/genres/")
        number = page.locator(".acc details").count()
        page.get_by_role("link", name="Open all").click()

        assert page.locator(".acc details[open]").count() == number

        page.get_by_role("link", name="Close all").click()

        assert page.locator(".acc details[open]").count() == 1


def test_a_genre_that_is_opened_shows_all_its_styles(opened, site):
    genre = site.json("/api/genre-tree")["genres"][0]
    page = opened("/genres/")
    chips = page.locator(".acc details").first.locator(".chip")

    assert chips.count() == 25

    chips.last.click()
    page.wait_for_function("() => location.search.startsWith('?open=')")

    assert chips.count() == len(genre["styles"])
    assert chips.locator(".t").all_inner_texts() == [each["name"] for each in genre["styles"]]


def test_a_filter_leaves_what_has_its_text(opened):
    page = opened("/genres/")
    page.get_by_label("Filter genres and styles").fill("techno")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="techno").wait_for()

    names = page.locator(".acc .chip .t").all_inner_texts()
    assert "Techno" in names
    assert all("techno" in each.lower() for each in names)

    page.go_back()
    page.get_by_role("heading", name="and their styles").wait_for()

    assert page.get_by_label("Filter genres and styles").input_value() == ""


@pytest.mark.parametrize("parameters", ["q=%00", f"q={'x' * 2000}", "q=<script>alert(1)</script>", "open=nothing"])
def test_hostile_filters_leave_nothing(site, parameters):
    response = site.get(f"/genres/?{parameters}")

    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_a_part_of_the_picture_leads_to_its_genre(opened):
    page = opened("/genres/")
    link = page.locator(".stick a").first

    assert page.request.get(f"{page.url.split('/genres')[0]}{link.get_attribute('href')}").status == 200
    assert link.get_attribute("aria-label").startswith("Electronic, ")
