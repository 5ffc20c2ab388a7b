"""Writing with the customer: the owner alone, first contact once, no stale threads (G6, G7)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from paidsupport.desk import deadlines, files, history, letters, limits, masking, requirements
from paidsupport.desk.disclosure import refuse_secret_names
from paidsupport.desk.files import Upload
from paidsupport.desk.people import holder_name
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain import letters as letter_rules
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.letters import ANSWERS, LetterKind, missing_in_first_contact
from paidsupport.domain.money import Money
from paidsupport.domain.questions import Moment
from paidsupport.domain.workflow import Part
from paidsupport.errors import (
    InvalidInputError,
    MoveRefusedError,
    NotFoundError,
    NotTheOwnerError,
    StaleThreadError,
    StaleTicketError,
    TooManyError,
)
from paidsupport.kernel import fields
from paidsupport.kernel.edit import Change
from paidsupport.store import addresses, contact_log, search, tickets
from paidsupport.store.catalogue import ServiceQuestion
from paidsupport.store.conversation import Message
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket, family


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is about to send: `claim` and `thread` are the numbers their page showed."""

    body: str
    claim: int
    thread: int
    key: str


#: Letters that begin a conversation as well as any other: whoever gets one has heard from the owner.
_MAY_OPEN = frozenset({LetterKind.POINTER, LetterKind.INVESTIGATING, LetterKind.SOLVED})
#: The same where nothing was ordered yet: somebody called, and the first letter is the offer they wanted.
_MAY_OPEN_A_LEAD = _MAY_OPEN | {LetterKind.OFFER}


@dataclass(frozen=True, slots=True)
class Opening:
    """What the next letter of a claim is, and the text to start it from."""

    kind: LetterKind
    subject: str
    body: str


def open_letter(visit: Visit, ticket: Ticket) -> Opening:
    """The kind, subject and draft of the owner's next letter (G7). Raises NotTheOwnerError."""
    _only_the_owner(visit, ticket, ticket.claim_number)
    kind, earlier = _next_kind(visit, ticket)
    first = kind is LetterKind.FIRST_CONTACT
    context = {
        "person": visit.session.get(Person, visit.by.id),
        "questions": _questions_to_ask(visit, ticket) if first else [],
        "outstanding": requirements.outstanding(visit, ticket) if first else [],
        "earlier": earlier,
    }
    return Opening(
        kind,
        letters.render(visit, kind, "subject", ticket, **context),
        letters.render(visit, kind, "body", ticket, **context),
    )


def check(visit: Visit, ticket: Ticket, body: str) -> str:
    """The text as it would be sent. Raises InvalidInputError with what it must still say (G7)."""
    body = fields.many_lines("body", body, required="Write the message first.")
    refuse_secret_names(visit, body)
    kind, _ = _next_kind(visit, ticket)
    if kind is LetterKind.FIRST_CONTACT:
        _check_first_contact(visit, ticket, body)
    return body


def may_write(visit: Visit, ticket: Ticket) -> bool:
    """Whether this person holds the ticket, and so may write to its customer (G6)."""
    held = visit.by.id is not None and ticket.part == Part.PENDING and ticket.owner_id == visit.by.id
    return held and ticket.erased_at is None


def can_be_reached(ticket: Ticket) -> bool:
    """Whether letters can be written to the customer at all: some have only told us their phone number."""
    return bool(ticket.customer_email)


def preview(visit: Visit, code: str, draft: Draft) -> str:
    """The text that `write` would send now; nothing is kept. Raises what `write` raises."""
    ticket = tickets.lock(visit.session, code)
    body = _checked(visit, ticket, draft)
    refuse_quotes(visit, ticket, body)
    return body


def write(visit: Visit, code: str, draft: Draft, uploads: Sequence[Upload] = ()) -> Letter:
    """Queue the owner's letter to the customer; it leaves while this claim lasts, and only then.

    Raises NotFoundError, NotTheOwnerError (the claim is not, or no longer, yours), StaleThreadError
    (somebody wrote meanwhile), InvalidInputError (also for a credential in it), VaultClosedError (nobody
    knows whether there is one in it), KeyReusedError.
    """
    return send(visit, tickets.lock(visit.session, code), draft, uploads)


