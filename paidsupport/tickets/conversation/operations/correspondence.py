"""Correspondence with the customer: by the owner alone, one first contact, no stale threads (G6, G7)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from paidsupport.catalogue.queries import terms_under
from paidsupport.catalogue.rules.questions import Moment
from paidsupport.kernel import addresses, fields, files, limits
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import (
    NotTheOwnerError,
    StaleThreadError,
    StaleTicketError,
    TooManyError,
    TransitionRefusedError,
    existing,
)
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.contact import tables as contact_log
from paidsupport.tickets.conversation import queries
from paidsupport.tickets.conversation.operations import files as operations_files
from paidsupport.tickets.conversation.operations import paying
from paidsupport.tickets.conversation.operations.disclosure import refuse_secret_names
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails import rules as letter_rules
from paidsupport.tickets.emails.rules import ANSWERS, EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.hooks import MESSAGE_RECEIVED
from paidsupport.tickets.operations import history, leases
from paidsupport.tickets.ordering import form_files, requirements
from paidsupport.tickets.queries.tickets import (
    by_code,
    family_ids,
    going_on_for,
    holder_name,
    last_ended_for,
)
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import masking
from paidsupport.tickets.vault.operations.quotes import refuse_quotes


@dataclass(frozen=True, slots=True)
class Draft:
    """An email about to be sent: `claim` and `thread` are the numbers that its page showed."""

    body: str
    claim: int
    thread: int
    key: str


#: The most links that are emailed at once.
_MOST_LINKS = 5
#: Kinds that can open a conversation like a first contact: with them, the customer has heard from the owner.
_MAY_OPEN = frozenset({EmailKind.POINTER, EmailKind.INVESTIGATING, EmailKind.SOLVED})
#: The same for leads: the customer called and ordered nothing yet, and the first email may be their offer.
_MAY_OPEN_A_LEAD = _MAY_OPEN | {EmailKind.OFFER}


@dataclass(frozen=True, slots=True)
class Opening:
    """The kind of a claim's next email, and the draft to start it from."""

    kind: EmailKind
    subject: str
    body: str


def open_email(ctx: Context, ticket: Ticket) -> Opening:
    """The kind, subject and draft of the owner's next email (G7). Raises NotTheOwnerError."""
    _only_the_owner(ctx, ticket, ticket.claim_number)
    kind, earlier = _next_kind(ctx, ticket)
    first = kind is EmailKind.FIRST_CONTACT
    person = ctx.session.get(Person, ctx.by.id)
    context = {
        "person": person,
        "payment": paying.how(ctx, ticket),
        "questions": _questions_to_ask(ctx, ticket) if first else [],
        "outstanding": requirements.outstanding(ctx, ticket) if first else [],
        "earlier": earlier,
    }
    return Opening(kind, *emails.written(ctx, kind, ticket, **context))


def draft_after(ctx: Context, ticket: Ticket, contacts: Sequence[Email]) -> str:
    """The draft of `open_email` if nothing was ordered, or the customer was contacted already. No queries.

    `contacts`: the emails that opened the conversation of each claim, oldest first.
    """
    introduced = any(email.claim_number == ticket.claim_number for email in contacts)
    later = EmailKind.MESSAGE if introduced else EmailKind.HANDOVER
    kind = later if contacts else EmailKind.FIRST_CONTACT
    earlier = contacts[0] if contacts else None
    return emails.render(ctx, kind, "body", ticket, person=ctx.by, payment=HowToPay(), earlier=earlier)


def check(ctx: Context, ticket: Ticket, body: str) -> str:
    """The text as it would be sent. Raises InvalidInputError with what it must still say (G7)."""
    body = fields.many_lines("body", body, required=_("Write the message first."))
    refuse_secret_names(ctx, body)
    kind = _next_kind(ctx, ticket)[0]
    paying.check(ctx, ticket, kind, body)
    return body


def may_write(ctx: Context, ticket: Ticket) -> bool:
    """Whether this person owns the ticket, and so may write to its customer (G6)."""
    held = ctx.by.id is not None and ticket.part == Part.PENDING and ticket.owner_id == ctx.by.id
    return held and ticket.erased_at is None


