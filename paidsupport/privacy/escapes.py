"""Escapes: how programs write letters in web addresses, pages, mails and source text.

Each decoder undoes one kind and leaves everything else as it is. It takes time in proportion to its text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

Decoder = Callable[[str], str]

_MOST = 0x10FFFF
_URL = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
#: A name as long as the longest one there is.
_ENTITY = re.compile(
    r"&(?:#0*+(?P<dec>[0-9]{1,7})|#[xX]0*+(?P<hex>[0-9A-Fa-f]{1,6})|[A-Za-z][A-Za-z0-9]{1,31});?"
)
_SOFT = re.compile(r"=[ \t]{0,80}\r?\n[> \t]{0,80}")
_QUOTED = re.compile(r"(?:=[0-9A-Fa-f]{2})++")
_LISTED = re.compile(r"(?:0[xX][0-9A-Fa-f]{2}(?![0-9A-Fa-f])[\s,;:]{0,4})++")
_BACKSLASH = re.compile(
    r"(?P<bytes>(?:\\[xX][0-9A-Fa-f]{2})++)"
    r"|\\[ux]\{0*+(?P<braced>[0-9A-Fa-f]{1,6})\}"
    r"|(?:\\u|%u)(?P<four>[0-9A-Fa-f]{4})|\\U(?P<eight>[0-9A-Fa-f]{8})|U\+(?P<point>[0-9A-Fa-f]{4,6})\s?"
    r"|\\(?P<octal>[0-3][0-7]{2})|\\(?P<letter>[nrt/\"'\\])"
)
_HALVES = re.compile("[\ud800-\udfff]")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def url(text: str) -> str:
    """As web addresses are read."""
    return _URL.sub(lambda run: _bytes(run[0].replace("%", "")), text) if "%" in text else text


def form(text: str) -> str:
    """As fields of web forms are read, which write a space as a plus."""
    return text.replace("+", " ")


def page(text: str) -> str:
    """As web pages are read."""
    return _ENTITY.sub(_entity, text) if "&" in text else text


def source(text: str) -> str:
    """As strings in source text are read, and lists of bytes in it."""
    if "0x" in text or "0X" in text:
        text = _LISTED.sub(lambda run: _bytes("".join(re.findall(r"[xX](..)", run[0]))), text)
    if "\\" not in text and "%u" not in text and "U+" not in text:
        return text
    text = _BACKSLASH.sub(_letter, text)
    return (
        text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _HALVES.search(text) else text
    )


def mail(text: str) -> str:
    """As quoted-printable is read: soft line ends away, then its numbers."""
    if "=" not in text:
        return text
    return _QUOTED.sub(lambda run: _bytes(run[0].replace("=", "")), _SOFT.sub("", text))


def unbroken(text: str) -> str:
    """Without line ends and the marks of quotes after them: an escape may stand on both sides of one."""
    if "\n" not in text:
        return text
    return "".join([line.strip(" \t\r").lstrip("> \t") for line in text.split("\n")])


#: What is undone together wherever it stands. Not `mail`: an equals sign says more often something else.
COMMON: tuple[Decoder, ...] = (url, page, source)
#: Which decoders are tried together. Each alone as well: what looks like an escape of one kind may be a part
#: of a secret that is written in another.
FAMILIES: tuple[tuple[Decoder, ...], ...] = (
    (mail,),
    (url,),
    (page,),
    (source,),
    COMMON,
    (unbroken, *COMMON),
    (mail, unbroken, *COMMON),
)
#: Fields of forms are read as well, but nothing is unpacked from them: a plus is a letter of Base64.
FORM: tuple[Decoder, ...] = (unbroken, form, url, page)


def _bytes(digits: str) -> str:
    content = bytes.fromhex(digits)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _entity(found: re.Match[str]) -> str:
    if found["dec"] or found["hex"]:
        number = int(found["dec"]) if found["dec"] else int(found["hex"], 16)
        return _point(number, found[0])
    return html.unescape(found[0])


def _letter(found: re.Match[str]) -> str:
    if found["bytes"]:
        return _bytes(re.sub(r"\\[xX]", "", found["bytes"]))
    if found["octal"]:
        return chr(int(found["octal"], 8))
    if found["letter"]:
        return _LETTERS.get(found["letter"], found["letter"])
    digits = found["braced"] or found["four"] or found["eight"] or found["point"]
    return _point(int(digits, 16), found[0])


def _point(number: int, instead: str) -> str:
    return chr(number) if 0 < number <= _MOST else instead
