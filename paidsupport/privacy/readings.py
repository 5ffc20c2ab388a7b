"""Every way in which a text may be read: its spellings, its escapes, and what is packed in it.

Decoders are applied again to what they give until nothing changes, within a budget. The results are bytes
in which secrets are looked for; nothing here knows any secret.
"""

from __future__ import annotations

import binascii
import codecs
import re
import string
from collections.abc import Iterable, Iterator
from enum import Enum

from paidsupport.kernel.i18n.messages import _
from paidsupport.privacy import escapes
from paidsupport.privacy.spellings import encoded, fold, joined, squeezed

#: What is packed in Base64 or hex is unpacked again so many times.
_DEPTH = 3
#: Escapes within escapes are followed so far; beyond that a text is refused.
_ROUNDS = 12
#: All readings together may be so many times as long as the text, with some room for short ones, and no
#: longer than this.
_FACTOR, _ROOM, _CEILING = 30, 4_000_000, 120_000_000
#: Long texts are read in pieces of so many characters, so that memory does not grow with them, and each goes
#: on into the next one as far as the longest secret may reach in its longest dress.
_PIECE, _OVERLAP = 1_000_000, 100_000
#: Shorter stretches of text between other bytes tell nothing that the bytes themselves do not.
_RUN = 8
_LETTERS = (string.ascii_letters + string.digits + "+/").encode()
_NO_LETTERS = bytes(set(range(256)) - set(_LETTERS))
_ADDRESS_LETTERS = bytes.maketrans(b"-_", b"+/")
_TEXT = (
    rb"[\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf][\x80-\xbf]"
    rb"|[\xf0-\xf4][\x80-\xbf][\x80-\xbf][\x80-\xbf]"
)
_RUNS = re.compile(rb"(?:%s){%d,}+" % (_TEXT, _RUN))
_HEX = re.compile(rb"[0-9A-Fa-f]{8,}+")
#: Stands between stretches that do not belong together. No needle holds it.
_BREAK = b"\xff"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TooCostlyError(ValueError):
    """What is to be compared is more than the budget allows; the text says so in a sentence."""


class Form(Enum):
    """What becomes of a reading before needles are looked for in it."""

    #: Every letter in its plainest spelling, as it stands and with its lines joined.
    PLAIN = "plain"
    #: The same without white space, quote marks and line ends.
    SQUEEZED = "squeezed"
    #: Unpacked bytes as they are.
    BYTES = "bytes"


class Budget:
    """How much of a text's readings may still be made."""

    def __init__(self, size: int) -> None:
        self._left = min(size * _FACTOR + _ROOM, _CEILING)

    def spend(self, size: int) -> None:
        """Take `size` away. Raises TooCostlyError when nothing is left."""
        self._left -= size
        if self._left < 0:
            raise TooCostlyError(_("It is encoded in so many ways that it cannot be compared."))


def of_text(text: str) -> Iterator[tuple[Form, bytes]]:
    """Everything that `text` may be read as. Raises TooCostlyError."""
    yield from _of_long([text], Budget(len(text)))


def of_file(content: bytes) -> Iterator[tuple[Form, bytes]]:
    """Everything that a file may be read as: by its bytes and as text. Raises TooCostlyError."""
    yield Form.BYTES, content
    yield Form.BYTES, content.replace(b"\0", b"")
    yield from _of_long(texts_of(content), Budget(len(content)))


def texts_of(content: bytes) -> list[str]:
    """`content` in each character set that it may be written in, the likeliest first."""
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return [content[len(mark) :].decode(codec, "replace")]
    if b"\0" not in content:
        return [decoded(content)]
    wide = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    read = (_strictly(content, codec) for codec in wide)
    return [*filter(None, read), _stretches(content.replace(b"\0", b""))]


def decoded(content: bytes) -> str:
    """`content` as UTF-8, or else in the character set of older Windows programs."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def is_text(content: bytes) -> bool:
    """Whether lines of `content` can be counted and shown to people."""
    return b"\0" not in content or content.startswith(tuple(mark for mark, _ in _MARKS))


def unescaped(text: str) -> str:
    """`text` after all escapes that programs write for people's letters, as often as there are any."""
    for _round in range(_ROUNDS):
        before = text
        for decoder in escapes.COMMON:
            text = decoder(text)
        if text == before:
            break
        text = fold(text)
    return text


