"""Putting emails into the outbox, and taking back those whose claim is lost."""

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
    """The `part` (subject or body) of an email the desk writes itself, from its folder of templates.

    It is in the language of the ticket, unless it is `read_by` somebody else.
    """
    language = ctx.services.language(ticket.language if read_by is None else read_by.language)
    settings = ctx.services.settings
    context = {
        "ticket": ticket,
        "price": Money(ticket.price_minor, ticket.currency) if ticket.price_minor else None,
        # what the customer calls it: an order, a question
        "word": ctx.services.workflows[ticket.workflow].word,
        "desk": settings.name,
        "by": ctx.by.name,
        # moments as the desk's clocks show them
        "local": ctx.services.hours.local,
        # where the customer's private page is linked to, once the mail is made
        "private_page": PRIVATE_PAGE,
        "desk_url": f"{settings.base_url}{settings.url_prefix}/desk/tickets/{ticket.code}",
        **more,
    }
    with speaking(language):
        return ctx.services.render(f"emails/{kind}/{part}.txt", context).strip()


def written(
    ctx: Context, kind: EmailKind, ticket: Ticket, read_by: Person | None = None, /, **more: object
) -> tuple[str, str]:
    """Subject and body of an email that the desk writes itself, to the customer or as `read_by` staff."""
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
    """Queue an email to the customer; one with a message is fenced by the present claim.

    `opens_as`: the kind whose place in the conversation it takes, if that is not its own: a first contact
    is one whatever it is about. `to`: another address than the customer's.
    The private link is not in it: it is added when the mail is made, and so never lies in the database.
    Raises TransitionRefusedError once the customer is erased, and if no mail address of theirs is known;
    InvalidInputError if it names a private issue.
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
    """A claim ended: take back what has not left under its number.

    A first contact among it is free again, unless it may have left before (see `withdraw`). Returns the
    references of the emails that never left.
    """
    found = unsent(ctx.session, ticket, under)
    for email in found:
        withdraw(ctx, ticket, email, why)
    contact_log.released(ctx, ticket, under)
    return [email.reference for email in found if email.contact is None]


def withdraw(ctx: Context, ticket: Ticket, email: Email, why: str) -> None:
    """Mark one email as never sent and say so in the history; the caller writes the head of that."""
    told = taken_back(ctx, email, why)
    history.append(ctx, ticket, "letter-withdrawn", told, claim_number=email.claim_number)


def taken_back(ctx: Context, email: Email, why: str) -> dict[str, object]:
    """Mark one email as never sent; returns what history tells of it.

    What may have been read was a contact, whatever is decided about it now: by the log it keeps its slot.
    """
    contact_log.note(ctx, email, Contacted.WITHDRAWN)
    if email.contact is not None and not contact_log.keeps_slot(ctx, email):
        email.contact = None
    email.state = EmailState.WITHDRAWN
    email.problem = why
    return {"letter": email.reference, "kind": email.kind, "why": why}


def due_again(ctx: Context, ticket: Ticket, email: Email) -> dict[str, object]:
    """The columns of what is due again because an email was taken back: nothing if it keeps its slot."""
    return deadlines.unwritten(ctx, ticket, [email.reference] if email.contact is None else [])


#: What the log of contacts says of the end of an attempt.
_LOGGED = {
    EmailState.SENT: (Contacted.SENT,),
    EmailState.QUEUED: (Contacted.REFUSED,),
    EmailState.UNCERTAIN: (Contacted.UNCERTAIN,),
    EmailState.FAILED: (Contacted.REFUSED,),
    EmailState.WITHDRAWN: (Contacted.REFUSED, Contacted.WITHDRAWN),
}


def ended(ctx: Context, ticket: Ticket, email: Email) -> None:
    """Let the log of contacts and the history tell of the state that an attempt has brought an email to."""
    state = EmailState(email.state)
    contact_log.note(ctx, email, *_LOGGED[state])
    if state is EmailState.WITHDRAWN and not contact_log.keeps_slot(ctx, email):
        email.contact = None
    # a digest is about many tickets: that it left is nothing to tell of the one it hangs on
    if state is EmailState.QUEUED or email.kind == EmailKind.DIGEST:
        return
    told = {"letter": email.reference, "kind": email.kind, "problem": email.problem}
    unwritten = state is EmailState.WITHDRAWN and email.claim_number is not None
    due = due_again(ctx, ticket, email) if unwritten else {}
    history.tell(ctx, ticket, f"letter-{state}", told, email.claim_number, **due)


def bounce(ctx: Context, ticket: Ticket, reference: str, why: str) -> bool:
    """Mark an email that a mail server gave back as failed, and tell the owner; returns whether it was news.

    The caller holds the ticket's lock. An email that is decided about, or waits to be sent again, stays.
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


#: What a person can decide about an email that got stuck, and the states it can be decided in.
DECISIONS = {
    "sent": (EmailState.UNCERTAIN,),
    "again": (EmailState.UNCERTAIN, EmailState.FAILED),
    "withdrawn": (EmailState.UNCERTAIN, EmailState.FAILED),
}


def decisions(ctx: Context, ticket: Ticket, email: Email) -> list[str]:
    """What this person can decide about an email now: nothing, unless it is stuck and theirs to decide."""
    if not _may_settle(ctx, ticket, email):
        return []
    possible = [decision for decision, states in DECISIONS.items() if email.state in states]
    lost = not under_its_claim(email.claim_number, ticket.claim_number, ticket.part)
    return [decision for decision in possible if decision != "again" or not lost]


def settle(ctx: Context, code: str, reference: str, decision: str, *, key: str) -> Email:
    """Decide what happened to an uncertain or failed email: only a person can.

    `sent`: it has arrived; `again`: it has not, send it (under the same Message-ID, and only while its claim
    lasts); `withdrawn`: it has not, and shall not. Raises NotFoundError, TransitionRefusedError,
    KeyReusedError.
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
            # one that may have arrived was a contact or an answer, whatever is decided about it now
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
    " Whoever claims the ticket next writes to the customer instead."
)


def under_its_claim(email: int | None, ticket: int, part: str) -> bool:
    """Whether an email with this claim number may leave: automatic ones always, others while it lasts."""
    return email is None or (email == ticket and part == Part.PENDING)


def put_right(ctx: Context, ticket: Ticket, email: Email, log: ContactLog) -> bool:
    """Put an email that waits to leave back to where the log says it is; returns whether that was needed.

    A database that was restored in part, or edited by hand, says that it waits although it has left, may have
    left, or was taken back. The caller holds the ticket's lock.
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
    """What has not left under a claim does not leave after it (G6)."""
    at.unsent += withdraw_queued(at.ctx, at.record, at.record.claim_number, _CLAIM_ENDED)


EFFECTS = (Effect("letters-withdrawn", _withdrawn, on=ends_claim),)
