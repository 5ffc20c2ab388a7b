"""A mail as it came in, understood: who wrote it, what it says, what it brings, and what it answers.

Whatever does not hold to the limits, or to any standard, ends in UnreadableError and in nothing else
(reliability 5). The mail itself has been kept before anybody looks into it.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Compat32
from email.utils import getaddresses
from importlib.util import find_spec

from paidsupport.desk import files
from paidsupport.desk.files import Upload
from paidsupport.desk.inbox import Bounce, Incoming
from paidsupport.domain import automatic
from paidsupport.domain.text import LINE_LIMIT, BadTextError
from paidsupport.errors import ConfigurationError, PaidSupportError
from paidsupport.mail import bounces, plain, replies

#: Largest mail that is taken, in bytes.
SIZE_LIMIT = 35 * 1024 * 1024
#: Seconds after which reading a mail is given up.
SECONDS = 20.0
_PARTS = 200
_DEPTH = 20
_LINES = 750_000
_HEADERS = 1000
_HEADER_BYTES = 64 * 1024
#: So much of a text is read, in bytes.
_READ = 4 * 1024 * 1024
#: So much of one line of a header is looked at.
_LOOKED_AT = 4096
_CHUNK = 64 * 1024
#: The header that is looked at before anything is understood.
_TOP = 256 * 1024

_WORD = r"[^\s\0-\x1f\x7f-\x9f@<>\"(),:;\[\]\\]{1,120}"
_ADDRESS = re.compile(f"{_WORD}@{_WORD}")
_ID = re.compile(r"<([^<>\s]{1,250})>")
#: Lines that mail servers add on the way: two deliveries of one mail differ in them.
_ADDED = re.compile(
    rb"(?:received|return-path|delivered-to|x-original-to|envelope-to|x-envelope-(?:to|from)|delivery-date"
    rb"|x-delivered-to|received-spf|authentication-results|arc-[a-z-]+|dkim-signature|x-received|x-spam-[a-z-]+"
    rb"|x-virus-[a-z-]+|x-scanned[a-z-]*|status|x-status|x-uid|x-keywords|x-mozilla-[a-z0-9-]+|x-gmail-labels"
    rb"|x-google-[a-z-]+|x-gm-message-state|x-evolution-source|lines|content-length)\s*:",
    re.IGNORECASE,
)
#: Where a page says its charset itself.
_META = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{1,40})", re.IGNORECASE)
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc", "resent-to")


class UnreadableError(PaidSupportError):
    """A mail that breaks a limit or that nobody could read; the text says why."""


def need_extra() -> None:
    """Raise ConfigurationError where the packages for incoming mail are missing."""
    if find_spec("mailparser_reply") is None:
        raise ConfigurationError("Reading mail needs more packages: pip install 'paidsupport[mail-in]'")


def looks_like_mail(raw: bytes) -> bool:
    """Whether this is a message at all: it begins with a line of a header."""
    return re.match(rb"(?:From [^\n]*\n)?[!-9;-~]{1,100}[ \t]*:", raw[:1000]) is not None


def header_id(raw: bytes) -> str:
    """The Message-ID as it stands in the bytes, or nothing: known before anything is parsed."""
    top = raw[:_TOP].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    found = re.search(rb"^message-id[ \t]*:([^\n]*(?:\n[ \t][^\n]*)?)", top, re.IGNORECASE | re.MULTILINE)
    text = found[1].decode("latin-1") if found else ""
    return re.sub(r"[^!-~]", "", text).strip("<>")[:250]


def content_hash(raw: bytes) -> str:
    """What two deliveries of one mail have in common, whatever way they took.

    Who sent it without a return path says so in a line that servers add; that counts all the same, or a
    copy that pretends to be automatic could take the place of the mail itself.
    """
    digest = hashlib.sha256()
    ends = [place for mark in (b"\n\n", b"\n\r\n") if (place := raw.find(mark, 0, _TOP)) >= 0]
    end = min(ends, default=len(raw) - 1) + 1
    dropped = False
    for line in io.BytesIO(raw[: min(end, _TOP)]):
        if line[:1] not in b" \t":
            dropped = line.startswith((b"From ", b">From ")) or _ADDED.match(line) is not None
            if line.lower().startswith(b"return-path:") and line.split(b":", 1)[1].strip() == b"<>":
                digest.update(b"no return path\n")
        if not dropped:
            digest.update(line.rstrip(b"\r\n") + b"\n")
    rest = memoryview(raw)[min(end, _TOP) :]
    while rest:
        # an end of line is never cut in two
        size = _CHUNK + 1 if bytes(rest[_CHUNK - 1 : _CHUNK]) == b"\r" else _CHUNK
        digest.update(bytes(rest[:size]).replace(b"\r\n", b"\n"))
        rest = rest[size:]
    return digest.hexdigest()


def understand(raw: bytes, seconds: float = SECONDS) -> Incoming:
    """All that a mail says. Raises UnreadableError, and nothing else."""
    try:
        return _Mail(_parsed(raw, time.monotonic() + seconds)).understood()
    except UnreadableError:
        raise
    except RecursionError:
        raise UnreadableError("Its parts are nested too deeply.") from None
    except MemoryError:
        raise UnreadableError("It is too large to be read.") from None
    except Exception as error:
        # anything can be in a mail, and the library has raised almost anything
        raise UnreadableError(f"It could not be read: {type(error).__name__}.") from error


class _Policy(Compat32):
    """The library's forgiving policy, with a limit for each line of a header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        if sum(map(len, sourcelines)) > _HEADER_BYTES:
            raise UnreadableError("A line of its header is too long.")
        return super().header_source_parse(sourcelines)

    def header_fetch_parse(self, name: str, value: str) -> str:
        del name
        # eight bits in a header are not allowed and yet there
        return plain.decoded(value.encode("utf-8", "surrogateescape"), "utf-8")


