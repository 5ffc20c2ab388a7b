"""Plots as SVG, drawn here: no script, no style of its own; the numbers stand in a table beside it (P11).

Colours and fonts come from the style sheet (`ps-plot-…`), so plots are dark in the dark; each line has a mark
of its own shape, so that a reader does not have to tell colours apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from math import ceil, floor, log10

from markupsafe import Markup

from paidsupport.kernel.i18n.languages import spoken

#: Size of the drawing in its own units; the page stretches it. Beside the right end is room for
#: half a name.
WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 36, 28, 40
#: Room for one bar, between groups of bars, for the names beside them, and for a line of the legend.
_BAR, _GAP, _NAMES, _LINE = 14, 10, 190, 18
#: Longer names are cut; the table has them whole.
_LONGEST_NAME = 28
#: Names below a plot that have room beside each other.
_MOST_LABELS = 9
_MARKS = (
    '<circle class="ps-plot-{n}" cx="{x}" cy="{y}" r="3"/>',
    '<rect class="ps-plot-{n}" x="{l}" y="{t}" width="6" height="6"/>',
    '<path class="ps-plot-{n}" d="M{x} {t}L{r} {b}L{l} {b}Z"/>',
    '<path class="ps-plot-{n}" d="M{x} {t}L{r} {y}L{x} {b}L{l} {y}Z"/>',
)
#: Less is nothing: no axis can be divided into such steps.
_SMALLEST = 1e-6
_IDS = count()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one bar of each group: its name, and a number for each label (None: no value)."""

    name: str
    values: Sequence[float | None]


def line(
    title: str, labels: Sequence[str], series: Sequence[Series], *, about: str = "", unit: str = ""
) -> Markup:
    """Lines over labels that follow each other, from zero up; `unit` says what the numbers are."""
    top, step = _scale(series)
    body = [*_grid(top, step, unit)]
    width = WIDTH - _LEFT - _RIGHT
    xs = [_LEFT + width * (place / max(len(labels) - 1, 1)) for place in range(len(labels))]
    every = max(1, ceil(len(labels) / _MOST_LABELS))
    body += [
        _tick(x, HEIGHT - _BOTTOM + 16, _cut(label), "middle")
        for place, (x, label) in enumerate(zip(xs, labels, strict=True))
        # the newest one always has its name
        if (len(labels) - 1 - place) % every == 0
    ]
    for number, each in enumerate(series):
        points = [(x, _y(value, top)) for x, value in zip(xs, each.values, strict=True) if value is not None]
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        body.append(Markup('<polyline class="ps-plot-line ps-plot-{}" points="{}"/>').format(number, path))
        body += [_mark(number, x, y) for x, y in points]
    names, _ = _legend(series, right=True)
    return _svg(title, about, HEIGHT, [*names, *body])


def course(
    title: str, points: Sequence[tuple[datetime, float]], *, about: str = "", unit: str = ""
) -> Markup:
    """A figure over time: each value holds until the next one; the moments are in their order."""
    top, step = _scale([Series(title, [value for _, value in points])])
    first, last = (points[0][0], points[-1][0]) if points else (_EPOCH, _EPOCH)
    width, span = WIDTH - _LEFT - _RIGHT, (last - first) / timedelta(days=1)
    body = [*_grid(top, step, unit)]
    for day in _midnights(first, last):
        x = _LEFT + width * ((day - first) / timedelta(days=1)) / span
        body.append(_tick(x, HEIGHT - _BOTTOM + 16, spoken().formats.tick(day), "middle"))
    path: list[str] = []
    marks = []
    for moment, value in points:
        share = (moment - first) / timedelta(days=1) / span if span else 0.5
        x, y = _LEFT + width * share, _y(value, top)
        path += [f"{_n(x)},{path[-1].partition(',')[2]}"] if path else []
        path.append(f"{_n(x)},{_n(y)}")
        marks.append(_mark(0, x, y))
    line_ = Markup('<polyline class="ps-plot-line ps-plot-0" points="{}"/>').format(" ".join(path))
    return _svg(title, about, HEIGHT, [*body, line_, *marks])


