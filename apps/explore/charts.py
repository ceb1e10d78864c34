"""Charts as SVG, made on the server: geometry in attributes, every colour by class (``static/css/parts.css``).

So a theme is a stylesheet, no page needs JavaScript for a chart, and a strict Content Security Policy holds: there is
no style attribute. Zero is on the axis, and a chart without values is an empty one. Each has a sentence as its label;
the page shows the same numbers as a table.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil, cos, pi, sin

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

# Year (or another whole number) and count, ascending.
Points = Sequence[tuple[int, int]]

# Distances between two ticks of an axis are these, times a power of ten.
STEPS = (1, 2, 5)
MOST_TICKS = 6
# Pixels between the names of two lines that end close to each other.
NAME_HEIGHT = 18
SERIES = 5
# Years between two names of years under an axis, and the pixels that a name needs.
YEAR_STEPS = (5, 10, 20, 50, 100, 200, 500)
YEAR_WIDTH = 36


def svg(width: float, height: float, body: str, label: str, *, classes: str = "chart", role: str = "img") -> SafeString:
    """Return a drawing. ``role`` is ``group`` where there are links in it."""
    return mark_safe(  # noqa: S308 - every text in ``body`` was escaped where it was written
        f'<svg class="{classes}" viewBox="0 0 {width:g} {height:g}" role="{role}" aria-label="{escape(label)}">'
        f"{body}</svg>"
    )


def ticks(top: float) -> list[int]:
    """Return round numbers from 0 to the first one that is not below ``top``, six steps at most."""
    steps = (each * 10**power for power in itertools.count() for each in STEPS)
    step = next(each for each in steps if top <= each * MOST_TICKS)
    return [number * step for number in range(max(1, ceil(top / step)) + 1)]


def list_axis_years(first: int, last: int, width: float, *, least: int = 10) -> range:
    """Return the years under an axis: every tenth one, or fewer so that ``width`` pixels have room for their names."""
    room = max(1.0, width / YEAR_WIDTH)
    # Narrow charts skip years instead of turning the text, which nobody reads.
    step = next((each for each in YEAR_STEPS if each >= least and (last - first) / each < room), YEAR_STEPS[-1])
    return range(-(-first // step) * step, last + 1, step)


def lines(
    series: Sequence[tuple[str, Points]],
    *,
    first: int | None = None,
    last: int | None = None,
    partial: int | None = None,
    width: int = 960,
    height: int = 360,
    unit: str = "Releases a year",
) -> SafeString:
    """Return years against counts, a line for each series, five at most; its name stands at its end.

    A year without a count is zero. ``partial`` is a year that is not over: what leads to it is dashed.
    """
    left, right, top, bottom = 44, 112, 14, 28
    # Five colours are as many as can be told apart in both themes.
    series = series[:SERIES]
    years = [year for _, points in series for year, _ in points]
    if not years:
        return svg(width, height, _axis(left, width - right, height - bottom), f"{unit}: none")
    first, last = min(years) if first is None else first, max(years) if last is None else last
    counts = [dict(points) for _, points in series]
    # One scale for all series, from 0: lines with scales of their own could not be compared.
    levels = ticks(max(count for each in counts for count in each.values()))

    def across(year: float) -> float:
        return left + (year - first) / max(1, last - first) * (width - left - right)

    def up(count: float) -> float:
        return height - bottom - count / levels[-1] * (height - top - bottom)

    drawn = [_level(left, width - right, up(level), level) for level in levels]
    drawn += [_tick(across(year), height - 8, str(year)) for year in list_axis_years(first, last, width - left - right)]
    drawn.append(_axis(left, width - right, up(0)))
    names: list[tuple[float, int, str]] = []
    peaks: list[str] = []
    for number, ((name, _), count) in enumerate(zip(series, counts, strict=True), 1):
        points = [(across(year), up(count.get(year, 0))) for year in range(first, last + 1)]
        drawn.append(_line(points, number, base=up(0), dashed=partial is not None and partial == last))
        peak = max(range(first, last + 1), key=lambda year: count.get(year, 0))
        drawn.append(
            f'<circle class="dot s{number}" cx="{across(peak):.1f}" cy="{up(count.get(peak, 0)):.1f}" r="4.5">'
            f"<title>{escape(name)}, {peak}: {count.get(peak, 0)}</title></circle>"
        )
        names.append((points[-1][1], number, name))
        peaks.append(f"{name}, most in {peak} ({count.get(peak, 0)})")
    drawn += [
        f'<text class="name s{number}" x="{width - right + 10}" y="{y + 5:.1f}">{escape(_shorten(name, 18))}</text>'
        for y, number, name in _spread_names(names, height - bottom)
    ]
    return svg(width, height, "".join(drawn), f"{unit}: {', '.join(peaks)}")


def _line(points: Sequence[tuple[float, float]], number: int, *, base: float, dashed: bool) -> str:
    path = _path(points)
    area = f'<path class="area" d="{path}L{points[-1][0]:.1f} {base:.1f}L{points[0][0]:.1f} {base:.1f}Z"/>'
    if dashed and len(points) > 1:
        ends = _path(points[-2:])
        line = f'<path class="line" d="{_path(points[:-1])}"/><path class="line partial" d="{ends}"/>'
    else:
        line = f'<path class="line" d="{path}"/>'
    return f'<g class="s{number}">{area if number == 1 else ""}{line}</g>'


def _spread_names(names: Iterable[tuple[float, int, str]], bottom: float) -> list[tuple[float, int, str]]:
    """Move names at the ends of lines so that none covers another, and none is below the axis."""
    placed: list[tuple[float, int, str]] = []
    for y, number, name in sorted(names):
        placed.append((max(y, placed[-1][0] + NAME_HEIGHT) if placed else y, number, name))
    # Names were pushed downwards only. If the last one is below the axis, all move up together by the same distance.
    excess = max(0.0, placed[-1][0] - bottom)
    return [(y - excess, number, name) for y, number, name in placed]


def bars(
    points: Points,
    first: int,
    last: int,
    *,
    width: int = 560,
    height: int = 56,
    until: int | None = None,
    label: str = "",
) -> SafeString:
    """Return a bar for each year, such as a career. Bars after the year ``until`` are grey."""
    count = dict(points)
    step = width / max(1, last - first + 1)
    most = max(count.values(), default=0) or 1
    drawn = [_axis(0, width, height - 16)]
    named = list_axis_years(first, last, width)
    for year in range(first, last + 1):
        if number := count.get(year, 0):
            # Three pixels at least: one release must be seen beside ten thousand.
            tall = max(3, number / most * (height - 22))
            later = until is not None and year > until
            drawn.append(
                f'<rect class="bar{" off" if later else ""}" x="{(year - first + 0.14) * step:.1f}" '
                f'y="{height - 16 - tall:.1f}" width="{step * 0.72:.1f}" height="{tall:.1f}">'
                f"<title>{year}: {number}</title></rect>"
            )
        if year in named:
            drawn.append(_tick((year - first + 0.5) * step, height - 2, str(year)))
    return svg(width, height, "".join(drawn), label or f"Releases a year, {first} to {last}")


def decade_bars(points: Points, first: int, last: int, *, width: int = 200, height: int = 52, label: str) -> SafeString:
    """Return a bar for each decade, small enough to stand beside others; decades are their first years."""
    count = dict(points)
    step = width / max(1, (last - first) // 10 + 1)
    most = max(count.values(), default=0) or 1
    drawn = [_axis(0, width, height - 16)]
    # The decades that begin half a century, or else the first one.
    named = [decade for decade in range(first, last + 1, 10) if decade % 50 == 0] or [first]
    for number, decade in enumerate(range(first, last + 1, 10)):
        if counted := count.get(decade, 0):
            tall = max(3, counted / most * (height - 22))
            drawn.append(
                f'<rect class="bar" x="{(number + 0.14) * step:.1f}" y="{height - 16 - tall:.1f}" '
                f'width="{step * 0.72:.1f}" height="{tall:.1f}"><title>{decade}s: {counted}</title></rect>'
            )
        if decade in named:
            drawn.append(_tick(min(max((number + 0.5) * step, 18), width - 18), height - 2, f"{decade}s"))
    return svg(width, height, "".join(drawn), label)


def spark(points: Points, first: int, last: int, *, width: int = 120, height: int = 24, label: str = "") -> SafeString:
    """Return bars so small that they stand in a line of text."""
    count = dict(points)
    step = width / max(1, last - first + 1)
    most = max(count.values(), default=0) or 1
    drawn = [f'<rect class="base" x="0" y="{height - 1}" width="{width}" height="1"/>']
    for year, number in points:
        tall = max(4, number / most * (height - 3)) if number else 0
        drawn.append(
            f'<rect x="{(year - first) * step:.1f}" y="{height - tall:.1f}" width="{max(2.5, step * 0.8):.1f}" '
            f'height="{tall:.1f}"/>'
        )
    said = f"{sum(count.values())} between {min(count)} and {max(count)}" if count else "none"
    return svg(width, height, "".join(drawn), label or said, classes="spark")


def meter(value: float, most: float = 100, *, label: str, classes: str = "") -> SafeString:
    """Return how much of ``most`` there is, as a bar."""
    share = 100 * min(1.0, value / most) if most else 0
    return mark_safe(  # noqa: S308 - numbers, our own classes and an escaped text
        f'<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'<rect class="t" width="100" height="10"/><rect class="v {classes}" width="{share:.1f}" height="10"/></svg>'
    )


def radar(axes: Sequence[str], profiles: Sequence[tuple[str, Sequence[float]]], *, size: int = 380) -> SafeString:
    """Return a polygon for each profile, values 0 to 1 in the order of the axes; the first is filled."""
    centre, rim = size / 2, size / 2 - 74
    turn = 2 * pi / max(1, len(axes))

    def at(number: int, value: float) -> tuple[float, float]:
        return centre + rim * value * sin(turn * number), centre - rim * value * cos(turn * number)

    drawn = [
        f'<path class="grid" d="{_path([at(number, ring) for number in range(len(axes))])}Z"/>'
        for ring in (0.25, 0.5, 0.75, 1)
    ]
    for number, axis in enumerate(axes):
        (x, y), (name_x, name_y) = at(number, 1), at(number, 1.15)
        anchor = "middle" if abs(name_x - centre) < 20 else "start" if name_x > centre else "end"
        drawn.append(
            f'<path class="grid" d="M{centre:g} {centre:g}L{x:.1f} {y:.1f}"/>'
            f'<text class="strong" x="{name_x:.1f}" y="{name_y + 4:.1f}" text-anchor="{anchor}">{escape(axis)}</text>'
        )
    for series, (_, values) in enumerate(profiles[:SERIES], 1):
        # Not quite 0: a polygon with all its corners in the middle could not be seen at all.
        corners = [at(number, max(0.02, min(1.0, value))) for number, value in enumerate(values)]
        dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in corners)
        path = f"{_path(corners)}Z"
        drawn.append(f'<g class="s{series}"><path class="area" d="{path}"/><path class="line" d="{path}"/>{dots}</g>')
    said = (
        f"{name}: " + ", ".join(f"{axis} {value:.0%}" for axis, value in zip(axes, values, strict=True))
        for name, values in profiles
    )
    return svg(size, size, "".join(drawn), "; ".join(said) or "none")


def heat(
    rows: Sequence[str],
    columns: Sequence[int],
    counts: Mapping[tuple[str, int], int],
    *,
    width: int = 560,
    row_height: int = 34,
    left: int = 112,
) -> SafeString:
    """Return counts by row and decade, in five steps of colour; each cell has its number."""
    cell = (width - left) / max(1, len(columns))
    most = max(counts.values(), default=0) or 1
    drawn = [_tick(left + cell * (number + 0.5), 12, f"{decade}s") for number, decade in enumerate(columns)]
    for line, row in enumerate(rows):
        y = 20 + line * row_height
        drawn.append(_row_name(row, left, y + row_height / 2 + 3))
        for number, decade in enumerate(columns):
            count = counts.get((row, decade), 0)
            step = 1 + min(3, int(count / most * 3.99)) if count else 0
            x, written = left + cell * number, ""
            if count:
                written = (
                    f'<text class="{"on" if step >= 3 else "onlow"}" x="{x + cell / 2:.1f}" '
                    f'y="{y + row_height / 2 + 4:.1f}" text-anchor="middle">{count}</text>'
                )
            drawn.append(
                f'<rect class="h{step}" x="{x + 1:.1f}" y="{y + 1}" width="{cell - 2:.1f}" height="{row_height - 2}">'
                f"<title>{escape(row)}, {decade}s: {count}</title></rect>{written}"
            )
    return svg(width, 22 + row_height * len(rows), "".join(drawn), "Releases by genre and decade")


def stack(
    rows: Sequence[tuple[str, Mapping[str, int]]],
    keys: Sequence[str],
    *,
    width: int = 560,
    row_height: int = 30,
    left: int = 84,
    label: str = "Releases by decade",
) -> SafeString:
    """Return a bar of parts for each row; parts of one key, five at most, have one colour."""
    most = max((sum(parts.values()) for _, parts in rows), default=0) or 1
    drawn = []
    for line, (name, parts) in enumerate(rows):
        x, y = float(left), line * row_height
        drawn.append(_row_name(name, left, y + row_height / 2 + 4))
        for number, key in enumerate(keys[:SERIES], 1):
            if count := parts.get(key, 0):
                wide = count / most * (width - left - 36)
                drawn.append(
                    f'<rect class="fill s{number}" x="{x:.1f}" y="{y + 4}" width="{max(1, wide - 1.5):.1f}" '
                    f'height="{row_height - 8}"><title>{escape(name)}, {escape(key)}: {count}</title></rect>'
                )
                x += wide
        drawn.append(f'<text x="{x + 6:.1f}" y="{y + row_height / 2 + 4:.1f}">{sum(parts.values())}</text>')
    return svg(width, row_height * len(rows), "".join(drawn), label)


def draw_spans(
    rows: Sequence[tuple[str, int, int, bool]],
    first: int,
    last: int,
    *,
    width: int = 560,
    row_height: int = 26,
    left: int = 140,
) -> SafeString:
    """Return from which year to which each row (name, first, last, still active) lasted."""

    def across(year: int) -> float:
        return left + (year - first) / max(1, last - first) * (width - left - 50)

    bottom = row_height * len(rows)
    drawn = [
        f'<path class="grid" d="M{across(year):.1f} 0V{bottom}"/>{_tick(across(year), bottom + 16, str(year))}'
        for year in list_axis_years(first, last, width - left - 50)
    ]
    for line, (name, begin, end, is_active) in enumerate(rows):
        y = line * row_height
        drawn.append(_row_name(_shorten(name, 22), left, y + row_height / 2 + 4))
        drawn.append(
            f'<rect class="bar" x="{across(begin):.1f}" y="{y + 8}" width="{max(4, across(end) - across(begin)):.1f}" '
            f'height="{row_height - 16}"><title>{escape(name)}: {begin} to {end}</title></rect>'
        )
        if is_active:
            half = row_height / 2 - 4
            drawn.append(
                f'<path class="fill s3" d="M{across(end) - 1:.1f} {y + 4}l9 {half:g}l-9 {half:g}z">'
                f"<title>still active</title></path>"
            )
        years = f"{end - begin + 1} y"
        drawn.append(f'<text x="{across(end) + 14:.1f}" y="{y + row_height / 2 + 4:.1f}">{years}</text>')
    return svg(width, bottom + 20, "".join(drawn), "First to last year")


def columns(
    years: Mapping[int, Mapping[str, int]],
    keys: Sequence[str],
    first: int,
    last: int,
    *,
    width: int = 760,
    height: int = 190,
    label: str = "Credits a year by kind of work",
) -> SafeString:
    """Return a column of parts for each year; parts of one key, five at most, have one colour."""
    step = (width - 30) / max(1, last - first + 1)
    levels = ticks(max((sum(parts.values()) for parts in years.values()), default=0))

    def up(count: float) -> float:
        return height - 24 - count / levels[-1] * (height - 40)

    drawn = [_level(30, width, up(level), level) for level in levels]
    named = list_axis_years(first, last, width - 30, least=5)
    for year in range(first, last + 1):
        base = 0
        for number, key in enumerate(keys[:SERIES], 1):
            if count := years.get(year, {}).get(key, 0):
                drawn.append(
                    f'<rect class="fill s{number}" x="{30 + (year - first + 0.12) * step:.1f}" '
                    f'y="{up(base + count) + 1:.1f}" width="{step * 0.76:.1f}" '
                    f'height="{max(1, up(base) - up(base + count) - 1):.1f}">'
                    f"<title>{year}, {escape(key)}: {count}</title></rect>"
                )
                base += count
        if year in named:
            drawn.append(_tick(30 + (year - first + 0.5) * step, height - 6, str(year)))
    return svg(width, height, "".join(drawn), label)


def areas(
    years: Mapping[int, Mapping[str, int]],
    keys: Sequence[str],
    first: int,
    last: int,
    *,
    width: int = 640,
    height: int = 200,
    label: str,
) -> SafeString:
    """Return an area for each key, five at most, one on the other; a year without a count is zero."""
    keys, left = keys[:SERIES], 34
    # One year alone is as wide as the chart.
    span = range(first, last + 1) if last > first else (first, first)
    levels = ticks(max(sum(years.get(year, {}).get(key, 0) for key in keys) for year in span))
    step = (width - left) / (len(span) - 1)

    def up(count: float) -> float:
        return height - 24 - count / levels[-1] * (height - 40)

    drawn = [_level(left, width, up(level), level) for level in levels]
    base = [0] * len(span)
    for number, key in enumerate(keys, 1):
        counts = [years.get(year, {}).get(key, 0) for year in span]
        top = [below + count for below, count in zip(base, counts, strict=True)]
        outline = [(left + at * step, up(count)) for at, count in enumerate(top)]
        outline += [(left + at * step, up(count)) for at, count in reversed(list(enumerate(base)))]
        drawn.append(f'<path class="fill s{number} edge" d="{_path(outline)}Z"><title>{escape(key)}</title></path>')
        base = top
    drawn.append(_axis(left, width, up(0)))
    drawn += [
        _tick(min(max(left + (year - first) * step, left + 12), width - 14), height - 6, str(year))
        for year in (list_axis_years(first, last, width - left, least=5) if last > first else (first,))
    ]
    return svg(width, height, "".join(drawn), label)


def sunburst(
    tree: Sequence[tuple[str, int, str, Sequence[tuple[str, int]]]], *, noun: str = "genres", size: int = 520
) -> SafeString:
    """Return genres (name, releases, address, styles) as a ring, and their styles (name, releases) around it.

    Genres overlap, so the middle says how many there are, and not the sum of their releases.
    """
    inner, middle, rim = 74, 162, 236
    centre, total = size / 2, sum(count for _, count, _, _ in tree) or 1

    def at(radius: float, turn: float) -> str:
        return f"{centre + radius * sin(2 * pi * turn):.1f} {centre - radius * cos(2 * pi * turn):.1f}"

    def arc(inside: float, outside: float, begin: float, end: float) -> str:
        # A whole turn ends where it begins, and would be nothing.
        end = min(end, begin + 0.9999)
        large = int(end - begin > 0.5)
        return (
            f"M{at(inside, begin)}L{at(outside, begin)}A{outside} {outside} 0 {large} 1 {at(outside, end)}"
            f"L{at(inside, end)}A{inside} {inside} 0 {large} 0 {at(inside, begin)}Z"
        )

    drawn, begin = [], 0.0
    for name, count, address, styles in tree:
        end = begin + count / total
        drawn.append(
            f'<a href="{escape(address)}" aria-label="{escape(name)}, {count} releases">'
            f'<path class="gen edge" d="{arc(inner, middle, begin, end)}">'
            f"<title>{escape(name)}: {count}</title></path></a>"
        )
        angle, radius = pi * (begin + end), (inner + middle) / 2
        short = _shorten(name.split(",")[0].split(" /")[0], 14)
        # At the top and the bottom a name needs its length of the arc, at the sides its height.
        if 2 * pi * radius * count / total > abs(cos(angle)) * 7 * len(short) + abs(sin(angle)) * 14:
            drawn.append(
                f'<text class="sun" x="{centre + radius * sin(angle):.1f}" y="{centre - radius * cos(angle) + 4:.1f}" '
                f'text-anchor="middle">{escape(short)}</text>'
            )
        of_styles = sum(number for _, number in styles) or 1
        for style, number in styles:
            next_ = begin + (count / total) * number / of_styles
            drawn.append(
                f'<path class="sty edge out" d="{arc(middle + 3, rim, begin, next_)}">'
                f"<title>{escape(name)}, {escape(style)}: {number}</title></path>"
            )
            begin = next_
        begin = end
    drawn.append(f'<text class="strong big" x="{centre:g}" y="{centre - 2:g}" text-anchor="middle">{len(tree)}</text>')
    drawn.append(_tick(centre, centre + 18, noun))
    return svg(size, size, "".join(drawn), f"{noun.capitalize()} and their styles", role="group")


def ways(found: Sequence[Sequence[tuple[str, str, str]]], *, width: int = 1240, row_height: int = 84) -> SafeString:
    """Return ways of nodes (kind, name, address) between the same two ends, a row for each; the first one is heavy."""
    rows = [way for way in found if len(way) > 1]
    if not rows:
        return svg(width, row_height, "", "No ways", role="group")
    height = max(2, len(rows)) * row_height
    left, right = 70, width - 70
    drawn, marks = [], []
    for row, way in reversed(list(enumerate(rows))):
        level = (row + 0.5) * height / len(rows) - 10
        step = (right - left) / (len(way) - 1)
        places = [(left, height / 2 - 10), *((left + at * step, level) for at in range(1, len(way) - 1))]
        places.append((right, height / 2 - 10))
        links = (
            f"C{x + step / 2:.1f} {y:.1f} {to_x - step / 2:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
            for (x, y), (to_x, to_y) in itertools.pairwise(places)
        )
        drawn.append(
            f'<path class="link{"" if row else " main"}" d="M{places[0][0]:.1f} {places[0][1]:.1f}{"".join(links)}"/>'
        )
        marks += [_node(node, place, step) for node, place in zip(way[1:-1], places[1:-1], strict=True)]
    for node, x in ((rows[0][0], left), (rows[0][-1], right)):
        marks.append(_node(node, (x, height / 2 - 10), 140, is_end=True))
    label = f"{len(rows)} way{'' if len(rows) == 1 else 's'} from {rows[0][0][1]} to {rows[0][-1][1]}"
    return svg(width, height, "".join([*drawn, *marks]), label, role="group")


def _node(node: tuple[str, str, str], place: tuple[float, float], room: float, *, is_end: bool = False) -> str:
    (kind, name, address), (x, y) = node, place
    disc = f'<circle class="disc" cx="{x:.1f}" cy="{y:.1f}" r="17"/>' if is_end else ""
    # The first one takes clicks between the mark and its name.
    shown = (
        f'<rect class="hit" x="{x - 40:.1f}" y="{y - 18:.1f}" width="80" height="58">'
        f"<title>{escape(name)}, {kind}</title></rect>{disc}"
        f'<use class="kind {kind}" href="{escape(static("icons.svg"))}#{kind}" x="{x - 8:.1f}" y="{y - 8:.1f}" '
        f'width="16" height="16"/><text class="node" x="{x:.1f}" y="{y + (36 if is_end else 28):.1f}" '
        f'text-anchor="middle">{escape(_shorten(name, int(room / 8)))}</text>'
    )
    return f'<a href="{escape(address)}">{shown}</a>' if address else shown


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _axis(left: float, right: float, y: float) -> str:
    return f'<path class="axis" d="M{left:g} {y:.1f}H{right:g}"/>'


def _level(left: float, right: float, y: float, level: int) -> str:
    written = f'<text x="{left - 8:g}" y="{y + 4:.1f}" text-anchor="end">{level}</text>'
    return f'<path class="grid" d="M{left:g} {y:.1f}H{right:g}"/>{written}'


def _tick(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:g}" text-anchor="middle">{escape(text)}</text>'


def _row_name(name: str, left: float, y: float) -> str:
    return f'<text class="strong" x="{left - 10:g}" y="{y:.1f}" text-anchor="end">{escape(name)}</text>'


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
