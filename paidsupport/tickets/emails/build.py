"""An email as a mail: text and HTML from one source, and headers that are the same at every attempt."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import idna

from paidsupport.kernel.context import Services
from paidsupport.kernel.i18n.languages import speaking, spoken
from paidsupport.kernel.mail.marks import POLICY, mark_answer, mark_automatic, mark_notice
from paidsupport.kernel.mail.transports import RETURN_PATH
from paidsupport.kernel.text import LINE_LIMIT, shorten
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.emails.returns import return_path
from paidsupport.tickets.emails.rules import (
    ABOUT_ADDRESSES,
    ANSWER_ABOVE,
    PRIVATE_PAGE,
    WITHOUT_LINK,
    EmailKind,
)
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.emails.threads import Thread
from paidsupport.tickets.tables import Ticket

#: The header that names what this is without telling anything to others.
_CODE_HEADER = "X-Paidsupport-Code"
#: What kind of email it is, for rules in mail programs: the subject is always the same.
_KIND_HEADER = "X-Paidsupport-Kind"


def build(
    services: Services, email: Email, ticket: Ticket, files: list[File], thread: Thread | None = None
) -> EmailMessage:
    """The mail for `email`, which stands alone without a `thread`.

    The customer's private link is added here and never stored.
    """
    settings = services.settings
    mail = _headed(services, email, thread or Thread(email.subject))
    if email.kind != EmailKind.DIGEST:  # which is about many
        mail[_CODE_HEADER] = ticket.code
    link = answer_above = ""
    if email.audience == "customer":
        if email.kind not in WITHOUT_LINK:
            # who wrote a mail is only what it says itself: a link would let in whoever gets the answer
            link = f"{settings.base_url}{settings.url_prefix}/t/{services.links.customer(ticket)}"
        if settings.mail_reply_to and email.kind not in ABOUT_ADDRESSES:
            mailbox, _, at = settings.mail_reply_to.rpartition("@")
            mail["Reply-To"] = f"{mailbox}+{services.links.reply_token(ticket)}@{at}"
            answer_above = str(ANSWER_ABOVE.said(services.language(email.language)))
    # what a person wrote stays as it is, whatever it holds
    body = email.body if email.message_id else email.body.replace(PRIVATE_PAGE, link)
    with speaking(services.language(email.language)):
        frame(services, mail, body, ticket.code, link=link, answer_above=answer_above)
    for file in files:
        # always as bytes to be saved: what a file claims to be is not to be trusted
        with services.files.open(file.storage_key) as content:
            mail.add_attachment(
                content.read(), maintype="application", subtype="octet-stream", filename=literal(file.name)
            )
    if files:  # the library has moved it to the text
        mail["Content-Language"] = services.language(email.language).tag
    return mail


def _headed(services: Services, email: Email, thread: Thread) -> EmailMessage:
    """A mail with all its lines above the text that follow from the email alone."""
    to = address(email.to_name if email.audience == "person" else "", email.to_address)
    mail = addressed(services, to, thread.subject, email.created_at, email.reference)
    if thread.answers:
        mail["In-Reply-To"] = f"<{thread.answers}>"
    if thread.references:
        mail["References"] = " ".join(f"<{each}>" for each in thread.references)
    mail[_KIND_HEADER] = email.kind
    _mark(services, email, mail)
    return mail


def _mark(services: Services, email: Email, mail: EmailMessage) -> None:
    """Say whether a program wrote it, and where it goes if it does not arrive."""
    if email.kind == EmailKind.ACKNOWLEDGEMENT:
        mark_answer(mail)
        return
    if email.audience == "person":
        mark_notice(mail, services.settings)
    elif email.author_id is None:
        mark_automatic(mail)
    if back := return_path(services, email):
        mail[RETURN_PATH] = f"<{back}>"


def addressed(services: Services, to: Address, subject: str, at: datetime, reference: str) -> EmailMessage:
    """A mail of the desk, with nothing in it yet; its `reference` tells it from all others of ours."""
    settings = services.settings
    mail = EmailMessage(policy=POLICY)
    # the name of the desk, whoever wrote it: a name of a customer would look like a mail of theirs
    mail["From"] = address(settings.name, settings.mail_from)
    mail["To"] = to
    mail["Subject"] = literal(shorten(subject, LINE_LIMIT))
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{reference}@{settings.mail_from.rsplit('@', 1)[-1]}>"
    return mail


def frame(
    services: Services, mail: EmailMessage, body: str, code: str, link: str = "", answer_above: str = ""
) -> None:
    """Write `body` into the mail, as text and as HTML, with what stands around it in the language spoken."""
    context: dict[str, object] = {"body": body, "link": link, "desk": services.settings.name, "code": code}
    context["answer_above"] = answer_above
    context["language"] = spoken()
    mail.set_content(services.render("emails/_frame.txt", context))
    mail.add_alternative(services.render("emails/_frame.html", context), subtype="html")
    mail["Content-Language"] = spoken().tag


def address(name: str, written: str) -> Address:
    """Somebody as mails name them, with the domain in ASCII.

    Raises ValueError for an address with encoded words, or with a domain that is no name.
    """
    if "=?" in written:
        # the library would decode it, and with it line ends
        raise ValueError("An address with encoded words is not written to.")
    mailbox, _, domain = written.rpartition("@")
    if not domain.isascii():
        # strictly: what only looks like a dot must not lead elsewhere
        domain = idna.encode(domain.lower()).decode()
    return Address(literal(name), mailbox, domain)


def literal(text: str) -> str:
    """`text` without encoded words: the library would decode them, and with them line ends."""
    return text.replace("=?", "= ?")
