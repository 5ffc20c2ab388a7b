"""Rows of every kind, for what goes through all of them: erasing, handing out, finding anew, restoring."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, Row, RowMapping, Table, select
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import ConnectionTask
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.issues.tables import Issue, IssueNotice
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.staff.tables import Person, Preference
from paidsupport.tickets.departures.tables import Departed
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: Whether these have left is what the journal is asked; and nothing of them leaves an erased customer.
UNSENT = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNCERTAIN, EmailState.FAILED)
_WAITS = ("queued", "sending")
#: Tickets or issues that are read at once.
_BATCH = 200


def tickets_of(session: Session, address: str, ids: Collection[int]) -> list[Ticket]:
    """The tickets of a mail address, and those with these ids, that were not erased."""
    theirs = (Ticket.customer_address == compared(address)) | Ticket.id.in_(ids)
    wanted = select(Ticket).where(theirs, Ticket.erased_at.is_(None))
    return list(session.scalars(wanted.order_by(Ticket.id)))


def is_leaving(session: Session, ticket: Ticket) -> bool:
    """Whether an email of a ticket is being sent at this moment."""
    leaving = select(Email.id).where(Email.ticket_id == ticket.id, Email.state == EmailState.SENDING)
    return session.scalar(leaving.limit(1)) is not None


def lock_unsent(session: Session, ticket: Ticket) -> Sequence[Email]:
    """The emails of a ticket that have not left, locked."""
    unsent = select(Email).where(Email.ticket_id == ticket.id, Email.state.in_(UNSENT))
    return session.scalars(unsent.order_by(Email.id).with_for_update()).all()


def ids_on(session: Session, table: Table, ticket: Ticket) -> Sequence[int]:
    """The ids of the rows of a table that are about a ticket."""
    return session.scalars(
        select(table.c.id).where(table.c.ticket_id == ticket.id).order_by(table.c.id)
    ).all()


def values(
    session: Session, table: Table, columns: Sequence[Column[Any]], ids: Collection[int]
) -> Sequence[RowMapping]:
    """These columns of these rows."""
    wanted = select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id)
    return session.execute(wanted).mappings().all()


def next_rows(session: Session, row: Any, after: int) -> Sequence[Any]:  # noqa: ANN401  # tickets or issues
    """The next ones behind the id `after`."""
    return session.scalars(select(row).where(row.id > after).order_by(row.id).limit(_BATCH)).all()


def rows_on(session: Session, row: Any, ticket: Ticket) -> Sequence[Any]:  # noqa: ANN401  # a class of rows
    """The rows of a kind that are about a ticket."""
    return session.scalars(select(row).where(row.ticket_id == ticket.id)).all()


def unsent(session: Session) -> Sequence[Row[int, int]]:
    """All emails that have not left, and their tickets: the ids, those of a ticket together."""
    wanted = select(Email.id, Email.ticket_id).where(Email.state.in_(UNSENT))
    return session.execute(wanted.order_by(Email.ticket_id, Email.id)).all()


def emails_known(session: Session) -> set[str]:
    """The names of all emails that are there, or are known to have left."""
    return {*session.scalars(select(Email.reference)), *session.scalars(select(Departed.reference))}


def ticket_ids(session: Session) -> dict[str, int]:
    """The id of every ticket, by its code."""
    return {row.code: row.id for row in session.execute(select(Ticket.code, Ticket.id))}


def preferences(session: Session) -> Sequence[Row[Preference, Person]]:
    """What each person wants to be notified of."""
    return session.execute(select(Preference, Person).join(Person, Person.id == Preference.person_id)).all()


def waiting_requests(session: Session) -> Sequence[ConnectionTask]:
    """What other programs are to be asked."""
    wanted = select(ConnectionTask).where(ConnectionTask.state.in_(_WAITS))
    return session.scalars(wanted.order_by(ConnectionTask.id)).all()


def waiting_deliveries(session: Session) -> Sequence[Delivery]:
    """What waits for a program of the site's own."""
    return session.scalars(select(Delivery).where(Delivery.state.in_(_WAITS)).order_by(Delivery.id)).all()


def waiting_news(session: Session) -> Sequence[Row[IssueNotice, Issue]]:
    """The notices of issues whose mail has not left."""
    wanted = select(IssueNotice, Issue).join(Issue, Issue.id == IssueNotice.issue_id)
    return session.execute(wanted.where(IssueNotice.mail.in_(_WAITS))).all()