def _of_long(texts: list[str], budget: Budget) -> Iterator[tuple[Form, bytes]]:
    for text in texts:
        for start in _starts(len(text)):
            yield from _of_texts([text[start : start + _PIECE + _OVERLAP]], budget)


def _starts(size: int) -> range:
    """Where the pieces of something of this size begin: its end needs no piece of its own."""
    return range(0, max(size - _OVERLAP, 1), _PIECE)


def _of_texts(texts: list[str], budget: Budget) -> Iterator[tuple[Form, bytes]]:
    known: set[object] = set()
    for _round in range(_DEPTH):
        packed: list[bytes] = []
        for reading in _unescaped(texts, known, budget):
            tight = squeezed(reading)
            if tight not in known:
                known.add(tight)
                packed += _unpacked(tight)
            yield from _forms(reading, tight, known)
        for reading in _as_forms(texts, known, budget):
            yield from _forms(reading, squeezed(reading), known)
        texts = []
        for content in packed:
            budget.spend(len(content) // 4)
            yield Form.BYTES, content
            # letters of UTF-16 and UTF-32, mostly
            bare = content.replace(b"\0", b"")
            yield Form.BYTES, bare
            texts.append(_stretches(bare))
        texts = [text for text in texts if text]


def _forms(reading: str, tight: bytes, known: set[object]) -> Iterator[tuple[Form, bytes]]:
    """What is looked through of one reading, as far as it is new."""
    plain, lines = encoded(reading), encoded(joined(reading))
    for found in ((Form.PLAIN, plain), (Form.PLAIN, lines), (Form.SQUEEZED, tight)):
        if found not in known:
            known.add(found)
            yield found


def _as_forms(texts: list[str], known: set[object], budget: Budget) -> Iterator[str]:
    for text in texts:
        if "+" in text:
            yield from _new(_rounds(fold(text), escapes.FORM, budget), known, budget)


def _unescaped(texts: list[str], known: set[object], budget: Budget) -> Iterator[str]:
    """Each of `texts`, folded, and what it is behind its escapes, one after the other and together."""
    for text in texts:
        folded = fold(text)
        yield from _new([folded], known, budget)
        for family in escapes.FAMILIES:
            yield from _new(_rounds(folded, family, budget), known, budget)


def _new(readings: Iterable[str], known: set[object], budget: Budget) -> Iterator[str]:
    for reading in readings:
        if reading not in known:
            known.add(reading)
            budget.spend(len(reading))
            yield reading


def _rounds(text: str, family: tuple[escapes.Decoder, ...], budget: Budget) -> Iterator[str]:
    for _round in range(_ROUNDS):
        before = text
        for decoder in family:
            text = decoder(text)
        if text == before:
            return
        text = fold(text)
        budget.spend(len(text) // 4)
        yield text
    raise TooCostlyError(_("It is encoded so many times over that it cannot be compared."))


def _unpacked(tight: bytes) -> Iterator[bytes]:
    """What `tight`, a text without white space, is in Base64 and in hex, from wherever that begins."""
    letters = tight.translate(_ADDRESS_LETTERS, _NO_LETTERS.translate(None, b"-_"))
    for shift in range(4):
        whole = (len(letters) - shift) // 4 * 4
        rest = letters[shift + max(whole, 0) :]
        # two letters or three that are left hold a byte or two
        padded = rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
        if content := binascii.a2b_base64(letters[shift : shift + max(whole, 0)] + padded):
            yield content
    if runs := _HEX.findall(tight.translate(None, b" ,:;.-_'\"")):
        for shift in range(2):
            yield _BREAK.join(
                binascii.unhexlify(run[shift : len(run) - (len(run) - shift) % 2]) for run in runs
            )


def _stretches(content: bytes) -> str:
    """The stretches of text between other bytes."""
    runs: list[bytes] = []
    for start in _starts(len(content)):
        runs += _RUNS.findall(content, start, start + _PIECE + _OVERLAP)
    return (b" " + _BREAK + b" ").join(runs).decode("utf-8", "replace")


def _strictly(content: bytes, codec: str) -> str:
    width = 4 if "32" in codec else 2
    try:
        return content[: len(content) // width * width].decode(codec)
    except UnicodeDecodeError:
        return ""
