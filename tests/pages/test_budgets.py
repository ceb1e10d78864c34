"""How many bytes a first visit costs, compressed: within ten percent of the budget. Times are not judged here."""

import gzip
import re
from pathlib import Path

import pytest

from tests.pages.catalogue import AUTECHRE, R_AND_S, WARP

pytestmark = pytest.mark.django_db

STATIC = Path(__file__).parents[2] / "static"
KILOBYTE = 1000
# Fonts of Latin letters that such a page shows. They are compressed by themselves.
FONTS = ("sofia-sans-latin-wght", "sofia-sans-condensed-latin-wght", "sofia-sans-extra-condensed-latin-800")
IMPORT = re.compile(r"""(?:from|import)\s*\(?["'](\.{1,2}/[^"']+)["']""")
BUDGETS = {f"/?type=artist&id={AUTECHRE}": 230, "/": 200}
# Of a page without a map, modules that its elements bring included.
MOST_SCRIPT = 12


def measure_compressed(content):
    return len(gzip.compress(content, 9))


def list_imports(path, *, dynamic):
    """Return a module and all that it imports; ``dynamic`` ones only where a page has their elements."""
    found, waiting = set(), [path]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            text = module.read_text()
            if not dynamic:
                text = re.sub(r"import\([^)]*\)", "", text)
            waiting += [(module.parent / each).resolve() for each in IMPORT.findall(text)]
    return found


def scripts(html):
    roots = [STATIC / each for each in re.findall(r'(?:src|href)="/static/(js/[^"]+\.js)"', html)]
    # The modules of a map, but for the layout that is asked for by a button.
    return {each for root in roots for each in list_imports(root, dynamic=False)}


@pytest.mark.parametrize(("path", "kilobytes"), BUDGETS.items(), ids=BUDGETS)
def test_a_first_visit_is_within_its_budget(site, path, kilobytes):
    html = site.get(path).text
    styles = [STATIC / each for each in re.findall(r'href="/static/(css/[^"]+)"', html)]
    fonts = [STATIC / f"fonts/{name}-normal.woff2" for name in FONTS]
    total = (
        measure_compressed(html.encode())
        + sum(measure_compressed(each.read_bytes()) for each in (*styles, *scripts(html), STATIC / "icons.svg"))
        + sum(font.stat().st_size for font in fonts)
    )

    assert total <= kilobytes * KILOBYTE * 1.1


def test_a_page_without_a_map_has_little_script(site):
    total = sum(measure_compressed(each.read_bytes()) for each in scripts(site.get("/").text))

    assert total <= MOST_SCRIPT * KILOBYTE


@pytest.mark.parametrize(
    "path",
    [
        f"/?type=artist&id={AUTECHRE}",
        f"/label/{R_AND_S}/dna/?with={WARP}",
        "/credits/?name=Sean+Booth",
        "/genres/?open=all",
        "/insights/",
    ],
)
def test_a_further_page_is_small(site, path):
    response = site.ask("GET", path, headers={"X-Fragment": "pane"})

    assert measure_compressed(response.content) <= 25 * KILOBYTE


@pytest.mark.parametrize("path", ["/", "/genres/", "/search/", "/credits/?name=Sean+Booth"])
def test_fonts_of_a_first_visit_come_before_its_text_and_move_nothing(opened, path):
    page = opened(path)
    used = page.evaluate(
        """() => performance.getEntriesByType("resource").map((each) => each.name)
            .filter((each) => each.endsWith(".woff2"))"""
    )
    ahead = page.locator("link[rel=preload][as=font]").evaluate_all("links => links.map((link) => link.href)")

    assert sorted(used) == sorted(ahead)
