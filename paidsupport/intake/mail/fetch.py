"""Fetching mail by IMAP: it is stored and committed before the server is told."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from paidsupport.intake.mail import inbound, mailboxes, parse
from paidsupport.intake.mail.mailboxes import Progress
from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.errors import ConfigurationError, PaidSupportError

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

log = logging.getLogger("paidsupport.mail")

#: The most seconds that a single step of IMAP may take.
TIMEOUT = 20
#: The most mails fetched at once, before the other mailboxes have their turn.
BATCH = 100


class Problem(Enum):
    """Why a mailbox cannot be read."""

    LOGIN = auto()
    FOLDER = auto()
    #: The folder that mails are moved to is missing.
    TARGET = auto()
    CERTIFICATE = auto()
    #: The server does not offer STARTTLS.
    UNENCRYPTED = auto()
    SILENT = auto()
    UNREACHABLE = auto()
    OTHER = auto()


class MailboxError(PaidSupportError):
    """A mailbox cannot be read now; the text names it, without its password."""

    problem = Problem.OTHER


class Security(StrEnum):
    """How a connection is secured."""

    #: Encrypted from the start.
    TLS = "tls"
    #: Encrypted before anything is said; without encryption nothing is.
    STARTTLS = "starttls"
    NONE = "none"

    @property
    def port(self) -> int:
        """The usual port."""
        return 993 if self is Security.TLS else 143


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox, of the settings or of a manager."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    folder: str
    purpose: str
    #: The folder that mails are moved to once they are stored. If empty, they stay, marked as read.
    move: str

    @property
    def name(self) -> str:
        """Its name in the database and in logs."""
        return name_of(self.user, self.host, self.port, self.folder)


def name_of(user: str, host: str, port: int, folder: str) -> str:
    """The name of a mailbox in the database and in logs."""
    return f"{user}@{host}:{port}/{folder}"[:200]


def addresses(setting: str) -> list[Address]:
    """Parse the mailboxes in `PAIDSUPPORT_MAILBOXES`. Raises ConfigurationError."""
    found = [_address(url.strip()) for url in setting.split(",") if url.strip()]
    if found and find_spec("imap_tools") is None:
        raise ConfigurationError(
            "Reading mailboxes needs more packages. Run: pip install 'paidsupport[mail-in]'"
        )
    if found:
        parse.need_extra()
    return found


def fetch(desk: ByClock, address: Address) -> int:
    """Fetch what is new in one mailbox; returns the number of mails.

    Nothing is fetched at the first connection, because people have read what is there. Raises MailboxError,
    and as `inbound.take_in`; the mails fetched until then count as read.
    """
    with desk.writing() as ctx:
        progress = mailboxes.take(ctx, address.name)
    began = ctx.now
    if progress is None:
        return 0
    reader = _Reader(desk, address)
    finished = False
    try:
        with _connected(address) as box:
            finished = reader.read(box, progress)
    finally:
        with desk.writing() as ctx:
            mailboxes.release(replace(ctx, now=began), address.name, read=finished)
    return reader.taken


def check(address: Address, timeout: float) -> None:
    """Log in to a mailbox, and look for its folders; nothing is fetched. Raises MailboxError."""
    with _connected(address, timeout) as box:
        if address.move and not box.folder.exists(address.move):
            raise _problem(address, Problem.TARGET, "the folder for fetched mails is missing")


class _Reader:
    """Reads one mailbox once."""

    def __init__(self, desk: ByClock, address: Address) -> None:
        self._desk, self._address = desk, address
        self.taken = 0

    def read(self, box: BaseMailBox, progress: Progress) -> bool:
        """Fetch what is new; returns whether that was everything."""
        status = box.folder.status(self._address.folder, ["UIDVALIDITY", "UIDNEXT"])
        validity, last = status["UIDVALIDITY"], status["UIDNEXT"] - 1
        if progress.validity == validity:
            new = _uids(box, f"UID {progress.last_uid + 1}:*", after=progress.last_uid)
            for uid in new[:BATCH]:
                self._take(box, uid)
                with self._desk.writing() as ctx:
                    mailboxes.advance(ctx, self._address.name, validity, uid)
                self._tell_server(box, uid)
            return len(new) <= BATCH
        if progress.since is not None:
            # the server numbers anew: old numbers mean nothing, and mails that were fetched before are
            # recognised
            for uid in _uids(box, f"SINCE {progress.since:%d-%b-%Y}", after=0):
                self._take(box, uid)
                self._tell_server(box, uid)
        with self._desk.writing() as ctx:
            mailboxes.begin(ctx, self._address.name, validity, last)
        return True

    def _take(self, box: BaseMailBox, uid: int) -> None:
        raw = _content(box, uid)
        if raw is None:
            return  # it was deleted in the meantime
        recipient = self._address.user if "@" in self._address.user else ""
        taken = inbound.take_in(self._desk, raw, recipient=recipient, purpose=self._address.purpose)
        self.taken += not taken.duplicate

    def _tell_server(self, box: BaseMailBox, uid: int) -> None:
        """Mark a mail as read, or move it. It is stored already, so a fault here loses or doubles nothing."""
        box.flag(str(uid), [r"\Seen"], value=True)
        if self._address.move:
            box.move(str(uid), self._address.move)


@contextmanager
def _connected(address: Address, timeout: float | None = None) -> Iterator[BaseMailBox]:
    from imap_tools import MailBox, MailBoxUnencrypted  # noqa: PLC0415  # an extra that not every site has
    from imap_tools.errors import (  # noqa: PLC0415
        ImapToolsError,
        MailboxFolderSelectError,
        MailboxLoginError,
    )

    patience = timeout or TIMEOUT
    problems: dict[type[Exception], Problem] = {
        MailboxLoginError: Problem.LOGIN,
        MailboxFolderSelectError: Problem.FOLDER,
        ssl.SSLCertVerificationError: Problem.CERTIFICATE,
        ssl.SSLError: Problem.OTHER,
        TimeoutError: Problem.SILENT,
        imaplib.IMAP4.error: Problem.OTHER,
        OSError: Problem.UNREACHABLE,
    }
    try:
        # explicit, because the library's own default does not check certificates
        context = ssl.create_default_context()
        if address.security is Security.TLS:
            box: BaseMailBox = MailBox(address.host, address.port, timeout=patience, ssl_context=context)
        else:
            box = MailBoxUnencrypted(address.host, address.port, timeout=patience)
        try:
            if address.security is Security.STARTTLS:
                _encrypt(address, box, context)
            _log_in(box, address)
            yield box
        finally:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()
            # the library does not close a connection that broke
            with suppress(OSError):
                box.client.shutdown()
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        why = str(error).replace(address.password or "\0", "…")
        kind = next((kind for kind in problems if isinstance(error, kind)), None)
        raise _problem(address, problems[kind] if kind else Problem.OTHER, why) from None


def _log_in(box: BaseMailBox, address: Address) -> None:
    """Log in, and open the folder. The usual command knows no letters but ASCII."""
    from imap_tools.errors import MailboxLoginError  # noqa: PLC0415  # as above

    if f"{address.user}{address.password}".isascii():
        box.login(address.user, address.password, address.folder)
        return
    try:
        box.login_utf8(address.user, address.password, address.folder)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise MailboxLoginError(("NO", [b"the login was refused"]), "OK") from None


def _encrypt(address: Address, box: BaseMailBox, context: ssl.SSLContext) -> None:
    """Let a connection be encrypted from here on. Raises MailboxError if the server does not offer that."""
    if "STARTTLS" not in box.client.capabilities:
        raise _problem(address, Problem.UNENCRYPTED, "the server does not offer STARTTLS")
    box.client.starttls(context)


def _problem(address: Address, problem: Problem, why: str) -> MailboxError:
    error = MailboxError(f"The mailbox {address.name} cannot be read: {why}")
    error.problem = problem
    return error


def _uids(box: BaseMailBox, criteria: str, *, after: int) -> list[int]:
    # servers answer “n:*” with their last mail even if its number is smaller
    return sorted(uid for uid in map(int, box.uids(criteria)) if uid > after)


def _content(box: BaseMailBox, uid: int) -> bytes | None:
    """A mail's bytes; of one that is too large only the header: it stays in the mailbox."""
    size = _fetched(box, uid, "RFC822.SIZE")
    found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part for part in size if isinstance(part, bytes)))
    whole = not found or int(found[1]) <= parse.SIZE_LIMIT
    parts = _fetched(box, uid, "BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]")
    content = next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)
    if content is None or whole:
        return content
    note = f"[This mail is larger than {parse.SIZE_LIMIT // 1024 // 1024} MB. It is still in its mailbox.]"
    return re.sub(rb"(?im)^(content-(?:type|transfer-encoding):)", rb"X-Original-\1", content) + note.encode()


