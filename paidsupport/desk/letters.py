"""Putting letters into the outbox, and taking back those whose claim is lost (design §5.4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from paidsupport.desk import contact_log, deadlines, history
from paidsupport.desk.disclosure import refuse_secret_names
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import new_reference
from paidsupport.domain.contact_log import Contacted, ContactLog
from paidsupport.domain.letters import LetterKind, LetterState, contact_slot, end_of
from paidsupport.domain.money import Money
from paidsupport.domain.text import LINE_LIMIT, shorten
from paidsupport.domain.workflow import Part
from paidsupport.errors import MoveRefusedError, NotFoundError
from paidsupport.kernel.transitions import Attempt, Effect, ends_claim
from paidsupport.store.conversation import Message
from paidsupport.store.people import Person
from paidsupport.store.plain import changed
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket


def render(visit: Visit, kind: LetterKind, part: str, ticket: Ticket, **more: object) -> str:
    """The `part` (subject or body) of a letter the desk writes itself, from its folder of templates."""
    settings = visit.house.settings
    context = {
        "ticket": ticket,
        "price": Money(ticket.price_minor, ticket.currency) if ticket.price_minor else None,
        # what the customer calls it: an order, a question
        "word": visit.house.workflows[ticket.workflow].word,
        "desk": settings.name,
        # moments as the desk's clocks show them
        "local": visit.house.hours.local,
        "desk_url": f"{settings.base_url}{settings.url_prefix}/desk/tickets/{ticket.code}",
        **more,
    }
    return visit.house.render(f"letters/{kind}/{part}.txt", context).strip()


def to_customer(
    visit: Visit,
    ticket: Ticket,
    kind: LetterKind,
    subject: str,
    body: str,
    message: Message | None = None,
    *,
    opens_as: LetterKind | None = None,
) -> Letter:
    """Queue a letter to the customer; one with a message is fenced by the present claim.

    `opens_as`: the kind whose place in the conversation it takes, if that is not its own: a first contact
    is one whatever it is about.
    The private link is not in it: it is added when the mail is made, and so never lies in the database.
    Raises MoveRefusedError once the customer is erased, and if no mail address of theirs is known;
    InvalidInputError if it names a private issue.
    """
    if ticket.erased_at is not None:
        raise MoveRefusedError(ticket.code, ["The customer was erased: nobody can be written to."])
    if not ticket.customer_email:
        raise MoveRefusedError(ticket.code, ["No mail address of this customer is known: call them."])
    refuse_secret_names(visit, f"{subject}\n{body}")
    fenced = message is not None
    letter = _queue(
        visit,
        Letter(
            ticket_id=ticket.id,
            message_id=message.id if message else None,
            kind=kind,
            contact=contact_slot(opens_as or kind, ticket.claim_number),
            claim_number=ticket.claim_number if fenced else None,
            author_id=visit.by.id,
            audience="customer",
            to_name=ticket.customer_name,
            to_address=ticket.customer_email,
            subject=subject,
            body=body,
        ),
    )
    contact_log.note(visit, letter, Contacted.WRITTEN)
    return letter


def to_person(visit: Visit, ticket: Ticket, kind: LetterKind, person_id: int, **more: object) -> Letter:
    """Queue a letter to somebody of the desk. Raises NotFoundError for an unknown person."""
    person = visit.session.get(Person, person_id)
    if person is None:
        raise NotFoundError
    return _queue(
        visit,
        Letter(
            ticket_id=ticket.id,
            kind=kind,
            author_id=visit.by.id,
            audience="person",
            to_name=person.name,
            to_address=person.email,
            subject=render(visit, kind, "subject", ticket, person=person, **more),
            body=render(visit, kind, "body", ticket, person=person, **more),
        ),
    )


def withdraw_queued(visit: Visit, ticket: Ticket, under: int, why: str) -> list[str]:
    """A claim ended: take back what has not left under its number.

    A first contact among it is free again, unless it may have left before (see `withdraw`). Returns the
    references of the letters that never left.
    """
    queued = (
        select(Letter)
        .where(
            Letter.ticket_id == ticket.id,
            Letter.claim_number == under,
            Letter.state.in_((LetterState.QUEUED, LetterState.FAILED)),
        )
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = visit.session.scalars(queued).all()
    for letter in found:
        withdraw(visit, ticket, letter, why)
    contact_log.released(visit, ticket, under)
    return [letter.reference for letter in found if letter.contact is None]


def withdraw(visit: Visit, ticket: Ticket, letter: Letter, why: str) -> None:
    """Mark one letter as never sent and say so in the history; the caller writes the head of that."""
    told = taken_back(visit, letter, why)
    history.append(visit, ticket, "letter-withdrawn", told, claim_number=letter.claim_number)


def taken_back(visit: Visit, letter: Letter, why: str) -> dict[str, object]:
    """Mark one letter as never sent; returns what history tells of it.

    What may have been read was a contact, whatever is decided about it now: by the log it keeps its slot.
    """
    contact_log.note(visit, letter, Contacted.WITHDRAWN)
    if letter.contact is not None and not contact_log.keeps_slot(visit, letter):
        letter.contact = None
    letter.state = LetterState.WITHDRAWN
    letter.problem = why
    return {"letter": letter.reference, "kind": letter.kind, "why": why}


def due_again(visit: Visit, ticket: Ticket, letter: Letter) -> dict[str, object]:
    """The columns of what is due again because a letter was taken back: nothing if it keeps its slot."""
    return deadlines.unwritten(visit, ticket, [letter.reference] if letter.contact is None else [])


def bounce(visit: Visit, ticket: Ticket, reference: str, why: str) -> bool:
    """Mark a letter that a mail server gave back as failed, and tell the owner; returns whether it was news.

    The caller holds the ticket's lock. A letter that is decided about, or waits to be sent again, stays.
    """
    letter = _locked(visit, ticket, reference)
    if letter.state not in {LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN}:
        return False
    letter.state, letter.problem = end_of(letter.kind, LetterState.FAILED), why
    contact_log.note(visit, letter, Contacted.BOUNCED)
    told = {"letter": reference, "kind": letter.kind, "problem": why}
    history.tell(visit, ticket, f"letter-{letter.state}", told, letter.claim_number)
    if letter.audience == "customer" and ticket.owner_id is not None and letter.state == LetterState.FAILED:
        to_person(visit, ticket, LetterKind.BOUNCED, ticket.owner_id, letter=letter, why=why)
    return True


#: What a person can decide about a letter that got stuck, and the states it can be decided in.
DECISIONS = {
    "sent": (LetterState.UNCERTAIN,),
    "again": (LetterState.UNCERTAIN, LetterState.FAILED),
    "withdrawn": (LetterState.UNCERTAIN, LetterState.FAILED),
}


def decisions(visit: Visit, ticket: Ticket, letter: Letter) -> list[str]:
    """What this person can decide about a letter now: nothing, unless it is stuck and theirs to decide."""
    if not _may_settle(visit, ticket, letter):
        return []
    possible = [decision for decision, states in DECISIONS.items() if letter.state in states]
    lost = not under_its_claim(letter.claim_number, ticket.claim_number, ticket.part)
    return [decision for decision in possible if decision != "again" or not lost]


def settle(visit: Visit, code: str, reference: str, decision: str, *, key: str) -> Letter:
    """Decide what happened to an uncertain or failed letter: only a person can (design §5.4).

    `sent`: it has arrived; `again`: it has not, send it (under the same Message-ID, and only while its claim
    lasts); `withdrawn`: it has not, and shall not. Raises NotFoundError, MoveRefusedError, KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("settle", reference, decision)) as change:
        ticket = change.record
        letter = _locked(visit, ticket, reference)
        if decision not in DECISIONS:
            raise NotFoundError
        if change.repeated:
            return letter
        _refuse_to_settle(visit, ticket, letter, decision)
        if decision == "withdrawn":
            # one that may have arrived was a contact or an answer, whatever is decided about it now
            may_have_arrived = letter.state == LetterState.UNCERTAIN
            told = taken_back(visit, letter, f"{visit.by.name} withdrew it.")
            due = {} if may_have_arrived else due_again(visit, ticket, letter)
            change.tell("letter-withdrawn", told, letter.claim_number, **due)
            return letter
        letter.state = LetterState.SENT if decision == "sent" else LetterState.QUEUED
        letter.due_at = visit.now
        letter.taken_under = letter.taken_under if decision == "sent" else None
        letter.sent_at = visit.now if decision == "sent" else None
        letter.problem = ""
        contact_log.note(visit, letter, Contacted.SENT if decision == "sent" else Contacted.AGAIN)
        change.tell("letter-settled", {"letter": reference, "decision": decision})
    return letter


