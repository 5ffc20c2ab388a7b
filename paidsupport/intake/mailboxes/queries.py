"""Queries for the mailboxes that managers enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.intake.mailboxes.tables import MailboxAccount
from paidsupport.tickets.received.tables import Mailbox


def accounts(session: Session) -> Sequence[MailboxAccount]:
    """All of them as they are now, by user."""
    wanted = select(MailboxAccount).order_by(MailboxAccount.login, MailboxAccount.id)
    return session.scalars(wanted, execution_options={"populate_existing": True}).all()


def read_at(session: Session) -> Mapping[str, datetime | None]:
    """When each mailbox was read last, by the name under which it is known."""
    return {row.name: row.read_at for row in session.execute(select(Mailbox.name, Mailbox.read_at))}
