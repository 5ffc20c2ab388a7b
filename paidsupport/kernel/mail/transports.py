"""How a mail leaves: by SMTP, to the console, into memory, or not at all.

A transport tells three ends apart: it left (returns), it certainly did not (NotSentError, with whether
trying again makes sense), or its result is unknown (UnclearError). Only the second may be repeated.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from enum import Enum, auto
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from paidsupport.kernel.errors import ConfigurationError, PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.automatic import AUTO_REPLIED, AUTOMATIC

#: The line in which a mail names the return path that it wants. It is for the envelope: it does not leave.
RETURN_PATH = "Return-Path"
#: Seconds any single step of SMTP may take.
TIMEOUT = 20
_PERMANENT = 500
_NO_LETTERS = storable(
    _(
        "Our mail server reaches no addresses with letters beyond ASCII before the @: it does not offer"
        " SMTPUTF8."
    )
)
_UNREACHED = storable(_("The mail server could not be reached: %(error)s"))
_UNADDRESSED = storable(_("This mail cannot be addressed: %(error)s"))
_ANSWERED = storable(_("The mail server answered %(answer)s"))
_BROKEN = storable(_("The connection broke while the mail was handed over: %(error)s"))


class Fault(Enum):
    """What kept a mail from leaving."""

    #: There is no server of this name.
    NAME = auto()
    UNREACHABLE = auto()
    SILENT = auto()
    CERTIFICATE = auto()
    #: The server does not offer the encryption that is wanted.
    ENCRYPTION = auto()
    LOGIN = auto()
    SENDER = auto()
    RECIPIENT = auto()
    OTHER = auto()


class NotSentError(PaidSupportError):
    """It certainly did not leave; `permanent` if trying again cannot help, `answer`: the server's.

    `wait`: how long the other side wants to be left alone before that.
    """

    def __init__(
        self,
        why: str,
        *,
        permanent: bool,
        fault: Fault = Fault.OTHER,
        answer: str = "",
        wait: timedelta | None = None,
    ) -> None:
        self.permanent, self.fault, self.answer, self.wait = permanent, fault, answer, wait
        super().__init__(why)


class UnclearError(PaidSupportError):
    """The connection broke after the mail was handed over and before that was confirmed."""


class Transport(Protocol):
    """Something that takes mails.

    A line `Return-Path` names the sender for the envelope, and is left out of the mail itself.
    """

    def send(self, mail: EmailMessage) -> None:
        """Hand over `mail`. Raises NotSentError, UnclearError."""


class SmtpTransport:
    """A mail server: `smtp://` (with `?starttls=1`), or `smtps://`; user and password in the address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ConfigurationError(f"PAIDSUPPORT_MAIL_URL must name a host: {parts.scheme}://host:port")
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._starttls = parse_qs(parts.query).get("starttls", ["0"])[0] == "1"
        self._port = parts.port or (465 if self._tls else 587 if self._starttls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._timeout: float | None = None

    @property
    def place(self) -> tuple[str, int]:
        """The name of the server, and the port."""
        return self._host, self._port

    def within(self, seconds: float) -> SmtpTransport:
        """The same, for when a person waits: any single step may take so long."""
        found = copy(self)
        found._timeout = seconds  # noqa: SLF001  # ours
        return found

    def without_secret(self, words: str) -> str:
        """What a server answered, without the password, should it repeat that."""
        return words.replace(self._password or "\0", "…")

    def send(self, mail: EmailMessage) -> None:
        """Everything before DATA may be repeated; a break after it is unclear."""
        with self._connection() as server:
            with _certain():
                server.ehlo_or_helo_if_needed()
                recipient, sender = mail["To"].addresses[0], _return_path(mail)
                del mail[RETURN_PATH]
                content, options = _spoken(server, mail, recipient)
                _expect(server.mail(sender, options), Fault.SENDER)
                _expect(server.rcpt(recipient.addr_spec), Fault.RECIPIENT)
            try:
                code, answer = server.data(content)
            except smtplib.SMTPDataError as error:
                raise _refusal(error.smtp_code, error.smtp_error) from error
            except (OSError, smtplib.SMTPException) as error:
                raise UnclearError(filled(_BROKEN, error=error)) from error
            _expect((code, answer))

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        with _certain():
            server = self._connect()
        try:
            if self._starttls:
                with _certain(Fault.ENCRYPTION):
                    server.starttls(context=ssl.create_default_context())
            if self._user:
                with _certain(Fault.LOGIN):
                    server.login(self._user, self._password)
            yield server
        finally:
            _hang_up(server)

    def _connect(self) -> smtplib.SMTP:
        timeout = TIMEOUT if self._timeout is None else self._timeout
        if self._tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=timeout, context=context)
        return smtplib.SMTP(self._host, self._port, timeout=timeout)


