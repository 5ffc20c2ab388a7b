"""QR codes as SVG inside of a page: black on white whatever the page's colours are, without any style (P16).

Scanners want dark on light with an empty edge around it, so neither dark pages nor forced colours change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby

from markupsafe import Markup, escape

from paidsupport.kernel.i18n.messages import gettext as _

#: Modules of the empty edge, as the standard wants it.
EDGE = 4
#: The drawing is about as wide, in pixels of the page, and its modules are never smaller.
_WIDTH, _SMALLEST = 248, 3
#: Of 46 mm, the width of the code on a Swiss payment slip, its cross takes 7; these are its white square, its
#: black one, and the two arms, in 46ths around the middle.
_SLIP = 46
_CROSS = (("#fff", 7.0, 7.0), ("#000", 6.0, 6.0), ("#fff", 3.75, 1.125), ("#fff", 1.125, 3.75))


def drawing(text: str, name: str = _("QR code"), *, cross: bool = False) -> Markup:
    """A QR code with medium error correction, as an element `svg`; empty where its library is not installed.

    Args:
        text: What scanners read; stored as UTF-8.
        name: What people hear who do not see it; translated when it is shown.
        cross: Whether the Swiss cross is in its middle, as on a payment slip.

    Raises:
        ValueError: The text is too long: no QR code holds more than 2,331 bytes at this correction.
    """
    if find_spec("segno") is None:
        return Markup()
    side, modules = _drawn(text)
    width = side * max(_SMALLEST, _WIDTH // side)
    return Markup(
        '<svg class="ps-qr" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">'
        '<path fill="#fff" d="M0 0h{}v{}H0z"/>'
        '<path fill="#000" shape-rendering="crispEdges" d="{}"/>{}</svg>'
    ).format(
        escape(name),
        *(width, width, side, side, side, side),
        modules,
        _cross(side) if cross else "",
    )


@lru_cache(maxsize=64)
def _drawn(text: str) -> tuple[int, str]:
    """The modules along each side with the edge, and the path of the dark ones.

    Finding the best code takes a fiftieth of a second, and a page that refreshes itself asks for it often.
    """
    import segno  # noqa: PLC0415  # late: few pages need it

    # the correction is not raised where there is room: banks want this one and no other
    code = segno.make_qr(text, error="m", boost_error=False, encoding="utf-8")
    return len(code.matrix) + 2 * EDGE, "".join(_modules(code.matrix))


def _modules(matrix: Iterable[Iterable[int]]) -> Iterable[str]:
    """The dark modules as squares of a path, neighbours of a row as one."""
    for y, row in enumerate(matrix, EDGE):
        x = EDGE
        for dark, same in groupby(row):
            length = len(list(same))
            if dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length


def _cross(side: int) -> Markup:
    unit, middle = (side - 2 * EDGE) / _SLIP, side / 2
    bar = Markup('<rect fill="{}" x="{:.3f}" y="{:.3f}" width="{:.3f}" height="{:.3f}"/>')
    return Markup("").join(
        bar.format(fill, middle - w * unit / 2, middle - h * unit / 2, w * unit, h * unit)
        for fill, w, h in _CROSS
    )
