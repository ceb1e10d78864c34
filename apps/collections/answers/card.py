"""The card of a taste: a picture to share, 1200 by 630."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import resvg_py

from apps.collections.answers import taste as answers

WIDTH, HEIGHT = 1200, 630
# The least score of each tier, the highest first.
TIERS = ((0.75, "Deep Cuts"), (0.50, "Obscure"), (0.25, "Eclectic"), (0.0, "Mainstream"))
MOST_NAMES, MOST_YEARS = 5, 8
# Names are cut, so that they fit and no card grows without bound.
MOST_LETTERS = 28
NOTHING = "nothing yet"
# For PNG (decision 173).
FONTS = sorted(map(str, (Path(__file__).parent.parent / "fonts").glob("*.ttf")))
FONT_FAMILY = "Source Serif 4"
CONTROLS = dict.fromkeys(range(32)) | {0x7F: None, 0xFFFE: None, 0xFFFF: None}

CARD = """<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630" \
font-family="Georgia, serif" role="img" aria-label="Taste card">
<rect width="1200" height="630" fill="#f6f1e7"/>
<rect x="24" y="24" width="1152" height="582" fill="none" stroke="#1f2a37" stroke-width="2"/>
<text x="64" y="96" font-size="34" fill="#1f2a37">Linernotes</text>
<text x="64" y="176" font-size="20" fill="#6b6455">Peak decade</text>
<text x="64" y="240" font-size="60" fill="#a63d2f">{decade}</text>
<text x="420" y="176" font-size="20" fill="#6b6455">Obscurity</text>
<text x="420" y="240" font-size="60" fill="#a63d2f">{obscurity}%</text>
<text x="620" y="240" font-size="30" fill="#1f2a37">{tier}</text>
<text x="64" y="310" font-size="20" fill="#6b6455">Genres</text>
{genres}
<text x="620" y="310" font-size="20" fill="#6b6455">Labels</text>
{labels}
<text x="64" y="536" font-size="20" fill="#6b6455">What was added, year by year</text>
{drift}
</svg>"""


def draw_card(user: str) -> str:
    """Return the card of a user as SVG.

    Raises:
        NotEnough: there are too few copies.
    """
    copies = answers.read_taste(user)
    found = answers.describe_taste(user, copies)
    genres = answers.sum_by("genre", found["heatmap"]).most_common(MOST_NAMES)
    labels = answers.list_top_labels(copies, MOST_NAMES)
    score, decade = found["obscurity"]["score"], found["peak_decade"]
    return CARD.format(
        decade="N/A" if decade is None else f"{decade}s",
        obscurity=round(score * 100),
        tier=name_tier(score),
        genres=draw_names(64, genres),
        labels=draw_names(620, labels),
        drift=draw_years(found["drift"][-MOST_YEARS:]),
    )


def draw_png(svg: str) -> bytes:
    """Return a card of SVG as PNG. Letters that no font here or of the system has are boxes."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=FONTS, serif_family=FONT_FAMILY))


def name_tier(score: float) -> str:
    """Return the name of an obscurity from 0 to 1."""
    return next(name for least, name in TIERS if score >= least)


def draw_names(x: int, names: Iterable[tuple[str, int]]) -> str:
    """Return names with their numbers of copies, one below the other."""
    lines = [f"{clean(name)} · {count}" for name, count in names] or [NOTHING]
    return "\n".join(
        f'<text x="{x}" y="{346 + 34 * row}" font-size="24" fill="#1f2a37">{line}</text>'
        for row, line in enumerate(lines)
    )


def draw_years(drift: Sequence[dict[str, Any]]) -> str:
    """Return years beside each other, each with its genre as a tooltip."""
    if not drift:
        return f'<text x="64" y="576" font-size="24" fill="#1f2a37">{NOTHING}</text>'
    return "\n".join(
        f"<g><title>{clean(each['year'])}: {clean(each['top_genre'])}</title>"
        f'<text x="{64 + 134 * column}" y="568" font-size="22" fill="#1f2a37">{clean(each["year"])}</text>'
        f'<text x="{64 + 134 * column}" y="592" font-size="14" fill="#6b6455">{clean(each["top_genre"], 16)}</text></g>'
        for column, each in enumerate(drift)
    )


def clean(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text as it may stand in the card: cut, without what XML cannot hold, and escaped."""
    found = text.translate(CONTROLS)
    return escape(found if len(found) <= most else f"{found[: most - 1]}…")
