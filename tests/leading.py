"""Leads and organisations as tests make them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from paidsupport.issues.tables import Follower, Issue
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.sales.leads.operations import blockers, wishes
from paidsupport.sales.leads.operations.wishes import Decided, Typed
from paidsupport.sales.leads.tables import Blocker, Wish
from paidsupport.sales.organisations.operations import contacts, records
from paidsupport.sales.organisations.operations.contacts import Person
from paidsupport.sales.organisations.operations.records import Record
from paidsupport.sales.organisations.queries import records as organisations
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets.tables import Ticket
from tests.intake.mail.incoming import deliver, mail
from tests.people import Desk

WISH = Typed("Photos of receipts", "Photos of receipts", "An order can carry the photo of its receipt.")
OFFER = Decided("offer", "Two days of work.", WISH.summary, WISH.details)


def organisation(desk: Desk, name: str = "Example Shop", **more: str) -> str:
    """A record; returns its reference."""
    with desk.ctx(desk.ada) as ctx:
        return records.create(ctx, Record(name, **more), key=new_key()).reference


def contact(desk: Desk, reference: str, name: str = "Jane Doe", key: str = "", **more: str) -> None:
    """Somebody speaks for an organisation."""
    with desk.ctx(desk.ada) as ctx:
        contacts.add(ctx, reference, Person(name, **more), key=key or new_key())


def organisation_of(desk: Desk, code: str) -> str:
    """The name of the organisation whose ticket it is, or nothing."""
    with desk.ctx() as ctx:
        ticket = ctx.session.scalars(select(Ticket).where(Ticket.code == code)).one()
        found = organisations.of_ticket(ctx.session, ticket)
        return found.name if found else ""


def record(desk: Desk, reference: str) -> Organisation:
    """A record as it is now."""
    with desk.ctx() as ctx:
        return organisations.by_reference(ctx.session, reference)


def lead(desk: Desk, by: Actor | None = None, sender: str = "Jane Doe <jane@shop.example>") -> str:
    """A lead from a mail to sales, claimed by Ada or somebody else."""
    made = mail("Can orders carry photos of receipts?", From=sender, To="sales@example.org")
    deliver(desk, made, to="sales@example.org")
    with desk.ctx() as ctx:
        code = ctx.session.scalars(select(Ticket.code).order_by(Ticket.id.desc())).first()
    assert code is not None
    desk.claim(code, by or desk.ada)
    return code


def wish(desk: Desk, code: str, by: Actor | None = None, typed: Typed = WISH) -> str:
    """They wish for something technical; returns its reference."""
    with desk.ctx(by or desk.ada) as ctx:
        wishes.note(ctx, code, typed, key=new_key())
    return wishes_of(desk, code)[-1].reference


def decide(
    desk: Desk, code: str, reference: str, decided: Decided = OFFER, by: Actor | None = None, key: str = ""
) -> None:
    """Mia, or somebody else, decides about a wish."""
    with desk.ctx(by or desk.mia) as ctx:
        wishes.decide(ctx, code, reference, decided, key=key or new_key())


def block(desk: Desk, code: str, what: str = "Contract", **more: Any) -> str:  # noqa: ANN401
    """Something stands in the way; returns its reference."""
    with desk.ctx(desk.ada) as ctx:
        kind = more.pop("kind", "contract")
        blockers.note(ctx, code, kind, what, key=new_key(), **more)
        wanted = select(Blocker.reference).order_by(Blocker.id.desc())
        return ctx.session.scalars(wanted).first() or ""


def wishes_of(desk: Desk, code: str) -> list[Wish]:
    """The wishes of a lead, oldest first."""
    with desk.ctx() as ctx:
        wanted = select(Wish).join(Ticket, Ticket.id == Wish.ticket_id).where(Ticket.code == code)
        return list(ctx.session.scalars(wanted.order_by(Wish.id)))


def issues_of(desk: Desk, code: str) -> list[Issue]:
    """The issues that a ticket follows, oldest first."""
    with desk.ctx() as ctx:
        wanted = select(Issue).join(Follower, Follower.issue_id == Issue.id)
        wanted = wanted.join(Ticket, Ticket.id == Follower.ticket_id).where(Ticket.code == code)
        return list(ctx.session.scalars(wanted.order_by(Issue.id)))