def _refuse_to_settle(visit: Visit, ticket: Ticket, letter: Letter, decision: str) -> None:
    if not _may_settle(visit, ticket, letter):
        raise MoveRefusedError(ticket.code, ["Only the owner or a manager can decide about this letter."])
    if letter.state not in DECISIONS[decision]:
        raise MoveRefusedError(ticket.code, ["This letter has been decided about already."])
    if decision == "again" and not under_its_claim(letter.claim_number, ticket.claim_number, ticket.part):
        raise MoveRefusedError(ticket.code, [_CLAIM_OVER])


_CLAIM_OVER = (
    "The claim that this email was written under has ended, so it can't be sent again."
    " Whoever claims the ticket next writes to the customer instead."
)


def under_its_claim(letter: int | None, ticket: int, part: str) -> bool:
    """Whether a letter with this claim number may leave: automatic ones always, others while it lasts."""
    return letter is None or (letter == ticket and part == Part.PENDING)


def put_right(visit: Visit, ticket: Ticket, letter: Letter, log: ContactLog) -> bool:
    """Put a letter that waits to leave back to where the log says it is; returns whether that was needed.

    A database that was restored in part, or edited by hand, says that it waits although it has left, may have
    left, or was taken back. The caller holds the ticket's lock.
    """
    state = log.state_of(letter.reference)
    if state is None:
        return False
    contact_log.note(visit, letter, Contacted.RESTORED, slot=log.slot_of(letter.reference))
    letter.state, letter.problem = state, _RESTORED
    letter.taken_under = letter.claim_number if log.may_have_left(letter.reference) else None
    letter.sent_at = (letter.sent_at or visit.now) if state is LetterState.SENT else None
    told = {"letter": letter.reference, "kind": letter.kind, "state": state}
    history.tell(visit, ticket, "letter-restored", told, letter.claim_number)
    return True


