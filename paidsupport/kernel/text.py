"""What people type: made uniform, and refused with a sentence where it could do harm."""

from __future__ import annotations

import re
import unicodedata

from paidsupport.kernel.i18n.messages import Number
from paidsupport.kernel.i18n.messages import gettext as _

#: Longest one-line text that is kept, in characters.
LINE_LIMIT = 200
#: Longest multi-line text that is kept, in characters.
TEXT_LIMIT = 20_000

#: Digits of the longest number that is looked for: none of ours has more.
NUMBER_LIMIT = 15

#: No letter has more pieces when it is taken apart.
_PIECES = 4
#: More marks than this on one letter are no writing.
_HIGHEST_STACK = 30
#: Characters that end a line somewhere: in a mail header or a log they would start a new one.
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
#: Control characters and halves of characters, and those of them that are neither line end nor tab.
_CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROLS_IN_LINES = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: Characters that turn the direction of the text around them and so can hide what is written.
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BadTextError(ValueError):
    """The text cannot be kept; `str(error)` is the sentence for the field."""


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """`text` in NFC without surrounding white space, safe for a mail header, at most `limit` characters.

    Raises BadTextError for line ends, control characters, direction overrides, or too much of it.
    """
    text = _composed(text.strip(" \t\r\n"), limit)
    if _LINE_ENDS & set(text):
        raise BadTextError(_("Enter this on a single line."))
    if _DIRECTION_OVERRIDES & set(text):
        raise BadTextError(_("Take out the hidden characters that change the direction of the text."))
    _refuse_control_characters(text, _CONTROLS)
    return text


def many_lines(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""`text` in NFC with `\n` as line end and without trailing white space, at most `limit` characters.

    Direction overrides stay: pages show such text isolated from what stands around it.
    Raises BadTextError for other control characters, or too much of it.
    """
    text = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text).strip("\n").rstrip()
    text = _composed(text, limit)
    _refuse_control_characters(text, _CONTROLS_IN_LINES)
    return text


def shorten(text: str, limit: int) -> str:
    """The first line of `text`, cut to `limit` characters with an ellipsis where something is missing."""
    first = text.strip().split("\n", 1)[0]
    return first if len(first) <= limit else first[: limit - 1].rstrip() + "…"


def whole_number(typed: str, digits: int = NUMBER_LIMIT) -> int | None:
    """The number that stands there in decimal digits; None for anything else, and for longer ones."""
    return int(typed) if typed.isdecimal() and typed.isascii() and len(typed) <= digits else None


def is_visible(text: str) -> bool:
    """Whether anything of `text` can be seen: not only spaces and characters without a shape."""
    return any(unicodedata.category(character)[0] not in "CZM" for character in text)


def _composed(text: str, limit: int) -> str:
    """`text` in NFC, refused where it is too long then: letters that came in pieces count once."""
    _refuse_excess(text, _PIECES * limit)
    _refuse_stacks(text)
    text = unicodedata.normalize("NFC", text)
    _refuse_excess(text, limit)
    return text


def _refuse_stacks(text: str) -> None:
    """Refuse towers of combining marks: no script has them, and putting them in order takes forever."""
    height = 0
    for character in "" if text.isascii() else text:
        height = height + 1 if unicodedata.combining(character) else 0
        if height > _HIGHEST_STACK:
            raise BadTextError(_("Take out the stacked accents: one letter has dozens of them."))


def _refuse_control_characters(text: str, which: re.Pattern[str]) -> None:
    if which.search(text):
        raise BadTextError(_("Take out the invisible control characters."))


def _refuse_excess(text: str, limit: int) -> None:
    if len(text) > limit:
        raise BadTextError(
            _(
                "Shorten this to %(most)s characters. It has %(characters)s now.",
                most=Number(limit),
                characters=Number(len(text)),
            )
        )
