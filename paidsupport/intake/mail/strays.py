"""Mails that are in no conversation, and whose they are when a customer is erased (P13)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import IO, Any

from sqlalchemy import Row, select, update

from paidsupport.kernel.addresses import is_same, spellings
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.errors import NotFoundError
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.erasure import emptying
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket

_TABLE = Base.metadata.tables[RawMail.__tablename__]
#: Bytes of a mail read at once.
_CHUNK = 1 << 20


def of(ctx: Context, address: str) -> list[Row[Any]]:
    """Mails of an address outside of conversations, as rows of id, reference, sender and so on.

    A mail whose sender is known is theirs alone. Any other one, for nobody could read it, several are said
    to have written it, or a program did, is theirs if it names the address anywhere.
    """
    names = spellings(address)
    loose = select(RawMail.id, RawMail.reference, RawMail.sender, RawMail.state, RawMail.storage_key)
    loose = loose.where(RawMail.message_id.is_(None), RawMail.dropped_at.is_(None)).order_by(RawMail.id)
    rows: list[Row[Any]] = list(ctx.session.execute(loose))
    return [row for row in rows if _is_theirs(ctx, row, address, names)]


def tickets_of(ctx: Context, address: str) -> list[int]:
    """The ids of tickets without an address whose mails name this one: nobody knows who else wrote them."""
    unknown = select(RawMail.id, RawMail.ticket_id, RawMail.storage_key)
    unknown = unknown.join(Ticket, Ticket.id == RawMail.ticket_id).where(
        Ticket.customer_address == "", Ticket.erased_at.is_(None), RawMail.message_id.is_not(None)
    )
    names = spellings(address)
    rows: list[Row[Any]] = list(ctx.session.execute(unknown.order_by(RawMail.id)))
    return sorted({row.ticket_id for row in rows if _names(ctx, row, names)})


def named(ctx: Context, references: Collection[str]) -> list[Row[Any]]:
    """The mails with these names that are not empty."""
    if not references:
        return []
    wanted = select(RawMail.id, RawMail.reference, RawMail.storage_key)
    wanted = wanted.where(RawMail.reference.in_(references))
    rows: list[Row[Any]] = list(ctx.session.execute(wanted.where(emptying.is_full(_TABLE))))
    return rows


def forget(ctx: Context, mail: Row[Any] | RawMail) -> None:
    """Take everything out of a mail, and drop its bytes."""
    own = _TABLE.c.id == mail.id
    ctx.session.execute(update(_TABLE).where(own).values(dropped_at=ctx.now))
    emptying.empty(ctx, _TABLE, own)
    ctx.services.files.drop(mail.storage_key)


def _is_theirs(ctx: Context, row: Row[Any], address: str, names: Collection[str]) -> bool:
    if "@" in row.sender and row.state != MailState.IGNORED:
        return is_same(row.sender, address)
    return _names(ctx, row, names)


def _names(ctx: Context, row: Row[Any], names: Collection[str]) -> bool:
    """Whether an address in one of these spellings stands anywhere in a mail."""
    needles = [name.encode() for name in names]
    return any(needle in part for part in _contents(ctx, row) for needle in needles)


def _contents(ctx: Context, row: Row[Any]) -> Iterator[bytes]:
    """All that is kept of a mail in small letters: what was understood, and the bytes piece by piece."""
    words = select(RawMail.sender, RawMail.subject, RawMail.text).where(RawMail.id == row.id)
    yield "\n".join(ctx.session.execute(words).one()).lower().encode()
    with suppress(NotFoundError, OSError), ctx.services.files.open(row.storage_key) as content:
        yield from _pieces(content)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    """Each with the end of the one before, so that no address is cut in two."""
    before = b""
    while chunk := content.read(_CHUNK):
        yield (before + chunk).lower()
        before = chunk[-1000:]
