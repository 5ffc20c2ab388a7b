"""Estimates, read as people write them: `4h`, `2-3 days`, `3 bis 5 Stunden` (T12).

Of a range the upper end counts, because a promise that is kept needs no explanation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from paidsupport.kernel.i18n.messages import gettext as _

#: Working days in a week, for estimates in weeks.
WEEK_DAYS = 5
#: More working days than this are refused: no one can plan that far ahead.
MOST_DAYS = 250
_HOUR = 60

_UNITS = {
    "minute": ("m", "min", "mins", "minute", "minutes", "minuten"),
    "hour": ("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"),
    "day": ("d", "day", "days", "t", "tag", "tage", "tagen"),
    "week": ("w", "wk", "wks", "week", "weeks", "wo", "woche", "wochen"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_NUMBERS = {
    Fraction(1): ("a", "an", "one", "ein", "eine", "einen", "einer", "einem"),
    Fraction(1, 2): ("half", "halb", "halbe", "halben", "halber", "halbes"),
    Fraction(3, 2): ("anderthalb", "eineinhalb"),
    Fraction(2): ("two", "zwei"),
    Fraction(3): ("three", "drei"),
    Fraction(4): ("four", "vier"),
    Fraction(5): ("five", "fünf"),
    Fraction(6): ("six", "sechs"),
    Fraction(7): ("seven", "sieben"),
    Fraction(8): ("eight", "acht"),
    Fraction(9): ("nine", "neun"),
    Fraction(10): ("ten", "zehn"),
}
_NUMBER_OF = {word: number for number, words in _NUMBERS.items() for word in words}
_SIGNS = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
#: Words before an estimate that change nothing, because it is conservative anyway.
_ABOUT = re.compile(
    r"^(?:about|around|approx(?:imately)?\.?|roughly|up to|at most|max(?:imum|imal)?\.?|ca\.?|circa|etwa|"
    r"ungefähr|rund|bis zu|höchstens|between|zwischen|from|von|~|<=?|≤)\s*"
)
#: Dashes of any length, and words, between the ends of a range.
_RANGE = re.compile(r"(?<!\s)(?:\s*+[-\u2010-\u2015\u2212]\s*+|\s++(?:to|until|bis|or|oder)\s++)")
_PIECE = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:[.,][0-9]+)?)(?:\s*/\s*(?P<below>[0-9]+))?|(?P<word>[^\W\d_]+)\.?)"
)
_BETWEEN = re.compile(r"(?:between|zwischen)\s")
_AND = re.compile(r"(?<!\s)\s++(?:and|und)\s++")
_JOINED = {"and", "und", "plus"}
_DIGITS = 9


class BadEstimateError(ValueError):
    """Says in one sentence what cannot be read, and how to write it."""


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a range: amounts with their units; the last unit may be missing."""

    parts: tuple[tuple[Fraction, str], ...]
    rest: Fraction | None = None


def minutes_of(typed: str, day: int) -> int:
    """The minutes that an estimate allows; the upper end of a range.

    Args:
        typed: The estimate as it was typed.
        day: The minutes of a working day.

    Raises:
        BadEstimateError: It cannot be read.
    """
    said = " ".join(typed.split())
    text = said.casefold()
    if not text:
        raise BadEstimateError(_("Enter how long it takes, like 4h, 90m, 1d 4h or 2-3 days."))
    for sign, spelled in _SIGNS.items():
        text = text.replace(sign, f" {spelled}")
    text = text.strip()
    between = _BETWEEN.match(text) is not None
    while (shorter := _ABOUT.sub("", text)) != text:
        text = shorter
    if text.startswith("-"):
        raise BadEstimateError(
            _("Enter a time above zero instead of “%(text)s”, like 4h, 90m, 1d 4h or 2-3 days.", text=said)
        )
    texts = _AND.split(text, maxsplit=1) if between else _RANGE.split(text)
    ends = [_end(said, each) for each in texts]
    if len(ends) > 2:  # noqa: PLR2004  # a range has two ends
        raise BadEstimateError(_("Enter one range instead of “%(text)s”, like 2-3 days.", text=said))
    minutes = [ceil(each) for each in _counted(said, ends, day)]
    if len(minutes) > 1 and minutes[0] > minutes[1]:
        raise BadEstimateError(_("Put the shorter time first in “%(text)s”.", text=said))
    if minutes[-1] <= 0:
        raise BadEstimateError(_("Enter at least a few minutes instead of “%(text)s”.", text=said))
    if minutes[-1] > MOST_DAYS * day:
        raise BadEstimateError(
            _("“%(text)s” is more than a year of work. Split the issue into sub-issues.", text=said)
        )
    return minutes[-1]


def _counted(said: str, ends: list[_End], day: int) -> list[Fraction]:
    """The minutes of each end; a number without a unit takes that of the other end."""
    lengths = {"minute": 1, "hour": _HOUR, "day": day, "week": WEEK_DAYS * day}
    units = [unit for end in ends for _, unit in end.parts]
    found = []
    for end in ends:
        total = sum((amount * lengths[unit] for amount, unit in end.parts), Fraction(0))
        if end.rest is not None:
            if not units or end.parts:
                raise BadEstimateError(
                    _(
                        "Add a unit to “%(text)s”: m (minutes), h (hours), d (working days) or w (weeks).",
                        text=said,
                    )
                )
            total += end.rest * lengths[units[0] if end is ends[0] else units[-1]]
        found.append(total)
    return found


def _end(said: str, text: str) -> _End:
    """Read one end of a range: amounts and units alternate."""
    parts: list[tuple[Fraction, str]] = []
    amount: Fraction | None = None
    before: Fraction = Fraction(0)
    at = 0
    text = text.replace("&", " and ").replace("+", " and ").strip(" ,;.")
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise _unreadable(said)
        at = found.end()
        while at < len(text) and text[at] in ",; ":
            at += 1
        word = found["word"]
        if word is None:
            amount = _added(said, amount, found)
        elif word in _UNIT_OF and amount is not None:
            parts.append((before + amount, _UNIT_OF[word]))
            amount, before = None, Fraction(0)
        elif word in _NUMBER_OF:
            # “half a day”
            amount = (1 if amount is None else amount) * _NUMBER_OF[word]
        elif word in _JOINED:
            # “one and a half days”
            before += Fraction(0) if amount is None else amount
            amount = None
        else:
            raise BadEstimateError(
                _(
                    "Change “%(word)s” in “%(text)s”. Write a time like 4h, 90m, 1d 4h or 2-3 days.",
                    word=word,
                    text=said,
                )
            )
    if (not parts and amount is None) or before != 0:
        raise _unreadable(said)
    return _End(tuple(parts), amount)


def _added(said: str, amount: Fraction | None, found: re.Match[str]) -> Fraction:
    """A number as it was written; a fraction is added to the number before it: `1 1/2`."""
    digits, below = found["number"], found["below"]
    if len(digits) > _DIGITS or len(below or "") > _DIGITS or (below and not int(below)):
        raise _unreadable(said)
    number = Fraction(digits.replace(",", ".")) / int(below or 1)
    if amount is None:
        return number
    if not below:
        raise BadEstimateError(_("Add a unit between the two numbers in “%(text)s”, like 1d 4h.", text=said))
    return amount + number


def _unreadable(said: str) -> BadEstimateError:
    return BadEstimateError(
        _("Enter a time like 4h, 90m, 1d 4h or 2-3 days instead of “%(text)s”.", text=said)
    )
