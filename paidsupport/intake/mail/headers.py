"""The headers of a mail as programs really write them: repaired if broken, and read as text."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message
from itertools import groupby

from paidsupport.intake.mail import charsets

#: The most bytes that are searched for the end of the header.
TOP = 256 * 1024
#: The most characters of one header that are read.
LOOKED_AT = 4096

_SOUND = re.compile(rb"(?:(?:[!-9;-~]{1,998}:|[ \t])[^\n]*\n)*+")
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_ENVELOPE = re.compile(rb">?From [^\n]*\n")
#: Names that no line of a text begins with by chance.
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|in-reply-to|references|reply-to|sender|return-path|received"
    rb"|mime-version|precedence|auto-submitted|importance|priority|thread-(?:topic|index)|user-agent"
    rb"|delivered-to|authentication-results|(?:x|list|content|resent|arc|dkim|feedback)-[a-z0-9-]+)[ \t]*:",
    re.IGNORECASE,
)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_CODINGS = {
    **dict.fromkeys(("quotedprintable", "quoted_printable", "q"), "quoted-printable"),
    **dict.fromkeys(("base-64", "b", "b64", "mime64"), "base64"),
}
_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def mended(raw: bytes) -> tuple[bytes, int]:
    """Repair faults that would end a mail's header too early; returns it, and where in `raw` the rest begins.

    A line that lost its leading space continues the one before it; spaces before a colon are removed, and so
    are lines of mailbox files (`From …`, `>From …`). A line that is not a header ends it only if no header
    follows before the next empty line: then the text begins without an empty line.
    """
    sound = _SOUND.match(raw, 0, TOP)
    end = sound.end() if sound else 0
    if end >= len(raw) or raw[end : end + 1] in {b"\r", b"\n"}:
        return b"", 0
    lines = list(_lines_of_header(raw))
    last = max((number for number, line in enumerate(lines) if _KNOWN.match(line)), default=-1)
    return b"".join(_mended(lines[: last + 1])), sum(map(len, lines[: last + 1]))


def _lines_of_header(raw: bytes) -> Iterator[bytes]:
    start = 0
    while (end := raw.find(b"\n", start, TOP)) >= 0 and raw[start:end].rstrip(b"\r"):
        yield raw[start : end + 1]
        start = end + 1


def _mended(lines: list[bytes]) -> Iterator[bytes]:
    written = False
    for line in lines:
        if line[:1] in b" \t" or line.split(b":", 1)[0].strip(_VISIBLE) == b"":
            yield line
        elif field := _FIELD.match(line):
            yield field[1] + line[field.end() - 1 :]
        elif _ENVELOPE.match(line) or not written:
            continue
        else:
            yield b" " + line
        written = True


#: The value of a parameter: plain, or with its charset and language (RFC 2231).
_Value = str | tuple[str | None, str | None, str]
_VISIBLE = bytes(range(0x21, 0x7F))


def words(text: str) -> str:
    """Decode the encoded words (RFC 2047) in a line; one that cannot be decoded stays as it is.

    Adjacent words in one charset are joined first, because programs cut characters in two.
    """
    if "=?" not in text:
        return text
    pieces: list[tuple[str, bytes | str]] = []
    place = 0
    for match in _WORD.finditer(text[:LOOKED_AT]):
        content = _content_of(match[2].lower(), match[3])
        between = text[place : match.start()]
        if between.strip() or not pieces or not isinstance(pieces[-1][1], bytes) or content is None:
            pieces.append(("", between))
        pieces.append(("", match[0]) if content is None else (match[1].split("*")[0].lower(), content))
        place = match.end()
    return "".join(_joined(pieces)) + text[place:]


def _joined(pieces: list[tuple[str, bytes | str]]) -> Iterator[str]:
    for charset, group in groupby(pieces, key=lambda piece: piece[0]):
        contents = [content for _, content in group]
        yield "".join(each for each in contents if isinstance(each, str))
        yield charsets.decoded(b"".join(each for each in contents if isinstance(each, bytes)), charset)


def _content_of(coding: str, text: str) -> bytes | None:
    """The bytes of one encoded word; None if they are not in the encoding they claim."""
    if coding == "q":
        return quopri.decodestring(text.encode("utf-8", "replace"), header=True)
    emails = _BASE64.sub("", text)
    if len(emails) % 4 == 1:
        emails = emails[:-1]
    try:
        return base64.b64decode(emails + "=" * (-len(emails) % 4))
    except binascii.Error:
        return None


def coding(value: str) -> str:
    """The name of a transfer encoding, without what programs write around it."""
    found = re.match(r"[\s\"'<]*([A-Za-z0-9_-]{1,40})", value)
    name = found[1].lower() if found else ""
    return _CODINGS.get(name, name)


def raw_text(value: str, charset: str) -> str:
    """A header whose eight-bit bytes are UTF-8, or in the charset of the mail's text."""
    if value.isascii():
        return value
    content = value.encode("utf-8", "surrogateescape")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return charsets.decoded(content, charset)


def file_name(part: Message, charset: str) -> str:
    """The file name of a part of a mail: if given in several of the three forms, the newest one counts."""
    for header, wanted in (("content-disposition", "filename"), ("content-type", "name")):
        values = [value for name, value in _parameters(part, header) if name.lower() == wanted]
        for value in sorted(values, key=lambda each: isinstance(each, str)):
            if name := _text_of_parameter(value, charset).strip():
                return name
    return ""


def _parameters(part: Message, header: str) -> list[tuple[str, _Value]]:
    try:
        return [*part.get_params([], header=header)]
    except (ValueError, LookupError, TypeError):
        return []  # the library fails on some numbers of pieces


def _text_of_parameter(value: _Value, charset: str) -> str:
    if isinstance(value, str):
        return words(raw_text(value, charset))
    said, _, escaped = value  # each character stands for one byte
    return words(charsets.decoded(escaped.encode("latin-1", "replace"), said or charset))
