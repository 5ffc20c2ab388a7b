"""A file of a bank, read as what it is."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import IO

from paidsupport.sales.payments.bank.rules.lines import Entry, named
from paidsupport.sales.payments.bank.statements import camt, mt940
from paidsupport.sales.payments.bank.statements.faults import (
    LARGEST,
    NO_STATEMENT,
    PACKED,
    WRONG_ENCODING,
    StatementError,
)

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
#: Characters that nearly only stand in texts that were read in the wrong encoding.
_UNLIKELY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UMLAUTS = "äöüÄÖÜßéèàâçêëîïôûùæøåñ"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file holds, and how it is written: `camt` or `mt940`."""

    form: str
    entries: list[Entry]


def read(content: IO[bytes]) -> Statement:
    """Read a statement; it has at most `LARGEST` bytes.

    Raises:
        StatementError: It is none, with a sentence for its field.
    """
    whole = content.read(LARGEST + 1)
    begins = whole[:200].lstrip()
    if begins.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise StatementError(PACKED)
    if begins.startswith(b"<") or (begins.startswith(_MARKS) and b"<" in begins[:6]):
        return Statement("camt", named(camt.entries(io.BytesIO(whole.lstrip()))))
    text = decoded(whole)
    if not mt940.is_mt940(text):
        raise StatementError(NO_STATEMENT)
    if "\x00" in text:  # which no bank writes, and no database can hold
        raise StatementError(WRONG_ENCODING)
    return Statement("mt940", named(mt940.entries(text)))


def decoded(content: bytes) -> str:
    """A text without any word of how it is encoded: UTF-8, or of the two others the likelier one.

    Raises:
        StatementError: It is none of them.
    """
    for encoding in ("utf-8-sig",):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _lined(text)
    likely = max(("cp1252", "cp850"), key=lambda each: _likeliness(content, each))
    text = content.decode(likely, errors="replace")
    if _UNLIKELY.search(_lined(text).replace("\t", " ")):
        raise StatementError(WRONG_ENCODING)
    return _lined(text)


def _likeliness(content: bytes, encoding: str) -> int:
    """How many of the characters beyond ASCII are letters that names have."""
    others = bytes(each for each in content if each > 0x7F)[:10_000]  # noqa: PLR2004  # the last of ASCII
    return sum(sign in _UMLAUTS for sign in others.decode(encoding, errors="replace"))


def _lined(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
