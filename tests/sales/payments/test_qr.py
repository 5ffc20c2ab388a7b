"""QR codes: what is drawn is the code, and nothing on the page can make it unreadable."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import segno

from paidsupport.kernel.i18n.languages import language_of, speaking
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.sales.payments.qr import EDGE, drawing

pytestmark = pytest.mark.row("P16")

URI = "taler://pay/backend.example/instances/sandbox/PS-7K3M-9QXT-1/?c=ABCDEFGHJKMNPQRSTVWXYZ0123"
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def dark(root: ET.Element) -> set[tuple[int, int]]:
    """The dark modules of a drawing."""
    (path,) = (each for each in root if each.get("fill") == "#000" and each.tag == "path")
    runs = [(int(x), int(y), int(length)) for x, y, length in _RUN.findall(path.attrib["d"])]
    return {(x + place, y) for x, y, length in runs for place in range(length)}


@pytest.mark.parametrize("text", ["A", URI, "BCD\n002\n1\nSCT\n\nMüller & Söhne", "x" * 2331])
def test_a_drawing_is_the_code(text: str) -> None:
    """Module by module, with its empty edge, in words of the page's language and without a style."""
    drawn = drawing(text, _("Scan <this>"))
    root = ET.fromstring(str(drawn))  # noqa: S314  # ours
    code = segno.make_qr(text, error="m", boost_error=False, encoding="utf-8")
    assert dark(root) == {
        (x, y) for y, row in enumerate(code.matrix, EDGE) for x, each in enumerate(row, EDGE) if each
    }
    side = len(code.matrix) + 2 * EDGE
    assert root.attrib["viewBox"] == f"0 0 {side} {side}"
    assert int(root.attrib["width"]) == int(root.attrib["height"]) >= 3 * side
    assert root.attrib["aria-label"] == "Scan <this>"
    assert "style" not in drawn
    assert "currentColor" not in drawn


def test_it_is_named_in_the_language_of_the_page() -> None:
    """Its name is a message."""
    with speaking(language_of("en-XA")):
        assert 'aria-label="QR code"' not in drawing("A")


def test_a_swiss_cross_stays_in_the_middle() -> None:
    """Seven of 46 parts wide, so that the correction can do without what is below it."""
    root = ET.fromstring(str(drawing(URI, cross=True)))  # noqa: S314  # ours
    side = float(root.attrib["viewBox"].split()[2])
    squares = [each.attrib for each in root if each.tag == "rect"]
    assert len(squares) == 4
    for each in squares:
        assert float(each["x"]) * 2 + float(each["width"]) == pytest.approx(side, abs=0.01)
        assert float(each["y"]) * 2 + float(each["height"]) == pytest.approx(side, abs=0.01)
    assert float(squares[0]["width"]) == pytest.approx((side - 2 * EDGE) * 7 / 46, abs=0.01)


def test_what_no_code_can_hold_is_refused() -> None:
    """One byte too many."""
    with pytest.raises(ValueError, match="too large"):
        drawing("x" * 2332)


def test_a_page_does_without_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text and its links are enough to pay."""
    monkeypatch.setattr("paidsupport.sales.payments.qr.find_spec", lambda _name: None)
    assert drawing(URI) == ""
