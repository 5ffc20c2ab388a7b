"""Leads and organisations as tests make them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from paidsupport.desk.organisations import contacts, matching, records
from paidsupport.desk.organisations.contacts import Person
from paidsupport.desk.organisations.records import Record
from paidsupport.desk.sales import blockers, wishes
from paidsupport.desk.sales.wishes import Decided, Typed
from paidsupport.domain.actors import Actor
from paidsupport.domain.codes import new_key
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.organisations import Organisation
from paidsupport.store.sales import Blocker, Wish
from paidsupport.store.tickets import Ticket
from tests.mail.incoming import deliver, mail
from tests.people import Desk

WISH = Typed("Photos of receipts", "Photos of receipts", "An order can carry the photo of its receipt.")
OFFER = Decided("offer", "Two days of work.", WISH.summary, WISH.details)


def organisation(desk: Desk, name: str = "Example Shop", **more: str) -> str:
    """A record; returns its reference."""
    with desk.visit(desk.ada) as visit:
        return records.create(visit, Record(name, **more), key=new_key()).reference


def contact(desk: Desk, reference: str, name: str = "Jane Doe", key: str = "", **more: str) -> None:
    """Somebody speaks for an organisation."""
    with desk.visit(desk.ada) as visit:
        contacts.add(visit, reference, Person(name, **more), key=key or new_key())


def organisation_of(desk: Desk, code: str) -> str:
    """The name of the organisation whose ticket it is, or nothing."""
    with desk.visit() as visit:
        ticket = visit.session.scalars(select(Ticket).where(Ticket.code == code)).one()
        found = matching.of(visit, ticket)
        return found.name if found else ""


def record(desk: Desk, reference: str) -> Organisation:
    """A record as it is now."""
    with desk.visit() as visit:
        return matching.by_reference(visit, reference)


def lead(desk: Desk, by: Actor | None = None, sender: str = "Jane Doe <jane@shop.example>") -> str:
    """A lead from a mail to sales, claimed by Ada or somebody else."""
    made = mail("Can orders carry photos of receipts?", From=sender, To="sales@example.org")
    deliver(desk, made, to="sales@example.org")
    with desk.visit() as visit:
        code = visit.session.scalars(select(Ticket.code).order_by(Ticket.id.desc())).first()
    assert code is not None
    desk.claim(code, by or desk.ada)
    return code


def wish(desk: Desk, code: str, by: Actor | None = None, typed: Typed = WISH) -> str:
    """They wish for something technical; returns its reference."""
    with desk.visit(by or desk.ada) as visit:
        wishes.note(visit, code, typed, key=new_key())
    return wishes_of(desk, code)[-1].reference


def decide(
    desk: Desk, code: str, reference: str, decided: Decided = OFFER, by: Actor | None = None, key: str = ""
) -> None:
    """Mia, or somebody else, decides about a wish."""
    with desk.visit(by or desk.mia) as visit:
        wishes.decide(visit, code, reference, decided, key=key or new_key())


def block(desk: Desk, code: str, what: str = "The contract", **more: Any) -> str:  # noqa: ANN401
    """Something stands in the way; returns its reference."""
    with desk.visit(desk.ada) as visit:
        kind = more.pop("kind", "contract")
        blockers.note(visit, code, kind, what, key=new_key(), **more)
        wanted = select(Blocker.reference).order_by(Blocker.id.desc())
        return visit.session.scalars(wanted).first() or ""


def wishes_of(desk: Desk, code: str) -> list[Wish]:
    """The wishes of a lead, oldest first."""
    with desk.visit() as visit:
        wanted = select(Wish).join(Ticket, Ticket.id == Wish.ticket_id).where(Ticket.code == code)
        return list(visit.session.scalars(wanted.order_by(Wish.id)))


def issues_of(desk: Desk, code: str) -> list[Issue]:
    """The issues that a ticket follows, oldest first."""
    with desk.visit() as visit:
        wanted = select(Issue).join(Follower, Follower.issue_id == Issue.id)
        wanted = wanted.join(Ticket, Ticket.id == Follower.ticket_id).where(Ticket.code == code)
        return list(visit.session.scalars(wanted.order_by(Issue.id)))
