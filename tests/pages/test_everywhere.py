"""What holds for every page: it fits, the browser does not complain, it works without JavaScript, all can use it."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.pages.catalogue import (
    ANTI_EP,
    ANTI_MASTER,
    AUTECHRE,
    HOSTILE,
    LONELY,
    LONG,
    LONG_TITLE,
    NAMES,
    PERSON,
    R_AND_S,
    SIDE_ROOM,
    SLEEVE,
    TOR,
    UNTITLED,
    WARP,
    WORLD,
)

pytestmark = pytest.mark.django_db

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Every kind of page and state. Whoever adds a page adds its address.
PAGES = {
    "start": "/",
    "artist": f"/?type=artist&id={AUTECHRE}",
    "label": f"/?type=label&id={R_AND_S}",
    "genre": "/?type=genre&id=Electronic",
    "style": "/?type=style&id=IDM",
    "before": f"/?type=artist&id={AUTECHRE}&before=1999",
    "compare": f"/?type=label&id={R_AND_S}&compare=1990-1998",
    "opened release": f"/?type=artist&id={AUTECHRE}&open=release:157",
    "nothing linked": f"/?type=artist&id={LONELY}",
    "no such name": "/?type=artist&name=Autecher",
    "no such snapshot": "/?snapshot=none",
    "no such id": "/?type=artist&id=1234567890",
    "world": f"/?type=artist&id={WORLD}",
    "hostile": f"/?type=artist&id={HOSTILE}",
    "long": f"/?type=artist&id={LONG}",
    "search, nothing asked": "/search/",
    "search": "/search/?q=mix&type=release&genre=Electronic&year_min=1990&year_max=1999",
    "search, a slip of the pen": "/search/?q=autecher",
    "search, filters leave nothing": "/search/?q=autechre&year_min=1901&year_max=1902",
    "search, too short": "/search/?q=x",
    "search, hostile": "/search/?q=onerror",
    "trends, nothing asked": "/trends/",
    "trends": f"/trends/?series=artist:{AUTECHRE}&series=label:{R_AND_S}&series=style:IDM&series=genre:Electronic",
    "trends, shares": f"/trends/?series=artist:{AUTECHRE}&scale=share&from=1994&to=2005",
    "trends, world": f"/trends/?series=artist:{WORLD}&series=artist:{HOSTILE}&series=artist:{LONG}",
    "trends, nothing dated": f"/trends/?series=artist:{LONELY}",
    "trends, no such name": "/trends/?type=artist&name=Autecher",
    "path, nothing asked": "/path/",
    "path from here": f"/path/?from_type=artist&from_id={AUTECHRE}",
    "path": f"/path/?from_id={TOR}&to_id={SIDE_ROOM}&via=credits&exclude=IS",
    "path as a graph": f"/path/?from_id={AUTECHRE}&to_type=label&to_id={R_AND_S}&max_depth=10&view=graph",
    "path, none": f"/path/?from_id={LONELY}&to_id={AUTECHRE}",
    "path, the same": f"/path/?from_id={AUTECHRE}&to_name=Autechre",
    "path, world": f"/path/?from_id={WORLD}&to_id={HOSTILE}",
    "path, long": f"/path/?from_id={WORLD}&to_id={LONG}",
    "path, no such name": "/path/?from_name=Autecher&to_name=Autechre",
    "search, world": "/search/?q=%D0%9A%D0%B0%D0%BC%D1%8B%D1%88%D0%B8",
    "release": f"/release/{ANTI_EP}-anti-ep",
    "whole release": f"/release/{SLEEVE}",
    "untitled release": f"/release/{UNTITLED}",
    "release with a long title": f"/release/{LONG_TITLE}",
    "no such release": "/release/1234567890",
    "dna": f"/label/{R_AND_S}/dna/",
    "dna compared": f"/label/{R_AND_S}/dna/?with={WARP}&with=90000102",
    "dna to begin": "/dna/",
    "status": "/status/",
    "credits": "/credits/?name=Sean+Booth",
    "credits shared": "/credits/?name=Sean+Booth&with=Rob+Brown+(3)",
    "credits to begin": "/credits/",
    "credits, world": f"/credits/?name={quote(NAMES[WORLD])}",
    "credits, hostile": f"/credits/?name={quote(NAMES[HOSTILE])}",
    "credits, long": f"/credits/?name={NAMES[LONG]}",
    "no such person": "/credits/?name=sean+boot",
    "genres": "/genres/",
    "all genres": "/genres/?open=all",
    "genres filtered": "/genres/?q=techno",
    "insights before they are computed": "/insights/",
    "page of an artist": f"/artist/{AUTECHRE}-autechre",
    "page of an artist in a decade": f"/artist/{AUTECHRE}?decade=2000&order=newest",
    "page of an artist without a release": f"/artist/{LONELY}",
    "page of an artist, hostile": f"/artist/{HOSTILE}",
    "page of an artist, long": f"/artist/{LONG}",
    "page of an artist, world": f"/artist/{WORLD}",
    "page of a label": f"/label/{R_AND_S}",
    "page of a label, right to left": "/label/90000101",
    "page of a label without a name": "/label/90000107",
    "page of a master": f"/master/{ANTI_MASTER}",
    "page of a genre": "/genre/Electronic/",
    "page of a style": "/style/IDM/",
    "page of a person": f"/person/{quote(PERSON)}/",
    "no such genre": "/genre/Elektronik/",
    "no page of such a person": "/person/nobody/",
}
WIDTHS = (320, 390, 768, 1024, 1440)
# What the browser says of an answer that is meant to be none.
EXPECTED = (
    "Failed to load resource: the server responded with a status of 404",
    "Failed to load resource: the server responded with a status of 422",
)

every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())


@every_page
def test_no_page_scrolls_sideways_and_the_browser_complains_of_nothing(opened, messages, path):
    page = opened(path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(50)

        assert page.evaluate("document.documentElement.scrollWidth") <= width, width

    messages[:] = [each for each in messages if not each.startswith(EXPECTED)]


LOOKS = [(1440, "light"), (390, "dark")]
OTHER_LOOKS = [(1440, "dark"), (390, "light")]


@every_page
@pytest.mark.parametrize("looks", [LOOKS, pytest.param(OTHER_LOOKS, marks=pytest.mark.slow)], ids=["", "other looks"])
def test_everybody_can_use_it(opened, messages, path, looks):
    page = opened(path)
    # Evaluated, and not added as an element: the policy of the page allows no script that is not ours.
    page.evaluate(AXE.read_text())
    for width, theme in looks:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(50)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        wrong = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]]
        assert not wrong, (width, theme, wrong)
    messages[:] = [each for each in messages if not each.startswith(EXPECTED)]


@every_page
def test_it_works_without_javascript(site, browser, path):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.url}{path}")

        assert page.locator("h1").count() == 1
        assert page.locator("main a, main form").count() > 0 or page.locator("main p").count() > 0
        assert page.locator(".js-only:visible").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@every_page
def test_a_fragment_is_the_main_part_of_its_page(site, path):
    whole = site.get(path).text
    fragment = site.ask("GET", path, headers={"X-Fragment": "pane"})

    assert fragment.headers["X-Fragment"] == "pane"
    assert "X-Fragment" in fragment.headers["Vary"]
    assert fragment.text.strip().startswith('<main id="main"')
    assert fragment.text.strip().endswith("</main>")
    # The figures of the status change from one moment to the next.
    assert path == PAGES["status"] or fragment.text.strip() in whole


def test_every_page_has_the_policy_and_none_has_what_it_forbids(site):
    for path in PAGES.values():
        response = site.get(path)

        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert " style=" not in response.text
        assert "<style" not in response.text
        assert " onclick=" not in response.text


@pytest.mark.parametrize("path", ["/docs", "/admin/login/"])
def test_documentation_and_admin_have_policies_of_their_own(site, path):
    assert "Content-Security-Policy" not in site.get(path).headers


def test_every_link_of_a_page_leads_to_a_page(site):
    import re  # noqa: PLC0415
    from html import unescape  # noqa: PLC0415

    addresses = {
        unescape(address)
        for path in PAGES.values()
        for address in re.findall(r'href="(/[^"]*)"', site.get(path).text)
        if not address.startswith("/static/")
    }
    for address in sorted(addresses)[:: max(1, len(addresses) // 60)]:
        assert site.get(address).status_code == 200, address
