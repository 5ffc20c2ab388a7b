"""How people and their telephones sign: what ends a mail and says nothing about its matter."""

from __future__ import annotations

import re

from paidsupport.intake.mail.reply_words import words

#: A signature has no more lines.
_LONGEST_SIGNATURE = 10
#: No program adds more lines.
_ADDED = 4
#: Telephones say no more than that.
_LONGEST_ENDING = 120
_SENTENCE = re.compile(r"\?$|^\S+(?:\s+\S+){2,}[.!]$")
_LINK = re.compile(r"(?<!\s)\s*+[<(\[]{0,9}+https?://[^\s<>()\[\]]*+[>)\]]*+")
#: What a program adds to see whether the mail was read.
_TRACKING = frozenset({"\u1427"})


def end_of_words(lines: list[str]) -> int:
    """How many of `lines` come before the signature and what a telephone adds."""
    end = _without_device(lines, len(lines))
    end = _without_signature(lines, end)
    return _without_device(lines, end)


def _without_signature(lines: list[str], end: int) -> int:
    """Up to the line of two hyphens, if it is the only one and what stands below is no sentence."""
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
    """Whether a program wrote this line, as “Sent from my iPhone”, and no person."""
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
    """Whether these are names of devices and programs; with `known` one of them in our list."""
    pieces = [piece.strip("[]()'\"\u201c\u201d") for piece in text.split()]
    listed = [piece.lower() in words().devices for piece in pieces]
    return (any(listed) or not known) and all(
        device or piece.lower() in words().small or _is_proper(piece)
        for piece, device in zip(pieces, listed, strict=True)
    )


def _is_proper(word: str) -> bool:
    """Whether a word is written as names are: with a capital, a figure, or in a script without them."""
    return any(email.isupper() or email.isdigit() for email in word[:2]) or not word.islower()
