"""Decodes bytes to text: by the names that mail programs give charsets, in the charsets they really use.

What Windows writes under the name of a standard is in a superset of it, so the superset is used for decoding,
as in browsers (WHATWG Encoding). The names are in a table of our own: the library `webencodings` knows those
of the web, which lack most of the names below, and maps several to Python's narrower codecs.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

#: Codecs that are not charsets, or that take forever.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
)
#: Python's codec for a name in lower case, if its own registry has none or one that is too narrow.
_CODECS = {
    **dict.fromkeys(
        ("ansi_x3.110-1983", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1"), "cp1252"
    ),
    **dict.fromkeys(("us-ascii", "ascii", "ansi_x3.4-1968", "7bit", "8bit", "binary"), "utf-8"),
    **dict.fromkeys(("unknown", "unknown-8bit", "default", "utf8mb4", "unicode"), "utf-8"),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical", "visual"), "iso-8859-8"),
    **dict.fromkeys(("iso-8859-6-i", "iso-8859-6-e"), "iso-8859-6"),
    **dict.fromkeys(("tis-620", "tis620", "iso-8859-11", "iso8859-11", "windows-874"), "cp874"),
    **dict.fromkeys(
        ("shift_jis", "shift-jis", "sjis", "ms_kanji", "csshiftjis", "windows-31j", "ms932"), "cp932"
    ),
    **dict.fromkeys(("cswindows31j", "iso-2022-jp-sjis", "shift_jis_2004"), "cp932"),
    **dict.fromkeys(("euc-kr", "euckr", "euc_kr", "ks_c_5601-1987", "ks_c_5601", "ksc5601", "uhc"), "cp949"),
    **dict.fromkeys(("korean", "csksc56011987", "ms949", "windows-949"), "cp949"),
    **dict.fromkeys(
        ("gb2312", "gbk", "gb_2312-80", "chinese", "cp936", "ms936", "euc-cn", "gb18030"), "gb18030"
    ),
    **dict.fromkeys(("big5", "big5-eten", "cn-big5", "csbig5", "big5-hkscs", "cp950"), "big5hkscs"),
    **dict.fromkeys(("koi", "koi8", "koi8r", "cskoi8r"), "koi8-r"),
    **dict.fromkeys(("koi8u", "koi8-ru"), "koi8-u"),
    **dict.fromkeys(("macintosh", "mac", "apple-roman"), "mac-roman"),
    **dict.fromkeys(("mac-ce", "mac-centraleurroman", "mac-central-europe"), "mac-latin2"),
    **dict.fromkeys(("mac-ukrainian", "mac-cyrillic"), "mac-cyrillic"),
    **dict.fromkeys(("unicode-1-1-utf-8", "utf_8", "utf-8n"), "utf-8"),
    **dict.fromkeys(("unicode-1-1-utf-7", "utf7"), "utf-7"),
    **dict.fromkeys(
        ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "csiso2022jp"), "iso-2022-jp"
    ),
    **dict.fromkeys(("iso-2022-jp-ms", "cp50220", "cp50221", "cp50222", "iso2022jp", "jis"), "iso-2022-jp"),
    **dict.fromkeys(
        ("euc-jp", "eucjp", "euc-jp-ms", "eucjp-ms", "cp51932", "ujis", "cseucpkdfmtjapanese"), "euc-jp"
    ),
}
_CODE_PAGE = re.compile(r"(?:windows|win|cp|ms|ibm|dos)[-_ ]?(\d{3,5})")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_CODED = "\N{REPLACEMENT CHARACTER}"


def decoded(content: bytes, charset: str | None) -> str:
    """Decode `content` in its charset; never raises.

    Bytes that are not in the charset become single U+FFFD, as long as most of the rest is right. Otherwise
    the text is UTF-8 or Windows' Latin, under a wrong name. A character that is cut off at the end is
    dropped.

    Args:
        content: The bytes.
        charset: The charset it is said to be in, by any name; empty or None if unknown.
    """
    name = codec(charset) or "utf-8"
    for mark, wide in _MARKS:
        if content.startswith(mark) and wide in {"utf-8", name[:6]}:
            name = wide
    for each in (name, "utf-8"):
        if (text := _strictly(content, each)) is not None:
            return text.removeprefix("\ufeff")
    text = _loosely(content, name)
    return text.removeprefix("\ufeff") if _is_mostly_right(text) else content.decode("cp1252", "replace")


def codec(charset: str | None) -> str:
    """Python's name for a charset; empty if it is not one."""
    name = (charset or "").strip().strip("\"'").lower()[:40].strip()
    for each in (
        name,
        name.removeprefix("x-").removeprefix("cs"),
        _CODE_PAGE.sub(r"cp\1", name.removeprefix("x-")),
    ):
        if found := _CODECS.get(each) or _python(each):
            return found
    return ""


