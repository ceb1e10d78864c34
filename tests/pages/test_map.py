"""The map: where its pure functions put things, and what a person can do with it."""

from itertools import combinations

import pytest

from tests.pages.catalogue import AUTECHRE, LONG_LIVED, OTHER_TWIN, R_AND_S, SINGLE, TWIN

pytestmark = pytest.mark.django_db

SIZES = {"desktop": (1040, 690), "tablet": (1024, 430), "phone": (390, 480)}
# Runs the modules of the map in a browser, with a ruler of seven pixels a letter.
LAY_OUT = """
async ({width, height, model, more, kept}) => {
    const {boxOf, choose, geometry, place} = await import("/static/js/map/place.js");
    const measure = (text) => [...text].length * 7;
    const shape = geometry(width, height, model.first, model.last);
    const lay = (extra, before) => {
        const chosen = choose(model, width, height, extra);
        const categories = chosen.map((each) => ({...each, count: "30 / 100", more: "Load"}));
        return place(categories, shape, measure, {before});
    };
    const start = performance.now();
    const first = lay(more ?? {}, null);
    const milliseconds = performance.now() - start;
    const places = kept ? lay(kept, first) : first;
    const boxed = ([key, at]) => [key, {...at, box: boxOf(at, shape.cx)}];
    const told = (each) => Object.fromEntries([...each.members].map(boxed));
    return {milliseconds, first: told(first), members: told(places), shape: {...shape, ring: null},
        rings: Object.fromEntries(Array.from({length: 200}, (_, at) => [1900 + at, shape.ring(1900 + at)]))};
}
"""


def model(releases=30, labels=15, aliases=4, first=1970, last=2020):
    def member(kind, number, year=None, **more):
        return {
            "key": f"{kind}:{number}",
            "kind": kind,
            "name": f"{kind.capitalize()} number {number} of many",
            "first": year,
            "last": year,
            "releases": number % 9,
            "rank": number,
            "links": [],
            **more,
        }

    def category(name, members):
        return {
            "name": name,
            "title": name.capitalize(),
            "isOpen": True,
            "larger": 0,
            "totals": [99],
            "members": members,
        }

    span = last - first
    return {
        "centre": {"key": "artist:1", "kind": "artist", "name": "Somebody"},
        "first": first,
        "last": last,
        "until": [],
        "categories": [
            category("releases", [member("release", at, first + at * 7 % span) for at in range(releases)]),
            category("labels", [member("label", at, first + at * 11 % span) for at in range(labels)]),
            category("aliases", [member("artist", at) for at in range(aliases)]),
        ],
    }


@pytest.fixture
def lay_out(opened):
    page = opened("/names/")

    def run(size=SIZES["desktop"], **given):
        return page.evaluate(LAY_OUT, {"width": size[0], "height": size[1], "model": model(), **given})

    return run


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_no_name_covers_another_and_all_are_inside(lay_out, size):
    members = lay_out(size)["members"]
    boxes = [each["box"] for each in members.values() if not each["quiet"]]

    assert len(boxes) > 10
    assert [pair for pair in combinations(boxes, 2) if overlap(*pair)] == []
    assert all(left >= 0 and top >= 0 and right <= size[0] and bottom <= size[1] for left, top, right, bottom in boxes)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_release_is_on_the_ring_of_its_year(lay_out, size):
    given = model()
    found = lay_out(size, model=given)
    years = {each["key"]: each["first"] for each in given["categories"][0]["members"]}
    shape = found["shape"]

    for key, at in found["members"].items():
        if key in years:
            ring = (((at["x"] - shape["cx"]) / shape["rx"]) ** 2 + ((at["y"] - shape["cy"]) / shape["ry"]) ** 2) ** 0.5
            assert ring == pytest.approx(found["rings"][str(years[key])], abs=0.031), key


def test_the_same_question_gives_the_same_picture(lay_out):
    assert lay_out()["members"] == lay_out()["members"]


def test_loading_more_moves_nobody(lay_out):
    found = lay_out(model=model(releases=90), kept={"releases": 30})

    assert len(found["members"]) == len(found["first"]) + 30
    assert all(found["members"][key] == at for key, at in found["first"].items())


def test_four_hundred_members_are_placed(lay_out):
    found = lay_out(model=model(releases=390, labels=40), more={"releases": 400, "labels": 40})

    assert len(found["members"]) == 400
    assert all(abs(each["x"]) < 5000 and abs(each["y"]) < 5000 for each in found["members"].values())


@pytest.mark.parametrize(
    "given",
    [model(0, 0, 0), model(1, 0, 0), model(0, 30, 0), model(first=1999, last=2000), model(2, 1, 1)],
    ids=["nothing", "one", "labels alone", "one year", "few"],
)
def test_a_map_of_little_is_a_map(lay_out, given):
    found = lay_out(model=given)

    assert all(each["x"] == each["x"] for each in found["members"].values())


