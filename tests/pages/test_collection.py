"""Pages of what a visitor owns, lacks and could want: with and without JavaScript, with hostile texts."""

import re

import httpx
import pytest

from tests.api.site import another_client
from tests.pages.catalogue import ANTI_EP, ANTI_MASTER, AUTECHRE, HOSTILE, LONG, WARP
from tests.pages.test_account import run_in_thread
from tests.pages.test_everywhere import AXE, RULES
from tests.pages.test_hostile import VALUES, complaints, replace_value
from tests.users import PASSWORD

pytestmark = pytest.mark.django_db

EMAIL = "collector@example.org"
# Address → the parameters that it reads.
PANES = {
    "/collection/": "q genre decade format folder sort offset columns metric",
    "/wantlist/": "q genre decade format sort offset columns",
    "/missing/": "type id name",
    f"/missing/?type=label&id={WARP}&formats=CD": "type id name formats exclude_wantlist offset by",
    "/discover/": "strategy decade gone type id name",
    f"/discover/?type=artist&id={AUTECHRE}": "id type hops",
}
PAGES = {
    "collection": "/collection/",
    "collection with notes": "/collection/?columns=artist,notes",
    "collection, filters leave nothing": "/collection/?q=xyzzy",
    "wantlist": "/wantlist/",
    "nothing asked": "/missing/",
    "label": f"/missing/?type=label&id={WARP}",
    "label by albums": f"/missing/?type=label&id={WARP}&by=master",
    "master": f"/missing/?type=master&id={ANTI_MASTER}",
    "hostile": f"/missing/?type=artist&id={HOSTILE}",
    "long": f"/missing/?type=artist&id={LONG}",
    "discover": "/discover/",
    "not interested": "/discover/?gone=1&gone=2",
    "near": f"/discover/?type=artist&id={AUTECHRE}",
}


@pytest.fixture(scope="module")
def collector(site, django_db_blocker):
    """A user with a collection, and afterwards nobody."""
    from apps.collections import seeding  # noqa: PLC0415 - models can be imported only when the servers run
    from tests.users import forget_users, make_user  # noqa: PLC0415

    run_in_thread(django_db_blocker, lambda: seeding.seed(make_user(EMAIL)))
    yield EMAIL
    run_in_thread(django_db_blocker, forget_users)


@pytest.fixture(scope="module")
def visitor(site, collector):
    """A browser without JavaScript that is logged in: it keeps cookies and sends forms."""
    options = {"base_url": site.url, "headers": {"X-Forwarded-For": another_client()}, "trust_env": False}
    with httpx.Client(**options, follow_redirects=True, timeout=60) as client:
        send(client, "/login/", email=EMAIL, password=PASSWORD, do="login")
        yield client


@pytest.fixture
def page(page, site, visitor):
    """A browser that is logged in as the visitor is."""
    page.context.add_cookies([{"name": "sessionid", "value": visitor.cookies["sessionid"], "url": site.url}])
    return page


def send(client, path, **fields):
    client.get(path)
    token = client.cookies["csrftoken"]
    return client.post(path, data={**fields, "csrfmiddlewaretoken": token}, headers={"Referer": str(client.base_url)})


@pytest.fixture(autouse=True)
def own_client(visitor):
    """Let no limit be met by chance."""
    visitor.headers["X-Forwarded-For"] = another_client()


@pytest.fixture
def copies(collector, django_db_blocker):
    """Return what gives the collector another copy of a release, in a folder; afterwards these are gone."""
    from apps.accounts.models import User  # noqa: PLC0415
    from apps.collections import keeping, outbox  # noqa: PLC0415
    from apps.collections.models import CollectionItem  # noqa: PLC0415

    def change(action):
        user = User.objects.get(email=EMAIL)
        outbox.owe(user.pk, action(user))
        outbox.settle(user.pk)
        keeping.note_change(user.pk)

    def add(release, folder, **fields):
        def act(user):
            key = {"user": user, "release_id": release, "instance_id": len(added) + 1}
            added.append(CollectionItem.objects.create(**key, folder_id=folder, **fields))
            return [int(release)]

        run_in_thread(django_db_blocker, lambda: change(act))

    def forget(_):
        for each in added:
            each.delete()
        return [int(each.release_id) for each in added]

    added = []
    yield add
    run_in_thread(django_db_blocker, lambda: change(forget))


