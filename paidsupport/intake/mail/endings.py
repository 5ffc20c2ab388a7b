"""Recognises signatures and lines added by phones: the end of a mail that says nothing about its matter."""

from __future__ import annotations

import re

from paidsupport.intake.mail.reply_words import words

#: Signatures are not longer than this many lines.
_LONGEST_SIGNATURE = 10
#: Mail programs do not add more lines than this.
_ADDED = 4
#: Lines added by phones are not longer than this.
_LONGEST_ENDING = 120
_SENTENCE = re.compile(r"\?$|^\S+(?:\s+\S+){2,}[.!]$")
_LINK = re.compile(r"(?<!\s)\s*+[<(\[]{0,9}+https?://[^\s<>()\[\]]*+[>)\]]*+")
#: Characters that a program adds to track whether the mail was read.
_TRACKING = frozenset({"\u1427"})


def end_of_words(lines: list[str]) -> int:
    """The number of `lines` before the signature and anything a phone added."""
    end = _without_device(lines, len(lines))
    end = _without_signature(lines, end)
    return _without_device(lines, end)


def _without_signature(lines: list[str], end: int) -> int:
    """Cut at the line of two hyphens, if it is the only one and nothing below it is a sentence."""
    places = [number for number, line in enumerate(lines[:end]) if line.strip() == "--"]
    if len(places) != 1 or not places[0] or end - places[0] > _LONGEST_SIGNATURE + 1:
        return end
    below = lines[places[0] + 1 : end]
    return end if any(_SENTENCE.search(line.strip()) for line in below) else places[0]


def _without_device(lines: list[str], end: int) -> int:
    added = 0
    while end and added < _ADDED:
        line = lines[end - 1].strip()
        if line and line not in _TRACKING:
            if not is_device(line):
                break
            added += 1
        end -= 1
    return end


def is_device(line: str) -> bool:
    """Whether a program wrote this line, such as “Sent from my iPhone”, and not a person."""
    if len(line) > _LONGEST_ENDING:
        return False
    line = _LINK.sub("", line).strip(" ()[].\u3002")
    return any(
        _is_name(match[1], known=known)
        for known, templates in ((False, words().mine), (True, words().named))
        for template in templates
        if (match := template.fullmatch(line))
    )


def _is_name(text: str, *, known: bool) -> bool:
    """Whether these are names of devices and programs; with `known`, one of them must be in our list."""
    pieces = [piece.strip("[]()'\"\u201c\u201d") for piece in text.split()]
    listed = [piece.lower() in words().devices for piece in pieces]
    return (any(listed) or not known) and all(
        device or piece.lower() in words().small or _is_proper(piece)
        for piece, device in zip(pieces, listed, strict=True)
    )


def _is_proper(word: str) -> bool:
    """Whether a word is written like a name: with a capital, a figure, or in a script without capitals."""
    return any(email.isupper() or email.isdigit() for email in word[:2]) or not word.islower()