def bars(
    title: str, labels: Sequence[str], series: Sequence[Series], *, about: str = "", unit: str = ""
) -> Markup:
    """Bars from left to right, one group below the other, each with its number."""
    top, _ = _scale(series)
    group = len(series) * _BAR + _GAP
    body, down = _legend(series)
    height = _TOP + down + max(len(labels), 1) * group + _GAP
    width = WIDTH - _NAMES - _LEFT - _RIGHT
    for place, label in enumerate(labels):
        y = _TOP + down + place * group
        body.append(
            Markup('<text class="ps-plot-name" x="{}" y="{}" text-anchor="end">{}</text>').format(
                _NAMES - _GAP, _n(y + (group - _GAP) / 2 + 4), _cut(label)
            )
        )
        for number, each in enumerate(series):
            value = each.values[place]
            if value is None:
                continue
            long, bar = max(width * value / top, 0), y + number * _BAR
            drawn = '<rect class="ps-plot-bar ps-plot-{}" x="{}" y="{}" width="{}" height="{}"/>'
            body.append(Markup(drawn).format(number, _NAMES, _n(bar), _n(long), _BAR - 3))  # noqa: S704  # ours
            body.append(_tick(_NAMES + long + 4, bar + _BAR - 4, figure(value)))
    return _svg(title, f"{about} {unit}".strip(), height, body)


def figure(value: float | None) -> str:
    """A number as pages write it: without decimals that say nothing."""
    if value is None:
        return ""
    return spoken().formats.number(value, 0 if round(value, 1) == round(value) else 1)


def _midnights(first: datetime, last: datetime) -> list[datetime]:
    """The beginnings of days between two moments, as many as have room beside each other."""
    begin = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = max(0, ceil((last - begin) / timedelta(days=1)))
    return [begin + timedelta(days=day) for day in range(0, days, max(1, ceil(days / _MOST_LABELS)))]


def _scale(series: Sequence[Series]) -> tuple[float, float]:
    """The end of the axis, above all values, and the step of its ticks: 1, 2 or 5 of something."""
    most = max((value for each in series for value in each.values if value is not None), default=0)
    if most < _SMALLEST:
        return 1.0, 1.0
    rough = most / 4
    power: float = 10.0 ** floor(log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough)
    return ceil(most / step) * step, step


def _grid(top: float, step: float, unit: str) -> Iterator[Markup]:
    for number in range(round(top / step) + 1):
        y = _n(_y(number * step, top))
        yield Markup('<line class="ps-plot-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            _LEFT, WIDTH - _RIGHT, y, y
        )
        yield _tick(_LEFT - 6, _y(number * step, top) + 4, figure(number * step), "end")
    if unit:
        yield _tick(WIDTH - _RIGHT, HEIGHT - 6, unit, "end")


def _legend(series: Sequence[Series], *, right: bool = False) -> tuple[list[Markup], int]:
    """The names of the series with their marks, and how much further down the drawing begins for them.

    Names that fit into one line are at the `right` where a phone shows that end first.
    """
    across = sum(30 + 7 * min(len(each.name), _LONGEST_NAME) for each in series)
    found, x, y = [], max(float(_LEFT), WIDTH - _RIGHT - across) if right else float(_LEFT), 0
    for number, each in enumerate(series):
        width = 30 + 7 * min(len(each.name), _LONGEST_NAME)
        if x + width > WIDTH and x > _LEFT:
            x, y = float(_LEFT), y + _LINE
        found.append(_mark(number, x, y + 11))
        name = Markup('<text class="ps-plot-name" x="{}" y="{}">{}</text>')
        found.append(name.format(_n(x + 9), y + 15, _cut(each.name)))
        x += width
    return found, y


def _tick(x: float, y: float, words: str, anchor: str = "start") -> Markup:
    """Small words, which begin or end at a place, or have it in their middle."""
    drawn = '<text class="ps-plot-tick" x="{}" y="{}" text-anchor="{}">{}</text>'
    return Markup(drawn).format(_n(x), _n(y), anchor, words)  # noqa: S704  # ours


def _mark(number: int, x: float, y: float) -> Markup:
    form = Markup(_MARKS[number % len(_MARKS)])  # noqa: S704  # ours
    near = {"l": _n(x - 3), "r": _n(x + 3), "t": _n(y - 3), "b": _n(y + 3)}
    return form.format(n=number, x=_n(x), y=_n(y), **near)


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * max(value, 0) / top


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _cut(text: str) -> str:
    if "://" in text:
        # of an address its end tells which page it is
        text = f"…/{text.rstrip('/').rpartition('/')[2]}"
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


def _svg(title: str, about: str, height: float, body: Sequence[Markup]) -> Markup:
    name = f"ps-plot-{next(_IDS)}"
    head = Markup(
        '<svg class="ps-plot" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>'
    ).format(WIDTH, _n(height), name, name, name, title, name, about)
    return head + Markup("").join(body) + Markup("</svg>")
