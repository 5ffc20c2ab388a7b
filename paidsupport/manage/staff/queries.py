"""What managers see of the staff: what each holds, when they were last at work, and who is invited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from paidsupport.issues.tables import OVER, Issue, IssueEvent
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.outbox.queries import Rows
from paidsupport.kernel.staff.roster.tables import Absence, Shift
from paidsupport.kernel.staff.tables import Token
from paidsupport.kernel.workflow import Part
from paidsupport.manage.staff.tables import Invitation
from paidsupport.sales.organisations.tables import Organisation
from paidsupport.tickets.tables import Event, Ticket

#: How far back in histories it is looked for when a person was last at work.
_RECENT = 2000
#: How the emails of invitations leave, and what is selected of them.
OUTBOX = Rows(Invitation, key="id")
LEAVING = select(Invitation)


def claims(session: Session) -> Mapping[int, int]:
    """The number of tickets that each person holds."""
    held = select(Ticket.owner_id, func.count()).where(Ticket.part == Part.PENDING)
    return _counts(session, held.where(Ticket.owner_id.is_not(None)).group_by(Ticket.owner_id))


def issues(session: Session) -> Mapping[int, int]:
    """The number of open issues that each person is assigned to."""
    held = select(Issue.owner_id, func.count()).where(Issue.owner_id.is_not(None))
    return _counts(session, held.where(Issue.state.not_in(OVER)).group_by(Issue.owner_id))


def last_at_work(session: Session) -> Mapping[int, datetime]:
    """When each person last did something or let a program do it, as far as recent histories say."""
    found: dict[int, datetime] = {}
    for lines in (Event, IssueEvent):
        recent = select(lines.actor_id, lines.at).order_by(lines.id.desc()).limit(_RECENT).subquery()
        wanted = select(recent.c.actor_id, func.max(recent.c.at)).where(recent.c.actor_id.is_not(None))
        _keep_newest(found, session.execute(wanted.group_by(recent.c.actor_id)))
    used = select(Token.person_id, func.max(Token.last_used_at)).where(Token.last_used_at.is_not(None))
    _keep_newest(found, session.execute(used.group_by(Token.person_id)))
    return found


def claims_of(session: Session, person_id: int) -> Sequence[Ticket]:
    """The tickets that a person holds, in the order in which every operation locks them."""
    held = select(Ticket).where(Ticket.owner_id == person_id, Ticket.part == Part.PENDING)
    return session.scalars(held.order_by(Ticket.id)).all()


def organisations_of(session: Session, person_id: int) -> Sequence[Organisation]:
    """The organisations whose account manager a person is, by name."""
    held = select(Organisation).where(Organisation.holder_id == person_id)
    return session.scalars(held.order_by(Organisation.name, Organisation.id)).all()


def shifts_of(session: Session, person_id: int) -> Sequence[Shift]:
    """The shifts of a person that are on the roster."""
    live = select(Shift).where(Shift.person_id == person_id, Shift.removed_at.is_(None))
    return session.scalars(live.order_by(Shift.id)).all()


def substituted_by(session: Session, person_id: int) -> Sequence[Absence]:
    """The absences in which a person stands in for a colleague."""
    live = select(Absence).where(Absence.substitute_id == person_id, Absence.removed_at.is_(None))
    return session.scalars(live.order_by(Absence.id)).all()


def open_invitations(session: Session) -> Sequence[Invitation]:
    """The invitations that were neither accepted nor withdrawn, the newest first."""
    wanted = select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    return session.scalars(wanted.order_by(Invitation.id.desc())).all()


def open_invitation(session: Session, address: str) -> Invitation | None:
    """The invitation of an address, in its form for comparing, that was neither accepted nor withdrawn."""
    wanted = select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    return session.scalar(wanted.where(Invitation.address == address))


def invitation(session: Session, reference: str) -> Invitation | None:
    """The invitation with this random name, as it is now."""
    wanted = select(Invitation).where(Invitation.reference == reference)
    return session.scalar(wanted.execution_options(populate_existing=True))


def was_disabled_since(session: Session, person_id: int, moment: datetime) -> bool:
    """Whether a person was disabled after a moment."""
    disabled = select(ConfigurationEvent.id).where(ConfigurationEvent.about == f"person:{person_id}")
    disabled = disabled.where(ConfigurationEvent.kind == "disabled", ConfigurationEvent.at > moment)
    return session.scalar(disabled.limit(1)) is not None


def _counts(session: Session, wanted: Select[int | None, int]) -> Mapping[int, int]:
    return {person: number for person, number in session.execute(wanted) if person is not None}


def _keep_newest(found: dict[int, datetime], rows: Iterable[Any]) -> None:
    for person, at in rows:
        found[person] = max(found.get(person, at), at)