class ConsoleTransport:
    """Writes mails to standard output: for a first look."""

    def send(self, mail: EmailMessage) -> None:
        """Print the plain text with its headers."""
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        sys.stdout.write(f"--- mail to {mail['To']}: {mail['Subject']}\n{text}\n---\n")
        sys.stdout.flush()


class MemoryTransport:
    """Keeps mails in a list: for tests."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def send(self, mail: EmailMessage) -> None:
        """Remember `mail`."""
        self.sent.append(mail)


class KeepTransport:
    """Sends nothing: the emails stay to be read in the outbox, as on the demonstration site."""

    def send(self, mail: EmailMessage) -> None:
        """Do nothing with `mail`."""


def from_url(url: str) -> Transport:
    """The transport that `PAIDSUPPORT_MAIL_URL` names. Raises ConfigurationError."""
    scheme = url.split(":", 1)[0]
    if scheme in {"smtp", "smtps"}:
        return SmtpTransport(url)
    simple: dict[str, type[Transport]] = {
        "console": ConsoleTransport,
        "memory": MemoryTransport,
        "keep": KeepTransport,
    }
    if scheme not in simple:
        raise ConfigurationError("PAIDSUPPORT_MAIL_URL must start with smtp://, smtps://, console: or keep:")
    return simple[scheme]()


@contextmanager
def _certain(refused: Fault = Fault.OTHER) -> Iterator[None]:
    """Errors in here mean that the mail certainly did not leave; `refused`: what a refusal comes to."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error, refused) from error
    except (OSError, smtplib.SMTPException) as error:
        fault = _fault_of(error, refused)
        raise NotSentError(filled(_UNREACHED, error=error), permanent=False, fault=fault) from error
    except (ValueError, LookupError) as error:
        # an address that is none, or that is not in ASCII
        raise NotSentError(filled(_UNADDRESSED, error=error), permanent=True) from error


def _fault_of(error: Exception, refused: Fault) -> Fault:
    """What an error of the connection comes to."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return refused
    # the library tells of a time-out as of a connection that was closed
    found = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    kinds: tuple[tuple[type[Exception], Fault], ...] = (
        (ssl.SSLCertVerificationError, Fault.CERTIFICATE),
        (ssl.SSLError, Fault.ENCRYPTION),
        (socket.gaierror, Fault.NAME),
        (TimeoutError, Fault.SILENT),
        (smtplib.SMTPException, Fault.OTHER),
        (OSError, Fault.UNREACHABLE),
    )
    return next((fault for kind, fault in kinds if isinstance(found, kind)), Fault.OTHER)


def _spoken(server: smtplib.SMTP, mail: EmailMessage, recipient: Address) -> tuple[bytes, list[str]]:
    """The mail as the server understands it, and the options of MAIL that say so (RFC 6531).

    Raises NotSentError where the server takes no emails beyond ASCII before the @, UnicodeError for a
    domain that has not been translated.
    """
    recipient.domain.encode("ascii")
    if recipient.username.isascii():
        return mail.as_bytes(), []
    if not server.has_extn("smtputf8"):
        raise NotSentError(_NO_LETTERS, permanent=True)
    wide = [] if not server.has_extn("8bitmime") else ["BODY=8BITMIME"]
    return mail.as_bytes(policy=SMTPUTF8), [*wide, "SMTPUTF8"]


def _return_path(mail: EmailMessage) -> str:
    """Where mail servers give it back to: nowhere, if it is an automatic answer (RFC 3834)."""
    if mail[AUTOMATIC] == AUTO_REPLIED:
        return ""
    if mail[RETURN_PATH]:
        return str(mail[RETURN_PATH]).strip("<> ")
    return str(mail["From"].addresses[0].addr_spec)


def _expect(answer: tuple[int, bytes], refused: Fault = Fault.OTHER) -> None:
    code, words = answer
    if not 200 <= code < 300:  # noqa: PLR2004  # SMTP: 2xx is success
        raise _refusal(code, words, refused)


def _refusal(code: int, words: bytes | str, refused: Fault = Fault.OTHER) -> NotSentError:
    answer = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    why = filled(_ANSWERED, answer=answer)
    return NotSentError(why, permanent=code >= _PERMANENT, fault=refused, answer=answer)


def _hang_up(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
