"""Putting emails into the outbox, and withdrawing those whose claim has ended."""

from __future__ import annotations

from typing import Any

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.objects import enter, made
from paidsupport.kernel.errors import NotFoundError, TransitionRefusedError, existing
from paidsupport.kernel.i18n.languages import speaking
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable, stored
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import LINE_LIMIT, shorten
from paidsupport.kernel.transitions import Attempt, Effect, ends_claim
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.contact import operations as contact_log
from paidsupport.tickets.contact.rules import Contacted, ContactLog
from paidsupport.tickets.conversation.operations.disclosure import refuse_secret_names
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.emails.queries import locked, unsent
from paidsupport.tickets.emails.rules import PRIVATE_PAGE, EmailKind, EmailState, contact_slot, end_of
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.payment import paid_to, payee_of
from paidsupport.tickets.tables import Ticket


def render(
    ctx: Context,
    kind: EmailKind,
    part: str,
    ticket: Ticket,
    read_by: Person | None = None,
    /,
    **more: object,
) -> str:
    """Render the `part` (subject or body) of an email that the desk writes itself, from its templates.

    It is in the language of the ticket, or of the member of staff it is `read_by`.
    """
    language = ctx.services.language(ticket.language if read_by is None else read_by.language)
    settings, payee = ctx.services.settings, payee_of(ctx, ticket.payee)
    context = {
        "ticket": ticket,
        "price": Money(ticket.price_minor, ticket.currency) if ticket.price_minor else None,
        # whom the customer pays, and when
        "payee": payee,
        "paid_to": paid_to(payee),
        # what the customer calls it: an order or a question
        "word": ctx.services.workflows[ticket.workflow].word,
        "desk": settings.name,
        "by": ctx.by.name,
        # turns moments into the desk's local time
        "local": ctx.services.hours.local,
        # replaced with the private link when the mail is built
        "private_page": PRIVATE_PAGE,
        "desk_url": f"{settings.base_url}{settings.url_prefix}/desk/tickets/{ticket.code}",
        **more,
    }
    with speaking(language):
        return ctx.services.render(f"emails/{kind}/{part}.txt", context).strip()


def written(
    ctx: Context, kind: EmailKind, ticket: Ticket, read_by: Person | None = None, /, **more: object
) -> tuple[str, str]:
    """Subject and body of an email the desk writes itself, to the customer or the staff it is `read_by`."""
    subject = render(ctx, kind, "subject", ticket, read_by, **more)
    return subject, render(ctx, kind, "body", ticket, read_by, **more)


def to_customer(
    ctx: Context,
    ticket: Ticket,
    kind: EmailKind,
    subject: str,
    body: str,
    message: Message | None = None,
    *,
    opens_as: EmailKind | None = None,
    to: str = "",
) -> Email:
    """Queue an email to the customer; one with a message leaves only while the present claim lasts.

    The private link is added when the mail is built, so it is never stored.

    Args:
        ctx: Who writes, and when.
        ticket: The ticket it is about.
        kind: Its kind.
        subject: Its subject.
        body: Its text.
        message: The message it carries, if a person wrote it.
        opens_as: The kind whose place in the conversation it takes, if not its own: the first email to a
            customer is a first contact whatever its subject.
        to: Another address than the customer's.

    Raises:
        TransitionRefusedError: The customer is erased, or no email address of theirs is known.
        InvalidInputError: The text names a private issue.
    """
    if ticket.erased_at is not None:
        raise TransitionRefusedError(
            ticket.code, [_("The customer's data was erased, so there is no address to write to.")]
        )
    if not ticket.customer_email:
        raise TransitionRefusedError(
            ticket.code, [_("We don't know this customer's email address. Call them.")]
        )
    refuse_secret_names(ctx, f"{subject}\n{body}")
    fenced = message is not None
    email = _queue(
        ctx,
        subject,
        ticket_id=ticket.id,
        message_id=message.id if message else None,
        kind=kind,
        contact=contact_slot(opens_as or kind, ticket.claim_number),
        claim_number=ticket.claim_number if fenced else None,
        audience="customer",
        to_name=ticket.customer_name,
        to_address=to or ticket.customer_email,
        body=body,
        language=ctx.services.language(ticket.language).tag,
    )
    contact_log.note(ctx, email, Contacted.WRITTEN)
    return email


def to_person(ctx: Context, ticket: Ticket, kind: EmailKind, person_id: int, **more: object) -> Email:
    """Queue an email to a member of staff. Raises NotFoundError for an unknown person."""
    person = existing(ctx.session.get(Person, person_id))
    subject, body = written(ctx, kind, ticket, person, person=person, **more)
    return _queue(
        ctx,
        subject,
        ticket_id=ticket.id,
        kind=kind,
        audience="person",
        to_name=person.name,
        to_address=person.email,
        body=body,
        language=ctx.services.language(person.language).tag,
    )


