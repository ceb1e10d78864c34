"""A shared map is the map that was shared, and nobody changes it."""

import httpx
import pytest

from tests.api.site import another_client
from tests.pages.catalogue import AUTECHRE, HOSTILE, R_AND_S
from tests.pages.test_account import EMAIL, PASSWORD, run_in_thread
from tests.pages.test_everywhere import AXE, RULES

pytestmark = pytest.mark.django_db

PICTURE = "document.querySelector('record-map').picture()"
SHARE, COPY = "[data-share]", "#share-map [value=share]"
REFUSED = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
ODD = "<b>\u202e</b>" * 10


@pytest.fixture
def owner(site, django_db_blocker):
    """Return the header of a user; afterwards there is nobody."""
    from tests.users import bearer, forget_users, make_user  # noqa: PLC0415 - models need the servers

    yield run_in_thread(django_db_blocker, lambda: bearer(make_user(EMAIL)))
    run_in_thread(django_db_blocker, forget_users)


@pytest.fixture
def save(site, owner):
    """Return what saves a snapshot and returns its token."""

    def save(**body):
        response = httpx.post(f"{site.url}/api/snapshot", json=body, headers=owner, trust_env=False, timeout=60)
        assert response.status_code == 201, response.text
        return response.json()["token"]

    return save


@pytest.fixture
def page(page):
    """A browser with an address of its own: logins are limited by address."""
    page.set_extra_http_headers({"X-Forwarded-For": another_client()})
    return page


def open_map(page, site, path):
    page.goto(f"{site.url}{path}", wait_until="networkidle")
    page.wait_for_function("() => document.querySelector('record-map').scene")
    page.evaluate("document.fonts.ready")


def log_in(page, site, path):
    page.goto(f"{site.url}/login/", wait_until="networkidle")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")
    open_map(page, site, path)


def share(page, **words):
    """Share the map of a page whose clipboard is refused, with a title and so on; return the address that it shows."""
    page.evaluate(REFUSED)
    page.click(SHARE)
    for name, text in words.items():
        page.fill(f"#share-map [name={name}]", text)
    page.click(COPY)
    page.wait_for_selector("#share[open]")
    return page.locator("#share input").input_value()


