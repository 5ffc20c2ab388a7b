"""Erasing a customer: everything personal goes, figures and the shape of history stay (P13).

A backup may bring an erased ticket back. So every erasure is remembered in a journal beside the files,
before anything else happens, and `replay` does again what has come undone or was never finished.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import Table, select, update

from paidsupport.desk import deadlines, emptying, history, invoicing, letters, limits, strays
from paidsupport.desk.issues import leaving
from paidsupport.desk.organisations import forgetting
from paidsupport.desk.visit import Visit
from paidsupport.domain import phones
from paidsupport.domain.codes import new_reference
from paidsupport.domain.letters import LetterState
from paidsupport.errors import MoveRefusedError, NotEndedError
from paidsupport.store import addresses, gate, search, tickets
from paidsupport.store.base import PREFIX
from paidsupport.store.inbox import RawMail
from paidsupport.store.post import Letter
from paidsupport.store.requests import Intake
from paidsupport.store.tables import metadata
from paidsupport.store.tickets import Ticket

#: Tickets read at once.
_BATCH = 1000

_TICKETS = metadata.tables[Ticket.__tablename__]
_UNSENT = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)


@dataclass(frozen=True, slots=True)
class Erased:
    """The codes of the tickets that were erased, and how many rows of what was in them."""

    codes: list[str]
    counts: Counter[str]
    #: Those among them that have not ended: only a restored backup has such.
    unended: list[str]
    #: The numbers of invoices that the law wants kept: their buyers are in them until it does no more.
    kept: list[str] = field(default_factory=list)


def found(visit: Visit, address: str) -> list[str]:
    """The codes of the tickets of this mail address, or of calls from this number, however it is spelled."""
    return [ticket.code for ticket in _of(visit, address)]


def erase(visit: Visit, address: str) -> Erased:
    """Take everything personal out of all tickets of a mail address or of a caller's number, for good.

    Raises NotEndedError while one of them has not ended, and MoveRefusedError while a letter is just
    leaving. Nothing is found any more when it is done twice. If the transaction fails after all, the
    contents of files are gone already, and `replay` completes the rest.
    """
    locked = _locked(visit, [ticket.id for ticket in _of(visit, address)])
    locked = [ticket for ticket in locked if ticket.erased_at is None]
    if unended := [ticket.code for ticket in locked if ticket.part != "closed"]:
        raise NotEndedError(unended)
    for ticket in locked:
        _refuse_while_leaving(visit, ticket)
    people = forgetting.contacts_of(visit, address)
    loose = strays.of(visit, address) if "@" in address else []
    if locked or people or loose:
        line = {
            "at": visit.now.isoformat(),
            "codes": [ticket.code for ticket in locked],
            "contacts": [contact.reference for contact in people],
            "mails": [mail.reference for mail in loose],
        }
        visit.house.files.remember(json.dumps(line))
    forgetting.forget(visit, people, address)
    for mail in loose:
        strays.forget(visit, mail)
    limits.forget_all_of(visit, address)
    return _all(visit, locked)


def replay(visit: Visit) -> Erased:
    """Erase once more whatever the journal names and a restored backup has brought back.

    Also what has not ended in the backup: it had, when it was erased.
    """
    lines = [json.loads(line) for line in visit.house.files.remembered()]
    codes = {code for line in lines for code in line["codes"]}
    forgetting.forget_again(visit, {name for line in lines for name in line.get("contacts", ())})
    for mail in strays.named(visit, {name for line in lines for name in line.get("mails", ())}):
        strays.forget(visit, mail)
    names, ids = iter(sorted(codes)), list[int]()
    while batch := list(islice(names, _BATCH)):
        ids += visit.session.scalars(select(Ticket.id).where(Ticket.code.in_(batch)))
    locked = _locked(visit, ids)
    for ticket in locked:
        _drop_contents(visit, ticket)
    again: Counter[str] = Counter()
    for ticket in locked:
        if ticket.erased_at is not None:
            again += emptying.empty_again(visit, ticket, ticket.erased_at)
    erased = _all(visit, [ticket for ticket in locked if ticket.erased_at is None])
    return replace(erased, counts=erased.counts + again)


def _locked(visit: Visit, ids: list[int]) -> list[Ticket]:
    """In one order: two erasures at once never wait for each other in a circle."""
    return [tickets.lock_by_id(visit.session, id_) for id_ in sorted(ids)]


def _of(visit: Visit, address: str) -> list[Ticket]:
    """However the address is spelled; who called may have left a number alone."""
    if "@" not in address:
        return _of_number(visit, address)
    named = Ticket.id.in_(strays.tickets_of(visit, address))
    theirs = select(Ticket).where((Ticket.customer_address == addresses.compared(address)) | named)
    return list(visit.session.scalars(theirs.where(Ticket.erased_at.is_(None)).order_by(Ticket.id)))


def _of_number(visit: Visit, number: str) -> list[Ticket]:
    alike = select(Intake.ticket_id, Intake.phone).where(
        Intake.digits == phones.compared(number), Intake.digits != ""
    )
    rows = visit.session.execute(alike.order_by(Intake.ticket_id)).all()
    ids = [row.ticket_id for row in rows if phones.is_same(row.phone, number)]
    return [ticket for id_ in ids if (ticket := visit.session.get(Ticket, id_))]


def _refuse_while_leaving(visit: Visit, ticket: Ticket) -> None:
    leaving = select(Letter.id).where(Letter.ticket_id == ticket.id, Letter.state == LetterState.SENDING)
    if visit.session.scalar(leaving.limit(1)) is not None:
        sentence = (
            f"A letter of {ticket.code} is just leaving. Try again in some minutes; nothing was erased."
        )
        raise MoveRefusedError(ticket.code, [sentence])


def _all(visit: Visit, wanted: Sequence[Ticket]) -> Erased:
    counts: Counter[str] = Counter()
    unended = [ticket.code for ticket in wanted if ticket.part != "closed"]
    codes = [ticket.code for ticket in wanted]
    leaving.lock_issues(visit, [ticket.id for ticket in wanted])
    # a vault that cannot be opened keeps nobody from being erased
    with gate.set_aside(visit.session):
        for ticket in wanted:
            counts += _erase(visit, ticket)
        visit.session.flush()
        invoicing.forget(visit)
    visit.session.expire_all()
    return Erased(codes, counts, unended, invoicing.kept(visit, [ticket.id for ticket in wanted]))


def _erase(visit: Visit, ticket: Ticket) -> Counter[str]:
    """One ticket, whose lock is held; returns how many rows of what were emptied."""
    # whoever is known by another name or number on another ticket is the same person
    forgetting.forget(visit, forgetting.contacts_of(visit, ticket.customer_email), *_known_by(ticket))
    _withdraw(visit, ticket)
    visit.session.flush()
    _drop_contents(visit, ticket)
    leaving.erased(visit, ticket)
    counts = emptying.empty_ticket(visit, ticket)
    _settle(visit, ticket)
    search.forget(visit.session, ticket.id)
    # neither a private link nor a reply address leads here any more
    void = {"link_edition": ticket.link_edition + 1, "reference": new_reference(), "awaits": ""}
    values = void | {"erased_at": visit.now} | deadlines.drop(visit, ticket)
    personal = emptying.values(_TICKETS)
    history.tell(visit, ticket, "erased", counts, **personal, **values)
    return counts


def _known_by(ticket: Ticket) -> tuple[str, ...]:
    """The words by which a record of an organisation may name the customer of a ticket."""
    return ticket.customer_email, ticket.customer_name


def _withdraw(visit: Visit, ticket: Ticket) -> None:
    """Nothing leaves any more."""
    unsent = select(Letter).where(Letter.ticket_id == ticket.id, Letter.state.in_(_UNSENT))
    for letter in visit.session.scalars(unsent.order_by(Letter.id).with_for_update()).all():
        letters.withdraw(visit, ticket, letter, "The customer was erased.")


def _drop_contents(visit: Visit, ticket: Ticket) -> None:
    """What lies in the store of files: contents, and the keys of secrets."""
    of_ticket = RawMail.ticket_id == ticket.id
    visit.session.execute(update(RawMail).where(of_ticket).values(dropped_at=visit.now))
    emptying.drop_contents(visit, ticket)


def _settle(visit: Visit, ticket: Ticket) -> None:
    """What waits for somebody waits no more, and every secret has an end: states, not texts."""
    invoicing.drop_drafts(visit, ticket)
    decision, reminder, secret = _table("decision"), _table("reminder"), _table("secret")
    delivery = _table("delivery")
    visit.session.execute(
        update(delivery)
        .where(delivery.c.ticket_id == ticket.id, delivery.c.state != "delivered")
        .values(state="failed")
    )
    visit.session.execute(
        update(decision)
        .where(decision.c.ticket_id == ticket.id, decision.c.answer == "")
        .values(answer="withdrawn", answered_at=visit.now)
    )
    visit.session.execute(
        update(reminder)
        .where(reminder.c.ticket_id == ticket.id, reminder.c.done_at.is_(None))
        .values(done_at=visit.now, outcome="dropped")
    )
    visit.session.execute(
        update(secret)
        .where(secret.c.ticket_id == ticket.id, secret.c.destroyed_at.is_(None))
        .values(destroyed_by=visit.by.name, destroyed_at=visit.now)
    )


def _table(name: str) -> Table:
    return metadata.tables[f"{PREFIX}{name}"]
