"""The parts of a mail: separated within limits, and read as texts and files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Compat32

from paidsupport.intake.mail import charsets, headers, pages, plain
from paidsupport.intake.mail.deadline import Deadline, UnreadableError
from paidsupport.kernel import files
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.text import BadTextError, is_visible

_PARTS = 200
_DEPTH = 20
_HEADERS = 1000
_HEADER_BYTES = 64 * 1024
#: The most bytes of a text that are read.
_READ = 4 * 1024 * 1024
_CHUNK = 64 * 1024
#: Where a page declares its own charset.
_META = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{1,40})", re.IGNORECASE)
#: Alternative forms of a text that are worth keeping as files; other forms were read already.
_KEPT_FORMS = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory"})
#: Why a mail is not read, although it is stored.
NESTED = storable(_("Its parts are nested too deeply."))
_LONG_LINE = storable(_("A line of its header is too long."))
_HEADER_LINES = storable(_("Its header has too many lines."))
_TOO_MANY_PARTS = storable(_("It has more than %(most)s parts."))
_READ_TYPES = frozenset({"text/plain", "text/html", "text/enriched"})


def parsed(raw: bytes, deadline: Deadline) -> Message:
    """Separate the parts of a mail. Raises UnreadableError if it exceeds a limit."""
    parser = BytesFeedParser(_factory=_counted(), policy=_Policy())
    top, start = headers.mended(raw)
    parser.feed(top)
    view = memoryview(raw)
    for place in range(start, len(raw), _CHUNK):
        parser.feed(bytes(view[place : place + _CHUNK]))
        deadline.check()
    return parser.close()


class _Policy(Compat32):
    """The library's forgiving policy, with a limit for the length of a header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        if sum(map(len, sourcelines)) > _HEADER_BYTES:
            raise UnreadableError(_LONG_LINE)
        return super().header_source_parse(sourcelines)

    def header_fetch_parse(self, name: str, value: str) -> str:
        del name
        # bytes above 127 are not allowed in a header, and occur all the same
        return headers.raw_text(value, "utf-8")


class _Part(Message):
    """A part of a mail whose number of header lines is limited."""

    def set_raw(self, name: str, value: str) -> None:
        if len(self) >= _HEADERS:
            raise UnreadableError(_HEADER_LINES)
        if name.lower() == "content-transfer-encoding":
            value = headers.coding(value)
        super().set_raw(name, value)

    def get_content_maintype(self) -> str:
        """As the library says, except that a mail within a mail stays as the bytes it arrived in."""
        kind = super().get_content_maintype()
        return "application" if kind == "message" else kind


def _counted() -> Callable[..., Message]:
    """A factory for the parts of one mail, which limits their number."""
    made = 0

    def make(policy: Compat32 | None = None) -> Message:
        nonlocal made
        made += 1
        if made > _PARTS:
            raise UnreadableError(filled(_TOO_MANY_PARTS, most=_PARTS))
        return _Part(policy=policy or _Policy())

    return make


