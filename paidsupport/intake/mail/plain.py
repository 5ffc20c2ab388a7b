"""Cleans the text of a mail for storing: joins flowed lines, takes files out. In linear time."""

from __future__ import annotations

import binascii
import re
import unicodedata

#: The longest text read from a mail, in characters. The rest is only in the stored bytes.
TEXT_LIMIT = 200_000
_HIGHEST_STACK = 30
#: Marks a line in a quote of a page that no mail program made: the customer quotes something.
OWN_QUOTE = "\ufdd0"


def tidy(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` for storing and showing: without control characters, stacked accents, or anything too long."""
    text = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text[: 2 * limit])
    text = "".join(_harmless(text))
    text = unicodedata.normalize("NFC", text)[:limit]
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n")


def one_line(text: str, limit: int) -> str:
    """`text` as one line, without characters that could change the direction of the text around it."""
    flat = " ".join(tidy(text, 4 * limit).split())
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", flat)[:limit]


def unflowed(text: str, *, delsp: bool) -> str:
    """Join the lines of a `format=flowed` mail into paragraphs (RFC 3676)."""
    lines: list[tuple[int, list[str]]] = []
    open_ = False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        flowed = words.endswith(" ") and words != "-- "
        if open_ and lines[-1][0] == depth and words != "-- ":
            lines[-1][1].append(words)
        else:
            lines.append((depth, [words]))
        open_ = flowed
        if flowed and delsp:
            lines[-1][1][-1] = words[:-1]
    return "\n".join(f"{'>' * depth}{' ' if depth else ''}{''.join(words)}" for depth, words in lines)


def without_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Take the uuencoded files out of a text; returns the text, and the files with their names."""
    files: list[tuple[str, bytes]] = []

    def take(match: re.Match[str]) -> str:
        try:
            content = b"".join(map(binascii.a2b_uu, match[2].encode().splitlines()))
        except binascii.Error:
            return match[0]  # it only looked like one, so it stays in the text
        files.append((match[1].strip(), content))
        return ""

    return _UUENCODED.sub(take, text), files


_UUENCODED = re.compile(
    r"^begin [0-7]{3,4} ([^\n]{1,150})\n((?:[!-M][ -`]{1,64}\n)++)(?:[ `]?\n)?end[ \t]*$", re.MULTILINE
)


def _harmless(text: str) -> list[str]:
    """The characters of `text` that may stay."""
    if text.isascii():
        return [text.translate(_CONTROLS)]
    kept, height = [], 0
    for character in text:
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}:
            height = height + 1 if unicodedata.combining(character) else 0
            if height <= _HIGHEST_STACK:
                kept.append(character)
    return kept


_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\n\t"}
