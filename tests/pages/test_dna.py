"""The pane about a label's DNA: alone, beside others, with too little to go on."""

import re

import pytest

from tests.pages.catalogue import LABELS, R_AND_S, WARP

pytestmark = pytest.mark.django_db

FEW, KANJI = (id_ for id_, name in LABELS.items() if name in ("فيروز و الرحابنة", "建設的"))
ALONE = f"/label/{R_AND_S}-r-s-records/dna/"
BESIDE = f"{ALONE}?with={WARP}&with={KANJI}"


def test_the_figures_are_those_of_the_api(site):
    dna = site.json(f"/api/label/{R_AND_S}/dna")
    text = site.get(ALONE).text

    assert f'<td class="num">{dna["release_count"]}</td><td class="num">{dna["artist_count"]}</td>' in text
    assert f"{dna['active_years'][0]}–{dna['active_years'][-1]}" in text
    for each in dna["decades"]:
        assert f'<th scope="row">{each["decade"]}s</th><td class="num">{each["count"]}</td>' in text


def test_labels_are_compared_in_the_order_asked_for_and_one_can_be_removed(opened):
    page = opened(BESIDE)

    assert page.locator(".tray .chip .t").all_inner_texts() == ["R & S Records", "Warp Records", "建設的"]
    assert page.locator(".round g.s1, .round g.s2, .round g.s3").count() == 3

    page.get_by_label("Remove Warp Records").click()
    page.wait_for_function("() => document.querySelectorAll('.tray .chip').length === 2")

    assert page.url.endswith(f"{ALONE}?with={KANJI}")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.tray .chip').length === 3")


def test_a_label_that_is_picked_is_compared(opened):
    page = opened(ALONE)
    page.get_by_label("Compare a label").fill("Warp Rec")
    page.locator(".tray [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.tray .chip').length === 2")

    assert page.locator(".tray .chip .t").all_inner_texts() == ["R & S Records", "Warp Records"]


def test_a_name_is_compared_without_javascript(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}{ALONE}?with={KANJI}")
        page.get_by_label("Compare a label").fill("Warp Records")
        page.get_by_role("button", name="Compare").click()

        assert page.locator(".tray .chip .t").all_inner_texts() == ["R & S Records", "建設的", "Warp Records"]


def test_the_pane_begins_with_labels_that_are_loaded(site):
    addresses = re.findall(r'class="chip" href="([^"]+)"', site.get("/dna/").text)

    assert addresses
    assert all(site.get(each).status_code == 200 for each in addresses)


def test_a_label_with_too_few_releases_has_no_profile(site):
    response = site.get(f"/label/{FEW}/dna/")

    assert response.status_code == 422
    assert "5 releases make a profile." in response.text
    assert "has 2." in response.text


def test_a_label_with_too_few_releases_is_left_out_of_a_comparison(opened):
    page = opened(f"{ALONE}?with={FEW}&with=123456789&with={WARP}")

    assert page.locator(".banner").count() == 2
    assert page.locator(".tray .chip .t").all_inner_texts() == ["R & S Records", "Warp Records"]


@pytest.mark.parametrize("path", ["/label/123456789/dna/", "/dna/?id=1%00", f"/dna/?id={'9' * 2000}"])
def test_a_label_that_is_not_there_is_not_found(site, path):
    assert site.get(path).status_code == 404


def test_a_name_that_no_label_has_leads_to_the_dna_of_those_like_it(site):
    response = site.get("/dna/", name="Warp Recordz")

    assert response.status_code == 404
    assert f'href="/label/{WARP}-warp-records/dna/"' in response.text


def test_more_than_five_labels_are_refused(site):
    others = "&".join(f"with={id_}" for id_ in range(1, 6))

    assert site.get(f"{ALONE}?{others}").status_code == 400


def test_the_panel_of_a_label_leads_to_its_dna(opened):
    page = opened(f"/?type=label&id={R_AND_S}")
    page.get_by_role("link", name="Label DNA").last.click()
    page.wait_for_function("() => document.querySelector('main').dataset.tab === 'dna'")

    assert page.locator("h1").inner_text() == "R & S Records"


def test_the_tab_of_the_pane_is_in_sight_on_a_phone(opened, page):
    page.set_viewport_size({"width": 390, "height": 844})
    page = opened("/dna/")

    def ends():
        box = page.locator(".tabs [aria-current]").bounding_box()
        return box["x"] + box["width"]

    # A box ends between two pixels.
    assert ends() < 391

    page.get_by_role("link", name="Explore").click()
    page.wait_for_function("() => document.querySelector('main').dataset.tab === 'explore'")

    assert 0 < ends() < 391
