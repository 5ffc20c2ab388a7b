"""Separates what is new in a mail from what it quotes and from its signature.

Losing a word of the customer is worse than keeping a quote: a quote is cut only where everything that
programs write around one is there. What is cut is returned too, and can be unfolded where the rest is shown.
It all takes linear time: every expression is applied to one line, or to a few, of limited length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from paidsupport.intake.mail import attributions, endings, quote_heads
from paidsupport.intake.mail.attributions import Attribution, Strength
from paidsupport.intake.mail.plain import OWN_QUOTE
from paidsupport.intake.mail.quote_heads import Head
from paidsupport.intake.mail.reply_words import begins_ours, words

#: The most blank lines between an attribution and its quote.
_GAP = 3
#: A quoted line that is shorter was not broken by a program.
_BROKEN = 30
#: An email of ours begins within this many lines below an attribution.
_SOON = 20
#: The most lines examined as the end of an attribution: a mail has few, a log any number.
_CANDIDATES = 500
#: Letters, figures, and signs such as thumbs; not markers, rules, or tracking characters.
_WORDS = re.compile(r"(?!\u1427)[^\W_]|[^\x00-\x7f\w\s\u200b-\u206f\u2500]")
#: The end of an attribution that a program broke within the address: `<jane@example.com⏎> wrote:`.
_REST_OF_ADDRESS = re.compile(r">\s?[\w\s]{0,20}[:\uff1a]?")


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail's text in two parts: what is new, and the rest, which may be empty."""

    own: str
    rest: str = ""