def check(page):
    """Fail if somebody could not use the page."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []


@pytest.mark.parametrize(
    "query",
    ["", "&compare=1992-1999", "&layout=free&before=2001&releases=60"],
    ids=["rings", "compared", "free"],
)
def test_a_shared_map_is_the_one_that_was_shared(site, page, owner, query):
    log_in(page, site, f"/?type=artist&id={AUTECHRE}{query}")
    page.wait_for_timeout(100)
    before = page.evaluate(PICTURE)

    address = share(page)
    page.evaluate("sessionStorage.clear()")
    open_map(page, site, address.removeprefix(site.url))

    assert len(before["nodes"]) > 20
    assert page.evaluate(PICTURE) == before
    assert page.locator("h1").inner_text() == "Autechre"
    mine = page.get_by_role("link", name="Make this mine")
    assert f"id={AUTECHRE}" in mine.get_attribute("href")
    mine.click()
    page.wait_for_function("() => document.querySelector('record-map:not([data-shared])')?.scene")
    again = page.evaluate(PICTURE)
    assert {each["id"] for each in again["nodes"]} == {each["id"] for each in before["nodes"]}
    assert (again["before_year"], again["compare_years"]) == (before["before_year"], before["compare_years"])


def test_a_copied_link_says_when_it_expires(site, page, owner):
    log_in(page, site, f"/?type=label&id={R_AND_S}")
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")

    page.click(SHARE)
    page.click(COPY)

    page.wait_for_selector(".toast")
    assert page.locator(".toast span").inner_text().startswith("Link copied (expires ")
    assert "/?snapshot=" in page.evaluate("window.copied")


def test_a_map_is_shared_with_a_title_and_a_description(site, page, owner):
    log_in(page, site, f"/?type=label&id={R_AND_S}")
    title, description = "<i>Ghent</i>", 'Techno & "ambient" ' + "x" * 400

    # By the keyboard alone, and nothing is shared by a dialog that is closed.
    page.focus(SHARE)
    page.keyboard.press("Enter")
    check(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-share]')")
    address = share(page, title=title, description=f"  {description} ")
    found = page.request.get(address).text()
    page.goto(address)

    assert page.locator("h1").inner_text() == title
    assert description in page.locator(".banner").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    named = {name: page.get_attribute(f'meta[property="og:{name}"]', "content") for name in ("title", "description")}
    assert title in named["title"]
    assert named["description"] == description
    assert "<i>Ghent" not in found


def test_a_login_that_has_ended_shares_nothing(site, page, owner, messages):
    log_in(page, site, f"/?type=label&id={R_AND_S}")
    page.context.clear_cookies()

    page.click(SHARE)
    page.click(COPY)

    assert page.locator(".toast span").inner_text() == "Log in again to share this map."
    messages[:] = []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_everybody_can_use_a_shared_map(site, page, save, width, theme):
    nodes = [{"id": str(each), "type": "release"} for each in (157, 158, 159)]
    token = save(nodes=[*nodes, {"id": R_AND_S, "type": "label"}], center={"id": AUTECHRE, "type": "artist"})
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)

    open_map(page, site, f"/snapshot/{token}")

    assert page.url == f"{site.url}/?snapshot={token}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The server knows the names.
    assert page.locator("h1").inner_text() == "Autechre"
    assert "R & S Records" in page.locator("[data-fragment=list]").inner_text()
    check(page)


def test_a_shared_map_is_a_list_without_javascript(site, save):
    token = save(
        schema=2,
        nodes=[{"id": "157", "type": "release", "name": ODD, "category": "releases", "x": 1e5, "y": -1e5}],
        center={"id": str(HOSTILE), "type": "artist"},
        categories=[{"name": "releases", "title": "<i>", "total": 9, "size": 1}],
        title="Odd & <script>",
        description=ODD,
        width=1000,
        height=700,
    )
    found = httpx.get(f"{site.url}/?snapshot={token}", trust_env=False, timeout=60)
    drawn = httpx.get(f"{site.url}/snapshot/{token}/picture.png", trust_env=False, timeout=60)

    assert found.status_code == 200
    assert "Odd &amp; &lt;script&gt;" in found.text
    assert "<b>" not in found.text
    assert "open=release:157" in found.text
    assert 'property="og:image"' in found.text
    assert drawn.headers["Content-Type"] == "image/png"
    assert drawn.content.startswith(b"\x89PNG")


def test_what_no_map_can_show_is_left_out(site, save):
    nodes = [{"id": "", "type": ""}, {"id": "1", "type": "nonsense"}, {"id": "x" * 128, "type": "artist"}]
    token = save(nodes=nodes * 2, center={"id": "", "type": "nonsense"})

    found = httpx.get(f"{site.url}/?snapshot={token}", trust_env=False, timeout=60)
    drawn = httpx.get(f"{site.url}/snapshot/{token}/picture.png", trust_env=False, timeout=60)

    assert found.status_code == drawn.status_code == 200
    assert found.text.count("data-key=") == 1
    assert "Make this mine" not in found.text


@pytest.mark.parametrize("token", ["none", "%00", "a" * 2000, "☃", "../x"])
def test_a_link_that_opens_no_map_says_so(site, token):
    found = httpx.get(f"{site.url}/", params={"snapshot": token}, trust_env=False, timeout=60)

    assert found.status_code == 404
    assert "This link opens no map." in found.text
    picture = httpx.get(f"{site.url}/snapshot/none/picture.png", trust_env=False, timeout=60)
    assert picture.status_code == 404


def test_a_map_is_saved_as_a_picture(site, page):
    open_map(page, site, f"/?type=artist&id={AUTECHRE}")

    with page.expect_download() as download:
        page.click("[data-save]")

    assert download.value.suggested_filename == "map.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
