"""What a mail says, as plain text: from HTML, from flowed lines, from any bytes. All of it in linear time."""

from __future__ import annotations

import codecs
import html
import re
import unicodedata

#: Longest text that is read of a mail, in characters. What comes after it is in the mail as it is kept.
TEXT_LIMIT = 200_000
#: HTML is mostly marks: so much of it is looked at.
_HTML_LIMIT = 2_000_000
#: Codecs that are no charsets of text, or that take forever.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
)
#: What people's programs call them, and Python does not know.
_OTHER_NAMES = {
    "ansi_x3.110-1983": "latin-1",
    "iso-8859-8-i": "iso-8859-8",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
    "x-windows-949": "cp949",
    "ks_c_5601-1987": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    # what Windows puts under these names is more than they allow
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
}
_HIGHEST_STACK = 30


def decoded(content: bytes, charset: str | None) -> str:
    """`content` as text in its charset; UTF-8 or Windows' Latin if that is wrong or unknown. Never raises.

    A character that is cut off at the end is dropped.
    """
    for name in (_codec(charset), "utf-8"):
        if name:
            try:
                return codecs.getincrementaldecoder(name)().decode(content)
            except (UnicodeError, LookupError, ValueError):
                continue
    return content.decode("cp1252", "replace")


def tidy(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` as it can be kept and shown: without control characters, towers of accents, or the excess."""
    text = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text[: 2 * limit])
    text = "".join(_harmless(text))
    text = unicodedata.normalize("NFC", text)[:limit]
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n")


def one_line(text: str, limit: int) -> str:
    """`text` in one line, without what could change the direction of others."""
    flat = " ".join(tidy(text, 4 * limit).split())
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", flat)[:limit]


def unflowed(text: str, *, delsp: bool) -> str:
    """Lines of a `format=flowed` mail as the paragraphs they were broken from (RFC 3676)."""
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


def from_html(page: str) -> str:
    """The text of an HTML mail, its quotes marked by `>`.

    The tags are cut out by an expression that looks at each character once: the parser of the standard
    library reads an unfinished comment again and again, for hours.
    """
    reader = _Reader()
    for piece in _TAG.split(_without_declarations(page[:_HTML_LIMIT])):
        if piece.startswith("<") and piece.endswith(">"):
            reader.tag(piece)
        else:
            reader.words(piece)
    return reader.text()


_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?)\s*([a-zA-Z][a-zA-Z0-9:]*)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]{1,500})"|'([^']{1,500})'|([^\s"'>]{1,500}))""", re.IGNORECASE)
_UNSEEN = frozenset({"style", "script", "head", "title", "noscript", "template"})
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "blockquote",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "footer",
            "form",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "pre", "section", "table"),
        *("tr", "ul"),
    }
)


class _Reader:
    """Text as it comes out of a page, line by line, each with the depth of the quote it stands in."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._depth = 0
        self._unseen = ""
        self._verbatim = 0
        self._link = ""

    def words(self, text: str) -> None:
        """Text between two tags."""
        if self._unseen or not text:
            return
        text = html.unescape(text).replace("\xa0", " ")
        if not self._verbatim:
            self._line.append(re.sub(r"\s+", " ", text))
            return
        first, *more = text.split("\n")
        self._line.append(first)
        for line in more:
            self._end_line()
            self._line.append(line)

    def tag(self, tag: str) -> None:
        """One tag, of any kind."""
        match = _NAME.match(tag)
        if not match:
            return
        closes, name = bool(match[1]), match[2].lower()
        if self._unseen:
            self._unseen = "" if closes and name == self._unseen else self._unseen
        elif name in _UNSEEN:
            # the head of a page that is never closed ends where the body begins
            self._unseen = name if not closes and name != "head" else ""
        elif name == "br":
            self._end_line()
        elif name == "a":
            self._anchor(tag, closes=closes)
        elif name == "p":
            self._paragraph()
        elif name in {"td", "th"}:
            self._line.append(" ")
        elif name in _BLOCKS:
            self._block(name, closes=closes)

    def text(self) -> str:
        """All of it."""
        self._end_line()
        lines = (f"{'>' * depth} {line}".rstrip() if depth else line for depth, line in self._lines)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def _anchor(self, tag: str, *, closes: bool) -> None:
        if not closes:
            found = _HREF.search(tag[:2000])
            address = html.unescape(next(filter(None, found.groups()), "")) if found else ""
            self._link = address if address.startswith(("http://", "https://")) else ""
            return
        said = "".join(self._line[-5:])
        if self._link and self._link.split("://", 1)[1].rstrip("/") not in said:
            self._line.append(f" <{self._link}>")
        self._link = ""

    def _paragraph(self) -> None:
        self._end_line(only_if_written=True)
        if self._lines and self._lines[-1][1]:
            self._lines.append((self._depth, ""))

    def _block(self, name: str, *, closes: bool) -> None:
        self._end_line(only_if_written=True)
        step = -1 if closes else 1
        if name == "blockquote":
            self._depth = min(max(self._depth + step, 0), 50)
        elif name == "pre":
            self._verbatim = max(self._verbatim + step, 0)
        elif name == "li" and not closes:
            self._line.append("- ")
        elif name == "hr":
            self._lines.append((self._depth, "_" * 32))

    def _end_line(self, *, only_if_written: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else line.strip()
        if line or not only_if_written:
            self._lines.append((self._depth, line))
        self._line = []


def _without_declarations(page: str) -> str:
    """A page without comments, declarations and processing instructions, each found once."""
    kept, position = [], 0
    while (start := page.find("<!", position)) >= 0:
        kept.append(page[position:start])
        mark = "-->" if page.startswith("<!--", start) else ">"
        end = page.find(mark, start)
        if end < 0:
            return "".join(kept)
        position = end + len(mark)
    return "".join([*kept, page[position:]])


def _codec(charset: str | None) -> str:
    name = (charset or "").strip().strip("\"'").lower()[:40]
    name = _OTHER_NAMES.get(name, name)
    try:
        found = codecs.lookup(name).name if name else ""
        "a".encode(found or "utf-8")  # there are codecs of other things than text
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("-", "_") in _NO_CHARSETS else found


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
