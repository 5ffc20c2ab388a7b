"""The drawings of our sprite, `icons.svg`: which there are, and which of them is the one of a state."""

from __future__ import annotations

import re

from paidsupport.kernel.web.static_files import FOLDER

#: The sprite. A symbol is drawn with lines of the colour of the text around it.
SPRITE = FOLDER / "icons.svg"
NAMES = frozenset(re.findall(r'<symbol id="([a-z-]{1,40})"', SPRITE.read_text("utf-8")))


def state_icon(name: str, part: str) -> str:
    """The symbol of a state; that of its part of the queue if it has none of its own.

    States of workflows that a site declares itself have none.
    """
    own = f"state-{name}"
    return own if own in NAMES else f"part-{part}"
