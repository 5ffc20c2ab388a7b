"""What the search of the desk finds: each capability searches what it holds, and shows it as hits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.web.lists import Line
from paidsupport.kernel.words import fold, words
from paidsupport.kernel.workflow import State

if TYPE_CHECKING:
    from paidsupport.kernel.context import Context

#: So many of one kind are shown; there is a link to the others.
MOST_HITS = 8
#: What is shown of a text in which words were found.
_EXCERPT = 180
_BEFORE = 60
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    url: str
    title: str
    code: str = ""
    #: Who or what it belongs to.
    about: str = ""
    state: State | None = None
    #: Texts in which the words may be found: something of the first that holds one is shown.
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind: as hits, or as lines of the table that its lists have, with its columns."""

    heading: Message
    icon: str
    hits: Sequence[Hit] = ()
    lines: Sequence[Line] = ()
    columns: Sequence[tuple[str, str]] = ()
    #: Where all of them are, if these are not.
    more_url: str = ""

    @property
    def all(self) -> Sequence[Hit | Line]:
        """Whatever it is shown as."""
        return [*self.hits, *self.lines]

    def named(self, typed: str) -> Hit | Line | None:
        """What has the code that was typed, whole or one of its two groups."""
        code = re.sub(r"[^A-Z0-9]", "", typed.upper())
        return next((found for found in self.all if code and code in _spellings(found.code)), None)


#: Searches for what was typed; None if it never holds such a thing.
Searcher = Callable[["Context", str], Found | None]


def _spellings(code: str) -> set[str]:
    prefix, *groups = code.split("-") if code else [""]
    return {prefix + "".join(groups), "".join(groups), *groups} - {""}


def marked(text: str, typed: str) -> Markup:
    """A text with the words that were looked for marked in it."""
    text = translate(text)
    return _marked(text, _places(text, typed)) if typed else escape(text)


def excerpt(texts: Iterable[str], typed: str) -> Markup:
    """What stands around the words in the first of the texts that holds one, marked; nothing if none does."""
    found = ((text, places) for text in texts if (places := _places(text, typed)))
    return next((_marked(*_around(text, places)) for text, places in found), Markup())


def _marked(text: str, places: Sequence[tuple[int, int]]) -> Markup:
    parts, at = [], 0
    for start, end in places:
        parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup("").join([*parts, escape(text[at:])])


def _places(text: str, typed: str) -> list[tuple[int, int]]:
    wanted = tuple(words(typed))
    return [found.span() for found in _WORD.finditer(text) if _fits(fold(found[0]), wanted)]


def _fits(word: str, wanted: tuple[str, ...]) -> bool:
    # where a script has no spaces, a word stands inside of what looks like one
    return word.startswith(wanted) or (not word.isascii() and any(each in word for each in wanted))


def _around(text: str, places: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The lines around the first place, joined, and the places within."""
    first = places[0][0]
    start = max(0, first - _BEFORE)
    if start:
        start = text.rfind(" ", 0, start + 1) + 1 or start
    end = min(len(text), start + _EXCERPT)
    if end < len(text):
        end = max(text.rfind(" ", first, end), places[0][1])
    opening = "… " if start else ""
    moved = len(opening) - start
    shown = f"{opening}{text[start:end]}{' …' if end < len(text) else ''}"
    return shown, [(a + moved, b + moved) for a, b in places if start <= a and b <= end]
