"""Recognises what programs put above a quoted mail: a divider, or headers, in many languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from paidsupport.intake.mail import attributions
from paidsupport.intake.mail.reply_words import begins_ours, plain, words

_DRAWN = "-_=*~\u2013\u2014\u2500 "
_DIVIDES = re.compile(r"\s*+(?:\*\s*+)?[-_=~\u2013\u2014]{2,}")
_RULE = re.compile(r"\s*[-_=*~\u2013\u2014\u2500]{3,}\s*")
_LABELLED = re.compile(r"\s*\*?([^\W\d_][^:\uff1a\n*]{0,29}?)\s?\*?\s?[:\uff1a]\s?\*?(.*)")
_LETTER = re.compile(r"[^\W\d_]")
#: A year, in any calendar, or a date with a two-digit year.
_DATE = re.compile(r"\d{4}|\d\d?([./-])\d\d?\1\d\d")
#: The most characters of a line that are read, and the longest name of a header.
_LONGEST, _LONGEST_LABEL = 1000, 60
#: One header has at most this many lines.
_LONGEST_BLOCK = 30


class Head(Enum):
    """What begins at a line."""

    #: Another mail that is quoted in full, down to the end.
    QUOTE = auto()
    #: Another mail that is forwarded: what the customer wants to show.
    FORWARD = auto()


def at(lines: Sequence[str], number: int) -> Head | None:
    """What begins at this line, judged by the line itself and those below it."""
    line = lines[number]
    if begins_ours(line):
        return Head.QUOTE
    if head := _divider(line):
        return head
    return Head.QUOTE if header_end(lines, number) and not is_introduced(lines, number) else None


def is_rule(line: str) -> bool:
    """Whether a line is only drawn, and contains no words."""
    return _RULE.fullmatch(line) is not None


def header_end(lines: Sequence[str], start: int) -> int:
    """The end of the header that begins at `start`; 0 if none does.

    It has a sender and a date, a recipient or a subject, and nothing else in between.
    """
    kind = _labelled(lines[start])
    if not kind or kind[0] == "other" or (start and _labelled(lines[start - 1])):
        return 0
    found: dict[str, str] = {}
    end, before = start, ""
    for number in range(start, min(start + _LONGEST_BLOCK, len(lines))):
        line = lines[number]
        if kind := _labelled(line):
            if kind[0] in found and kind[0] != "other":
                break
            found[kind[0]], before, end = kind[1], kind[1], number + 1
        elif not _goes_on(lines, number, before):
            break
    return end if _is_header(found) else 0


def _is_header(found: dict[str, str]) -> bool:
    return (
        "date" in found
        and ("to" in found or "subject" in found)
        and _DATE.search(found["date"]) is not None
        and _LETTER.search(found.get("from", "")) is not None
    )


def _labelled(line: str) -> tuple[str, str] | None:
    """The kind of a header line, and its value."""
    colon = line.find(":", 0, _LONGEST_LABEL) >= 0 or line.find("\uff1a", 0, _LONGEST_LABEL) >= 0
    if not colon or not (match := _LABELLED.match(line[:_LONGEST])):
        return None
    kind = words().labels.get(plain(match[1]))
    return (kind, match[2].strip(" *\t")) if kind else None


def _goes_on(lines: Sequence[str], number: int, before: str) -> bool:
    """Whether a line without a name continues the one above, or is blank with another header line below."""
    line = lines[number].strip()
    if not line:
        return number + 1 < len(lines) and _labelled(lines[number + 1]) is not None
    return (
        before.endswith((",", ";")) or line[:1] == "<" or ("@" in line and not line.endswith((".", "?", "!")))
    )


def is_introduced(lines: Sequence[str], number: int) -> bool:
    """Whether the customer's own words above end with a colon: “this is what bounced:”."""
    for line in reversed(lines[max(number - 3, 0) : number]):
        if line.strip():
            return line.rstrip().endswith((":", "\uff1a")) and not is_rule(line)
    return False


def _divider(line: str) -> Head | None:
    """What a line between hyphens announces, if anything."""
    if len(line) > _LONGEST or not (_DIVIDES.match(line) or line.rstrip(" *").endswith((":", "\uff1a"))):
        return None
    said = plain(line.strip().strip(_DRAWN + ":\uff1a>").strip())
    if said in words().begins:
        return Head.FORWARD
    if not said or not _DIVIDES.match(line):
        return None
    if said in words().originals or (line.rstrip().endswith("--") and attributions.is_whole(said)):
        return Head.QUOTE
    return Head.FORWARD if said in words().forwards or said.startswith("forwarded by ") else None
