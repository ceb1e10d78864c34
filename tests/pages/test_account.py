"""Logging in and out by pages, and what a visitor then sees of a collection."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django_otp.oath import TOTP

from tests.api.site import another_client
from tests.pages.conftest import ENCRYPTION_KEY
from tests.pages.test_everywhere import AXE, LOOKS, OTHER_LOOKS, RULES

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


def make_code(device):
    """Return the code that a phone shows now."""
    totp = TOTP(device.key)
    totp.time = time.time()
    return f"{totp.token():06d}"


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
    page.get_by_role("alert").get_by_text("did not match").wait_for()
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
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Log out").click()
    page.get_by_role("dialog").get_by_role("button", name="Log out").click()
    page.get_by_role("link", name="Log in").wait_for()
    assert page.goto(f"{site.url}/collection/").url.startswith(f"{site.url}/login/")
    messages[:] = []


@pytest.mark.parametrize("path", ["/collection/", "/wantlist/", "/settings/", "/logout/"])
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


def test_everybody_can_use_each_dialog_of_the_settings_by_the_keyboard(site, page, owner):
    log_in(page, site)
    page.goto(f"{site.url}/settings/", wait_until="networkidle")
    openers = page.locator("main [data-dialog=account]")
    names = openers.all_inner_texts()
    assert {"Change the password", "Set it up", "New token", "Sign out everywhere", "Delete the account"} <= set(names)
    for number, name in enumerate(names):
        opener = openers.nth(number)
        opener.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#account[open] h1, #account[open] h2")
        page.evaluate(AXE.read_text())
        for width, theme in (*LOOKS, *OTHER_LOOKS):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=theme)
            assert page.evaluate("document.querySelector('#account').scrollWidth") <= width, name
            found = page.evaluate("rules => axe.run('#account', {runOnly: rules, resultTypes: ['violations']})", RULES)
            wrong = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]]
            assert wrong == [], (name, width, theme)
        for _ in range(12):
            page.keyboard.press("Tab")
            # The browser's own buttons come after the last one.
            assert page.evaluate(
                "document.activeElement.closest('#account') || document.activeElement === document.body"
            )
        page.keyboard.press("Escape")
        assert opener.evaluate("each => each === document.activeElement"), name


@pytest.mark.parametrize("path", ["/login/", "/register/", "/forgot/", "/reset/"])
def test_everybody_can_use_the_forms(opened, path):
    page = opened(path)

    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []


def test_a_person_registers_without_javascript(visitor, owner):
    new = send(visitor, "/register/", email="ada@example.org", password=PASSWORD, repeat=PASSWORD)
    known = send(visitor, "/register/", email=EMAIL, password=PASSWORD, repeat=PASSWORD)
    short = send(visitor, "/register/", email="eve@example.org", password="short", repeat="short")

    assert "the account is ready" in new.text
    assert "the account is ready" in known.text
    assert "8" in short.text
    assert "the account is ready" not in short.text
    there = send(visitor, "/login/", email="ada@example.org", password=PASSWORD, next="/collection/")
    assert there.url.path == "/collection/"
    assert "Nothing collected yet" in there.text
    assert there.headers["Cache-Control"] == "private, no-store"


def test_a_release_tells_its_owner(visitor, owner, django_db_blocker):
    from apps.collections.models import CollectionItem, WantlistItem  # noqa: PLC0415

    def choose(table):
        return run_in_thread(django_db_blocker, lambda: table.objects.values_list("release_id", flat=True).first())

    had, wanted = choose(CollectionItem), choose(WantlistItem)
    before = visitor.get(f"/release/{had}").text
    send(visitor, "/login/", email=EMAIL, password=PASSWORD)

    assert "In your collection" not in before
    assert "In your collection" in visitor.get(f"/release/{had}").text
    if wanted is not None:
        assert "On your wantlist" in visitor.get(f"/release/{wanted}").text


def test_a_second_factor_is_asked_for(visitor, second_factor):
    asked = send(visitor, "/login/", email=EMAIL, password=PASSWORD, next="/wantlist/")
    assert "one-time-code" in asked.text
    assert visitor.get("/collection/").url.path == "/login/"
    challenge = asked.text.partition('name="challenge_token" value="')[2].partition('"')[0]

    wrong = send(visitor, "/login/code/", challenge_token=challenge, code="000000", next="/wantlist/")
    assert "Invalid TOTP code" in wrong.text
    right = send(visitor, "/login/recovery/", challenge_token=challenge, code=second_factor[0], next="/wantlist/")
    assert right.url.path == "/wantlist/"
    visitor.cookies.clear()
    again = send(visitor, "/login/recovery/", challenge_token=challenge, code=second_factor[1])
    assert "Challenge expired or used" in again.text


def open_login(page):
    page.get_by_role("link", name="Log in").click()
    page.locator("dialog #email").wait_for()
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")


def test_both_steps_are_taken_in_a_dialog_and_a_pasted_code_fills_all_boxes(opened, second_factor, django_db_blocker):
    from apps.accounts.models import Authenticator  # noqa: PLC0415

    device = run_in_thread(django_db_blocker, lambda: Authenticator.objects.get(user__email=EMAIL))
    page = opened("/credits/")
    open_login(page)
    boxes = page.locator("digit-fields input:not([type=hidden])")
    boxes.nth(5).wait_for()
    page.keyboard.type("98")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert [each.input_value() for each in boxes.all()] == [""] * 6
    boxes.nth(2).focus()
    page.keyboard.insert_text(make_code(device))
    assert page.locator("input[name=code]").input_value() == make_code(device)
    page.keyboard.press("Enter")
    page.locator(".menu summary", has_text=EMAIL).wait_for()
    assert page.url.endswith("/credits/")


def test_what_is_wrong_stands_at_its_field_and_a_wait_is_told(opened, owner, messages):
    page = opened("/register/")
    page.fill("#email", "ada@example.org")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Show password").first.click()
    assert page.get_attribute("#password", "type") == "text"
    page.fill("#repeat", "wrong horse")
    page.keyboard.press("Enter")
    page.get_by_text("The two passwords differ").wait_for()
    assert page.input_value("#email") == "ada@example.org"
    assert page.evaluate("document.activeElement.id") == "repeat"
    for _ in range(3):
        page.fill("#password", PASSWORD)
        page.fill("#repeat", "wrong horse")
        with page.expect_response("**/register/"):
            page.keyboard.press("Enter")
    page.get_by_text("The next try is possible in").wait_for()
    assert page.locator(".account button.primary").is_disabled()
    messages[:] = [each for each in messages if "429" not in each]


def test_logging_out_in_one_tab_ends_the_others(site, page, owner):
    log_in(page, site)
    other = page.context.new_page()
    other.goto(f"{site.url}/credits/", wait_until="networkidle")
    other.locator(".menu summary").click()
    other.get_by_role("link", name="Log out").click()
    other.get_by_role("dialog").get_by_role("button", name="Log out").click()

    page.wait_for_url("**/login/?next=**")


def test_a_mailed_link_sets_a_password_and_works_once(visitor, owner, django_db_blocker):
    from apps.accounts import mail  # noqa: PLC0415
    from apps.accounts.models import User  # noqa: PLC0415

    link = run_in_thread(django_db_blocker, lambda: mail.make_link(User.objects.get(email=EMAIL), mail.RESET))
    path = link[link.index("/?") :]
    form = visitor.get(path)
    assert form.url.path == "/reset/"
    assert form.url.query == b""
    assert "new-password" in form.text
    differs = send(visitor, "/reset/", new_password="a new horse", repeat="another horse")
    assert "The two passwords differ" in differs.text
    changed = send(visitor, "/reset/", new_password="a new horse", repeat="a new horse")
    assert "The password is changed" in changed.text
    visitor.get(path)
    again = send(visitor, "/reset/", new_password="a new horse", repeat="a new horse")
    assert "This link was used or has expired" in again.text
    assert send(visitor, "/login/", email=EMAIL, password="a new horse", next="/wantlist/").url.path == "/wantlist/"


def test_a_mailed_link_verifies_an_address(visitor, owner, django_db_blocker):
    from apps.accounts import mail  # noqa: PLC0415
    from apps.accounts.models import User  # noqa: PLC0415

    def ask():
        User.objects.filter(email=EMAIL).update(must_verify_email=True)
        return mail.make_link(User.objects.get(email=EMAIL), mail.VERIFY)

    link = run_in_thread(django_db_blocker, ask)
    assert visitor.get(link[link.index("/?") :]).url.path == "/verify/"
    assert "did not match" in send(visitor, "/login/", email=EMAIL, password=PASSWORD).text
    assert "The address is verified" in send(visitor, "/verify/").text
    assert send(visitor, "/login/", email=EMAIL, password=PASSWORD, next="/wantlist/").url.path == "/wantlist/"


def test_a_password_is_changed_and_this_browser_stays_logged_in(visitor, owner):
    send(visitor, "/login/", email=EMAIL, password=PASSWORD)
    given = {"new_password": "a new horse", "repeat": "a new horse"}

    wrong = send(visitor, "/settings/password/", current_password="wrong horse", **given)
    assert "Incorrect current password" in wrong.text
    right = send(visitor, "/settings/password/", current_password=PASSWORD, **given)
    assert right.url.path == "/settings/"
    assert "The password is changed" in right.text
    assert visitor.get("/collection/").url.path == "/collection/"


def test_a_token_is_shown_once_and_revoked(visitor, owner):
    send(visitor, "/login/", email=EMAIL, password=PASSWORD)

    assert "Choose what the program may read" in send(visitor, "/settings/tokens/", name="my <b>script").text
    made = send(visitor, "/settings/tokens/", name="my <b>script", scopes="collection:read").text
    token = re.search("dscg_[^<]+", made)[0]
    listed = visitor.get("/settings/").text
    assert token not in listed
    assert "my &lt;b&gt;script" in listed
    opens = {"url": "/api/user/collection", "headers": {"Authorization": f"Bearer {token}"}}
    assert visitor.get(**opens).status_code == 200
    revoked = send(visitor, re.search("/settings/tokens/[0-9a-f-]+/", listed)[0])
    assert "revoked" in revoked.text
    assert visitor.get(**opens).status_code == 401


def test_signing_out_everywhere_ends_this_session_too(visitor, owner):
    send(visitor, "/login/", email=EMAIL, password=PASSWORD)

    assert send(visitor, "/settings/sessions/").url.path == "/"
    assert visitor.get("/settings/").url.path == "/login/"


def test_recovery_codes_are_renewed_and_the_second_factor_is_turned_off(visitor, second_factor, django_db_blocker):
    from apps.accounts.models import Authenticator  # noqa: PLC0415

    device = run_in_thread(django_db_blocker, lambda: Authenticator.objects.get(user__email=EMAIL))
    few = device.recovery_codes[:2]
    run_in_thread(django_db_blocker, lambda: Authenticator.objects.update(recovery_codes=few))
    asked = send(visitor, "/login/", email=EMAIL, password=PASSWORD).text
    challenge = re.search('name="challenge_token" value="([^"]+)', asked)[1]
    there = send(visitor, "/login/recovery/", challenge_token=challenge, code=second_factor[0])
    assert "Recovery codes left: 1" in there.text

    given = {"password": PASSWORD, "code": make_code(device)}
    assert "Incorrect password" in send(visitor, "/settings/second-factor/codes/", **given | {"password": "x"}).text
    renewed = send(visitor, "/settings/second-factor/codes/", **given).text
    assert len(re.findall("<li><code>", renewed)) == 8
    assert "The second factor is off" in send(visitor, "/settings/second-factor/off/", **given).text


def test_a_page_stays_usable_when_its_session_has_ended(site, page, owner, django_db_blocker, messages):
    from apps.accounts import logins  # noqa: PLC0415
    from apps.accounts.models import User  # noqa: PLC0415

    log_in(page, site)
    run_in_thread(django_db_blocker, lambda: logins.end_all(User.objects.get(email=EMAIL)))
    page.get_by_role("link", name="Wantlist").click()
    page.locator("dialog #email").wait_for()
    assert page.locator("main h1").inner_text() == "My collection"
    assert page.locator(".menu").is_hidden()
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/wantlist/")
    messages[:] = [each for each in messages if "401" not in each]


SETTINGS = (
    *("password", "second-factor", "second-factor/confirm", "second-factor/codes", "second-factor/off", "tokens"),
    *("sessions", "delete", "discogs", "discogs/code", "discogs/callback", "discogs/off", "sync", "schedule"),
    *(f"{each}/6f1c1f0e-6a3c-4d0a-9a57-0d6f5b0c5d11" for each in ("tokens", "sync")),
)


def test_settings_need_a_login_and_take_odd_fields(visitor, owner):
    assert {visitor.get(f"/settings/{each}/").url.path for each in SETTINGS} == {"/login/"}
    send(visitor, "/login/", email=EMAIL, password=PASSWORD)
    names = [
        "current_password",
        "password",
        "new_password",
        "repeat",
        "code",
        "name",
        "scopes",
        "state",
        "oauth_verifier",
        "schedule",
    ]
    for each in SETTINGS:
        if each != "sessions":
            visitor.headers["X-Forwarded-For"] = another_client()
            sent = send(visitor, f"/settings/{each}/", **dict.fromkeys(names, "\0<b>" * 400))
            assert sent.status_code in (200, 404), each


@pytest.mark.parametrize("token", ["%00", "x" * 2000, "%3Cb%3E", "%E2%80%AE"])
def test_an_odd_link_is_answered_by_a_form(visitor, token):
    for parameter in ("reset_token", "verify_token"):
        assert visitor.get(f"/?{parameter}={token}").status_code == 200
    sent = send(visitor, "/reset/", new_password="a new horse", repeat="a new horse")
    assert sent.status_code == 200


@pytest.mark.parametrize("path", ["/login/", "/login/code/", "/login/recovery/", "/register/", "/forgot/", "/reset/"])
def test_odd_fields_are_answered_by_the_form(visitor, path):
    fields = dict.fromkeys(("email", "password", "code", "challenge_token", "new_password", "repeat"), "\0<b>" * 500)

    assert send(visitor, path, **fields).status_code == 200


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_a_login_leads_to_no_other_site(visitor, owner, address):
    there = send(visitor, "/login/", email=EMAIL, password=PASSWORD, next=address)

    assert (there.url.host, there.url.path) == ("127.0.0.1", "/")


@pytest.mark.parametrize(
    "path", ["/login/", "/login/code/", "/register/", "/forgot/", "/reset/", "/verify/", "/logout/"]
)
def test_a_form_of_another_site_is_refused(visitor, owner, path):
    assert visitor.post(path, data={"email": EMAIL, "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "query", ["sort=x", "offset=-1", "decade=x", "folder=%00", "q=%00", "genre=%00", "offset=9999999"]
)
def test_an_odd_address_is_answered_by_a_page(visitor, owner, query):
    send(visitor, "/login/", email=EMAIL, password=PASSWORD)

    assert visitor.get(f"/collection/?{query}").status_code == 200


def test_the_sixth_attempt_in_a_minute_is_refused(visitor, owner):
    statuses = [send(visitor, "/login/", email="x@example.org", password="y").status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]


def test_a_fragment_of_a_personal_page_is_no_login(visitor):
    assert visitor.get("/collection/", headers={"X-Fragment": "pane"}).status_code == 401
