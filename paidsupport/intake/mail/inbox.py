"""Incoming mail: stored first, processed later, put on a ticket only with proof.

The proof has two parts: the mail contains what only an email of ours told (the token in its reply address, or
the random id of that email), and it comes from the address the ticket was ordered with. A code in a subject
proves nothing, and neither does a sender alone. A mail never triggers an operation of staff.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from paidsupport.intake.mail import masking as mail_masking
from paidsupport.intake.mail import returned as bounces
from paidsupport.intake.mail import strays
from paidsupport.intake.mail.queries import emails_called
from paidsupport.intake.mail.returned import Bounce
from paidsupport.intake.requests import operations as requests
from paidsupport.intake.requests.operations import Inquiry
from paidsupport.kernel import limits
from paidsupport.kernel.actors import CLOCK, CUSTOMER
from paidsupport.kernel.addresses import compared, is_same
from paidsupport.kernel.codes import new_key, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TooManyError
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.languages import speaking, translate
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail import automatic
from paidsupport.kernel.mail.automatic import Sign
from paidsupport.kernel.text import LINE_LIMIT, TEXT_LIMIT
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence, files
from paidsupport.tickets.conversation.operations.proving import prove_address
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind, MailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import history
from paidsupport.tickets.queries.tickets import by_codes
from paidsupport.tickets.received import tables as inbox
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket

#: The most mails of one sender, or to one ticket, that are processed within an hour; more are held.
MAILS_PER_HOUR = 20
#: The most automatic answers to one ticket that are recorded in its history within an hour.
_EVENTS_PER_HOUR = 5
#: A mail that is processed this long after its arrival is not acknowledged any more.
_LATE = timedelta(days=1)
#: Characters reserved in a message for remarks about attachments.
_SAID = 1_000
_NO_TEXT = _("[The email has no text.]")
_ONLY_FILES = _("[The email has no text, only attachments.]")
_CUT = _("[The email goes on. All of it is kept.]")


@dataclass(frozen=True, slots=True)
class Incoming:
    """The content of a mail. Nothing in it can be trusted: its sender wrote all of it."""

    sender: str
    sender_name: str = ""
    #: The address that its sender wants answers at.
    reply_to: str = ""
    reply_to_name: str = ""
    subject: str = ""
    #: The first language that it declares.
    language: str = ""
    #: Addresses it was sent and delivered to, in lower case.
    recipients: list[str] = field(default_factory=list)
    #: The ids of the mails that it says it answers.
    answers: list[str] = field(default_factory=list)
    own_ids: list[str] = field(default_factory=list)
    #: Signs that no person wrote it, or that no program may answer.
    signs: list[Sign] = field(default_factory=list)
    bounce: Bounce | None = None
    #: Its whole text, the part that is new, and the rest: quotes and the signature.
    text: str = ""
    body: str = ""
    rest: str = ""
    attachments: list[Upload] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Claim:
    """The ticket that a mail says it belongs to; if not `proven`, `why` gives the reason."""

    ticket: Ticket | None = None
    proven: bool = False
    why: str = ""


def keep(
    ctx: Context, raw: bytes, *, header_id: str, content_hash: str, recipient: str = "", purpose: str = ""
) -> tuple[RawMail, bool]:
    """Store a mail as it arrived; returns it and whether it is new, rather than delivered again.

    Raises StorageFullError. The caller commits before the mail is processed.
    """
    if before := inbox.same_mail(ctx.session, header_id, content_hash):
        return before, False
    kept = ctx.services.files.keep(io.BytesIO(raw))
    mail = RawMail(
        reference=new_key(),  # never begins with a hyphen, as it is typed on command lines
        header_id=header_id,
        content_hash=content_hash,
        sha256=kept.sha256,
        size=kept.size,
        storage_key=kept.key,
        recipient=recipient[:LINE_LIMIT],
        purpose=(purpose or recipient.split("@", maxsplit=1)[0].split("+", maxsplit=1)[0])[:40],
        received_at=ctx.now,
        state=MailState.KEPT,
    )
    try:
        with ctx.session.begin_nested():
            ctx.session.add(mail)
            ctx.session.flush()
    except IntegrityError:
        # the same mail was delivered twice at once, and the other one was first
        ctx.services.files.drop(kept.key)
        if before := inbox.same_mail(ctx.session, header_id, content_hash):
            return before, False
        raise
    return mail, True


def settle(ctx: Context, mail_id: int, incoming: Incoming, *, again: bool = False) -> RawMail:
    """Decide where a stored mail belongs, and put it there.

    A processed mail stays where it is, unless a person asks to process it `again`; on a ticket it always
    stays.

    Raises:
        NotFoundError: There is no such mail.
        StorageFullError: There is no room for its files.
    """
    mail = inbox.lock(ctx.session, mail_id)
    if mail.state == MailState.FILED or (mail.settled_at and not again):
        return mail
    mail.sender = incoming.sender or incoming.sender_name
    mail.subject, mail.text = incoming.subject, incoming.text
    by_person = _by_person(ctx, incoming)
    if _is_our_own(ctx, by_person):
        return _end(ctx, mail, MailState.IGNORED, _OURS)
    if incoming.bounce and _take_bounce(ctx, mail, incoming, incoming.bounce):
        return mail
    # the proof is the address it comes from, never the one that it wants answers at
    return _judge(ctx, mail, _claim_of(ctx, mail, incoming), by_person, again=again)


def fail(ctx: Context, mail_id: int, why: str) -> RawMail:
    """Record that a stored mail could not be processed; it can be tried again. Raises NotFoundError."""
    mail = inbox.lock(ctx.session, mail_id)
    if mail.state != MailState.FILED:
        _end(ctx, mail, MailState.FAILED, why)
    return mail


def _judge(ctx: Context, mail: RawMail, claim: _Claim, incoming: Incoming, *, again: bool) -> RawMail:
    """Decide where a mail belongs that a person may have written to us."""
    if signs := [sign for sign in incoming.signs if sign.sure]:
        return _ignore(ctx, mail, claim, signs)
    if not again and not _within_limits(ctx, mail, incoming, claim):
        return _hold(ctx, mail, replace(claim, why=filled(_TOO_MANY, most=MAILS_PER_HOUR)))
    if claim.proven and claim.ticket:
        return _file(ctx, mail, claim.ticket, incoming, proven=True)
    if claim.why:
        return _hold(ctx, mail, claim)
    return _open(ctx, mail, incoming)


def _open(ctx: Context, mail: RawMail, incoming: Incoming) -> RawMail:
    """Turn a mail that belongs to no ticket into an unassigned request (T1)."""
    service = requests.service_for(ctx, mail.purpose)
    if service is None:
        return _end(ctx, mail, MailState.KEPT, _NO_TICKET)
    inquiry = Inquiry(
        channel="mail",
        purpose=mail.purpose,
        subject=mail.subject,  # masked
        name=incoming.sender_name,
        email=incoming.sender,
        language=incoming.language,
    )
    customer = replace(ctx, by=CUSTOMER)
    ticket = requests.open_request(customer, service, inquiry)
    # in full: quotes may be what it is about, and none of them is on the ticket yet
    filed = _file(ctx, mail, ticket, replace(incoming, body=incoming.text, rest=""))
    if _may_be_acknowledged(incoming) and ctx.now - mail.received_at < _LATE:
        requests.acknowledge(customer, ticket)
    return filed


def _may_be_acknowledged(incoming: Incoming) -> bool:
    """Whether a program may answer: not lists, programs, or senders who want no automatic answers."""
    return bool(incoming.sender) and not incoming.signs and not automatic.is_a_program(incoming.sender)


def _by_person(ctx: Context, incoming: Incoming) -> Incoming:
    """The mail with its real sender: for mails from web forms, the person who filled in the form."""
    by_program = automatic.is_a_program(incoming.sender) or _is_ours(ctx, incoming.sender)
    nobody = automatic.is_a_program(incoming.reply_to) or _is_ours(ctx, incoming.reply_to)
    if not incoming.reply_to or not by_program or nobody:
        return incoming
    return replace(incoming, sender=incoming.reply_to, sender_name=incoming.reply_to_name)


_OURS = storable(_("One of our own emails came back."))
_NO_TICKET = storable(_("It doesn't belong to a ticket."))
_TOO_MANY = storable(_("More than %(most)s emails from this sender within an hour. `mail-replay` files it."))
_ERASED = storable(_("The customer's data was erased."))
_DELAYED = storable(_("One of our emails is delayed: %(reason)s"))
_BOUNCED = storable(_("One of our emails didn't arrive: %(reason)s"))
_DOUBTED = storable(_("It claims that one of our emails didn't arrive, without proof: %(reason)s"))
_OTHER_ADDRESS = storable(_("It replies about ticket %(code)s, but from another address."))
_TO_STAFF = storable(_("It replies to a notification for staff. Replies to notifications have no effect."))
_FORGED = storable(_("The token in its address isn't ours."))


def _end(ctx: Context, mail: RawMail, state: MailState, reason: str, ticket: Ticket | None = None) -> RawMail:
    mail.state, mail.reason, mail.settled_at = state, reason, ctx.now
    mail.ticket_id = ticket.id if ticket else None
    ctx.session.flush()
    return mail


def _is_our_own(ctx: Context, incoming: Incoming) -> bool:
    """Whether this is an email of ours, or pretends to come from an address of ours."""
    return _is_ours(ctx, incoming.sender) or bool(_emails(ctx, incoming.own_ids))


def _is_ours(ctx: Context, address: str) -> bool:
    settings = ctx.services.settings
    mailbox, _, domain = compared(address).rpartition("@")
    ours = {compared(settings.mail_from), compared(settings.mail_reply_to)}
    return f"{mailbox.split('+')[0]}@{domain}" in ours


def _emails(ctx: Context, ids: Sequence[str]) -> list[Email]:
    """Our emails among mails with these ids, in order."""
    domain = "@" + ctx.services.settings.mail_from.rsplit("@", 1)[-1].lower()
    names = [name[: -len(domain)] for name in ids if name.lower().endswith(domain)]
    if not names:
        return []
    found = emails_called(ctx.session, names)
    return sorted(found, key=lambda email: names.index(email.reference))


def _take_bounce(ctx: Context, mail: RawMail, incoming: Incoming, bounce: Bounce) -> bool:
    """File a bounce, if it is about emails of ours; only a proven one marks its email."""
    back = _returned(ctx, mail, incoming) if bounce.is_report else []
    found = back or _emails(ctx, bounce.ids)
    if not found:
        return False
    ticket = tickets.lock_by_id(ctx.session, found[0].ticket_id)
    if ticket.erased_at is not None:
        _end(ctx, mail, MailState.IGNORED, _ERASED)
        strays.forget(ctx, mail)
        return True
    if not bounce.final:
        _end(
            ctx,
            mail,
            MailState.IGNORED,
            filled(_DELAYED, reason=bounce.reason),
            ticket,
        )
    elif back:
        emails.bounce(replace(ctx, by=CLOCK), ticket, back[0].reference, bounce.reason)
        _end(
            ctx,
            mail,
            MailState.IGNORED,
            filled(_BOUNCED, reason=bounce.reason),
            ticket,
        )
    else:
        _doubt(ctx, mail, ticket, found[0], bounce.reason)
    return True


def _doubt(ctx: Context, mail: RawMail, ticket: Ticket, email: Email, reason: str) -> None:
    """Show staff a bounce that proves nothing: the email stays as it is."""
    if email.audience == "customer":
        _tell_owner(ctx, mail, ticket, "mail-bounce")
    why = filled(_DOUBTED, reason=reason)
    _end(ctx, mail, MailState.QUARANTINED, why, ticket)


def _returned(ctx: Context, mail: RawMail, incoming: Incoming) -> list[Email]:
    """The emails to whose signed return paths a mail was sent."""
    found = bounces.tokens(ctx, [mail.recipient, *incoming.recipients])
    return [
        email
        for token in found
        if bounces.is_return_path(token) and (email := bounces.returned(ctx, token)) is not None
    ]


def _claim_of(ctx: Context, mail: RawMail, incoming: Incoming) -> _Claim:
    """The ticket that the mail belongs to, by what it contains and where it comes from."""
    found, forged = _by_token(ctx, [mail.recipient, *incoming.recipients])
    answered = [email for email in _emails(ctx, incoming.answers) if not _is_erased(ctx, email)]
    for email in answered:
        if email.audience == "customer":
            found.append(tickets.by_id(ctx.session, email.ticket_id))
    # a merged ticket goes on as the one it was merged into
    found = [tickets.living(ctx.session, ticket) for ticket in found]
    for ticket in found:
        if is_same(incoming.sender, ticket.customer_email):
            return _Claim(ticket, proven=True)
    if found:
        why = filled(_OTHER_ADDRESS, code=found[0].code)
        return _Claim(found[0], why=why)
    if answered:
        return _Claim(why=_TO_STAFF)
    return _Claim(why=_FORGED if forged else "")


def _is_erased(ctx: Context, email: Email) -> bool:
    """Whether the recipient of an email is erased: an answer to it starts a new ticket."""
    return tickets.by_id(ctx.session, email.ticket_id).erased_at is not None


def _by_token(ctx: Context, addresses: Sequence[str]) -> tuple[list[Ticket], bool]:
    """The tickets whose tokens are in these addresses, and whether any token is forged."""
    found, forged = [], False
    for token in bounces.tokens(ctx, addresses):
        if ticket := _named_by(ctx, token):
            found.append(ticket)
        else:
            forged = True
    return found, forged


def _named_by(ctx: Context, token: str) -> Ticket | None:
    """The ticket that a signed token names, even one of a return path: programs answer to these, too."""
    if bounces.is_return_path(token):
        email = bounces.returned(ctx, token)
        known = email is not None and not _is_erased(ctx, email)
        return tickets.by_id(ctx.session, email.ticket_id) if email and known else None
    code = tidy_code(token.partition(".")[0])
    ticket = by_codes(ctx.session, code).get(code) if code else None
    return ticket if ticket and ctx.services.links.is_reply_token(ticket, token) else None


def _within_limits(ctx: Context, mail: RawMail, incoming: Incoming, claim: _Claim) -> bool:
    """Count this mail; those with proof separately, so that no stranger uses up what a customer may write.

    Mails without a sender's address are counted by what stands in its place, so that one flood does not hold
    up others.
    """
    if claim.proven and claim.ticket:
        who, kind = claim.ticket.code, "mail-on-ticket"
    else:
        who, kind = incoming.sender or incoming.sender_name or mail.content_hash, "mail-in"
    try:
        limits.spend(ctx, kind, who, MAILS_PER_HOUR)
    except TooManyError:
        return False
    return True


def _ignore(ctx: Context, mail: RawMail, claim: _Claim, signs: Sequence[Sign]) -> RawMail:
    """File an automatic mail. On a ticket, it only adds an event to the history."""
    ticket = claim.ticket if claim.proven else None
    if ticket and _seldom(ctx, "mail-automatic", ticket, _EVENTS_PER_HOUR):
        _tell_history(ctx, ticket, "mail-automatic", mail)
    return _end(ctx, mail, MailState.IGNORED, signs[0].sentence, ticket)


def _hold(ctx: Context, mail: RawMail, claim: _Claim) -> RawMail:
    """Keep a mail off the ticket it names, and tell the owner, at most once an hour."""
    if claim.ticket:
        _tell_owner(ctx, mail, claim.ticket, "mail-held")
    return _end(ctx, mail, MailState.QUARANTINED, claim.why, claim.ticket)


def _tell_owner(ctx: Context, mail: RawMail, ticket: Ticket, kind: str) -> None:
    """Tell the history and the owner that a mail needs a decision, at most once an hour."""
    if not _seldom(ctx, kind, ticket, 1):
        return
    ticket = _tell_history(ctx, ticket, kind, mail)
    if ticket.owner_id is not None:
        by = replace(ctx, by=CLOCK)
        emails.to_person(by, ticket, EmailKind.HELD, ticket.owner_id, bounce=kind == "mail-bounce")


def _seldom(ctx: Context, kind: str, ticket: Ticket, limit: int) -> bool:
    try:
        limits.spend(ctx, kind, ticket.code, limit)
    except TooManyError:
        return False
    return True


def _tell_history(ctx: Context, ticket: Ticket, kind: str, mail: RawMail) -> Ticket:
    ticket = tickets.lock(ctx.session, ticket.code)
    history.tell(replace(ctx, by=CLOCK), ticket, kind, {"mail": mail.reference})
    return ticket


def _file(
    ctx: Context, mail: RawMail, ticket: Ticket, incoming: Incoming, *, proven: bool = False
) -> RawMail:
    """Turn the mail into a message of the customer, as if it had been written on their page.

    `proven`: whether it contains what only an email to their address told.
    """
    customer = replace(ctx, by=CUSTOMER)
    ticket = tickets.lock(ctx.session, ticket.code)
    if proven:
        prove_address(customer, ticket)
    fit, rest = files.sort_out(ctx, ticket, incoming.attachments)
    with speaking(ctx.services.language(ticket.language)):
        body = _as_message(incoming.body, fit, rest)
    message = correspondence.receive(
        customer, ticket, body, key=f"mail {mail.reference}", uploads=fit, rest=incoming.rest
    )
    mail.message_id = message.id
    mail_masking.hide_in_mail(ctx, ticket, mail)
    return _end(ctx, mail, MailState.FILED, "", ticket)


def _said(sentence: Message) -> str:
    return str(translate(sentence))


def _as_message(body: str, fit: Sequence[Upload], rest: Sequence[Upload]) -> str:
    """The text for the thread, with the names of files that could not be stored."""
    said = ""
    if rest:
        names = ", ".join(f"“{upload.name}”" for upload in rest)
        said = _said(
            _(
                "[Too large or too many to be kept here: %(files)s. They are in the email as it arrived.]",
                files=names,
            )
        )
        said = said if len(said) <= _SAID else f"{said[:_SAID]}…]"
    room = TEXT_LIMIT - 2 * _SAID
    if len(body) > room:
        body = f"{body[:room].rstrip()}\n\n{_said(_CUT)}"
    if not body.strip():
        body = _said(
            _("[The email has no text, only attachments.]") if fit else _("[The email has no text.]")
        )
    return f"{body}\n\n{said}" if said else body