def rows(response):
    return re.findall(r'<th scope="row"[^>]*><a [^>]*>(.*?)</a>', response.text)


def figures(response):
    return [
        int(each.replace(",", "")) for each in re.findall(r'class="big">([\d,]+) <small>of ([\d,]+)', response.text)[0]
    ]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark"), (320, "light")])
def test_everybody_can_use_the_pages(opened, page, width, theme):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    for name, path in PAGES.items():
        opened(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.evaluate(AXE.read_text())
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == [], name


def test_what_is_missing_of_a_label_is_counted_filtered_and_listed(visitor):
    found = visitor.get("/missing/", params={"type": "label", "id": WARP})
    owned, total = figures(found)
    cds = visitor.get("/missing/", params={"type": "label", "id": WARP, "formats": "CD"})
    either = visitor.get("/missing/", params={"type": "label", "id": WARP, "formats": ["CD", "Vinyl"]})

    def missing(response):
        return int(re.search(r"<h2>([\d,]+) releases? missing", response.text)[1].replace(",", ""))

    assert missing(found) == total - owned
    assert 0 < missing(cds) < missing(either) <= missing(found)
    assert len(rows(found)) == min(50, total - owned)


def test_what_is_missing_is_counted_by_albums_too(visitor):
    pressings = figures(visitor.get("/missing/", params={"type": "label", "id": WARP}))
    found = visitor.get("/missing/", params={"type": "label", "id": WARP, "by": "master"})

    assert figures(found)[1] < pressings[1]
    assert "/master/" in found.text.partition("<tbody>")[2]
    assert "by=release" in found.text
    assert "by=master" not in visitor.get("/missing/", params={"type": "master", "id": ANTI_MASTER}).text


def test_an_entity_is_found_by_its_name(visitor):
    artist = visitor.get("/missing/?type=artist&name=autechre")
    master = visitor.get("/missing/?type=master&name=anti+ep")
    unknown = visitor.get("/missing/?type=artist&name=Autecher")

    assert artist.status_code == 200
    assert '<h1 tabindex="-1">Autechre</h1>' in artist.text
    assert f"No. {ANTI_MASTER}" in master.text
    assert unknown.status_code == 404
    assert f"/missing/?type=artist&amp;id={AUTECHRE}" in unknown.text


def test_a_page_of_an_entity_leads_to_what_is_missing(site, visitor):
    for path in (f"/artist/{AUTECHRE}", f"/label/{WARP}", f"/master/{ANTI_MASTER}"):
        kind, id_ = path.strip("/").split("/")
        link = f"/missing/?type={kind}&amp;id={id_}"
        assert link in visitor.get(path).text
        assert link not in site.get(path).text


def test_a_release_that_does_not_interest_is_not_recommended_again_until_undone(visitor):
    before = visitor.get("/discover/")
    ids = re.findall(
        r'name="release_id" value="(\d+)"', re.search(r"<td class=\"num\"><form.*?</form>", before.text, re.DOTALL)[0]
    )
    gone = send(visitor, "/discover/", release_id=ids, dismissed="true")

    assert gone.url.path == "/discover/"
    assert f'value="{ids[0]}"' not in gone.text.partition("<table")[2]
    assert "Not recommended again" in gone.text
    send(visitor, "/discover/", release_id=ids, dismissed="false")
    assert rows(visitor.get("/discover/")) == rows(before)


def test_what_does_not_interest_goes_without_loading_the_page(opened, page):
    opened("/discover/")
    page.evaluate("window.stays = true")
    first = page.locator("tbody th a").first.inner_text()
    page.locator("tbody button").first.click()
    page.wait_for_selector("text=Not recommended again")
    assert page.locator("tbody th a").first.inner_text() != first
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("text=Not recommended again", state="detached")
    assert page.locator("tbody th a").first.inner_text() == first
    assert page.evaluate("window.stays")


def test_what_is_near_a_name_begins_with_what_is_new(visitor):
    found = visitor.get("/discover/?type=artist&name=autechre&hops=2")

    assert '<h1 tabindex="-1">From Autechre</h1>' in found.text
    assert len(re.findall(r'<th scope="row"', found.text)) > 5
    scores = [float(each) for each in re.findall(r'class="match">([\d.]+)<', found.text)]
    assert scores == sorted(scores, reverse=True)


def test_recommendations_say_why_and_are_filtered_by_decade(visitor):
    found = visitor.get("/discover/?strategy=artist")
    decade = re.search(r"decade=(\d{4})", found.text)[1]
    some = visitor.get(f"/discover/?strategy=artist&decade={decade}")
    years = re.findall(r'<td class="num opt">(\d*)</td>', some.text)

    assert "you have" in found.text
    assert years
    assert {each[:3] for each in years} == {decade[:3]}


def test_a_list_is_sorted_filtered_and_stored_by_keyboard_alone(opened, page):
    opened("/collection/")
    page.focus("#by-year")
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=ascending]")
    assert page.evaluate("document.activeElement.id") == "by-year"
    years = [each for each in page.locator("td.num:not(.opt)").all_inner_texts() if each]
    assert years == sorted(years)

    page.focus("#filter")
    page.keyboard.type("autechre")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=autechre**")
    page.wait_for_selector("text=/^[0-9]+ of 60 copies/")
    assert set(page.locator("td.who").all_inner_texts()) == {"Autechre"}
    page.focus("#metric-label")
    page.keyboard.press("Enter")
    page.wait_for_selector("#metric-label[aria-current]")
    page.focus("a[download][href$=csv]")
    with page.expect_download() as stored:
        page.keyboard.press("Enter")
    assert stored.value.suggested_filename == "collection.csv"


