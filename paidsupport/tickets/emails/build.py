"""Builds the mail of an email: text and HTML from one source, with the same headers at every attempt."""

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

#: The header with the code, for our own use; it tells others nothing.
_CODE_HEADER = "X-Paidsupport-Code"
#: The header with the kind of email, for filters in mail programs: the subject is always the same.
_KIND_HEADER = "X-Paidsupport-Kind"


def build(
    services: Services, email: Email, ticket: Ticket, files: list[File], thread: Thread | None = None
) -> EmailMessage:
    """Build the mail for `email`; without a `thread` it stands alone.

    The customer's private link is added here and never stored.
    """
    settings = services.settings
    mail = _headed(services, email, thread or Thread(email.subject))
    if email.kind != EmailKind.DIGEST:  # which is about many tickets
        mail[_CODE_HEADER] = ticket.code
    link = answer_above = ""
    if email.audience == "customer":
        if email.kind not in WITHOUT_LINK:
            # the sender of the mail it answers is not proven: a link would let in anyone who gets the answer
            link = f"{settings.base_url}{settings.url_prefix}/t/{services.links.customer(ticket)}"
        if settings.mail_reply_to and email.kind not in ABOUT_ADDRESSES:
            mailbox, _, at = settings.mail_reply_to.rpartition("@")
            mail["Reply-To"] = f"{mailbox}+{services.links.reply_token(ticket)}@{at}"
            answer_above = str(ANSWER_ABOVE.said(services.language(email.language)))
    # texts that a person wrote are left as they are, whatever they contain
    body = email.body if email.message_id else email.body.replace(PRIVATE_PAGE, link)
    with speaking(services.language(email.language)):
        frame(services, mail, body, ticket.code, link=link, answer_above=answer_above)
    for file in files:
        # always sent as plain bytes: the type that a file claims is not to be trusted
        with services.files.open(file.storage_key) as content:
            mail.add_attachment(
                content.read(), maintype="application", subtype="octet-stream", filename=literal(file.name)
            )
    if files:  # the library has moved this header to the text part
        mail["Content-Language"] = services.language(email.language).tag
    return mail


def _headed(services: Services, email: Email, thread: Thread) -> EmailMessage:
    """A mail with the headers that follow from the email alone."""
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
    """Add the headers that say whether a program wrote it, and where it returns if it cannot be delivered."""
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
    """An empty mail from the desk; its `reference` makes its Message-ID unique."""
    settings = services.settings
    mail = EmailMessage(policy=POLICY)
    # always the desk's name: with a customer's name it would look like a mail from them
    mail["From"] = address(settings.name, settings.mail_from)
    mail["To"] = to
    mail["Subject"] = literal(shorten(subject, LINE_LIMIT))
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{reference}@{settings.mail_from.rsplit('@', 1)[-1]}>"
    return mail


def frame(
    services: Services, mail: EmailMessage, body: str, code: str, link: str = "", answer_above: str = ""
) -> None:
    """Write `body` into the mail as text and as HTML, with the texts around it in the current language."""
    context: dict[str, object] = {"body": body, "link": link, "desk": services.settings.name, "code": code}
    context["answer_above"] = answer_above
    context["language"] = spoken()
    mail.set_content(services.render("emails/_frame.txt", context))
    mail.add_alternative(services.render("emails/_frame.html", context), subtype="html")
    mail["Content-Language"] = spoken().tag


def address(name: str, written: str) -> Address:
    """An address with a display name, its domain in ASCII.

    Raises:
        ValueError: The address has encoded words, or its domain is not a valid name.
    """
    if "=?" in written:
        # the library would decode them, and line breaks with them
        raise ValueError("An address with encoded words is not written to.")
    mailbox, _, domain = written.rpartition("@")
    if not domain.isascii():
        # strict: characters that only look like a dot must not lead to another domain
        domain = idna.encode(domain.lower()).decode()
    return Address(literal(name), mailbox, domain)


def literal(text: str) -> str:
    """`text` with encoded words made harmless: the library would decode them, and line breaks with them."""
    return text.replace("=?", "= ?")
