"""Languages made by a rule, for tests: what is not marked in them was never handed to gettext.

en-XA is ⟦Tákén bý %(name)s ····⟧: accents, brackets, and a third more of length
ar-XB is the same from right to left
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from paidsupport.kernel.i18n.formats import Marked
from paidsupport.kernel.i18n.messages import CONTEXT_END

if TYPE_CHECKING:
    from paidsupport.kernel.i18n.languages import Language

OPEN, CLOSE = "⟦", "⟧"
_ACCENTS = str.maketrans("aceinouyACEINOUY", "áçéíñóúýÁÇÉÍÑÓÚÝ")
#: What stays: places, tags, entities.
_KEPT = re.compile(r"(%\(\w{1,60}\)[a-z]|%%|\{\w{1,60}\}|[\[\]]|<[^<>]{0,300}>|&#?\w{1,32};|\n)")
_OVERRIDE, _END = "\u202e", "\u202c"


class _Rule:
    """A language in which every message is known."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.direction = "rtl" if tag.startswith("ar") else "ltr"
        self.formats = Marked(self._marked)

    def singular(self, name: str) -> str:
        """The English text, marked."""
        return self._marked(name.rpartition(CONTEXT_END)[2])

    def plural(self, name: str, several: str, number: int) -> str:
        """The English text for a number, marked."""
        return self.forms(name, several)[self.form(number)]

    def form(self, number: int) -> int:
        """As in English."""
        return int(number != 1)

    def forms(self, name: str, several: str) -> list[str]:
        """The two English texts, marked."""
        return [self.singular(name), self._marked(several)]

    def _marked(self, text: str) -> str:
        parts = _KEPT.split(text)
        parts[::2] = [self._written(part) for part in parts[::2]]
        longer = "·" * (len(text) // 3)
        return f"{OPEN}{''.join(parts)}{longer}{CLOSE}"

    def _written(self, part: str) -> str:
        if self.direction == "rtl" and part.strip():
            return f"{_OVERRIDE}{part}{_END}"
        return part.translate(_ACCENTS)


LOCALES: dict[str, Callable[[str], Language]] = {"en-XA": _Rule, "ar-XB": _Rule}  # type: ignore[dict-item]
