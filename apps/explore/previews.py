"""The picture of a shared map for previews of its link: SVG, 1200 by 630, drawn as PNG for them."""

from __future__ import annotations

import math
from typing import Any

from apps.collections.answers.card import clean

Box = tuple[float, float, float, float]

WIDTH, HEIGHT = 1200, 630
# Where the map is: below the title.
TOP, MARGIN = 120, 40
# About, of a letter of a name, and of the room around it.
LETTER_WIDTH, LINE = 9, 20
TITLE_LETTERS, NAME_LETTERS = 42, 24
# As the light pages have them.
COLOURS = {
    "artist": "#bf3414",
    "label": "#0d6b4d",
    "release": "#1a56a3",
    "master": "#5d3a9e",
    "genre": "#8a5a00",
    "style": "#6b6a12",
    "person": "#a02468",
}
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630" \
font-family="Georgia, serif" role="img" aria-label="{title}">
<rect width="1200" height="630" fill="#f1f0ec"/>
<ellipse cx="600" cy="370" rx="560" ry="245" fill="#fcfbf9" stroke="#d2cec6"/>
{lines}
{marks}
<text x="40" y="72" font-size="50" font-weight="800" fill="#171614">{title}</text>
<text x="1160" y="66" font-size="26" fill="#66625b" text-anchor="end">Linernotes</text>
</svg>"""


def draw_map(shared: dict[str, Any]) -> str:
    """Return the picture of a map as ``shared_maps.build_map`` returns it."""
    members = [
        each
        for category in shared["categories"]
        for each in category["members"]
        if each["kind"] not in shared["hidden"] and each["is_shown"]
    ]
    places = scale_places(shared, members) if shared["width"] else make_places(len(members))
    lines, marks = [], []
    # Boxes, left, top, right, bottom: of the centre with its name, then of each name that has room.
    taken = [(600.0 - 120, 330.0, 600.0 + 120, 440.0)]
    for member, (x, y) in zip(members, places, strict=True):
        lines.append(f'<path d="M600 370L{x:.0f} {y:.0f}" stroke="#d2cec6"/>')
        marks.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="8" fill="{COLOURS[member["kind"]]}"/>')
        width = LETTER_WIDTH * min(len(member["name"]), NAME_LETTERS)
        side, anchor, left = (14, "start", x) if x >= WIDTH / 2 else (-14, "end", x - width - 14)
        box = (left, y - LINE / 2, left + width + 14, y + LINE / 2)
        if not any(is_overlapping(box, each) for each in taken):
            taken.append(box)
            marks.append(
                f'<text x="{x + side:.0f}" y="{y + 6:.0f}" font-size="17" text-anchor="{anchor}" fill="#171614">'
                f"{clean(member['name'], NAME_LETTERS)}</text>"
            )
    centre = COLOURS.get(shared["kind"], COLOURS["release"])
    marks.append(f'<circle cx="600" cy="370" r="30" fill="{centre}"/>')
    marks.append(
        '<text x="600" y="424" font-size="24" font-weight="700" text-anchor="middle" fill="#171614">'
        f"{clean(shared['name'], NAME_LETTERS)}</text>"
    )
    title = clean(shared["title"] or shared["name"], TITLE_LETTERS).replace('"', "&quot;")
    return PICTURE.format(title=title, lines="\n".join(lines), marks="\n".join(marks))


def is_overlapping(one: Box, other: Box) -> bool:
    """Tell whether two boxes cover each other."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def scale_places(shared: dict[str, Any], members: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Return the places of members on the canvas as places in the picture; what was far outside is at its edge."""
    left, right, top, bottom = MARGIN, WIDTH - MARGIN, TOP, HEIGHT - MARGIN / 2
    return [
        (
            min(max(left + each["x"] / shared["width"] * (right - left), left), right),
            min(max(top + each["y"] / shared["height"] * (bottom - top), top), bottom),
        )
        for each in members
    ]


def make_places(count: int) -> list[tuple[float, float]]:
    """Return so many places on an ellipse."""
    angles = [2 * math.pi * number / count for number in range(count)]
    return [(600 + 430 * math.cos(each), 370 + 200 * math.sin(each)) for each in angles]
