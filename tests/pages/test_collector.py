"""The journey of a collector, by keyboard: register, two factors, Discogs, synchronise, look, and delete it all."""

import time

import httpx
import pytest

from tests.api.site import another_client, run_site
from tests.discogs_site import KEY, SECRET, make_item, make_want, serving
from tests.pages.catalogue import WARP
from tests.pages.conftest import ENCRYPTION_KEY
from tests.pages.test_account import PASSWORD, make_code, run_in_thread, send
from tests.pages.test_everywhere import AXE, LOOKS, RULES
from tests.pages.test_journeys import tab_to

pytestmark = pytest.mark.django_db

EMAIL = "ada@example.org"
# A page of a synchronisation has a hundred.
COPIES = 130


@pytest.fixture(scope="module")
def discogs():
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def own_site(loaded, discogs, tmp_path_factory):
    """A site whose Discogs is ours."""
    own = {"DISCOGS_API_URL": discogs.url, "DISCOGS_SITE_URL": discogs.url, "DISCOGS_REQUESTS_PER_MINUTE": "1000000"}
    log = tmp_path_factory.mktemp("collector") / "site.log"
    with run_site(log, ENCRYPTION_MASTER_KEY=ENCRYPTION_KEY, **own) as found:
        yield found


@pytest.fixture
def database(own_site, discogs, django_db_blocker, settings):
    """Return what asks the database as the worker does, which reads our Discogs; afterwards there is nobody."""
    settings.ENCRYPTION_MASTER_KEY, settings.DISCOGS_API_URL = ENCRYPTION_KEY, discogs.url
    settings.DISCOGS_REQUESTS_PER_MINUTE = 1_000_000
    from apps.collections.models import AppConfig  # noqa: PLC0415 - models can be imported only when the servers run
    from tests.users import forget_users  # noqa: PLC0415

    yield lambda action: run_in_thread(django_db_blocker, action)
    run_in_thread(django_db_blocker, forget_users)
    run_in_thread(django_db_blocker, AppConfig.objects.all().delete)


@pytest.fixture
def page(page):
    page.set_extra_http_headers({"X-Forwarded-For": another_client()})
    return page


def look(page, name):
    """Everybody can use what is shown now, and nothing is beside the window."""
    at = page.viewport_size
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.evaluate(AXE.read_text())
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        wrong = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]]
        assert wrong == [], name
    page.set_viewport_size(at)
    page.emulate_media(color_scheme="light")


def press(page, name):
    """Reach a link, a button or a field by Tab, and press Enter."""
    tab_to(page, name)
    page.keyboard.press("Enter")


def wait_for_dialog(page, title):
    page.locator("dialog[open] h2", has_text=title).wait_for()


def type_over(page, label, text):
    tab_to(page, label)
    page.keyboard.type(text)


def register(page, site):
    page.goto(f"{site.url}/credits/", wait_until="networkidle")
    press(page, "Log in")
    wait_for_dialog(page, "Your account")
    look(page, "login")
    press(page, "Register")
    page.locator("#repeat").wait_for()
    assert page.evaluate("document.activeElement.id") == "email"
    page.keyboard.type(EMAIL)
    type_over(page, "Password", PASSWORD)
    type_over(page, "The same again", PASSWORD)
    look(page, "register")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("the account is ready").wait_for()
    assert page.input_value("#email") == EMAIL
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".menu summary", has_text=EMAIL).wait_for()


def set_up_second_factor(page, database):
    from apps.accounts.models import Authenticator  # noqa: PLC0415

    tab_to(page, EMAIL)
    page.keyboard.press("Enter")
    press(page, "Settings")
    page.locator("h1", has_text="Settings").wait_for()
    look(page, "settings")
    press(page, "Set it up")
    wait_for_dialog(page, "A second factor")
    press(page, "Set it up")
    page.locator(".qr").wait_for()
    look(page, "secret")
    device = database(lambda: Authenticator.objects.get(user__email=EMAIL))
    page.keyboard.type(make_code(device))
    page.keyboard.press("Enter")
    wait_for_dialog(page, "Recovery codes")
    look(page, "recovery codes")
    codes = page.locator("#codes li").all_inner_texts()
    assert len(codes) == 8
    assert all(each in page.locator("a[download]", has_text="Download").last.get_attribute("href") for each in codes)
    press(page, "I have kept them")
    page.get_by_text("8 recovery codes left").wait_for()
    return device


def connect(page, database, discogs):
    from apps.collections.discogs import application  # noqa: PLC0415

    page.get_by_text("manage.py discogs_setup").wait_for()
    database(lambda: application.store(application.Application(KEY, SECRET)))
    page.reload(wait_until="networkidle")
    press(page, "Connect to Discogs")
    wait_for_dialog(page, "Connect to Discogs")
    press(page, "Begin")
    page.get_by_role("link", name="Go to Discogs").wait_for()
    look(page, "connect")
    page.keyboard.type("7654321")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("Discogs does not accept the code").wait_for()
    press(page, "Begin")
    page.get_by_role("link", name="Go to Discogs").wait_for()
    page.keyboard.type(discogs.allow(page.locator("input[name=state]").input_value()))
    page.keyboard.press("Enter")
    page.get_by_text("Connected as digger").wait_for()