class _Mark(Enum):
    NO = auto()
    #: A quote only if an attribution is above it: a bar may draw a table, a quote in a page may be the
    #: customer's.
    PERHAPS = auto()
    QUOTED = auto()


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that are marked as quoted, and their attribution, if there is one."""

    start: int
    end: int
    head: Attribution | None
    #: Whether a line above them or their own first one says who is quoted.
    attributed: bool

    @property
    def first(self) -> int:
        """The first line, including the attribution."""
        return self.head.start if self.head else self.start


def split(text: str, subject: str = "") -> Reply:
    """Split a mail's `text` into what is new and the rest; if that cannot be told, all of it is new.

    Args:
        text: The text, cleaned.
        subject: The subject, which shows whether a mail is forwarded.
    """
    if words().forward_subject.match(subject) and not begins_ours(text):
        return _whole(text)
    mail = _Text(text.split("\n"))
    end = mail.end()
    return _whole(text) if end is None else _shared_out(mail, end, list(mail.cut_blocks(end.start)))


def _whole(text: str) -> Reply:
    return Reply(text.replace(OWN_QUOTE, "").strip())


def _shared_out(mail: _Text, end: Attribution, blocks: list[_Block]) -> Reply:
    """Assign each line of a mail to what is new or to the rest."""
    heads = [block.head for block in blocks if block.head]
    before = {head.start: head.own for head in (*heads, end) if head.own}
    cut = {number for block in blocks for number in range(block.first, block.end)}
    own: list[str] = []
    rest: list[str] = []
    for number, line in enumerate(mail.lines):
        taken, other = (rest, own) if number in cut or number >= end.start else (own, rest)
        if other and other[-1]:
            other.append("")
        if number in before:
            own[-1:] = [before[number], ""]
            line = line.removeprefix(before[number])  # noqa: PLW2901  # the rest of the line
        if line or (taken and taken[-1]) or not other:
            taken.append(line)
    return _signed(own, rest) or _whole("\n".join(mail.lines))


def _signed(own: list[str], rest: list[str]) -> Reply | None:
    """What is new without its signature; None if nothing is."""
    end = endings.end_of_words(own)
    written, more = (
        "\n".join(lines).replace(OWN_QUOTE, "") for lines in (own[:end], [*own[end:], "", *rest])
    )
    if not _WORDS.search(written):
        return None
    more = re.sub(r"\n{3,}", "\n\n", more).strip("\n").rstrip()
    return Reply(written.strip("\n").rstrip(), more if _WORDS.search(more) else "")


class _Text:
    """The lines of a mail, and which of them are marked as quoted."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._marks = [self._mark(number) for number in range(len(lines))]
        self._candidates = _CANDIDATES

    def end(self) -> Attribution | None:
        """Where another mail begins that extends to the end; None if one is forwarded."""
        floor = 0
        for number, mark in enumerate(self._marks):
            if mark is _Mark.QUOTED:
                floor = number + 1
                continue
            head = quote_heads.at(self.lines, number)
            if head is Head.FORWARD and not self._is_ours(number):
                return None
            if head:
                return Attribution(self._above(number, floor), Strength.CERTAIN)
            if found := self._unmarked_quote(number, floor):
                return found
        return Attribution(len(self.lines), Strength.NONE)

    def cut_blocks(self, end: int) -> Iterator[_Block]:
        """The quotes above `end` to cut: not those that are answered line by line."""
        kept = False
        blocks = list(self._blocks(end))
        for position, block in enumerate(blocks):
            following = blocks[position + 1] if position + 1 < len(blocks) else None
            if block.attributed:
                cut = following is None or following.attributed
            else:
                cut = following is None and not kept and self._ends(block, end)
            kept = kept or not cut
            if cut:
                yield block

    def _mark(self, number: int) -> _Mark:
        line = self.lines[number]
        if line.startswith((OWN_QUOTE, "|")):
            return _Mark.QUOTED if line.startswith("|>") else _Mark.PERHAPS
        if not line.startswith((">", "\uff1e")):
            return _Mark.NO
        before = self.lines[number - 1] if number else ""
        broken = before.rfind("<") > before.rfind(">") or before.startswith("mailto:")
        return _Mark.NO if broken and _REST_OF_ADDRESS.fullmatch(line) and len(line) > 1 else _Mark.QUOTED

    def _attribution(self, number: int, floor: int) -> Attribution | None:
        """The attribution that ends at a line, unless too many were examined."""
        if not self._candidates or not attributions.may_end(self.lines[number]):
            return None
        self._candidates -= 1
        return attributions.ending_at(self.lines, number, first=floor)

    def _is_ours(self, number: int) -> bool:
        """Whether an email of ours begins here."""
        return any(begins_ours(line) for line in self.lines[number : number + _SOON])

    def _next(self, number: int) -> int:
        """The next line below this one that is not blank."""
        return next((n for n in range(number + 1, len(self.lines)) if self.lines[n].strip()), len(self.lines))

    def _unmarked_quote(self, number: int, floor: int) -> Attribution | None:
        """The attribution that ends at this line, if an unmarked mail follows it."""
        found = self._attribution(number, floor)
        if found is None:
            return None
        below = self._next(number)
        gap = below - number - 1
        if below < len(self.lines) and self._marks[below] is not _Mark.NO and gap <= _GAP:
            return None
        if below < len(self.lines) and begins_ours(self.lines[below]):
            return found
        enough = Strength.ALONE if gap or below == len(self.lines) else Strength.CERTAIN
        introduced = quote_heads.is_introduced(self.lines, found.start)
        return found if found.strength >= enough and not introduced else None

    def _above(self, number: int, floor: int) -> int:
        """The first of the lines above this one that are only drawn."""
        while number > floor and (
            not self.lines[number - 1].strip() or quote_heads.is_rule(self.lines[number - 1])
        ):
            number -= 1
        return number

    def _blocks(self, end: int) -> Iterator[_Block]:
        number = floor = 0
        while number < end:
            mark = self._marks[number]
            head = self._head(number, floor) if mark is not _Mark.NO else None
            if mark is _Mark.NO or (mark is _Mark.PERHAPS and head is None):
                number += 1
                continue
            stop = self._stop(number, end)
            yield _Block(number, stop, head, head is not None or self._names_somebody(number, stop))
            number = floor = stop

    def _head(self, number: int, floor: int) -> Attribution | None:
        """The attribution above a marked line."""
        for above in range(number - 1, max(number - 2 - _GAP, floor - 1), -1):
            if self.lines[above].strip():
                free = self._marks[above] is _Mark.NO
                return self._attribution(above, floor) if free else None
        return None

    def _stop(self, start: int, end: int) -> int:
        """The end of a block: after its last marked line."""
        last = start
        for number in range(start, end):
            if self._marks[number] is not _Mark.NO:
                last = number
            elif self.lines[number].strip() and not self._is_broken_off(number, end):
                break
        return last + 1

    def _is_broken_off(self, number: int, end: int) -> bool:
        """Whether a line is the end of the quoted one above it, and lost its mark when that was broken."""
        above, line = self.lines[number - 1], self.lines[number]
        return (
            self._marks[number - 1] is _Mark.QUOTED
            and len(above) >= _BROKEN
            and above[-1].isalnum()
            and line[0].islower()
            and number + 1 < end
            and self._marks[number + 1] is _Mark.QUOTED
        )

    def _names_somebody(self, start: int, stop: int) -> bool:
        """Whether the first lines of a block say who is quoted, or it is an email of ours."""
        if any(begins_ours(line) for line in self.lines[start:stop][:_SOON]):
            return True
        few = range(start, min(start + 2 + _GAP, stop))
        return any(self._attribution(number, start) for number in few)

    def _ends(self, block: _Block, end: int) -> bool:
        """Whether nothing follows a block, and above it are a blank line and no introduction."""
        if endings.end_of_words(self.lines[:end]) > block.end or not block.start:
            return False
        introduced = quote_heads.is_introduced(self.lines, block.start)
        return not self.lines[block.start - 1].strip() and not introduced