def send(
    visit: Visit,
    ticket: Ticket,
    draft: Draft,
    uploads: Sequence[Upload] = (),
    kind: LetterKind | None = None,
    *,
    answers: bool = False,
) -> Letter:
    """As `write`, for a ticket whose lock is held already.

    `kind`: what the letter is for, if it is more than the next one of the conversation. Only one of
    `_MAY_OPEN` may be the first contact then: raises MoveRefusedError for others before that.
    `answers`: that it answers what the customer asked, although its kind is not one of `ANSWERS`.
    """
    with _edit(visit, ticket, draft, uploads) as change:
        if change.repeated:
            return _letter_of(visit, change)
        kind, subject, opens_as = _headed(visit, ticket, kind)
        body = _checked(visit, ticket, draft)
        refuse_quotes(visit, ticket, f"{body}\n\n{subject}", uploads=uploads)
        message = _keep(visit, ticket, body, direction="out", claim=ticket.claim_number)
        letter = letters.to_customer(visit, ticket, kind, subject, body, message, opens_as=opens_as)
        attached = files.attach(visit, ticket, uploads, audience="customer", message=message)
        data = {"letter": letter.reference, "kind": kind, "text": fingerprint(body), "files": attached}
        answered = answers or kind in ANSWERS or not is_unanswered(visit, ticket, before=message)
        columns = _after_letter(visit, ticket, letter, answered=answered)
        change.tell("message-out", data, thread=ticket.thread + 1, **columns)
    return letter


def _after_letter(visit: Visit, ticket: Ticket, letter: Letter, *, answered: bool) -> dict[str, object]:
    """The columns of the ticket that change with a letter.

    If it answers, the customer is waited for and the claim gets the longer time; if not, they still wait.
    """
    due = deadlines.written(visit, ticket, letter, answered=answered)
    if not answered:
        return {**due, **history.renewed_lease(visit, ticket)}
    state = visit.house.workflows[ticket.workflow].state(ticket.state)
    lease = None if state.lasting else visit.now + visit.house.settings.lease(patient=True)
    return {**due, "awaits": "customer", "lease_until": lease, "lease_warned": False}


def is_unanswered(visit: Visit, ticket: Ticket, *, before: Message) -> bool:
    """Whether the customer wrote, here or on what was merged into it, and no letter has answered since.

    `before`: the message that is being sent; what it says is left out.
    """
    if ticket.awaits != "desk":
        return False
    here = Message.ticket_id.in_(select(Ticket.id).where(family(ticket)))
    said = select(Message.direction, Letter.kind, Letter.state)
    said = said.outerjoin(Letter, Letter.message_id == Message.id).where(here, Message.id != before.id)
    rows = visit.session.execute(said.order_by(Message.id.desc()))
    return letter_rules.is_unanswered((row[0], row[1], row[2]) for row in rows)


def sent_before(visit: Visit, ticket: Ticket, draft: Draft, uploads: Sequence[Upload] = ()) -> Letter | None:
    """The letter that this very draft became already. Raises KeyReusedError for another one."""
    change = _edit(visit, ticket, draft, uploads)
    return _letter_of(visit, change) if change.repeated else None


def _letter_of(visit: Visit, change: Change[Visit, Ticket]) -> Letter:
    wanted = select(Letter).where(Letter.reference == change.earlier["letter"])
    return visit.session.scalars(wanted).one()


def _edit(visit: Visit, ticket: Ticket, draft: Draft, uploads: Sequence[Upload]) -> Change[Visit, Ticket]:
    content = ("write", ticket.code, visit.by.id, draft.body, files.outlines(uploads))
    return history.edit(visit, ticket, key=draft.key, content=content)


