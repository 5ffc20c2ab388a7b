"""Recognises the lines above a quote that say who is quoted: “On Mon, 3 Jun 2024 at 10:00, Jane <…> wrote:”.

Programs write them in dozens of languages, and people write sentences that resemble them. So no line is
recognised by its words alone: it needs a date, an address or a time, and its place above a quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from paidsupport.intake.mail.reply_words import Words, words

#: The most lines of one attribution, not counting blank ones.
_LINES = 4
#: The most words such as “On” within a line that are examined.
_PLACES = 3
#: A longer line is not part of an attribution.
_LONGEST = 400

_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}([./-])\d{1,2}\1\d{2}(?!\d))")
_TIME = re.compile(r"(?<![\d.:])\d{1,2}(?::\d\d|[.h]\d\d(?!\.?\d))")
_ADDRESS = re.compile(r"[^\s<>@()\[\]:,;]{1,64}@[^\s<>@()\[\]:,;]{1,250}")
#: A date at the beginning: at most two words, such as the day of the week, come before its first figure.
_DATE_FIRST = re.compile(r"\A\(?(?:\S{1,20}\s++){0,2}\S{0,3}\d")
_NAME_FIRST = re.compile(r"\A(?:[^\s<>@]{1,40}+\s++){0,6}[<(\[]?(?:mailto:)?[^\s<>@]{1,64}@")
_SOON_A_FIGURE = re.compile(r"\s*(?:[^\s\d]{1,20}\s+){0,3}[^\s\d]{0,3}\d")
#: A line that ends its sentence.
_SENTENCE_ENDS = re.compile(r"(?:[!?]|[^\W\d]{4}\.)$")
_MARKS = re.compile(r"^\s*(?:[>|\uff1e]\s*)+")
#: Invisible characters around names that are written from right to left.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_HYPHENS = re.compile(r"^[-\u2013\u2014_]{2,}\s*")


class Strength(IntEnum):
    """How certain it is that lines say who is quoted."""

    NONE = 0
    #: Enough above lines that are marked as a quote.
    WITH_MARKS = 1
    #: Enough above anything, if a blank line is in between.
    ALONE = 2
    #: Date, time, address and a verb: no person types that.
    CERTAIN = 3


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where it begins, how certain it is, and what stands before it on its first line."""

    start: int
    strength: Strength
    own: str = ""


def ending_at(lines: Sequence[str], end: int, *, first: int = 0) -> Attribution | None:
    """The attribution whose last line is `lines[end]` (see `may_end`); it begins at `first` or below."""
    best: Attribution | None = None
    for start, joined in _spans(lines, end, first):
        found = _judged(lines[start], joined, start)
        if best and best.strength >= Strength.ALONE and not _opens(joined):
            continue
        if found.strength and (best is None or found.strength >= best.strength):
            best = found
        if best and best.start == start and (best.own or _opens(joined)):
            break
    return best


def is_whole(text: str) -> bool:
    """Whether `text`, which stands between hyphens, says who is quoted and nothing else."""
    verb = _verb_in(text) if len(text) < _LONGEST else None
    return verb is not None and verb.end() == len(text)


def may_end(line: str) -> bool:
    """Whether a line ends as they do, before anything else of it is examined."""
    line = _INVISIBLE.sub("", line).rstrip(" *-")
    if not line or len(line) > _LONGEST:
        return False
    return line[-1] in ":\uff1a>)" or _ends_in_verb(line)


def _spans(lines: Sequence[str], end: int, first: int) -> list[tuple[int, str]]:
    """The lines up to `end` that may be one attribution, joined, from the shortest to the longest."""
    found: list[tuple[int, str]] = []
    joined, taken = "", 0
    for start in range(end, max(first, end - 2 * _LINES) - 1, -1):
        line = _tidy(lines[start])
        if not line and joined.startswith("<"):
            continue  # programs put blank lines around addresses that they break
        if not line or len(line) > _LONGEST or taken == _LINES:
            break
        if joined and _SENTENCE_ENDS.search(line[-10:]) and not line[-2:-1].isdigit():
            break
        joined, taken = f"{line} {joined}".strip(), taken + 1
        found.append((start, joined))
    return found


def _tidy(line: str) -> str:
    return " ".join(_MARKS.sub("", _INVISIBLE.sub("", line)).replace("*", "").split())


def _opens(joined: str) -> bool:
    opener = words().opener.match(joined)
    return opener is not None and _SOON_A_FIGURE.match(joined, opener.end()) is not None


def _judged(line: str, joined: str, start: int) -> Attribution:
    """How certain the joined lines are; first checks whether the customer's own words precede them."""
    if not _opens(joined) and _DATE.search(joined) and _TIME.search(joined) and "@" in joined:
        for opener in _openers_within(joined):
            own = line[: line.rfind(joined[opener:][:6])]
            if own.strip() and strength_of(joined[opener:]) is Strength.CERTAIN:
                return Attribution(start, Strength.CERTAIN, own.rstrip(" -\u2013\u2014"))
    return Attribution(start, strength_of(_HYPHENS.sub("", joined)))


def _openers_within(joined: str) -> list[int]:
    """Where an attribution may begin within a line, the last place first."""
    places = [opener.start() for opener in words().opener.finditer(joined[:_LONGEST]) if opener.start()]
    return [place for place in places if _opens(joined[place : place + _LONGEST])][: -_PLACES - 1 : -1]


def strength_of(joined: str) -> Strength:
    """How certain it is that `joined`, as one line, says who is quoted."""
    known = words()
    bare = joined.rstrip(" -")
    colon = bare.endswith((":", "\uff1a"))
    if not (colon or bare.endswith(">") or _ends_in_verb(bare)) or not _begins(known, bare):
        return Strength.NONE
    date, time = _DATE.search(bare), _TIME.search(bare)
    address = _ADDRESS.search(bare) if "@" in bare else None
    verb = _verb_in(bare) if date or address else None
    if address and date and (verb or time):
        return Strength.CERTAIN if verb and time and colon else Strength.ALONE
    if verb and date and not known.article.search(bare):
        return Strength.ALONE if time else Strength.WITH_MARKS
    return Strength.WITH_MARKS if address and (verb or date) else Strength.NONE


def _verb_in(text: str) -> re.Match[str] | None:
    """The verb for “wrote”, as a whole word."""
    small = text.lower()
    found = (pattern.search(small) for verb, pattern in words().verbs.items() if verb in small)
    return next((match for match in found if match), None)


def _ends_in_verb(text: str) -> bool:
    return text[-20:].lower().endswith(tuple(words().verbs))


def _begins(known: Words, bare: str) -> bool:
    """Whether it begins as they do: with a date, a name and an address, or a word such as “On”."""
    return any(pattern.match(bare.lstrip('"“')) for pattern in (_DATE_FIRST, _NAME_FIRST, known.opener))
