"""Finds the one address that a header names, whatever programs put around it."""

from __future__ import annotations

import re

from paidsupport.kernel.addresses import compared

_CHARACTERS = r"[^\s\0-\x1f\x7f-\x9f@<>\"(),:;\[\]\\]{1,120}"
ADDRESS = re.compile(f"{_CHARACTERS}@{_CHARACTERS}")
_ANGLE = re.compile(
    rf"<[<\s]{{0,20}}+(?:mailto:)?\s{{0,20}}+({_CHARACTERS}@{_CHARACTERS})\s{{0,20}}+>[>\s]*+", re.IGNORECASE
)
#: Text in quotes, comments or encoded words is a name, whatever it looks like.
_NAMES = re.compile(r'"(?:[^"\\]|\\.)*+"|=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=', re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*+\)")
_NESTED = 3


def only_one(line: str) -> tuple[str, str]:
    """The address of a From or Reply-To, and the name beside it; no address if it names none or several.

    The text before an address in angle brackets is the name, even if it looks like an address itself:
    `"jane@example.com" <eve@example.net>` is Eve.
    """
    bare = _without_names(line)
    angles = list(_ANGLE.finditer(bare))
    found = list(_addresses(bare)) or [_trimmed(each) for each in ADDRESS.findall(line)]
    if len(set(map(compared, found))) != 1:
        return "", ""
    start = angles[0].start() if angles else line.find(found[0])
    before, behind = line[:start], line[angles[0].end() if angles else start + len(found[0]) :]
    name = _name(before) or _name(behind)
    return found[0], "" if name.lower() == found[0].lower() else name


def _without_names(line: str) -> str:
    """The line with names replaced by spaces: an address in a name does not count."""
    blanked = _NAMES.sub(_blank, line)
    for _ in range(_NESTED):
        blanked = _COMMENT.sub(_blank, blanked)
    return blanked


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


def _addresses(bare: str) -> list[str]:
    """Every address in a line; if a part has one in angle brackets, that one, and what follows it."""
    found = []
    for part in re.split(r"[,;]", bare):
        if angle := _ANGLE.search(part):
            found.append(angle[1])
            part = part[angle.end() :]  # noqa: PLW2901  # the name before it does not count
        found += ADDRESS.findall(part)
    return [_trimmed(address) for address in found]


def _trimmed(address: str) -> str:
    return address.strip("'").rstrip(".")


def _name(text: str) -> str:
    text = text.replace("\0", " ").strip(" \t,;<>")
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*+)"', text)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    return text.strip("\"'()")