def receive(
    visit: Visit,
    ticket: Ticket,
    body: str,
    *,
    key: str,
    uploads: Sequence[Upload] = (),
    client: str = "",
    rest: str = "",
) -> Message:
    """Keep the customer's message from their page; whoever holds the ticket is told by a notice.

    `client` is the network address it came from, `rest` what a mail said besides. Raises InvalidInputError,
    KeyReusedError, TooManyError, StaleTicketError (it was merged into another one just now). On an ended
    ticket it asks for reopening by being unanswered.
    """
    body = fields.many_lines("body", body, required="Write your message first.")
    ticket = tickets.lock(visit.session, ticket.code)
    if ticket.merged_into_id is not None:
        # a moment ago it was not: whoever sends it again finds the ticket on which things go on
        raise StaleTicketError(ticket.code)
    # keyed, for it may hold a password: what is cut out of the message must not be guessed from its hash
    content = visit.house.links.digest("receive", ticket.code, body, str(files.outlines(uploads)))
    with history.edit(visit, ticket, key=key, content=content) as change:
        if change.repeated:
            number = change.earlier["message"]
            wanted = select(Message).where(Message.ticket_id == ticket.id, Message.number == number)
            return visit.session.scalars(wanted).one()
        if client:
            limits.spend(visit, "message", client, visit.house.settings.orders_per_hour)
        message = _keep(visit, ticket, body, direction="in", claim=None, rest=rest)
        attached = files.attach(visit, ticket, uploads, audience="customer", message=message)
        data = {"message": message.number, "text": fingerprint(message.body), "files": attached}
        if message.rest is not None:
            data["rest"] = fingerprint(message.rest)
        columns = lease_after_reply(visit, ticket) | deadlines.asked(visit, ticket)
        change.tell("message-in", data, thread=ticket.thread + 1, awaits="desk", **columns)
    return message


def lease_after_reply(visit: Visit, ticket: Ticket) -> dict[str, object]:
    """The columns of the shorter time that the desk has again after a reply, unless work is under way.

    A desk that is waited for already gains no time by the customer's impatience (G11).
    """
    state = visit.house.workflows[ticket.workflow].state(ticket.state)
    if ticket.lease_until is None or state.patient or ticket.awaits == "desk":
        return {}
    return {"lease_until": visit.now + visit.house.settings.lease(patient=False), "lease_warned": False}


def renew_link(visit: Visit, code: str) -> None:
    """Make every private link of a ticket void and mail a new one. Raises NotFoundError.

    For links that have come into wrong hands; whoever holds an old one finds nothing there. Links of what was
    merged into it lead to it, too.
    """
    named = select(Ticket.id).where(Ticket.code == code).scalar_subquery()
    ids = visit.session.scalars(
        select(Ticket.id).where((Ticket.code == code) | (Ticket.merged_into_id == named))
    )
    for ticket in tickets.lock_all(visit.session, ids.all()).values():
        history.tell(visit, ticket, "link-renewed", link_edition=ticket.link_edition + 1)
    _queue_link(visit, tickets.lock(visit.session, code))


def send_link_again(visit: Visit, code: str, address: str, *, key: str) -> None:
    """Mail the private link once more, if `address` is the one the ticket was ordered with.

    Says nothing either way, also not that this address has had enough mails for now, so that nobody
    learns which codes and addresses belong together.
    """
    ticket = visit.session.scalar(select(Ticket).where(Ticket.code == code))
    if ticket is None or not addresses.is_same(ticket.customer_email, address):
        return
    with suppress(TooManyError):
        limits.spend(visit, "form", key, 1)  # the same form, sent twice, mails once
        limits.spend(visit, "mail", ticket.customer_email, visit.house.settings.automatic_mails_per_hour)
        _queue_link(visit, ticket)


def _queue_link(visit: Visit, ticket: Ticket) -> None:
    subject = letters.render(visit, LetterKind.LINK, "subject", ticket)
    letters.to_customer(
        visit, ticket, LetterKind.LINK, subject, letters.render(visit, LetterKind.LINK, "body", ticket)
    )