STEPS = """
async ({at, key}) => {
    const {step} = await import("/static/js/map/steps.js");
    const member = (key, first, rank) => ({key, first, rank});
    const categories = [
        {
            name: "releases",
            shown: [member("release:2", 1999, 1), member("release:1", 1990, 0), member("release:3", null, 2)],
        },
        {name: "labels", shown: []},
    ];
    return step(categories, at, key);
}
"""


@pytest.mark.parametrize(
    ("at", "key", "expected"),
    [
        ("centre", "ArrowDown", "bar:releases"),
        ("centre", "ArrowRight", "centre"),
        ("centre", "ArrowUp", "centre"),
        ("bar:releases", "ArrowRight", "bar:labels"),
        ("bar:releases", "ArrowLeft", "bar:labels"),
        ("bar:releases", "ArrowDown", "release:1"),
        ("bar:labels", "ArrowDown", "bar:labels"),
        ("bar:releases", "ArrowUp", "centre"),
        ("release:1", "ArrowRight", "release:2"),
        ("release:2", "ArrowRight", "release:3"),
        ("release:3", "ArrowRight", "release:1"),
        ("release:1", "ArrowLeft", "release:3"),
        ("release:2", "ArrowUp", "bar:releases"),
        ("release:2", "ArrowDown", "release:2"),
        ("gone", "ArrowDown", "bar:releases"),
    ],
)
def test_arrow_keys_lead_along_a_category_and_up_to_the_middle(opened, at, key, expected):
    assert opened("/names/").evaluate(STEPS, {"at": at, "key": key}) == expected


# --- in the page ----------------------------------------------------------------------------------------------------


def wait_until_drawn(page):
    """Wait until the map is drawn."""
    page.wait_for_function("() => document.querySelector('record-map')?.scene")
    return page


def read_shown(page, category):
    return page.evaluate(
        """name => {
            const {categories} = document.querySelector("record-map").scene;
            return categories.find((each) => each.name === name)?.shown.length;
        }""",
        category,
    )


def locate(page, key):
    """Return where on the window a member is."""
    return page.evaluate(
        """key => {
            const map = document.querySelector("record-map");
            const {x, y} = map.view.placeOf(key), box = map.canvas.getBoundingClientRect();
            return [x + box.x, y + box.y];
        }""",
        key,
    )


def wait_until_centred(page, kind, id_):
    page.wait_for_function(
        """([kind, id]) => {
            const map = document.querySelector("record-map");
            return map?.dataset.kind === kind && map.dataset.id === id;
        }""",
        arg=[kind, id_],
    )
    return wait_until_drawn(page)


def wait_for_panel(page, key):
    page.wait_for_function("key => document.querySelector('.panel').dataset.key === key", arg=key)


