"""Queries for ERPs: what of ours is there, and what has changed here since (P17, T8, T19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.connect.erp.protocol import What
from paidsupport.kernel.db.parts import Loaded, Part, any_with
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: Before the name of each customer's record there.
PREFIX = "DESK-"
#: Changed records that are looked for at once.
_MOST = 100
_OURS = or_(*(Remote.what == str(each) for each in What))
# without IN: the statements are prepared, and would take another form for each number of values
_OPEN = or_(*(ConnectionTask.state == each for each in ("queued", "sending", "failed", "uncertain")))


@dataclass(frozen=True, slots=True)
class There:
    """What something of ours is in an ERP, for display; `id` is empty until it is there."""

    where: str
    what: str
    id: str
    link: str
    looked_at: datetime | None
    problem: str


def _shown(of: Any, chain: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401  # expressions
    problem = (
        select(ConnectionTask.problem)
        .where(ConnectionTask.connection_id == Remote.connection_id, chain, _OPEN)
        .where(ConnectionTask.problem != "")
        .order_by(ConnectionTask.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = Connection.name, Remote.what, Remote.remote, Remote.link, Remote.looked_at, problem
    wanted = select(*columns).join(Connection, Connection.id == Remote.connection_id)
    return wanted.where(of, _OURS).order_by(Connection.name, Remote.id)


_OF_TICKET = _shown(Remote.ticket_id == bindparam("record"), ConnectionTask.ticket_id == bindparam("record"))
_OF_ORGANISATION = _shown(Remote.ours == bindparam("ours"), ConnectionTask.chain == bindparam("ours"))


def _there(page: Loaded[Any]) -> list[There]:
    return [_of(row) for row in page.ask(_OF_TICKET)]


def _of(row: Any) -> There:  # noqa: ANN401  # a row
    where, what, id_, link, looked_at, problem = row
    return There(where, what, id_ or "", link, looked_at, problem or "")


#: What a ticket is in ERPs.
THERE = Part("there", any_with(Remote.ticket_id), _there)


def of_organisation(session: Session, reference: str) -> list[There]:
    """What the record of an organisation is in ERPs: one query."""
    return [_of(row) for row in session.execute(_OF_ORGANISATION, {"ours": PREFIX + reference})]


def changed(session: Session, connection_id: int) -> Sequence[Organisation]:
    """The organisations that were changed since their records there were looked at, and wait for no task."""
    waits = exists().where(
        ConnectionTask.connection_id == connection_id,
        ConnectionTask.chain == Remote.ours,
        ConnectionTask.what == str(What.PARTY),
        ConnectionTask.state.in_(("queued", "sending")),
    )
    wanted = select(Organisation).join(Remote, Remote.ours == PREFIX + Organisation.reference)
    wanted = wanted.where(Remote.connection_id == connection_id, Remote.what == str(What.PARTY), ~waits)
    wanted = wanted.where(Remote.looked_at <= Organisation.changed_at, Organisation.archived_at.is_(None))
    return session.scalars(wanted.order_by(Organisation.id).limit(_MOST)).all()


def message(session: Session, ticket_id: int, number: int) -> Message | None:
    """What a customer wrote."""
    wanted = select(Message).where(Message.ticket_id == ticket_id, Message.number == number)
    return session.scalar(wanted)


def message_out(session: Session, reference: str) -> Message | None:
    """What was written to a customer with this email, unless that was withdrawn."""
    wanted = select(Message).join(Email, Email.message_id == Message.id)
    return session.scalar(wanted.where(Email.reference == reference, Email.state != EmailState.WITHDRAWN))
