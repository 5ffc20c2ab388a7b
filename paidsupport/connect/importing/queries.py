"""What was moved in, and which runs there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from paidsupport.connect.importing.tables import Import, Imported
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tables import Ticket

#: Runs that are not over.
UNFINISHED = ("queued", "running")
#: Runs on the page, and tickets on that of a run.
PAGE, TICKETS = 20, 50


def row_of(session: Session, key: tuple[str, str, str]) -> int | None:
    """The id of our row for a thing of another system, by its source, type and id; None if it is new."""
    source, kind, source_id = key
    same = Imported.source == source, Imported.kind == kind, Imported.source_id == source_id
    return session.scalar(select(Imported.row_id).where(*same))


def staff(session: Session) -> Sequence[Row[int, str, str, str]]:
    """All who work at the desk: id, name, role and address."""
    columns = (Person.id, Person.name, Person.role, Person.address)
    return session.execute(select(*columns).where(Person.active, Person.address != "")).all()


def newest(session: Session) -> Sequence[Import]:
    """The newest runs, newest first."""
    return session.scalars(select(Import).order_by(Import.id.desc()).limit(PAGE)).all()


def by_reference(session: Session, reference: str, *, lock: bool = False) -> Import:
    """The run with this name. Raises NotFoundError."""
    wanted = select(Import).where(Import.reference == reference)
    return existing(session.scalar(wanted.with_for_update() if lock else wanted))


def called(session: Session, reference: str) -> Import | None:
    """The run with this name, if there is one."""
    return session.scalar(select(Import).where(Import.reference == reference))


def over(session: Session, before: datetime) -> Sequence[Import]:
    """Runs that hold a file or a secret, do nothing, and were started before a moment."""
    holds = or_(Import.storage_key.is_not(None), Import.sealed.is_not(None))
    wanted = select(Import).where(holds, Import.state.not_in(UNFINISHED), Import.started_at < before)
    return session.scalars(wanted.order_by(Import.id).with_for_update()).all()


def next_run(session: Session, lost_before: datetime) -> Row[int, int] | None:
    """The run that is due longest, also one that lost its worker, and how often it was taken."""
    lost = and_(Import.state == "running", Import.seen_at < lost_before)
    wanted = select(Import.id, Import.attempts).where(or_(Import.state == "queued", lost))
    return session.execute(wanted.order_by(Import.id).limit(1)).first()


def is_under_way(session: Session) -> bool:
    """Whether a run goes on that writes."""
    wanted = select(Import.id).where(Import.state.in_(UNFINISHED), ~Import.dry)
    return session.scalar(wanted.limit(1)) is not None


def moved_in(session: Session, run: Import) -> Sequence[Row[str, str, str]]:
    """The newest tickets that came in while a run went on: their code, subject and number before."""
    wanted = select(Ticket.code, Ticket.summary, Imported.source_id)
    wanted = wanted.join(Ticket, Ticket.id == Imported.row_id)
    wanted = wanted.where(Imported.kind == "ticket", Imported.at >= run.started_at)
    if run.ended_at is not None:
        wanted = wanted.where(Imported.at <= run.ended_at)
    return session.execute(wanted.order_by(Imported.id.desc()).limit(TICKETS)).all()