def withdraw_queued(ctx: Context, ticket: Ticket, under: int, why: str) -> list[str]:
    """Withdraw all emails that have not left under a claim that has ended.

    The slot of a first contact among them is free again, unless it may have left before (see `withdraw`).

    Returns:
        The references of the emails that never left.
    """
    found = unsent(ctx.session, ticket, under)
    for email in found:
        withdraw(ctx, ticket, email, why)
    contact_log.released(ctx, ticket, under)
    return [email.reference for email in found if email.contact is None]


def withdraw(ctx: Context, ticket: Ticket, email: Email, why: str) -> None:
    """Mark one email as never sent and tell the history; the caller writes the ticket's row."""
    told = taken_back(ctx, email, why)
    history.append(ctx, ticket, "letter-withdrawn", told, claim_number=email.claim_number)


def taken_back(ctx: Context, email: Email, why: str) -> dict[str, object]:
    """Mark one email as never sent.

    An email that may have been read counts as a contact whatever is decided now: it keeps its slot.

    Returns:
        The data of the event in the history.
    """
    contact_log.note(ctx, email, Contacted.WITHDRAWN)
    if email.contact is not None and not contact_log.keeps_slot(ctx, email):
        email.contact = None
    email.state = EmailState.WITHDRAWN
    email.problem = why
    return {"letter": email.reference, "kind": email.kind, "why": why}


def due_again(ctx: Context, ticket: Ticket, email: Email) -> dict[str, object]:
    """The columns that change because a withdrawn email answered nothing: none if it keeps its slot."""
    return deadlines.unwritten(ctx, ticket, [email.reference] if email.contact is None else [])


#: The line in the log of contacts for each result of an attempt.
_LOGGED = {
    EmailState.SENT: (Contacted.SENT,),
    EmailState.QUEUED: (Contacted.REFUSED,),
    EmailState.UNCERTAIN: (Contacted.UNCERTAIN,),
    EmailState.FAILED: (Contacted.REFUSED,),
    EmailState.WITHDRAWN: (Contacted.REFUSED, Contacted.WITHDRAWN),
}


def ended(ctx: Context, ticket: Ticket, email: Email) -> None:
    """Record the state that an attempt has left an email in: in the log of contacts and in the history."""
    state = EmailState(email.state)
    contact_log.note(ctx, email, *_LOGGED[state])
    if state is EmailState.WITHDRAWN and not contact_log.keeps_slot(ctx, email):
        email.contact = None
    # a digest covers many tickets; the one it is stored with has nothing to tell about it
    if state is EmailState.QUEUED or email.kind == EmailKind.DIGEST:
        return
    told = {"letter": email.reference, "kind": email.kind, "problem": email.problem}
    unwritten = state is EmailState.WITHDRAWN and email.claim_number is not None
    due = due_again(ctx, ticket, email) if unwritten else {}
    history.tell(ctx, ticket, f"letter-{state}", told, email.claim_number, **due)


def bounce(ctx: Context, ticket: Ticket, reference: str, why: str) -> bool:
    """Mark an email that a mail server returned as failed, and tell the owner.

    The caller holds the ticket's lock. An email that is decided about, or queued again, is left alone.

    Returns:
        Whether this was not known yet.
    """
    email = locked(ctx.session, ticket, reference)
    if email.state not in {EmailState.SENDING, EmailState.SENT, EmailState.UNCERTAIN}:
        return False
    email.state, email.problem = end_of(email.kind, EmailState.FAILED), why
    contact_log.note(ctx, email, Contacted.BOUNCED)
    told = {"letter": reference, "kind": email.kind, "problem": why}
    history.tell(ctx, ticket, f"letter-{email.state}", told, email.claim_number)
    if email.audience == "customer" and ticket.owner_id is not None and email.state == EmailState.FAILED:
        to_person(ctx, ticket, EmailKind.BOUNCED, ticket.owner_id, email=email, why=stored(why))
    return True


#: What a person can decide about a stuck email, and the states in which they can.
DECISIONS = {
    "sent": (EmailState.UNCERTAIN,),
    "again": (EmailState.UNCERTAIN, EmailState.FAILED),
    "withdrawn": (EmailState.UNCERTAIN, EmailState.FAILED),
}


def decisions(ctx: Context, ticket: Ticket, email: Email) -> list[str]:
    """What this person can decide about an email now; empty unless it is stuck and theirs to decide."""
    if not _may_settle(ctx, ticket, email):
        return []
    possible = [decision for decision, states in DECISIONS.items() if email.state in states]
    lost = not under_its_claim(email.claim_number, ticket.claim_number, ticket.part)
    return [decision for decision in possible if decision != "again" or not lost]


