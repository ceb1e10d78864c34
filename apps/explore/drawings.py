"""Pictures drawn from the data, since the dumps have none: a sleeve with its record, and a barcode."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

# A colour is a class, never a style attribute: the Content Security Policy refuses those.
# Genres whose sleeve has a colour of its own, as classes of the stylesheet; those of them that are light.
GENRES = {
    "electronic",
    "rock",
    "pop",
    "jazz",
    "hip-hop",
    "folk-world-country",
    "classical",
    "funk-soul",
    "reggae",
    "latin",
    "blues",
    "stage-screen",
}
LIGHT = {"hip-hop", "classical"}

# Of the record: its middle, its radius, that of its label.
CENTRE_X, CENTRE_Y, RADIUS, LABEL_RADIUS = 262, 180, 168, 60
GROOVE = 3.2
SHORTEST_SECONDS, USUAL_SECONDS = 20, 200
MOST_TRACKS = 60
LONGEST_WORD = 20
# Latin, Greek and Cyrillic letters are in our narrow fonts.
LAST_OF_OURS = 0x52F

# EAN-13: the bars of a digit in the left half, one way and the other, and in the right half the inverse of the first.
# Which way each of the six left digits takes is said by the first digit.
INVERSE = str.maketrans("01", "10")
LEFT_ODD = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
LEFT_EVEN = tuple(bars.translate(INVERSE)[::-1] for bars in LEFT_ODD)
PARITIES = ("OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO")


def sleeve(title: str, artist: str, catalogue_number: str, genre: str, lengths: Sequence[int | None]) -> SafeString:
    """Return a sleeve and its record. Its bands are as wide as the tracks are long, outermost first, as they are cut.

    ``lengths`` are the seconds of the tracks, None where they are not known.
    """
    colour = slugify(genre.replace("/", "-").replace("&", "-"))
    colour = colour if colour in GENRES else "other"
    shade = "dark" if colour in LIGHT else "light"
    said = (
        f"A drawing: the record's bands are as wide as its {len(lengths)} tracks are long" if lengths else "A drawing"
    )
    return mark_safe(  # noqa: S308 - numbers, our own classes and escaped texts
        f'<svg class="sleeve" viewBox="0 0 432 360" role="img" aria-label="{escape(said)}">{record(lengths)}'
        f'<rect class="g-{colour}" x="0" y="4" width="300" height="352"/>{_title(title, shade)}'
        f'<text class="{shade}" x="18" y="338" font-size="24">{escape(_fit(artist, 18))}</text>'
        f'<text class="{shade}" x="282" y="338" font-size="17" text-anchor="end">{escape(_fit(catalogue_number, 14))}'
        "</text></svg>"
    )


def record(lengths: Sequence[int | None]) -> str:
    """Return the circles of a record with a band for each track."""
    # A track of unknown length gets the usual one, so that its band does not vanish; six bands if there are no tracks.
    bands = [max(SHORTEST_SECONDS, each or USUAL_SECONDS) for each in lengths[:MOST_TRACKS]] or [USUAL_SECONDS] * 6
    radius = RADIUS - 6.0
    # All bands together fill the record, however long it plays: the picture shows proportions.
    room = radius - LABEL_RADIUS - 12
    drawn = [f'<circle class="wax" cx="{CENTRE_X}" cy="{CENTRE_Y}" r="{RADIUS}"/>']
    for seconds in bands:
        width = seconds / sum(bands) * room
        grooves = max(1, int(width / GROOVE))
        drawn += [_circle("groove", radius - width * number / (grooves + 1)) for number in range(1, grooves + 1)]
        radius -= width
        drawn.append(_circle("gap", radius))
    drawn += [_circle("lab", LABEL_RADIUS), _circle("hole", 5)]
    return "".join(drawn)


def _circle(classes: str, radius: float) -> str:
    return f'<circle class="{classes}" cx="{CENTRE_X}" cy="{CENTRE_Y}" r="{radius:.1f}"/>'


def _title(title: str, shade: str) -> str:
    """Write a title over the sleeve, as large as its words allow; a word that is too long is broken."""
    lines = [""]
    for word in re.findall(rf"\S{{1,{LONGEST_WORD}}}", _shorten(title, 70)):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > 13:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    size = min(104.0, 640 / max(1, *map(breadth, lines)), 250 / len(lines))
    return "".join(
        f'<text class="{shade}" x="18" y="{26 + size * (0.78 + 0.86 * number):.0f}" font-size="{size:.0f}">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )


def breadth(text: str) -> float:
    """Return how many narrow letters of ours are as wide as a text: other scripts come in wider fonts."""
    return sum(
        0
        if unicodedata.combining(each)
        else 2.4
        if unicodedata.east_asian_width(each) in "WF"
        else 1.7
        if ord(each) > LAST_OF_OURS
        else 1
        for each in text
    )


def _fit(text: str, most: float) -> str:
    """Cut a text to the breadth of ``most`` narrow letters."""
    if breadth(text) <= most:
        return text
    while text and breadth(text) > most - 1:
        text = text[:-1] if len(text) <= 2 * most else text[: int(2 * most)]
    return f"{text.rstrip()}…"


def barcode(text: str) -> SafeString | None:
    """Return the bars of a barcode of 12 or 13 digits with a right check digit; None if it is none."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{12,13}", digits):
        return None
    digits = digits.zfill(13)
    if check_digit(digits[:12]) != digits[12]:
        return None
    bits = _bits(digits)
    bars = "".join(
        f'<rect x="{10 + 2 * at}" y="2" width="2" height="46"/>' for at, bit in enumerate(bits) if bit == "1"
    )
    return mark_safe(  # noqa: S308 - digits alone
        f'<svg class="barcode" viewBox="0 0 210 66" role="img" aria-label="Barcode {digits}">{bars}'
        f'<text x="105" y="62" text-anchor="middle">{digits}</text></svg>'
    )


def check_digit(digits: str) -> str:
    """Return the digit that follows twelve digits of an EAN-13."""
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return str(-total % 10)


def _bits(digits: str) -> str:
    parities = PARITIES[int(digits[0])]
    left = [
        (LEFT_ODD if way == "O" else LEFT_EVEN)[int(digit)] for way, digit in zip(parities, digits[1:7], strict=True)
    ]
    right = [LEFT_ODD[int(digit)].translate(INVERSE) for digit in digits[7:]]
    return f"101{''.join(left)}01010{''.join(right)}101"


def read_seconds(length: str | None) -> int | None:
    """Return the seconds of a track's length as it is written, ``5:11`` or ``1:02:09``; None if it is not."""
    if not re.fullmatch(r"[0-9]{1,3}(:[0-9]{1,2}){1,2}", length or ""):
        return None
    total = 0
    for part in (length or "").split(":"):
        total = total * 60 + int(part)
    return total


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