def _python(name: str) -> str:
    try:
        found = codecs.lookup(name).name if name else ""
        "a".encode(found or "utf-8")  # some codecs are not for text
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("-", "_") in _NO_CHARSETS else found


def _strictly(content: bytes, name: str) -> str | None:
    """Decode everything, or return None."""
    try:
        if own := _JAPANESE.get(name):
            return own(content, "strict")
        return codecs.getincrementaldecoder(name)().decode(content)
    except (UnicodeError, LookupError, ValueError):
        return None


def _loosely(content: bytes, name: str) -> str:
    """Decode with U+FFFD in place of invalid bytes."""
    try:
        if own := _JAPANESE.get(name):
            return own(content, "replace")
        return codecs.getincrementaldecoder(name)("replace").decode(content)
    except (UnicodeError, LookupError, ValueError):
        return _NOT_CODED


def _is_mostly_right(text: str) -> bool:
    """Whether, apart from ASCII, more was decoded than was not."""
    wrong = text.count(_NOT_CODED)
    return len(text.encode("ascii", "ignore")) + 2 * wrong <= len(text)


def _iso_2022_jp(content: bytes, errors: str) -> str:
    """Decode ISO-2022-JP as Windows writes it, with its code page's characters; raw bytes are Shift_JIS."""
    pieces = _ESCAPES.split(content)
    text = [_decode(pieces[0], errors)]
    for escape, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if escape.startswith(b"$"):
            text.append(_PAIR.sub(_shifted, piece).decode("cp932", errors))
        elif escape == b"(I":
            text.append(bytes(byte | 0x80 for byte in piece).decode("cp932", errors))
        else:
            text.append(_decode(piece, errors))
    return "".join(text)


def _decode(content: bytes, errors: str) -> str:
    return codecs.getincrementaldecoder("cp932")(errors).decode(content)


def _euc_jp(content: bytes, errors: str) -> str:
    """Decode EUC-JP with the characters of Windows' code page that Python's codec lacks."""
    try:
        return codecs.getincrementaldecoder("euc_jp")().decode(content)
    except UnicodeError:
        return _decode(_EUC.sub(_shifted, content), errors)


def _shifted(pair: re.Match[bytes]) -> bytes:
    """Convert two bytes of JIS X 0208, in seven or eight bits, to Shift_JIS."""
    if pair[0][:1] == b"\x8e":
        return pair[0][1:]
    row, cell = pair[0][0] & 0x7F, pair[0][1] & 0x7F
    lead = (row + 1) // 2 + (0x70 if row < _ROW_63 else 0xB0)
    trail = cell + (0x1F if cell < _LAST_CELLS else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))


_ROW_63, _LAST_CELLS = 0x5F, 0x60
_ESCAPES = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJIH])")
_PAIR = re.compile(rb"[\x21-\x7e]{2}")
_EUC = re.compile(rb"\x8e[\xa1-\xdf]|[\xa1-\xfe]{2}")
_JAPANESE: dict[str, Callable[[bytes, str], str]] = {"iso-2022-jp": _iso_2022_jp, "euc-jp": _euc_jp}