def _checked(visit: Visit, ticket: Ticket, draft: Draft) -> str:
    """The text of `draft` as it is sent, if this person may send it now."""
    _only_the_owner(visit, ticket, draft.claim)
    if draft.thread != ticket.thread:
        raise StaleThreadError(ticket.code, draft.thread, ticket.thread)
    return check(visit, ticket, draft.body)


def _headed(visit: Visit, ticket: Ticket, kind: LetterKind | None) -> tuple[LetterKind, str, LetterKind]:
    """The kind and subject of the letter that is about to be sent, and the kind whose place it takes."""
    if kind is None:
        opening = open_letter(visit, ticket)
        return opening.kind, opening.subject, opening.kind
    _only_the_owner(visit, ticket, ticket.claim_number)
    following = _next_kind(visit, ticket)[0]
    is_order = visit.house.workflows[ticket.workflow].is_order
    if following is not LetterKind.MESSAGE and kind not in (_MAY_OPEN if is_order else _MAY_OPEN_A_LEAD):
        raise MoveRefusedError(ticket.code, ["Write to the customer first: they have not heard from you."])
    return kind, letters.render(visit, kind, "subject", ticket), following


def _only_the_owner(visit: Visit, ticket: Ticket, claim: int) -> None:
    if not may_write(visit, ticket):
        raise NotTheOwnerError(ticket.code, holder_name(visit, ticket))
    if ticket.claim_number != claim:
        raise NotTheOwnerError(ticket.code, visit.by.name, lost=True)


def _next_kind(visit: Visit, ticket: Ticket) -> tuple[LetterKind, Letter | None]:
    """First contact, hand-over letter or plain message, and the earliest contact that there was."""
    opened = contact_log.of_ticket(visit.session, ticket.id).openings()
    if not opened:
        return LetterKind.FIRST_CONTACT, None
    if ticket.claim_number in opened.values():
        return LetterKind.MESSAGE, None
    earliest = select(Letter).where(Letter.reference == next(iter(opened)))
    return LetterKind.HANDOVER, visit.session.scalar(earliest)


def _check_first_contact(visit: Visit, ticket: Ticket, body: str) -> None:
    if not ticket.price_minor:
        return  # nothing is to be paid
    person = visit.session.get(Person, visit.by.id)
    if person is None:
        raise NotFoundError
    if not person.payment:
        sentence = "Say in your profile how customers pay you: it belongs in every first contact."
        raise InvalidInputError({"body": [sentence]})
    price = Money(ticket.price_minor, ticket.currency)
    if missing := missing_in_first_contact(body, code=ticket.code, price=price, payment=person.payment):
        raise InvalidInputError({"body": missing})


def _questions_to_ask(visit: Visit, ticket: Ticket) -> list[str]:
    """What the service asks at first contact, and what the order form left unanswered."""
    wanted = select(ServiceQuestion).where(ServiceQuestion.service_id == ticket.service_id)
    given = {answer["name"]: answer["value"] for answer in ticket.answers}
    rows = visit.session.scalars(wanted.order_by(ServiceQuestion.position))
    return [row.label for row in rows if row.moment == Moment.CONTACT or given.get(row.name) in ("", [])]


def _keep(
    visit: Visit, ticket: Ticket, body: str, *, direction: str, claim: int | None, rest: str = ""
) -> Message:
    message = Message(
        ticket_id=ticket.id,
        number=ticket.thread + 1,
        direction=direction,
        author_id=visit.by.id,
        author_name=visit.by.name if visit.by.is_person else ticket.customer_name,
        claim_number=claim,
        raw=body,
        rest=rest or None,
        at=visit.now,
    )
    if direction == "in":
        masking.hide(visit, ticket, message)
    visit.session.add(message)
    visit.session.flush()
    # what looks like a credential is not even found
    search.index(visit.session, ticket.id, message.body)
    return message
