"""Colours of ``tokens.css``: what is written can be read in both themes (WCAG 2.2: text 4.5, marks and borders 3)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
THEMES = ("light", "dark")

TEXT = ("ink", "ink-2", "ink-3", "good", "busy", "warn", "bad")
MARKS = (
    "edge",
    "artist",
    "release",
    "master",
    "label",
    "genre",
    "style",
    "person",
    *(f"series-{n}" for n in range(1, 6)),
)
PAIRS = [
    *((name, ground, 4.5) for name in TEXT for ground in ("board", "sheet")),
    *((name, ground, 3) for name in MARKS for ground in ("board", "sheet")),
    ("ink-3", "sunk", 4.5),
    ("on-ink", "ink", 4.5),
    ("on-spot", "spot", 4.5),
    ("ink", "spot-soft", 4.5),
    *((name, f"{name}-soft", 4.5) for name in ("good", "busy", "warn", "bad")),
    ("on-heat", "heat-3", 4.5),
    ("on-heat", "heat-4", 4.5),
]


def colour(name, theme):
    both = re.search(rf"--{name}: light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", TOKENS)
    one = re.search(rf"--{name}: (#[0-9a-f]+);", TOKENS)
    return both[1 + THEMES.index(theme)] if both else one[1]


def luminance(code):
    channels = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(share * each for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("name", "ground", "least"), PAIRS, ids=str)
def test_what_is_written_can_be_read(name, ground, least, theme):
    assert contrast(colour(name, theme), colour(ground, theme)) >= least


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_colours_are_written_in_tokens_alone(path):
    if path.name == "tokens.css":
        return
    # A drawn sleeve and a barcode have colours of their own, in both themes.
    rules = [line for line in path.read_text().splitlines() if not line.strip().startswith((".sleeve", ".barcode"))]
    found = re.findall(r"#[0-9a-f]{3,8}\b|rgb\([^)]*\)", "\n".join(rules).replace("rgb(23 22 20 / .55)", ""))

    assert found == []


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_every_token_that_is_used_is_defined(path):
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", path.read_text())) - {"c"}

    assert used <= set(re.findall(r"--([a-z0-9-]+):", TOKENS))