def test_the_list_has_what_the_map_shows(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    listed = page.locator("[data-category=releases] [data-key]").evaluate_all(
        "rows => rows.map((row) => row.dataset.key)"
    )
    mapped = page.evaluate("[...document.querySelector('record-map').scene.places.members.keys()]")

    assert {key for key in mapped if key.startswith("release:")} == set(listed)


def test_a_name_is_found_by_keyboard_and_its_map_explored(opened):
    page = opened("/")
    page.keyboard.press("/")
    page.keyboard.type("autec")
    page.wait_for_selector(".pop [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until_centred(page, "artist", AUTECHRE)
    assert page.title() == "Autechre · Linernotes"
    assert page.evaluate("document.activeElement.tagName") == "H1"

    page.locator("canvas").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.getElementById('said').textContent.startsWith('Releases, 30 of')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.panel').dataset.key.startsWith('release:')")
    assert "open=release%3A" in page.url or "open=release:" in page.url

    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function("() => document.querySelector('record-map').dataset.kind === 'label'")
    page.go_back()
    wait_until_centred(page, "artist", AUTECHRE)


def test_a_click_opens_the_panel_and_two_make_it_the_middle(opened):
    page = wait_until_drawn(opened(f"/?type=label&id={R_AND_S}"))
    key = page.evaluate("document.querySelector('record-map').scene.categories[1].shown[0].key")
    page.mouse.click(*locate(page, key))
    wait_for_panel(page, key)

    page.mouse.dblclick(*locate(page, key))
    wait_until_centred(page, "artist", key.split(":")[1])

    assert page.locator(".trail li").all_inner_texts()[0] == "R & S Records"


def test_load_more_shows_more_and_moves_nobody(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    places = """
        Object.fromEntries([...document.querySelector("record-map").scene.places.members]
            .map(([key, at]) => [key, [at.x, at.y]]))
    """
    before = page.evaluate(places)
    page.mouse.click(*locate(page, "more:releases"))
    page.wait_for_function("() => document.querySelector('record-map').scene.categories[0].shown.length === 60")
    after = page.evaluate(places)

    assert all(after[key] == at for key, at in before.items())
    assert "releases=60" in page.url


def test_a_bar_opens_and_closes_its_category(opened):
    page = wait_until_drawn(opened(f"/?type=label&id={R_AND_S}"))
    # Whether it is open at first depends on the room that the others leave.
    first = read_shown(page, "genres")
    changed = (
        "first => Boolean(document.querySelector('record-map').scene.categories[2].shown.length) !== Boolean(first)"
    )
    page.mouse.click(*locate(page, "bar:genres"))
    page.wait_for_function(changed, arg=first)
    second = read_shown(page, "genres")
    page.mouse.click(*locate(page, "bar:genres"))
    page.wait_for_function(changed, arg=second)

    assert bool(read_shown(page, "genres")) == bool(first)


def test_a_reload_and_a_copied_address_show_the_same(opened, browser):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}&before=1999&open=release:157"))
    page.reload()
    wait_until_drawn(page)

    assert page.locator("button[data-mode=before]").get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.querySelector('record-map').until") == [1999]
    assert page.locator("#panel-title").inner_text() == "Anti EP"


def test_two_of_one_name_are_two_maps(opened):
    one = wait_until_drawn(opened(f"/?type=artist&id={TWIN}")).locator("[data-category=releases] a").first.inner_text()
    other = (
        wait_until_drawn(opened(f"/?type=artist&id={OTHER_TWIN}"))
        .locator("[data-category=releases] a")
        .first.inner_text()
    )

    assert (one, other) == ("First of the two", "Second of the two")


def test_one_without_a_year_has_a_map_and_no_track(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={SINGLE}"))

    assert read_shown(page, "releases") == 1
    assert page.locator("form.time").count() == 0


# --- years ----------------------------------------------------------------------------------------------------------


def test_a_year_is_chosen_by_keys_and_back_undoes_it(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={LONG_LIVED}"))
    page.keyboard.press("t")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**before=2009*")
    assert page.locator("button[data-mode=before]").get_attribute("aria-pressed") == "true"
    assert "2009" in page.locator(".needle").text_content()

    page.go_back()
    page.wait_for_function(
        "() => document.querySelector('button[data-mode=all]').getAttribute('aria-pressed') === 'true'"
    )


def test_two_years_are_compared_in_words(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={LONG_LIVED}&compare=1950-1980"))
    words = page.locator(".both").inner_text()

    assert "1950 against 1980" in words
    assert "came in between" in words
    assert read_shown(page, "releases") > 30


def test_playing_goes_on_year_by_year_and_stops_when_the_pane_goes(opened, messages):
    page = wait_until_drawn(opened(f"/?type=artist&id={LONG_LIVED}"))
    page.click(".play")
    page.wait_for_url("**before=1922*")
    assert page.locator(".play").get_attribute("aria-label") == "Pause"

    page.click(".brand")
    page.wait_for_selector(".lone")
    page.wait_for_timeout(1500)

    assert "before" not in page.url


def test_a_sample_of_a_long_career_has_its_beginning_and_its_end(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={LONG_LIVED}"))
    years = page.evaluate("document.querySelector('record-map').scene.categories[0].shown.map((each) => each.first)")

    assert min(years) < 1930
    assert max(years) > 2010


# --- other ways to see it -------------------------------------------------------------------------------------------


def test_the_list_is_a_view_of_its_own(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    page.keyboard.press("l")

    assert page.locator("[data-category=releases] a").first.is_visible()
    assert not page.locator("canvas").is_visible()
    page.reload()
    page.wait_for_selector("button[data-view=list][aria-pressed=true]")
    assert page.locator("[data-category=releases] a").first.is_visible()


def test_the_free_layout_is_the_same_each_time_and_stays_inside(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    places = "[...document.querySelector('record-map').scene.places.members.values()].map((at) => [at.x, at.y])"
    runs = []
    for _ in range(2):
        page.click("[data-layout=free]")
        page.wait_for_function("() => document.querySelector('record-map').scene.layout === 'free'")
        runs.append(page.evaluate(places))
        page.click("[data-layout=rings]")
        page.wait_for_function("() => document.querySelector('record-map').scene.layout === 'rings'")
    width, height = page.evaluate(
        "[document.querySelector('canvas').clientWidth, document.querySelector('canvas').clientHeight]"
    )

    assert runs[0] == runs[1]
    assert all(0 < x < width and 0 < y < height for x, y in runs[0])


def test_nothing_moves_where_less_motion_is_wanted(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    page.mouse.click(*locate(page, "more:releases"))
    page.wait_for_function("() => document.querySelector('record-map').scene.categories[0].shown.length === 60")

    assert page.evaluate("document.getAnimations().length") == 0
    assert not page.evaluate("Boolean(document.querySelector('record-map').view.finish)")


def test_the_address_is_copied_or_shown(opened):
    page = wait_until_drawn(opened(f"/?type=artist&id={AUTECHRE}"))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.click("[data-share]")

    page.wait_for_selector("#share[open]")
    assert page.locator("#share input").input_value() == page.url
