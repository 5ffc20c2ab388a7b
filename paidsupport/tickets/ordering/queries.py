"""Queries for the files of order forms, and for the tickets that forms became."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from paidsupport.kernel.workflow import Part
from paidsupport.tickets.ordering.tables import FormFile
from paidsupport.tickets.tables import Event, Ticket


def files_of(session: Session, form: str, since: datetime) -> Sequence[FormFile]:
    """The files added to a form since a moment, in order."""
    theirs = FormFile.form == form, FormFile.at > since
    return session.scalars(select(FormFile).where(*theirs).order_by(FormFile.id)).all()


def older_files(session: Session, until: datetime, most: int) -> Sequence[FormFile]:
    """Files of forms that were added before a moment and never ordered with."""
    wanted = select(FormFile).where(FormFile.at <= until).order_by(FormFile.at)
    return session.scalars(wanted.limit(most)).all()


def open_under(session: Session, service_id: int) -> int:
    """How many tickets of a service are not closed."""
    theirs = Ticket.service_id == service_id, Ticket.part != Part.CLOSED
    return session.scalar(select(func.count(Ticket.id)).where(*theirs)) or 0


def ordered_with(session: Session, once: str, since: datetime) -> Ticket | None:
    """The ticket that the form with this key became, if that was after `since`."""
    wanted = select(Ticket).join(Event, Event.ticket_id == Ticket.id)
    return session.scalar(wanted.where(Event.key == once, Event.number == 1, Ticket.submitted_at > since))
