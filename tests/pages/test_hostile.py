"""Every address of the pages with what does not belong into it: each answer is a page that says something clear."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from tests.pages.catalogue import ANTI_EP, ANTI_MASTER, APHEX_TWIN, AUTECHRE, R_AND_S, WARP

pytestmark = pytest.mark.django_db

HTML = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
# Values as they stand in an address.
VALUES = {
    "empty": "",
    "a NUL inside": "a%00b",
    "half of a character": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "2,000 letters": "x" * 2_000,
    "HTML": quote(HTML),
    "right to left": quote("\u202eשלום\u2066"),
    "lines": "a%0D%0ASet-Cookie:b",
    "negative": "-1",
    "huge": "9" * 40,
    "digits of another script": quote("٣٤٥٦"),
    "a digit that is no number": quote("²"),
    "a path": "..%2F..%2Fetc%2Fpasswd",
}
# Address → the parameters that it reads.
PANES = {
    f"/?type=artist&id={AUTECHRE}": (
        "type id name before compare open releases labels aliases genres artists styles pane"
    ),
    "/?type=artist": "id name type",
    "/search/?q=mix": "q type genre year_min year_max page",
    f"/trends/?series=artist:{AUTECHRE}": "series type id name from to scale",
    f"/trends.csv?series=artist:{AUTECHRE}": "series type id name from to scale",
    f"/path/?from_id={AUTECHRE}&to_id={APHEX_TWIN}": (
        "from_type from_id from_name to_type to_id to_name via exclude max_depth way view"
    ),
    "/path/?from_name=Autechre": "to_type to_name to_id",
    "/credits/?name=Sean+Booth": "name id role order page with with_id",
    "/credits.csv?name=Sean+Booth": "name id",
    "/dna/": "name id with",
    f"/label/{R_AND_S}/dna/?with={WARP}": "name id with",
    "/genres/": "q open",
    "/insights/": "top genres",
    "/names/?type=artist&q=aut": "type q",
    f"/artist/{AUTECHRE}": "decade order after before",
    f"/label/{R_AND_S}": "decade order after before",
    f"/release/{ANTI_EP}": "decade",
    f"/master/{ANTI_MASTER}": "order after before",
    "/genre/Electronic/": "decade order after before",
    "/style/IDM/": "decade order after before",
    "/person/Sean%20Booth/": "decade order after before role page",
}
# What follows is the id or the name of an entity.
ENTITIES = {
    "/artist/{}": "",
    "/artist/{}-x": "",
    "/label/{}": "",
    "/label/{}/dna/": "",
    "/release/{}": "",
    "/master/{}": "",
    "/genre/{}/": "",
    "/style/{}/": "",
    "/person/{}/": "",
}
CASES = [
    *((address, name) for address, names in PANES.items() for name in names.split()),
    *((address, "") for address in ENTITIES),
]


def replace_value(address, name, value):
    """Return an address whose parameter of a name is a value, or the path with the value in it."""
    if not name:
        return address.format(value)
    path, _, query = address.partition("?")
    kept = [each for each in query.split("&") if each and not each.startswith(f"{name}=")]
    return f"{path}?{'&'.join([*kept, f'{name}={value}'])}"


def complaints(response):
    """Return what is wrong with an answer."""
    text = response.text
    if response.status_code in (301, 302):
        # It leads on within the site.
        return [] if re.match("/(?!/)", response.headers["Location"]) else [response.headers["Location"]]
    found = [] if response.status_code < 500 else [f"status {response.status_code}"]
    if response.headers["Content-Type"].startswith("text/csv"):
        return found
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    # The options of a name field are no page.
    is_page = response.url.path != "/names/"
    if is_page and not (heading and re.sub(r"<[^>]*>|\s", "", unescape(heading[1]))):
        found.append("no heading")
    found += [
        f"has {each}"
        for each in ("<script>alert", "<img src=x", "onerror=alert(1)>", "\x00", "Traceback", "ErrorDetail")
        if each in text
    ]
    if "Set-Cookie" in response.headers:
        found.append("sets a cookie")
    return found


@pytest.mark.parametrize(("address", "name"), CASES)
def test_what_does_not_belong_is_answered_by_a_page(site, address, name):
    failed = {}
    for description, value in VALUES.items():
        response = site.ask("GET", replace_value(address, name, value), headers={"Accept": "text/html"})
        if found := complaints(response):
            failed[description] = found

    assert failed == {}


@pytest.mark.parametrize("address", PANES)
def test_parameters_that_are_repeated_or_unknown_are_answered_by_a_page(site, address):
    path, _, query = address.partition("?")
    names = PANES[address].split()
    for more in (
        "&".join(f"{name}=1&{name}={quote(HTML)}" for name in names),
        "&".join(f"{name}[]=1&{name}[a]=2" for name in names),
        "&".join(f"{quote(HTML)}={number}" for number in range(20)),
        "&".join([query] * 30),
        "&&&=&==&%",
    ):
        response = site.ask("GET", f"{path}?{query}&{more}", headers={"Accept": "text/html"})

        assert complaints(response) == [], more[:100]


@pytest.mark.parametrize("fragment", ["pane", "list", "panel", "nothing", "<b>", "x" * 2_000])
def test_fragments_of_any_name_are_answered(site, fragment):
    for address in PANES:
        response = site.ask("GET", address, headers={"X-Fragment": fragment, "Accept": "text/html"})

        # A map of nothing has neither a list nor a panel.
        assert response.status_code in (200, 400), address
        assert response.headers.get("X-Fragment", "") in ("", fragment)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/%00",
        "/artist/",
        "/genre//",
        "/person/%0A/",
        "/%2e%2e/%2e%2e/etc/passwd",
        f"/{quote(HTML)}",
        f"/{'x' * 2_000}",
        f"/artist/{AUTECHRE}/more/",
        "/release/%D9%A3",
    ],
)
def test_addresses_of_nothing_say_so(site, path):
    response = site.ask("GET", path, headers={"Accept": "text/html"})

    assert response.status_code in (400, 404)
    assert complaints(response) == []


@pytest.mark.parametrize("address", PANES)
def test_pages_are_only_read(site, address):
    assert site.ask("POST", address, data={"q": "x"}).status_code in (403, 405)
    assert site.ask("HEAD", address).status_code == 200
