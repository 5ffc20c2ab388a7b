"""The text of an HTML mail, as its reader would see it, in linear time.

Tags are parsed by libxml2, which reads pages as browsers do, handles megabytes of any nonsense in a moment,
and has a liberal licence. Of the alternatives, html5lib and justhtml are slower by an order of magnitude,
selectolax takes minutes for 200,000 open elements, and the standard library's parser takes hours for an
unfinished comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from paidsupport.intake.mail.plain import OWN_QUOTE
from paidsupport.kernel.text import is_visible

#: Only this much is read: HTML is mostly markup.
LIMIT = 2_000_000
_CHUNK = 64 * 1024
#: A link's target is compared with this much of its text.
_SAID = 1000

#: Text that parsers would take for a tag: addresses and links in angle brackets.
_NO_TAG = re.compile(r"<(?=(?:https?://|mailto:|[^\s<>@/!?\"'=]{1,100}@)[^\s<>\"']{1,200}>)", re.IGNORECASE)
#: Elements in which nothing is a tag. One that is never closed would swallow the page.
_SWALLOWING = re.compile(
    r"</?(?:title|style|script|textarea|xmp|plaintext|template|iframe)\b[^<>]*>", re.IGNORECASE
)
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
#: How mail programs name the quotes they make.
_QUOTES = re.compile("quote|cite|reply", re.IGNORECASE)
_BAR = re.compile(r"border-(?:left|right)\s*:", re.IGNORECASE)
#: The deepest nesting of quotes that is kept apart.
_DEEPEST = 50
_UNSEEN = frozenset({"style", "script", "title", "template"})
_BLOCKS = frozenset(
    [
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
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_LETTERS_OR_DIGITS = re.compile(r"[^\W_]")


def text_of(page: str, check: Callable[[], None] = lambda: None) -> str:
    """The text of a page, with its quotes marked by `>`.

    Args:
        page: The HTML; anything beyond the limit is ignored.
        check: Called regularly while the page is read; if it raises, the reading ends.
    """
    page = page[:LIMIT]
    text = _read(page, check)
    if not is_visible(text) and _SWALLOWING.search(page):
        text = _read(_SWALLOWING.sub(" ", page), check)
    return text


def _read(page: str, check: Callable[[], None]) -> str:
    from lxml.etree import HTMLParser, ParserError, XMLSyntaxError  # noqa: PLC0415  # an extra

    reader = _Reader()
    parser = HTMLParser(target=reader, encoding="utf-8", huge_tree=True)
    content = _NO_TAG.sub("&lt;", page).encode("utf-8", "replace")
    try:
        for start in range(0, len(content), _CHUNK):
            parser.feed(content[start : start + _CHUNK])
            check()
        parser.close()
    except (ParserError, XMLSyntaxError):
        pass  # what was read so far is kept
    return reader.text()


class _Reader:
    """Collects the text of a page, line by line, each with the quotes that it is in.

    Its public methods are what lxml calls a parser target.
    """

    def __init__(self) -> None:
        #: The lines, each with its quote marks.
        self._lines: list[tuple[str, str]] = []
        self._line: list[str] = []
        #: The open quotes, each as the mark that its lines begin with.
        self._quotes: list[str] = []
        #: The number of open elements since the first invisible one.
        self._hidden = 0
        self._verbatim = 0
        self._link = ""
        self._linked_from = 0
        #: The texts of pictures that are more than a single character.
        self._pictures: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if self._hidden or name in _UNSEEN or _hides(attributes):
            self._hidden += 1
        elif name == "a":
            self._link, self._linked_from = _address(attributes), len(self._line)
        elif name == "img":
            self._picture(attributes.get("alt", ""))
        else:
            self._tag(name, closes=False)
            if name == "blockquote":
                self._quotes.append("" if _made_by_program(attributes) else OWN_QUOTE)

    def end(self, name: str) -> None:
        """An element ends; one without content does so too."""
        if self._hidden:
            self._hidden -= 1
        elif name == "a":
            self._end_link()
        elif name != "br":
            self._tag(name, closes=True)

    def data(self, text: str) -> None:
        """Text between two tags."""
        if self._hidden:
            return
        if not self._verbatim:
            self._line.append(re.sub(r"[ \t\r\n\f]+", " ", text).replace("\xa0", " "))
            return
        first, *more = text.replace("\xa0", " ").split("\n")
        self._line.append(first)
        for line in more:
            self._end_line()
            self._line.append(line)

    def comment(self, text: str) -> None:
        """A comment, which is ignored."""

    def pi(self, target: str, data: str | None = None) -> None:
        """A processing instruction, which is ignored."""

    def close(self) -> None:
        """The page ends."""

    def text(self) -> str:
        """The whole text; of a page without words, the texts of its pictures."""
        self._end_line()
        lines = (f"{quote} {line}".rstrip() if quote else line for quote, line in self._lines)
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        return text if is_visible(text) else "\n".join(self._pictures) or text

    def _tag(self, name: str, *, closes: bool) -> None:
        if name == "br":
            self._end_line()
        elif name == "p":
            self._paragraph()
        elif name in {"td", "th"}:
            self._line += [] if closes else [" "]
        elif name in _BLOCKS:
            self._block(name, closes=closes)

    def _picture(self, said: str) -> None:
        """Handle the text of a picture: only single characters, such as drawn emoji, go into the text."""
        said = " ".join(said.split())
        if said and not _LETTERS_OR_DIGITS.search(said):
            self._line.append(said)
        elif said:
            self._pictures.append(said)

    def _end_link(self) -> None:
        said = "".join(self._line[self._linked_from :])[-_SAID:]
        if self._link and self._link.split("://", 1)[1].rstrip("/") not in said:
            self._line.append(f" <{self._link}>")
        self._link, self._linked_from = "", len(self._line)

    def _paragraph(self) -> None:
        self._end_line(only_if_written=True)
        if self._lines and self._lines[-1][1]:
            self._lines.append((self._quoted(), ""))

    def _block(self, name: str, *, closes: bool) -> None:
        self._end_line(only_if_written=True)
        if name == "blockquote" and closes:
            del self._quotes[-1:]
        elif name == "pre":
            self._verbatim = max(self._verbatim + (-1 if closes else 1), 0)
        elif name == "li" and not closes:
            self._line.append("- ")
        elif name == "hr" and not closes:
            self._lines.append((self._quoted(), "_" * 32))

    def _quoted(self) -> str:
        """The beginning of a line; the outermost quote decides, by who made it."""
        return f"{self._quotes[0]}{'>' * min(len(self._quotes), _DEEPEST)}" if self._quotes else ""

    def _end_line(self, *, only_if_written: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else line.strip()
        if line or not only_if_written:
            self._lines.append((self._quoted(), line))
        self._line, self._linked_from = [], 0


def _made_by_program(attributes: Mapping[str, str]) -> bool:
    """Whether a mail program made this quote, of the mail that is being answered."""
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('name') or ''}"
    cited = "cite" in attributes or (attributes.get("type") or "").lower() == "cite"
    return (
        cited or _QUOTES.search(named) is not None or _BAR.search(attributes.get("style") or "") is not None
    )


def _hides(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or _HIDING.search(attributes.get("style") or "") is not None


def _address(attributes: Mapping[str, str]) -> str:
    address = (attributes.get("href") or "").strip()[:500]
    return address if address.startswith(("http://", "https://")) else ""
