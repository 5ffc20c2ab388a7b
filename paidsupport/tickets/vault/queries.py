"""Queries for the secrets of tickets, and for texts that could give them away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import CTE, BindParameter, ColumnElement, Row, Table, bindparam, literal, null, select
from sqlalchemy.orm import Session

from paidsupport.kernel.db import gate
from paidsupport.kernel.db.base import BigKey
from paidsupport.kernel.errors import existing
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.tables import Look, Secret

_Row = Row[*tuple[Any, ...]]
_BY_AGE = select(Secret).order_by(Secret.id).execution_options(populate_existing=True)


def secrets(session: Session, ticket: Ticket) -> list[Secret]:
    """Everything the customer of a ticket ever shared, as it is now, oldest first."""
    return list(session.scalars(_BY_AGE.where(Secret.ticket_id == ticket.id)))


def secret(session: Session, ticket: Ticket, reference: str) -> Secret:
    """One secret of a ticket, as it is now. Raises NotFoundError."""
    return existing(
        session.scalar(_BY_AGE.where(Secret.ticket_id == ticket.id, Secret.reference == reference))
    )


def sealed(session: Session, *which: ColumnElement[bool]) -> Sequence[Row[Secret, Ticket]]:
    """Every stored secret, or `which` of them, each with its ticket, oldest first."""
    wanted = select(Secret, Ticket).join(Ticket, Ticket.id == Secret.ticket_id)
    return session.execute(wanted.where(Secret.sealed.is_not(None), *which).order_by(Secret.id)).all()


def master_keys(session: Session) -> Sequence[str]:
    """The ids of the master keys that anything is stored under."""
    return session.scalars(select(Secret.key_id).where(Secret.sealed.is_not(None)).distinct()).all()


def written_by_staff(session: Session, table: Table, which: ColumnElement[bool]) -> Iterable[_Row]:
    """What staff typed into rows of a table: the columns that can hold text."""
    wanted = select(*(table.c[name] for name in gate.staff_columns(table))).where(which)
    # what customers wrote in messages is their own
    ours = [table.c.direction == "out"] if table.name == Message.__tablename__ else []
    return session.execute(wanted.where(*ours))


def at_hand(session: Session, person_id: int | None, ids: Collection[int]) -> Iterable[_Row]:
    """All stored secrets that concern a person or the tickets with these ids: one query.

    Includes messages in which the customers of these tickets wrote a credential.
    """
    known = person_id is not None
    values = {"ids": list(ids), **({"person_id": person_id} if known else {})}
    return session.execute(_at_hand(by_person=known), values)


@cache
def _at_hand(*, by_person: bool) -> Any:  # noqa: ANN401  # a union of rows
    """The statement; built once, because it is sent before whatever staff write."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True, type_=BigKey)
    return _all_of(ids, _concerned(bindparam("person_id", type_=BigKey) if by_person else None, ids))


def _concerned(person_id: BindParameter[Any] | None, ids: BindParameter[Any]) -> CTE:
    """The ids of all tickets whose secrets are compared."""
    mine = (Ticket.owner_id == person_id, Ticket.part == Part.PENDING)
    looked = select(Secret.ticket_id).join(Look, Look.secret_id == Secret.id)
    looked = looked.where(Look.person_id == person_id, Secret.sealed.is_not(None))
    wanted = [
        select(Ticket.id).where(Ticket.id.in_(ids)),
        select(Ticket.id).where(Ticket.merged_into_id.in_(ids)),
        select(Ticket.id).where(*mine),
        looked,
    ]
    return wanted[0].union(*wanted[1:]).cte("concerned")


def _all_of(ids: BindParameter[Any], concerned: CTE) -> Any:  # noqa: ANN401  # a union of rows
    """The stored secrets of these tickets, and messages in which their customers wrote a credential."""
    place = (
        Ticket.id.label("ticket_id"),
        Ticket.merged_into_id,
        Ticket.code,
        Ticket.reference.label("ticket"),
    )
    kept = (
        select(
            Secret.kind,
            Secret.reference,
            Secret.sealed,
            Secret.key_reference.label("data_key"),
            Secret.key_id,
            literal("").label("words"),
            *place,
        )
        .join(Ticket, Ticket.id == Secret.ticket_id)
        .where(Secret.sealed.is_not(None), Secret.ticket_id.in_(select(concerned.c.id)))
    )
    nothing = (literal("said"), literal(""), null(), null(), literal(""))
    said = (
        select(*nothing, Message.raw, *place)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.shown.is_not(None), Message.ticket_id.in_(select(concerned.c.id)))
    )
    # the page also shows what was merged into the ticket
    ordered = select(*nothing, Ticket.details + "\n\n" + Ticket.host_access, *place)
    ordered = ordered.where(Ticket.id.in_(ids) | Ticket.merged_into_id.in_(ids))
    return kept.union_all(said, ordered)