def can_be_reached(ticket: Ticket) -> bool:
    """Whether the customer has an email address: some have only given a phone number."""
    return bool(ticket.customer_email)


def preview(ctx: Context, code: str, draft: Draft) -> str:
    """The text that `write` would send now; nothing is stored. Raises as `write`."""
    ticket = tickets.lock(ctx.session, code)
    body = _checked(ctx, ticket, draft)
    refuse_quotes(ctx, ticket, body)
    return body


def write(ctx: Context, code: str, draft: Draft, uploads: Sequence[Upload] = ()) -> Email:
    """Queue the owner's email to the customer; it leaves only while this claim lasts.

    Raises:
        NotFoundError: There is no such ticket.
        NotTheOwnerError: The claim is not, or no longer, this person's.
        StaleThreadError: A message was added since the page was shown.
        InvalidInputError: By field, also for a credential in the text.
        VaultClosedError: The text cannot be compared with secrets now.
        KeyReusedError: The form was sent with other content.
    """
    return send(ctx, tickets.lock(ctx.session, code), draft, uploads)


def send(
    ctx: Context,
    ticket: Ticket,
    draft: Draft,
    uploads: Sequence[Upload] = (),
    kind: EmailKind | None = None,
    *,
    answers: bool = False,
    subject: str = "",
) -> Email:
    """Like `write`, for a ticket that is locked already.

    Args:
        ctx: The owner.
        ticket: The ticket.
        draft: What to send.
        uploads: The files to send with it.
        kind: What the email is for, if it is not just the next one of the conversation.
        answers: Whether it answers the customer although its kind is not one of `ANSWERS`.
        subject: The subject, if the kind alone does not say enough; empty for that of the kind.

    Raises:
        TransitionRefusedError: The customer was not contacted yet, and `kind` is not one of `_MAY_OPEN`.
    """
    with _edit(ctx, ticket, draft, uploads) as change:
        if change.repeated:
            return existing(queries.email(ctx.session, change.earlier["letter"]))
        kind, subject, opens_as = _headed(ctx, ticket, kind, subject)
        body = _checked(ctx, ticket, draft)
        refuse_quotes(ctx, ticket, f"{body}\n\n{subject}", uploads=uploads)
        message = _keep(ctx, ticket, body, direction="out", claim=ticket.claim_number)
        email = emails.to_customer(ctx, ticket, kind, subject, body, message, opens_as=opens_as)
        attached = operations_files.attach(ctx, ticket, uploads, audience="customer", message_id=message.id)
        data = {"letter": email.reference, "kind": kind, "text": fingerprint(body), "files": attached}
        answered = answers or kind in ANSWERS or not is_unanswered(ctx, ticket, before=message)
        columns = _after_email(ctx, ticket, email, answered=answered)
        change.tell("message-out", data, thread=ticket.thread + 1, **columns)
    return email


def _after_email(ctx: Context, ticket: Ticket, email: Email, *, answered: bool) -> dict[str, object]:
    """The columns of the ticket that change with an email.

    After an answer it is the customer's turn, and the claim gets the longer lease; otherwise they still wait.
    """
    due = deadlines.written(ctx, ticket, email, answered=answered)
    if not answered:
        return {**due, **history.renewed_lease(ctx, ticket)}
    state = ctx.services.workflows[ticket.workflow].state(ticket.state)
    lease = None if state.lasting else ctx.now + leases.lease(ctx, ticket, patient=True)
    return {**due, "awaits": "customer", "lease_until": lease, "lease_warned": False}


def is_unanswered(ctx: Context, ticket: Ticket, *, before: Message) -> bool:
    """Whether the customer wrote, here or on a ticket merged into it, and no email has answered since.

    `before`: the message that is being sent, which is left out.
    """
    if ticket.awaits != "desk":
        return False
    return letter_rules.is_unanswered(queries.spoken_besides(ctx.session, ticket, before))


def sent_before(ctx: Context, ticket: Ticket, draft: Draft, uploads: Sequence[Upload] = ()) -> Email | None:
    """The email that this very draft already became. Raises KeyReusedError if it became another one."""
    change = _edit(ctx, ticket, draft, uploads)
    return queries.email(ctx.session, change.earlier["letter"]) if change.repeated else None