def _fetched(box: BaseMailBox, uid: int, what: str) -> list[bytes | tuple[bytes, bytes]]:
    kind, answer = box.client.uid("FETCH", str(uid), f"({what})")
    if kind != "OK":
        raise imaplib.IMAP4.error(f"FETCH answered {kind}")
    return [part for part in answer if part is not None]


#: How the addresses of mailboxes begin.
_SCHEMES = {"imaps": Security.TLS, "imap+starttls": Security.STARTTLS, "imap": Security.NONE}


def _address(url: str) -> Address:
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    security = _SCHEMES.get(parts.scheme)
    if security is None or not parts.hostname or not parts.username:
        raise ConfigurationError(
            "PAIDSUPPORT_MAILBOXES must hold mailboxes like imaps://user:password@host/INBOX?purpose=support,"
            " separated by commas. Percent-encode special characters in names and passwords, like %40 for @."
        )
    if unknown := sorted(set(options) - {"purpose", "move"}):
        raise ConfigurationError(
            f"PAIDSUPPORT_MAILBOXES takes the options purpose and move, not {unknown[0]}."
            " For STARTTLS, begin with imap+starttls://."
        )
    return Address(
        host=parts.hostname,
        port=parts.port or security.port,
        security=security,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        purpose=options.get("purpose", "support"),
        move=options.get("move", ""),
    )