@dataclass
class Contents:
    """The texts and files of a mail, as they are read from its parts."""

    deadline: Deadline
    #: The charset for names that declare none.
    charset: str = ""
    texts: list[str] = field(default_factory=list)
    files: list[Upload] = field(default_factory=list)

    def read(self, part: Message, depth: int = 0) -> None:
        """Read one part: texts to read and files to save. Raises UnreadableError."""
        self.deadline.check()
        if depth > _DEPTH:
            raise UnreadableError(NESTED)
        kind = part.get_content_type()
        if kind == "multipart/alternative" and part.is_multipart():
            self._choose(part, depth)
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            for inner in _inner(part):
                self.read(inner, depth + 1)
        elif _is_shown(part):
            self._take_text(part)
        else:
            self._attach(part)

    def _choose(self, part: Message, depth: int) -> None:
        """Of alternative forms of a text, read the first plain one, or the last that gives any text."""
        inner = list(_inner(part))
        before = len(self.texts)
        plains = [each for each in inner if each.get_content_type() == "text/plain" and _is_shown(each)]
        for each in plains:
            self.read(each, depth + 1)
        if self._says_something(before):
            inner = [each for each in inner if not _is_another_form(each)]
        for each in inner:
            if each not in plains:
                self._read_beside(each, depth, before)

    def _read_beside(self, part: Message, depth: int, before: int) -> None:
        """Read another form of a text: its attachments, and its text if there is none yet."""
        kept = self.texts[:]
        said = self._says_something(before)
        self.read(part, depth + 1)
        if said:
            self.texts = kept

    def _says_something(self, before: int) -> bool:
        return any(map(is_visible, self.texts[before:]))

    def _take_text(self, part: Message) -> None:
        text = _text_of(part, self.deadline)
        if part.get_content_type() == "text/plain":
            text, found = plain.without_files(text)
            for name, content in found:
                self._keep(name, content)
        self.texts.append(text)

    def _attach(self, part: Message) -> None:
        content = content_of(part)
        name = headers.file_name(part, self.charset)
        if content or name:
            self._keep(name or _NAMES.get(part.get_content_type(), ""), content, inline=_is_in_the_text(part))
        part.set_payload("")

    def _keep(self, name: str, content: bytes, *, inline: bool = False) -> None:
        self.files.append(Upload(_safe(name) or "file", len(content), io.BytesIO(content), inline=inline))


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (inner for inner in payload if isinstance(inner, Message))


def _is_shown(part: Message) -> bool:
    """Whether a part is text to read, not a file to save."""
    if part.is_multipart():
        return False
    if part.get_content_maintype() == "multipart":
        return True  # its parts could not be separated, so all of it is read
    return part.get_content_type() in _READ_TYPES and not _is_named(part)


def _is_another_form(part: Message) -> bool:
    """Whether a part repeats the text beside it in another form: as a page, or for machines."""
    kind = part.get_content_type()
    return kind.startswith("text/") and kind not in _KEPT_FORMS and not _is_named(part)


def _is_in_the_text(part: Message) -> bool:
    """Whether a picture belongs to the page around it, like those of signatures."""
    kind, place = part.get_content_maintype(), part.get_content_disposition()
    return kind == "image" and place != "attachment" and part.get("content-id") is not None


def _is_named(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _text_of(part: Message, deadline: Deadline) -> str:
    content = content_of(part)[:_READ]
    part.set_payload("")  # frees each copy of a large mail once the next one exists
    charset = charset_of(part)
    if not charset and part.get_content_type() == "text/html":
        found = _META.search(content[:_CHUNK])
        charset = found[1].decode() if found else ""
    text = charsets.decoded(content, charset).replace("\r\n", "\n")
    if part.get_content_maintype() == "text" and part.get_content_type() != "text/plain":
        return pages.text_of(text, deadline.check)
    if str(part.get_param("format", "")).lower() == "flowed":
        return plain.unflowed(
            text[: 2 * plain.TEXT_LIMIT], delsp=str(part.get_param("delsp")).lower() == "yes"
        )
    return text


def charset_of(part: Message) -> str:
    """The charset that a part declares."""
    return str(part.get_param("charset", "") or "")


def content_of(part: Message) -> bytes:
    """The bytes to save: the decoded content; of a mail within a mail, its bytes."""
    if part.is_multipart():
        try:
            return b"\n".join(each.as_bytes() for each in _inner(part))
        except (MessageError, UnicodeError, LookupError, KeyError, TypeError, ValueError, AttributeError):
            return b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


#: Names for files without a name.
_NAMES = {
    "message/rfc822": "mail.eml",
    "message/global": "mail.eml",
    "text/calendar": "invitation.ics",
    "text/vcard": "contact.vcf",
    "text/x-vcard": "contact.vcf",
    "application/ms-tnef": "winmail.dat",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "pgp.txt",
    "application/pgp-keys": "key.asc",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "image/png": "image.png",
    "image/jpeg": "image.jpg",
    "image/gif": "image.gif",
    "text/plain": "text.txt",
    "text/html": "page.html",
    "application/pdf": "document.pdf",
}


def _safe(name: str) -> str:
    """The name of a file as one line, safe to store."""
    try:
        return files.tidy_name(plain.one_line(name, 1000)[-120:]) if name else ""
    except BadTextError:
        return ""