_RESTORED = "It was waiting to be sent, but the log of contacts says that it had been taken care of before."


def _locked(visit: Visit, ticket: Ticket, reference: str) -> Letter:
    """The letter called `reference`, held against the workers. Raises NotFoundError."""
    found = visit.session.scalar(
        select(Letter)
        .where(Letter.ticket_id == ticket.id, Letter.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError
    return found


def _may_settle(visit: Visit, ticket: Ticket, letter: Letter) -> bool:
    return visit.by.is_manager or visit.by.id == ticket.owner_id or letter.claim_number is None


def take_state(
    visit: Visit, letter_id: int, old: LetterState, attempt: int | None = None, **values: object
) -> bool:
    """Move a letter on, if it is still in `old`: one conditional update, won by one worker only.

    With `attempt`, also if that is still the latest: a worker that was given up says nothing about
    what another one has begun since.
    """
    still = [Letter.id == letter_id, Letter.state == old]
    if attempt is not None:
        still.append(Letter.attempts == attempt)
    return changed(visit.session, update(Letter).where(*still).values(**values)) == 1


def _queue(visit: Visit, letter: Letter) -> Letter:
    letter.reference = new_reference()
    letter.subject = shorten(letter.subject, LINE_LIMIT)
    letter.state = LetterState.QUEUED
    letter.created_at = letter.due_at = visit.now
    visit.session.add(letter)
    return letter


def _withdrawn(at: Attempt[Visit, Ticket, Any]) -> None:
    """What has not left under a claim does not leave after it (G6)."""
    why = f"The claim ended: {at.move.label.lower()}."
    at.unsent += withdraw_queued(at.ctx, at.record, at.record.claim_number, why)


EFFECTS = (Effect("letters-withdrawn", _withdrawn, on=ends_claim),)
