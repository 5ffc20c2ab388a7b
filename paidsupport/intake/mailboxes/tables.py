"""Mailboxes as managers enter them; how far each was read is in `paidsupport.tickets.received.tables`."""

from __future__ import annotations

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Name, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.marks import COMPANY, PROGRAM, STAFF, plain

_SEALED = "the password of a mailbox of the desk, sealed under the site's SECRET_KEY"


class MailboxAccount(Base):
    """One mailbox that workers read; one that is not active is not read, even if it is configured as well."""

    __tablename__ = "paidsupport_mailbox_account"
    __table_args__ = (UniqueConstraint("login", "host", "port", "folder"), {"info": configuration("mailbox")})

    id: Mapped[Id]
    host: Mapped[Name] = mapped_column(info=plain(COMPANY, STAFF))
    port: Mapped[int]
    #: Whether the connection is encrypted: `tls`, `starttls` or `none`.
    security: Mapped[Word]
    login: Mapped[Name] = mapped_column(info=plain(COMPANY, STAFF))
    #: The password, bound to server and user, so that it is never sent to another server.
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=plain(_SEALED, PROGRAM))
    password_at: Mapped[Moment]
    folder: Mapped[Name] = mapped_column(info=plain(COMPANY, STAFF))
    #: What emails in it are about: services of this purpose get them.
    purpose: Mapped[Word]
    #: The folder that emails are moved to; empty: they stay, marked as read.
    move: Mapped[Name] = mapped_column(info=plain(COMPANY, STAFF))
    active: Mapped[bool]