def test_the_columns_that_are_chosen_stay(visitor):
    chosen = visitor.get("/collection/?columns=folder&columns=title&columns=genre")
    later = visitor.get("/collection/?sort=year")
    visitor.cookies.delete("columns")

    for found in (chosen, later):
        assert re.findall(r'class="of-(\w+)', found.text) == ["title", "genre", "folder"]
    assert "Uncategorized" in later.text


def test_copies_of_a_release_are_one_row(visitor, copies):
    copies(ANTI_EP, 1)
    found = visitor.get("/collection/?q=anti+ep")

    assert "of 61 copies" in found.text
    assert "× 2" in found.text


def test_a_folder_is_chosen_where_there_are_several(visitor, copies):
    copies(ANTI_EP, 7)
    found = visitor.get("/collection/?folder=7")

    assert "Folder 7 (1)" in found.text
    assert rows(found) == ["Anti EP"]


def test_a_file_of_discogs_is_imported(visitor):
    exported = visitor.get("/api/user/collection/export.csv").text

    def bring(content, name="file"):
        fields = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
        sender = {"Referer": str(visitor.base_url)}
        return visitor.post("/collection/import/", data=fields, files={name: ("a.csv", content)}, headers=sender).text

    bring(exported)
    again = bring(f"{exported}<b>x</b>,y\n")
    assert "0 added, 0 changed, 60 as before. 1 line left out." in again
    assert "Line 62: no release_id" in again
    assert "The file is not in UTF-8" in bring(b"\xff\xfe")
    assert "The form has no part file" in bring("", "other")


def test_what_is_missing_is_stored_as_a_file(visitor):
    found = visitor.get("/missing/", params={"type": "label", "id": WARP, "formats": "CD", "by": "master"})
    stored = visitor.get(re.search(r'href="(/api/[^"]*json[^"]*)" download', found.text)[1].replace("&amp;", "&"))

    assert len(stored.json()) == int(re.search(r"<h2>(\d+) albums? missing", found.text)[1])


def test_a_wantlist_is_filtered_by_what_is_in_it(visitor):
    every = visitor.get("/wantlist/")
    decade, count = re.search(r'<option value="(\d{4})">\d{4}s \((\d+)\)', every.text).groups()
    some = visitor.get(f"/wantlist/?decade={decade}")

    assert len(rows(every)) == 20
    assert len(rows(some)) == int(count)


