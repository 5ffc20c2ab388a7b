"""Parses a mail: who wrote it, what it says, what is attached, and what it answers.

A mail that exceeds a limit, or breaks any standard too badly, raises UnreadableError and nothing else. The
mail itself has been stored before it is parsed.
"""

from __future__ import annotations

import hashlib
import io
import re
from email.message import Message
from importlib.util import find_spec
from itertools import islice

from paidsupport.intake.mail import addresses, bounces, headers, parts, plain, replies
from paidsupport.intake.mail.deadline import Deadline, UnreadableError
from paidsupport.intake.mail.inbox import Incoming
from paidsupport.intake.mail.parts import NESTED, Contents
from paidsupport.intake.mail.returned import Bounce
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail import automatic
from paidsupport.kernel.text import LINE_LIMIT, is_visible

#: The largest mail that is accepted, in bytes.
SIZE_LIMIT = 35 * 1024 * 1024
#: Seconds after which reading a mail is given up.
SECONDS = 20.0
_LINES = 750_000
_TOO_LARGE = storable(_("It is too large to be read."))
_OVER_LIMIT = storable(_("It is larger than %(size)s MB."))
_TOO_MANY_LINES = storable(_("It has too many lines."))
_UNREADABLE = storable(_("It could not be read: %(error)s."))
_CHUNK = 64 * 1024
#: The part of a mail searched for its header, before it is parsed.
_TOP = headers.TOP
#: The number of parts that are asked for the charset of the header.
_ASKED = 20

_ID = re.compile(r"<([^<>\s]{1,250})>")
#: An id without its angle brackets, alone on its line.
_BARE_ID = re.compile(r"[^<>\s]{1,200}@[^<>\s]{1,200}")
#: Headers that mail servers add on the way: they differ between two deliveries of one mail.
_ADDED = re.compile(
    rb"(?:received|return-path|delivered-to|x-original-to|envelope-to|x-envelope-(?:to|from)|delivery-date"
    rb"|x-delivered-to|received-spf|authentication-results|arc-[a-z-]+|dkim-signature|x-received|x-spam-[a-z-]+"
    rb"|x-virus-[a-z-]+|x-scanned[a-z-]*|status|x-status|x-uid|x-keywords|x-mozilla-[a-z0-9-]+|x-gmail-labels"
    rb"|x-google-[a-z-]+|x-gm-message-state|x-evolution-source|lines|content-length)\s*:",
    re.IGNORECASE,
)
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc", "resent-to")


def need_extra() -> None:
    """Raise ConfigurationError where the packages for incoming mail are missing."""
    if find_spec("lxml") is None:
        raise ConfigurationError("Reading mail needs more packages. Run: pip install 'paidsupport[mail-in]'")


def looks_like_mail(raw: bytes) -> bool:
    """Whether this is a message at all: whether it begins with a header line."""
    return re.match(rb"(?:>?From [^\n]*\n)?[!-9;-~]{1,100}[ \t]*:", raw[:1000]) is not None


def header_id(raw: bytes) -> str:
    """The Message-ID from the bytes, without parsing; empty if there is none."""
    top = raw[:_TOP].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    found = re.search(rb"^message-id[ \t]*:([^\n]*(?:\n[ \t][^\n]*)?)", top, re.IGNORECASE | re.MULTILINE)
    text = found[1].decode("latin-1") if found else ""
    return re.sub(r"[^!-~]", "", text).strip("<>")[:250]


def content_hash(raw: bytes) -> str:
    """A hash that is the same for all deliveries of one mail, whichever way they took.

    A mail without a return path is marked by a header that servers add. That header counts all the same,
    otherwise a copy that pretends to be automatic could take the place of the mail itself. From a bare CR in
    the header on, everything counts, because programs do not agree whether a line ends there.
    """
    digest = hashlib.sha256()
    ends = [place for mark in (b"\n\n", b"\n\r\n") if (place := raw.find(mark, 0, _TOP)) >= 0]
    end = min(ends, default=len(raw) - 1) + 1
    dropped = whole = False
    for ended in io.BytesIO(raw[: min(end, _TOP)]):
        line = ended.removesuffix(b"\n").removesuffix(b"\r")
        whole = whole or b"\r" in line
        if whole or line[:1] not in b" \t":
            named = line.startswith((b"From ", b">From ")) or _ADDED.match(line) is not None
            dropped = named and not whole
            if line.lower().startswith(b"return-path:") and line.split(b":", 1)[1].strip() == b"<>":
                digest.update(b"no return path\n")
        if not dropped:
            digest.update(line + b"\n")
    rest = memoryview(raw)[min(end, _TOP) :]
    while rest:
        # never cuts a line break in two
        size = _CHUNK + 1 if bytes(rest[_CHUNK - 1 : _CHUNK]) == b"\r" else _CHUNK
        digest.update(bytes(rest[:size]).replace(b"\r\n", b"\n"))
        rest = rest[size:]
    return digest.hexdigest()