def _edit(ctx: Context, ticket: Ticket, draft: Draft, uploads: Sequence[Upload]) -> Change[Context, Ticket]:
    content = ("write", ticket.code, ctx.by.id, draft.body, files.outlines(uploads))
    return history.edit(ctx, ticket, key=draft.key, content=content)


def receive(  # noqa: PLR0913  # what a form brings, and what a mail brings
    ctx: Context,
    ticket: Ticket,
    body: str,
    *,
    key: str,
    uploads: Sequence[Upload] = (),
    kept: Sequence[str] = (),
    client: str = "",
    rest: str = "",
    is_answer: bool = True,
) -> Message:
    """Store the customer's message; the owner gets a notice. On an ended ticket, it asks for reopening.

    Args:
        ctx: The customer, and when.
        ticket: Their ticket.
        body: The text.
        key: The one-time key of the form.
        uploads: The files.
        kept: The references of the files that were added to the form before.
        client: The network address it came from.
        rest: What a mail said besides, such as quotes.
        is_answer: Whether it may answer what the ticket waits for; only then are subscribers told.

    Raises:
        InvalidInputError: By field.
        KeyReusedError: The form was sent with other content.
        TooManyError: This network address has sent too many.
        StaleTicketError: The ticket was just merged into another one.
    """
    body = fields.many_lines("body", body, required=_("Write your message first."))
    ticket = tickets.lock(ctx.session, ticket.code)
    if ticket.merged_into_id is not None:
        # merged a moment ago: sent again, the message reaches the ticket that goes on
        raise StaleTicketError(ticket.code)
    # a keyed digest: the message may hold a password, which must not be guessable from a hash
    content = ctx.services.links.digest("receive", ticket.code, body, str(files.outlines(uploads)), *kept)
    with history.edit(ctx, ticket, key=key, content=content) as change:
        if change.repeated:
            return queries.message_of_customer(ctx.session, ticket, change.earlier["message"])
        if client:
            limits.spend(ctx, "message", client, ctx.services.settings.orders_per_hour)
        message = _keep(ctx, ticket, body, direction="in", claim=None, rest=rest)
        earlier = zip(*form_files.take(ctx, key, kept), strict=True)
        attached = operations_files.attach(
            ctx, ticket, uploads, earlier=list(earlier), audience="customer", message_id=message.id
        )
        data = {"message": message.number, "text": fingerprint(message.body), "files": attached}
        if message.rest is not None:
            data["rest"] = fingerprint(message.rest)
        columns = lease_after_reply(ctx, ticket) | deadlines.asked(ctx, ticket)
        change.tell("message-in", data, thread=ticket.thread + 1, awaits="desk", **columns)
    if is_answer:
        ctx.services.hooks.call(MESSAGE_RECEIVED, ctx, ticket, body, bool(uploads or kept))
    return message