def synchronise(page, database):
    from apps.collections import syncing  # noqa: PLC0415
    from apps.collections.models import Sync  # noqa: PLC0415

    press(page, "Synchronise now")
    page.locator(".settings sync-progress").wait_for()
    sync = database(Sync.objects.get)
    database(lambda: syncing.take_step(sync.pk))
    page.locator(".settings sync-progress", has_text="page 1 of 2").wait_for()
    look(page, "progress")

    def finish():
        until = time.monotonic() + 60
        while syncing.take_step(sync.pk) is not None:
            assert time.monotonic() < until

    database(finish)
    page.locator(".settings sync-progress", has_text=f"{COPIES + 1} new").wait_for()


def look_at_collection(page, site):
    page.goto(f"{site.url}/collection/", wait_until="networkidle")
    assert page.locator("tbody tr").count() > 0
    press(page, "Year")
    page.wait_for_selector("th[aria-sort=ascending]")
    page.goto(f"{site.url}/collection/?genre=Rock&sort=year", wait_until="networkidle")
    press(page, "Make my taste card")
    page.wait_for_function("() => document.querySelector('.card-of-taste img').naturalWidth > 0")
    tab_to(page, "CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "release_id" in download.value.path().read_text()


def look_at_missing(page, site):
    page.goto(f"{site.url}/missing/?type=label&id={WARP}", wait_until="networkidle")
    page.locator("h1", has_text="Warp").wait_for()
    assert page.locator("tbody tr").count() > 0


def delete_account(page, site, device):
    page.goto(f"{site.url}/settings/", wait_until="networkidle")
    press(page, "Delete the account")
    wait_for_dialog(page, "Delete the account")
    look(page, "delete")
    page.locator("dialog #password").focus()
    page.keyboard.type(PASSWORD)
    tab_to(page, "Digit 1 of 6")
    page.keyboard.type(make_code(device))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Log in").wait_for()


def test_a_collector_comes_connects_looks_and_goes(own_site, page, database, discogs):
    from apps.accounts.models import User  # noqa: PLC0415
    from apps.catalog.models import Release  # noqa: PLC0415
    from apps.collections.models import CollectionItem  # noqa: PLC0415

    known = database(lambda: list(Release.objects.order_by("pk").values_list("pk", flat=True)[:COPIES]))
    discogs.member.collection = [make_item(known[each % len(known)], each + 1) for each in range(COPIES)]
    discogs.member.wants = [make_want(known[0])]

    register(page, own_site)
    device = set_up_second_factor(page, database)
    connect(page, database, discogs)
    synchronise(page, database)
    look_at_collection(page, own_site)
    look_at_missing(page, own_site)
    delete_account(page, own_site, device)

    assert not database(User.objects.exists)
    assert not database(CollectionItem.objects.exists)


@pytest.fixture
def visitor(own_site, database):
    """A browser without JavaScript of somebody who is logged in."""
    from apps.collections.discogs import application  # noqa: PLC0415
    from tests.users import make_user  # noqa: PLC0415

    database(lambda: make_user(EMAIL))
    database(lambda: application.store(application.Application(KEY, SECRET)))
    options = {"base_url": own_site.url, "headers": {"X-Forwarded-For": another_client()}, "trust_env": False}
    with httpx.Client(**options, follow_redirects=True, timeout=60) as client:
        send(client, "/login/", email=EMAIL, password=PASSWORD)
        yield client


def test_discogs_sends_people_back(visitor, database, discogs):
    from apps.accounts.models import User  # noqa: PLC0415
    from apps.collections.discogs import links  # noqa: PLC0415

    state = database(lambda: links.authorize(User.objects.get().pk)["state"])
    address = f"/settings/discogs/callback/?oauth_token={state}&oauth_verifier={discogs.allow(state)}"

    assert "you did not allow it" in visitor.get("/settings/discogs/callback/?denied=x").text
    assert "Connected as digger" in visitor.get(address).text
    assert "unknown or expired" in visitor.get(address).text
    assert visitor.get("/settings/discogs/callback/?oauth_token=%00&oauth_verifier=%00").status_code == 200


def test_a_synchronisation_is_started_and_stopped_without_javascript(visitor, database, discogs):
    from apps.accounts.models import User  # noqa: PLC0415
    from apps.collections.discogs import links  # noqa: PLC0415
    from apps.collections.models import Sync  # noqa: PLC0415

    user = database(User.objects.get)
    state = database(lambda: links.authorize(user.pk)["state"])
    assert (
        "Connected as digger"
        in send(visitor, "/settings/discogs/code/", state=state, oauth_verifier=discogs.allow(state)).text
    )
    assert "daily" in send(visitor, "/settings/schedule/", schedule="daily").text
    assert "beginning" in send(visitor, "/settings/sync/").text
    sync = database(Sync.objects.get)
    assert f"/api/sync/{sync.pk}/events" in visitor.get("/credits/").text
    stopped = send(visitor, f"/settings/sync/{sync.pk}/")
    assert "Cancelled" in stopped.text
    assert "Wait a minute" in send(visitor, "/settings/sync/").text
    assert "not connected" in send(visitor, "/settings/discogs/off/").text
    assert "Discogs is not connected" in send(visitor, "/settings/schedule/", schedule="daily").text