def understand(raw: bytes, seconds: float = SECONDS) -> Incoming:
    """Parse a mail. Raises UnreadableError, and nothing else."""
    try:
        deadline = Deadline(seconds)
        _refuse_excess(raw)
        return _Mail(parts.parsed(raw, deadline), deadline).understood()
    except UnreadableError:
        raise
    except RecursionError:
        raise UnreadableError(NESTED) from None
    except MemoryError:
        raise UnreadableError(_TOO_LARGE) from None
    except Exception as error:
        # a mail can contain anything, and the library has raised almost any exception
        raise UnreadableError(filled(_UNREADABLE, error=type(error).__name__)) from error


def _refuse_excess(raw: bytes) -> None:
    if len(raw) > SIZE_LIMIT:
        raise UnreadableError(filled(_OVER_LIMIT, size=SIZE_LIMIT // 1024 // 1024))
    if max(raw.count(b"\n"), raw.count(b"\r")) > _LINES:
        raise UnreadableError(_TOO_MANY_LINES)


class _Mail:
    """One parsed mail while it is being read."""

    def __init__(self, message: Message, deadline: Deadline) -> None:
        self._message = message
        self._deadline = deadline
        self._charset = _charset_within(message)
        self._headers = _headers_of(message, self._charset)

    def understood(self) -> Incoming:
        """Everything in it. Raises UnreadableError when the time is up."""
        sender, name = self._one_of("from")
        reply_to, reply_to_name = self._one_of("reply-to")
        subject = plain.one_line(headers.words(self._first("subject")), LINE_LIMIT)
        bounce = self._bounce(sender)
        contents = Contents(self._deadline, self._charset)
        contents.read(self._message)
        text = plain.tidy("\n\n".join(piece for piece in contents.texts if is_visible(piece)))
        reply = replies.split(text, subject)
        self._deadline.check()
        return Incoming(
            sender=sender,
            sender_name=name,
            reply_to=reply_to,
            reply_to_name=reply_to_name,
            subject=subject,
            language=self._first("content-language").partition(",")[0].strip(),
            recipients=self._recipients(),
            answers=self._answers(),
            own_ids=_ID.findall(self._first("message-id"))[:1],
            signs=automatic.signs(self._headers, sender, subject),
            bounce=bounce,
            text=text.replace(plain.OWN_QUOTE, ""),
            body=reply.own,
            rest=reply.rest,
            attachments=contents.files,
        )

    def _first(self, name: str) -> str:
        return self._headers.get(name, [""])[0]

    def _one_of(self, header: str) -> tuple[str, str]:
        """The one address in the one header of this name, with its display name; two prove nothing."""
        lines = self._headers.get(header, [])
        address, name = addresses.only_one(lines[0]) if len(lines) == 1 else ("", "")
        said = name if address else next(iter(lines), "")
        return address[:LINE_LIMIT], plain.one_line(headers.words(said), LINE_LIMIT)

    def _recipients(self) -> list[str]:
        lines = [line for name in _RECIPIENTS for line in self._headers.get(name, [])[:20]]
        return list(
            dict.fromkeys(found.lower() for line in lines for found in addresses.ADDRESS.findall(line))
        )[:100]

    def _answers(self) -> list[str]:
        """The ids that this mail says it answers, nearest first."""
        first = [found for line in self._headers.get("in-reply-to", []) for found in _ids(line)]
        older = [found for line in self._headers.get("references", []) for found in _ID.findall(line)]
        return list(dict.fromkeys([*first, *reversed(older)]))[:50]

    def _bounce(self, sender: str) -> Bounce | None:
        reports = self._message.get_content_type() == "multipart/report"
        if not reports and not automatic.from_a_mail_system(self._headers, sender):
            return None
        return bounces.read(self._message, self._first("x-failed-recipients"))


def _ids(line: str) -> list[str]:
    """The ids in a line; one without angle brackets counts if it stands alone."""
    return _ID.findall(line) or ([line.strip()] if _BARE_ID.fullmatch(line.strip()) else [])


def _charset_within(message: Message) -> str:
    """The first charset that any part names: headers may be in it too."""
    named = (parts.charset_of(part) for part in islice(message.walk(), _ASKED))
    return next(filter(None, named), "")


def _headers_of(message: Message, charset: str) -> dict[str, list[str]]:
    """The headers by name, as text, shortened to a useful length."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        looked_at = (
            slice(-headers.LOOKED_AT, None) if name.lower() == "references" else slice(headers.LOOKED_AT)
        )
        unfolded = re.sub(r"[\r\n]+[ \t]*", " ", str(value)[looked_at]).strip()
        found.setdefault(name.lower(), []).append(headers.raw_text(unfolded, charset))
    return found