class _Part(Message):
    """A part of a mail whose header has a limited number of lines."""

    def set_raw(self, name: str, value: str) -> None:
        if len(self) >= _HEADERS:
            raise UnreadableError("Its header has too many lines.")
        super().set_raw(name, value)


def _parsed(raw: bytes, deadline: float) -> Message:
    if len(raw) > SIZE_LIMIT:
        raise UnreadableError(f"It is larger than {SIZE_LIMIT // 1024 // 1024} MB.")
    if max(raw.count(b"\n"), raw.count(b"\r")) > _LINES:
        raise UnreadableError("It has too many lines.")
    parser = BytesFeedParser(_factory=_counted(), policy=_Policy())
    view = memoryview(raw)
    for start in range(0, len(raw), _CHUNK):
        parser.feed(bytes(view[start : start + _CHUNK]))
        if time.monotonic() > deadline:
            raise UnreadableError("Reading it took too long.")
    return parser.close()


def _counted() -> Callable[..., Message]:
    """What makes the parts of one mail, and no more of them than are allowed."""
    made = 0

    def make(policy: Compat32 | None = None) -> Message:
        nonlocal made
        made += 1
        if made > _PARTS:
            raise UnreadableError(f"It has more than {_PARTS} parts.")
        return _Part(policy=policy or _Policy())

    return make


