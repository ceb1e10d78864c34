"""Logging in and out by pages, and what a visitor then sees of a collection."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.site import another_client
from tests.pages.conftest import ENCRYPTION_KEY
from tests.pages.test_everywhere import AXE, RULES

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD = "mara@example.org", "right horse"


def run_in_thread(blocker, action):
    """Use the database in a thread without Playwright's loop."""

    def run():
        from django.db import connection  # noqa: PLC0415

        with blocker.unblock():
            try:
                return action()
            finally:
                connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def owner(site, django_db_blocker):
    """A user with a collection, and afterwards nobody."""
    from apps.collections import seeding  # noqa: PLC0415 - models can be imported only when the servers run
    from tests.users import forget_users, make_user  # noqa: PLC0415

    run_in_thread(django_db_blocker, lambda: seeding.seed(make_user(EMAIL)))
    yield EMAIL
    run_in_thread(django_db_blocker, forget_users)


@pytest.fixture
def second_factor(owner, django_db_blocker, settings):
    """Recovery codes of the owner's second factor."""
    settings.ENCRYPTION_MASTER_KEY = ENCRYPTION_KEY
    from apps.accounts import two_factor  # noqa: PLC0415
    from apps.accounts.models import Authenticator, User  # noqa: PLC0415

    def set_up():
        user = User.objects.get(email=EMAIL)
        _, codes = two_factor.set_up(user)
        Authenticator.objects.filter(user=user).update(confirmed=True)
        return codes

    return run_in_thread(django_db_blocker, set_up)


@pytest.fixture
def visitor(site):
    """A browser without JavaScript: it keeps cookies and sends forms."""
    options = {"base_url": site.url, "headers": {"X-Forwarded-For": another_client()}, "trust_env": False}
    with httpx.Client(**options, follow_redirects=True, timeout=60) as client:
        yield client


def send(client, path, **fields):
    client.get("/login/")
    token = client.cookies["csrftoken"]
    return client.post(path, data={**fields, "csrfmiddlewaretoken": token}, headers={"Referer": str(client.base_url)})


@pytest.fixture
def page(page):
    """A browser with an address of its own: logins are limited by address."""
    page.set_extra_http_headers({"X-Forwarded-For": another_client()})
    return page


def log_in(page, site):
    page.goto(f"{site.url}/collection/", wait_until="networkidle")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/collection/")


def test_a_visitor_logs_in_sorts_filters_and_logs_out(site, page, owner, messages):
    page.goto(f"{site.url}/collection/", wait_until="networkidle")
    page.fill("#email", EMAIL)
    page.fill("#password", "wrong horse")
    page.keyboard.press("Enter")
    assert "did not match" in page.get_by_role("alert").inner_text()
    assert page.input_value("#email") == EMAIL
    log_in(page, site)

    assert page.locator("h1").inner_text() == "My collection"
    copies = page.locator("tbody tr").count()
    assert copies > 0
    page.get_by_role("columnheader").get_by_role("link", name="Year").click()
    page.wait_for_selector("th[aria-sort=ascending]")
    years = [each for each in page.locator("tbody td.num:not(.opt)").all_inner_texts() if each]
    assert years == sorted(years)
    page.select_option("#genre", index=1)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**genre=**")
    assert 0 < page.locator("tbody tr").count() <= copies
    page.get_by_role("link", name="Wantlist").click()
    page.wait_for_function("() => document.querySelector('h1').textContent === 'My wantlist'")
    page.get_by_role("link", name="Log out").click()
    page.locator("main").get_by_role("button", name="Log out").click()
    page.wait_for_selector("text=Log in")
    assert page.goto(f"{site.url}/collection/").url.startswith(f"{site.url}/login/")
    messages[:] = []


@pytest.mark.parametrize("path", ["/collection/", "/wantlist/", "/logout/"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_everybody_can_use_personal_pages(site, page, owner, path, width, theme):
    log_in(page, site)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{site.url}{path}", wait_until="networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []


@pytest.mark.parametrize("path", ["/login/", "/login/?new", "/login/code/"])
def test_everybody_can_use_the_forms(opened, path):
    page = opened(path)

    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []


def test_a_person_registers_without_javascript(visitor, owner):
    new = send(visitor, "/login/?new", email="ada@example.org", password=PASSWORD, do="register")
    known = send(visitor, "/login/?new", email=EMAIL, password=PASSWORD, do="register")
    short = send(visitor, "/login/?new", email="eve@example.org", password="short", do="register")

    assert "the account is ready" in new.text
    assert "the account is ready" in known.text
    assert "8" in short.text
    assert "the account is ready" not in short.text
    there = send(visitor, "/login/", email="ada@example.org", password=PASSWORD, do="login", next="/collection/")
    assert there.url.path == "/collection/"
    assert "Nothing collected yet" in there.text
    assert there.headers["Cache-Control"] == "private, no-cache"


def test_a_release_tells_its_owner(visitor, owner, django_db_blocker):
    from apps.collections.models import CollectionItem, WantlistItem  # noqa: PLC0415

    def choose(table):
        return run_in_thread(django_db_blocker, lambda: table.objects.values_list("release_id", flat=True).first())

    had, wanted = choose(CollectionItem), choose(WantlistItem)
    before = visitor.get(f"/release/{had}").text
    send(visitor, "/login/", email=EMAIL, password=PASSWORD, do="login")

    assert "In your collection" not in before
    assert "In your collection" in visitor.get(f"/release/{had}").text
    if wanted is not None:
        assert "On your wantlist" in visitor.get(f"/release/{wanted}").text


def test_a_second_factor_is_asked_for(visitor, second_factor):
    asked = send(visitor, "/login/", email=EMAIL, password=PASSWORD, do="login", next="/wantlist/")
    assert "one-time-code" in asked.text
    assert visitor.get("/collection/").url.path == "/login/"
    challenge = asked.text.partition('name="challenge" value="')[2].partition('"')[0]

    wrong = send(visitor, "/login/code/", challenge=challenge, code="000000", do="verify", next="/wantlist/")
    assert "Invalid TOTP code" in wrong.text
    right = send(visitor, "/login/code/", challenge=challenge, code=second_factor[0], do="recover", next="/wantlist/")
    assert right.url.path == "/wantlist/"
    again = send(visitor, "/login/code/", challenge=challenge, code=second_factor[1], do="recover")
    assert "Challenge expired or used" in again.text


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_a_login_leads_to_no_other_site(visitor, owner, address):
    there = send(visitor, "/login/", email=EMAIL, password=PASSWORD, do="login", next=address)

    assert (there.url.host, there.url.path) == ("127.0.0.1", "/")


@pytest.mark.parametrize("path", ["/login/", "/login/code/", "/logout/"])
def test_a_form_of_another_site_is_refused(visitor, owner, path):
    assert visitor.post(path, data={"email": EMAIL, "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "query", ["sort=x", "offset=-1", "decade=x", "folder=%00", "q=%00", "genre=%00", "offset=9999999"]
)
def test_an_odd_address_is_answered_by_a_page(visitor, owner, query):
    send(visitor, "/login/", email=EMAIL, password=PASSWORD, do="login")

    assert visitor.get(f"/collection/?{query}").status_code == 200


def test_the_sixth_attempt_in_a_minute_is_refused(visitor, owner):
    statuses = [send(visitor, "/login/", email="x@example.org", password="y", do="login").status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]


def test_a_fragment_of_a_personal_page_is_no_login(visitor):
    assert visitor.get("/collection/", headers={"X-Fragment": "pane"}).status_code == 401