def settle(ctx: Context, code: str, reference: str, decision: str, *, key: str) -> Email:
    """Decide what happened to an uncertain or failed email: only a person can.

    Args:
        ctx: Who decides.
        code: The ticket.
        reference: The email.
        decision: `sent`: it has arrived. `again`: it has not; send it once more, with the same Message-ID and
            only while its claim lasts. `withdrawn`: it has not, and must not.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such ticket or email.
        TransitionRefusedError: There is nothing to decide, or not for this person.
        KeyReusedError: The form was sent with another decision.
    """
    with history.edit(ctx, code, key=key, content=("settle", reference, decision)) as change:
        ticket = change.record
        email = locked(ctx.session, ticket, reference)
        if decision not in DECISIONS:
            raise NotFoundError
        if change.repeated:
            return email
        _refuse_to_settle(ctx, ticket, email, decision)
        if decision == "withdrawn":
            # an email that may have arrived counts as a contact or an answer, whatever is decided now
            may_have_arrived = email.state == EmailState.UNCERTAIN
            told = taken_back(ctx, email, filled(_TAKEN_BACK, name=ctx.by.name))
            due = {} if may_have_arrived else due_again(ctx, ticket, email)
            change.tell("letter-withdrawn", told, email.claim_number, **due)
            return email
        email.state = EmailState.SENT if decision == "sent" else EmailState.QUEUED
        email.due_at = ctx.now
        email.taken_under = email.taken_under if decision == "sent" else None
        email.sent_at = ctx.now if decision == "sent" else None
        email.problem = ""
        contact_log.note(ctx, email, Contacted.SENT if decision == "sent" else Contacted.AGAIN)
        change.tell("letter-settled", {"letter": reference, "decision": decision})
    return email


def _refuse_to_settle(ctx: Context, ticket: Ticket, email: Email, decision: str) -> None:
    if not _may_settle(ctx, ticket, email):
        raise TransitionRefusedError(
            ticket.code, [_("Only the owner or a manager can decide about this email.")]
        )
    if email.state not in DECISIONS[decision]:
        raise TransitionRefusedError(ticket.code, [_("This email has been decided about already.")])
    if decision == "again" and not under_its_claim(email.claim_number, ticket.claim_number, ticket.part):
        raise TransitionRefusedError(ticket.code, [_CLAIM_OVER])


_CLAIM_OVER = _(
    "The claim that this email was written under has ended, so it can't be sent again."
    " The next owner of the ticket writes to the customer instead."
)


def under_its_claim(email: int | None, ticket: int, part: str) -> bool:
    """Whether an email with this claim number may leave: automatic ones always, others while it lasts."""
    return email is None or (email == ticket and part == Part.PENDING)


def put_right(ctx: Context, ticket: Ticket, email: Email, log: ContactLog) -> bool:
    """Move a queued email to the state that the log of contacts says it is in.

    A database that was partly restored or edited by hand may queue an email that has left, may have left,
    or was withdrawn. The caller holds the ticket's lock.

    Returns:
        Whether the email had to be moved.
    """
    state = log.state_of(email.reference)
    if state is None:
        return False
    contact_log.note(ctx, email, Contacted.RESTORED, slot=log.slot_of(email.reference))
    email.state, email.problem = state, _RESTORED
    email.taken_under = email.claim_number if log.may_have_left(email.reference) else None
    email.sent_at = (email.sent_at or ctx.now) if state is EmailState.SENT else None
    told = {"letter": email.reference, "kind": email.kind, "state": state}
    history.tell(ctx, ticket, "letter-restored", told, email.claim_number)
    return True


_RESTORED = storable(
    _("It was waiting to be sent, but the log of contacts says that it had been taken care of before.")
)
_TAKEN_BACK = storable(_("%(name)s withdrew it."))
_CLAIM_ENDED = storable(_("The claim ended before it was sent."))


def _may_settle(ctx: Context, ticket: Ticket, email: Email) -> bool:
    return ctx.by.is_manager or ctx.by.id == ticket.owner_id or email.claim_number is None


def _queue(ctx: Context, subject: str, **columns: object) -> Email:
    email = made(
        Email,
        author_id=ctx.by.id,
        reference=new_reference(),
        subject=shorten(subject, LINE_LIMIT),
        state=EmailState.QUEUED,
        created_at=ctx.now,
        due_at=ctx.now,
        **columns,
    )
    enter(ctx.session, email)
    return email


def _withdrawn(at: Attempt[Context, Ticket, Any]) -> None:
    """Withdraw what has not left under a claim that ends with this transition (G6)."""
    at.unsent += withdraw_queued(at.ctx, at.record, at.record.claim_number, _CLAIM_ENDED)


EFFECTS = (Effect("letters-withdrawn", _withdrawn, on=ends_claim),)