class _Mail:
    """One parsed mail while it is read part by part."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._headers = _headers_of(message)
        self._texts: list[str] = []
        self._attachments: list[Upload] = []

    def understood(self) -> Incoming:
        """Everything in it."""
        sender, name = self._sender()
        subject = plain.one_line(_decoded_words(self._first("subject")), LINE_LIMIT)
        bounce = self._bounce(sender)
        self._read(self._message, 0)
        text = plain.tidy("\n\n".join(piece for piece in self._texts if piece.strip()))
        return Incoming(
            sender=sender,
            sender_name=name,
            subject=subject,
            recipients=self._recipients(),
            answers=self._answers(),
            own_ids=_ID.findall(self._first("message-id"))[:1],
            signs=automatic.signs(self._headers, sender, subject),
            bounce=bounce,
            text=text,
            body=replies.visible_reply(text),
            attachments=self._attachments,
        )

    def _first(self, name: str) -> str:
        return self._headers.get(name, [""])[0]

    def _sender(self) -> tuple[str, str]:
        """The one address of the one From line; whoever writes two of either proves nothing by them."""
        lines = self._headers.get("from", [])
        found = getaddresses(lines[:2])
        if len(lines) != 1 or len(found) != 1 or not _ADDRESS.fullmatch(found[0][1]):
            return "", plain.one_line(_decoded_words(lines[0]), LINE_LIMIT) if lines else ""
        name, address = found[0]
        return address[:LINE_LIMIT], plain.one_line(_decoded_words(name), LINE_LIMIT)

    def _recipients(self) -> list[str]:
        lines = [line for name in _RECIPIENTS for line in self._headers.get(name, [])[:20]]
        return list(dict.fromkeys(found.lower() for line in lines for found in _ADDRESS.findall(line)))[:100]

    def _answers(self) -> list[str]:
        """The ids this mail says it answers, nearest first."""
        first = [found for line in self._headers.get("in-reply-to", []) for found in _ID.findall(line)]
        older = [found for line in self._headers.get("references", []) for found in _ID.findall(line)]
        return list(dict.fromkeys([*first, *reversed(older)]))[:50]

    def _bounce(self, sender: str) -> Bounce | None:
        reports = self._message.get_content_type() == "multipart/report"
        if not reports and not automatic.from_a_mail_system(self._headers, sender):
            return None
        return bounces.read(self._message, self._first("x-failed-recipients"))

    def _read(self, part: Message, depth: int) -> None:
        """Take what is to be read and what is to be saved out of one part."""
        if depth > _DEPTH:
            raise UnreadableError("Its parts are nested too deeply.")
        kind = part.get_content_type()
        if kind == "multipart/alternative" and part.is_multipart():
            self._choose(part, depth)
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            for inner in _inner(part):
                self._read(inner, depth + 1)
        elif _is_shown(part):
            self._texts.append(_text_of(part))
        else:
            self._attach(part)

    def _choose(self, part: Message, depth: int) -> None:
        """Of several forms of one text the first plain one, else the last that gives any text."""
        inner = list(_inner(part))
        before = len(self._texts)
        plains = [each for each in inner if each.get_content_type() == "text/plain" and _is_shown(each)]
        for each in plains:
            self._read(each, depth + 1)
        if any(text.strip() for text in self._texts[before:]):
            inner = [each for each in inner if each.get_content_type() != "text/html"]
        for each in inner:
            if each not in plains:
                self._read_beside(each, depth, texts=not any(t.strip() for t in self._texts[before:]))

    def _read_beside(self, part: Message, depth: int, *, texts: bool) -> None:
        """One more form of a text: its attachments, and its text if there is none yet."""
        kept = list(self._texts)
        self._read(part, depth + 1)
        if not texts:
            self._texts = kept

    def _attach(self, part: Message) -> None:
        content = _content_of(part)
        if content or part.get_filename():
            self._attachments.append(Upload(_name_of(part), len(content), io.BytesIO(content)))
        part.set_payload("")


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (inner for inner in payload if isinstance(inner, Message))


def _is_shown(part: Message) -> bool:
    """Whether a part is text to be read, not a file to be saved."""
    if part.is_multipart():
        return False
    if part.get_content_maintype() == "multipart":
        return True  # its parts could not be told apart: then all of it is read
    if part.get_content_type() not in {"text/plain", "text/html", "text/enriched"}:
        return False
    return part.get_content_disposition() != "attachment" and not part.get_filename()


def _text_of(part: Message) -> str:
    content = _content_of(part)[:_READ]
    part.set_payload("")  # each copy of a large mail is dropped as soon as the next one is made
    charset = str(part.get_param("charset", "") or "")
    if not charset and part.get_content_type() == "text/html":
        found = _META.search(content[:_CHUNK])
        charset = found[1].decode() if found else ""
    text = plain.decoded(content, charset).replace("\r\n", "\n")
    if part.get_content_maintype() == "text" and part.get_content_type() != "text/plain":
        return plain.from_html(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        return plain.unflowed(
            text[: 2 * plain.TEXT_LIMIT], delsp=str(part.get_param("delsp")).lower() == "yes"
        )
    return text


def _content_of(part: Message) -> bytes:
    """What would be saved: the decoded content, or a whole mail for one that was put in."""
    if part.is_multipart():
        inner = list(_inner(part))
        try:
            return b"\n".join(each.as_bytes() for each in inner)
        except (MessageError, UnicodeError, LookupError, KeyError, TypeError, ValueError, AttributeError):
            return b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


#: What a file without a name is called.
_NAMES = {
    "message/rfc822": "mail.eml",
    "text/calendar": "invitation.ics",
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


def _name_of(part: Message) -> str:
    """The name a file is said to have, in one line and safe to keep."""
    name = plain.one_line(_decoded_words(part.get_filename() or ""), 1000)
    try:
        name = files.tidy_name(name[-120:]) if name else ""
    except BadTextError:
        name = ""
    return name or _NAMES.get(part.get_content_type(), "file")


def _headers_of(message: Message) -> dict[str, list[str]]:
    """The lines of a header by their names, as text, each as long as anybody needs it."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        text = str(value)[:_LOOKED_AT] if name.lower() != "references" else str(value)[-_LOOKED_AT:]
        unfolded = re.sub(r"[\r\n]+[ \t]*", " ", text).strip()
        bytes_ = unfolded.encode("utf-8", "surrogateescape")
        found.setdefault(name.lower(), []).append(plain.decoded(bytes_, "utf-8"))
    return found


def _decoded_words(text: str) -> str:
    """A line with its encoded words (RFC 2047) as text; what cannot be decoded stays as it is."""
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text[:_LOOKED_AT])
    except (MessageError, ValueError):
        return text
    return "".join(
        piece if isinstance(piece, str) else plain.decoded(piece, charset) for piece, charset in pieces
    )