def test_what_no_dump_has_is_listed_and_counted_by_nothing(visitor, copies):
    copies(99_999_999, 1, title="<b>Off the map</b>", artist="<script>alert(1)</script>")
    found = visitor.get("/collection/")

    assert "60 copies" in found.text
    assert "1 record beyond the catalogue" in found.text
    assert "&lt;b&gt;Off the map&lt;/b&gt;" in found.text
    assert complaints(found) in ([], ["sets a cookie"])


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            {"status": "running", "page": 3, "pages": 12, "items_synced": 300},
            "page 3 of 12, 300 items, about 9 seconds",
        ),
        ({"status": "running"}, "beginning"),
        ({"status": "failed", "error_message": "<i>Discogs is away</i>"}, "&lt;i&gt;Discogs is away&lt;/i&gt;"),
        ({"status": "completed", "added": 12, "removed": 3}, "Last time 12 added, 3 removed."),
    ],
)
def test_the_page_says_how_the_synchronisation_stands(visitor, django_db_blocker, state, words):
    from django.utils import timezone  # noqa: PLC0415

    from apps.accounts.models import User  # noqa: PLC0415
    from apps.collections.models import Sync  # noqa: PLC0415

    ended = None if state["status"] == "running" else timezone.now()

    def begin():
        Sync.objects.create(user=User.objects.get(email=EMAIL), completed_at=ended, **state)

    run_in_thread(django_db_blocker, begin)
    found = [visitor.get(path).text for path in ("/collection/", "/wantlist/")]
    run_in_thread(django_db_blocker, lambda: Sync.objects.all().delete())

    assert all(words in each for each in found)


@pytest.mark.parametrize("path", ["/missing/", "/discover/"])
def test_everyone_else_is_led_to_the_login(site, path):
    assert site.ask("GET", path).headers["Location"] == f"/login/?next={path.replace('/', '%2F')}"


def test_a_form_of_another_site_is_refused(visitor):
    assert visitor.post("/discover/", data={"release_id": "1", "dismissed": "true"}).status_code == 403


CASES = [(address, name) for address, names in PANES.items() for name in names.split()]


@pytest.mark.parametrize(("address", "name"), CASES)
def test_what_does_not_belong_is_answered_by_a_page(visitor, address, name):
    failed = {}
    for description, value in VALUES.items():
        response = visitor.get(replace_value(address, name, value))
        found = [each for each in complaints(response) if each != "sets a cookie"]
        if found:
            failed[description] = found

    assert failed == {}


@pytest.mark.parametrize("value", [*VALUES.values(), "0"])
def test_no_release_of_a_form_is_an_error(visitor, value):
    assert send(visitor, "/discover/", release_id=value, dismissed="false").status_code == 200


def test_what_is_noted_on_copies_and_wants_is_a_column(visitor, copies, django_db_blocker):
    from apps.collections.models import WantlistItem  # noqa: PLC0415

    hostile = "<b>\u202e" + "x" * 2000
    metadata = {"sleeve_condition": "Good (G)", "fields": {"7": hostile}}
    release = re.search(r"/release/(\d+)", visitor.get("/wantlist/").text)[1]
    copies(release, 1, condition="Mint (M)", notes="signed", metadata=metadata)
    copies(release, 1, notes="the other")
    run_in_thread(
        django_db_blocker, lambda: WantlistItem.objects.filter(release_id=release).update(notes="a cheap one")
    )

    owned = visitor.get("/collection/?columns=notes").text
    wanted = visitor.get("/wantlist/?columns=notes").text

    for name, text in (("Media Condition", "Mint (M)"), ("Sleeve Condition", "Good (G)"), ("Notes", "signed")):
        assert f"<small>{name}</small> {text}</span>" in owned
    assert "<small>Notes</small> the other</span>" in owned
    assert f"<small>Field 7</small> {hostile.replace('<b>', '&lt;b&gt;')}" in owned
    assert "<small>Notes</small> a cheap one</span>" in wanted
    assert "signed" not in visitor.get("/collection/?columns=title").text