def lease_after_reply(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The columns of the shorter lease that starts when the customer replies, unless work is under way.

    If it was the desk's turn already, another message of the customer does not extend the lease (G11).
    """
    state = ctx.services.workflows[ticket.workflow].state(ticket.state)
    if ticket.lease_until is None or state.patient or ticket.awaits == "desk":
        return {}
    return {"lease_until": ctx.now + leases.lease(ctx, ticket, patient=False), "lease_warned": False}


def renew_link(ctx: Context, code: str) -> None:
    """Revoke every private link of a ticket and email a new one. Raises NotFoundError.

    For links that have got into the wrong hands; old links lead nowhere afterwards. The links of tickets
    merged into this one are replaced as well.
    """
    ticket = by_code(ctx.session, code)
    ids = ctx.session.scalars(family_ids(ticket))
    for each in tickets.lock_all(ctx.session, ids.all()).values():
        history.tell(ctx, each, "link-renewed", link_edition=each.link_edition + 1)
    _queue_link(ctx, ticket)


def send_links(ctx: Context, address: str, *, key: str) -> None:
    """Email the private links of all open tickets of `address`, newest first, or else of its last one.

    Returns nothing in any case, also if this address has received enough emails for now, so that a stranger
    does not learn which addresses are known.
    """
    known = addresses.compared(address)
    if not known:
        return
    since = ctx.now - timedelta(days=ctx.services.settings.link_days)
    with suppress(TooManyError):
        limits.spend(ctx, "form", key, 1)  # a form that is sent twice sends one email
        found = going_on_for(ctx.session, known, _MOST_LINKS) or last_ended_for(ctx.session, known, since)
        for ticket in found:
            limits.spend(ctx, "mail", ticket.customer_email, ctx.services.settings.automatic_mails_per_hour)
            _queue_link(ctx, ticket)


def _queue_link(ctx: Context, ticket: Ticket) -> None:
    emails.to_customer(ctx, ticket, EmailKind.LINK, *emails.written(ctx, EmailKind.LINK, ticket))


def _checked(ctx: Context, ticket: Ticket, draft: Draft) -> str:
    """The text of `draft` as it is sent, if this person may send it now."""
    _only_the_owner(ctx, ticket, draft.claim)
    if draft.thread != ticket.thread:
        raise StaleThreadError(ticket.code, draft.thread, ticket.thread)
    return check(ctx, ticket, draft.body)


def _headed(
    ctx: Context, ticket: Ticket, kind: EmailKind | None, subject: str
) -> tuple[EmailKind, str, EmailKind]:
    """The kind and subject of the email about to be sent, and the kind whose place it takes."""
    if kind is None:
        opening = open_email(ctx, ticket)
        return opening.kind, opening.subject, opening.kind
    _only_the_owner(ctx, ticket, ticket.claim_number)
    following = _next_kind(ctx, ticket)[0]
    is_order = ctx.services.workflows[ticket.workflow].is_order
    if following is not EmailKind.MESSAGE and kind not in (_MAY_OPEN if is_order else _MAY_OPEN_A_LEAD):
        raise TransitionRefusedError(
            ticket.code, [_("Write to the customer first: they have not heard from you.")]
        )
    return kind, subject or emails.render(ctx, kind, "subject", ticket), following


def _only_the_owner(ctx: Context, ticket: Ticket, claim: int) -> None:
    if not may_write(ctx, ticket):
        raise NotTheOwnerError(ticket.code, holder_name(ctx.session, ticket))
    if ticket.claim_number != claim:
        raise NotTheOwnerError(ticket.code, ctx.by.name, lost=True)


def _next_kind(ctx: Context, ticket: Ticket) -> tuple[EmailKind, Email | None]:
    """First contact, hand-over or plain message; and the earliest contact, if there was one."""
    opened = contact_log.of_ticket(ctx.session, ticket.id).openings()
    if not opened:
        return EmailKind.FIRST_CONTACT, None
    if ticket.claim_number in opened.values():
        return EmailKind.MESSAGE, None
    return EmailKind.HANDOVER, queries.email(ctx.session, next(iter(opened)))


def _questions_to_ask(ctx: Context, ticket: Ticket) -> list[str]:
    """The questions that the service asks at first contact, and those the order form left unanswered."""
    given = {answer["name"]: answer["value"] for answer in ticket.answers}
    return [
        question.label
        for question in terms_under(ctx, ticket.service_version_id).questions
        if (question.moment is Moment.CONTACT and question.is_shown(given))
        or given.get(question.name) in ("", [])
    ]


def _keep(
    ctx: Context, ticket: Ticket, body: str, *, direction: str, claim: int | None, rest: str = ""
) -> Message:
    message = Message(
        ticket_id=ticket.id,
        number=ticket.thread + 1,
        direction=direction,
        author_id=ctx.by.id,
        author_name=ctx.by.name if ctx.by.is_person else ticket.customer_name,
        claim_number=claim,
        raw=body,
        rest=rest or None,
        at=ctx.now,
    )
    if direction == "in":
        masking.hide(ctx, ticket, message)
    ctx.session.add(message)
    ctx.session.flush()
    # what looks like a credential must not be found either
    search.index(ctx.session, ticket.id, message.body)
    return message
