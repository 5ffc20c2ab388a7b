"""Plots: everything inside the drawing, every word escaped, every number in it (P11, P15)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import itemgetter
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.web import plots
from paidsupport.kernel.web.plots import Series

NUMBERS = st.one_of(st.none(), st.floats(0, 1e9), st.integers(0, 10**9))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40)


@pytest.mark.row("P11")
@given(st.data())
def test_everything_is_inside_and_escaped(data: st.DataObject) -> None:
    """Whatever the numbers and the names: sound XML, no script, no style, nothing beyond its edges."""
    labels = data.draw(st.lists(WORDS, max_size=30))
    of_each = st.lists(NUMBERS, min_size=len(labels), max_size=len(labels))
    series = [Series(data.draw(WORDS), data.draw(of_each)) for _ in range(data.draw(st.integers(1, 4)))]
    for draw in (plots.line, plots.bars):
        drawn = draw(data.draw(WORDS), labels, series, about=data.draw(WORDS), unit="hours")
        root = ET.fromstring(str(drawn))  # noqa: S314  # ours
        assert {each.tag for each in root.iter()} <= {
            *("svg", "title", "desc", "line", "text", "polyline", "circle", "rect", "path")
        }
        assert "style=" not in re.sub(r">[^<]*<", "><", str(drawn))
        _, _, width, height = (float(number) for number in root.attrib["viewBox"].split())
        for each in root.iter():
            for name, most in (("x", width), ("cx", width), ("x2", width), ("y", height), ("cy", height)):
                if name in each.attrib:
                    assert -1 <= float(each.attrib[name]) <= most
            if each.tag == "polyline" and each.attrib["points"]:
                for point in each.attrib["points"].split():
                    x, y = map(float, point.split(","))
                    assert 0 <= x <= width
                    assert 0 <= y <= height


@pytest.mark.row("T15")
@given(st.lists(st.tuples(MOMENTS, st.floats(0, 1e9)), max_size=12), WORDS)
def test_a_course_over_time_is_inside_and_escaped(points: list[tuple[datetime, float]], words: str) -> None:
    """No moment, one, many at once, a century: each value holds until the next."""
    points.sort(key=itemgetter(0))
    drawn = plots.course(words, points, about=words, unit=words)
    root = ET.fromstring(str(drawn))  # noqa: S314  # ours
    assert root[0].text or not words
    assert "style=" not in re.sub(r">[^<]*<", "><", str(drawn))
    (path,) = root.iter("polyline")
    corners = [tuple(map(float, point.split(","))) for point in path.attrib["points"].split()]
    assert len(corners) == max(0, 2 * len(points) - 1)
    assert all(56 <= x <= plots.WIDTH - plots._RIGHT and 28 <= y <= plots.HEIGHT - 40 for x, y in corners)
    assert [x for x, _ in corners] == sorted(x for x, _ in corners)
    assert all(first[1] == corner[1] for first, corner in zip(corners[::2], corners[1::2], strict=False))
    days = [float(text.attrib["x"]) for text in root.iter("text") if text.attrib["y"] == "236"]
    assert days == sorted(days)
    assert all(0 <= x <= plots.WIDTH for x in days)


@pytest.mark.row("P11")
def test_names_are_whole() -> None:
    """The newest week has its name, with room for it; an address is told by its last part."""
    weeks = [f"2034-W{number}" for number in range(10, 26)]
    root = ET.fromstring(str(plots.line("Weeks", weeks, [Series("a", [1] * 16)])))  # noqa: S314  # ours
    newest = next(text for text in root.iter("text") if text.text == weeks[-1])
    assert newest.attrib["text-anchor"] == "middle"  # or it would touch the one before
    assert plots.WIDTH - float(newest.attrib["x"]) >= 4 * len(weeks[-1])  # half of it, at 8 for each sign
    address = "https://example.org/support/help/photos-do-not-upload"
    assert "…/photos-do-not-upload<" in plots.bars("Pages", [address], [Series("a", [1])])


def test_the_axis_ends_above_the_highest_value() -> None:
    """In steps of 1, 2 or 5 of something."""
    assert plots._scale([Series("a", [0, 7])]) == (8, 2)
    assert plots._scale([Series("a", [101.0])]) == (150, 50)
    assert plots._scale([Series("a", [None, 0])]) == (1, 1)
    assert [plots.figure(value) for value in (1200.0, 2.5, 0, None)] == ["1,200", "2.5", "0", ""]
