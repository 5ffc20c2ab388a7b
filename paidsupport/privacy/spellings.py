"""How letters are spelled: one spelling for all that look alike, and nothing that is not seen."""

from __future__ import annotations

import unicodedata

#: Space characters that are as wide as a space; the others are there to be overlooked.
_SPACES = " \N{NO-BREAK SPACE}"
#: Letters of no width, though no category says so: fillers of Hangul, and a Braille cell without dots.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_UNSEEN = ("Cc", "Cf", "Mn", "Me", "Zs")
_CONTROLS = bytes({*range(32), 127})


def fold(text: str) -> str:
    """`text` with every letter in its plainest spelling (NFKD), and without accents and what has no width."""
    if text.isascii():
        return text
    # what is not seen goes first: to put a long row of accents in order takes for ever
    return _seen(unicodedata.normalize("NFKD", _seen(text)))


def joined(text: str) -> str:
    """`text` without line ends and the quote marks and spaces around them."""
    if "\n" not in text:
        return text
    return "".join([line.strip(" \t\r").lstrip("> \t") for line in text.split("\n")])


def squeezed(text: str) -> bytes:
    """`text` without white space, control characters and quote marks."""
    return encoded(text).translate(None, _CONTROLS + b" >")


def encoded(text: str) -> bytes:
    """`text` as bytes, whatever is in it."""
    return text.encode("utf-8", "replace")


def _seen(text: str) -> str:
    """`text` without what is not seen in it; a few letters that stand for line ends become some."""
    becomes: dict[int, str] = {}
    for letter in set(text):
        if letter in "\u2028\u2029\x85":
            becomes[ord(letter)] = "\n"
        elif letter == "\N{NO-BREAK SPACE}":
            becomes[ord(letter)] = " "
        elif _is_unseen(letter):
            becomes[ord(letter)] = ""
    return text.translate(becomes) if becomes else text


def _is_unseen(letter: str) -> bool:
    if letter in "\t\n\r\v\f" or letter in _SPACES:
        return False
    unseen = unicodedata.category(letter) in _UNSEEN or letter in _FILLERS
    return unseen or unicodedata.combining(letter) > 0
