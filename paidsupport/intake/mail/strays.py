"""Mails that are in no conversation, and whose they are when a customer is erased (P13)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import IO, Any

from sqlalchemy import Row, update

from paidsupport.intake.mail.queries import mails_of_unknown, stray_mails
from paidsupport.kernel.addresses import is_same, spellings
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import emptying
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.errors import NotFoundError
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.received.tables import RawMail

_TABLE = Base.metadata.tables[RawMail.__tablename__]
#: Bytes of a mail read at once.
_CHUNK = 1 << 20


def of(ctx: Context, address: str) -> list[Row[Any]]:
    """Mails of an address outside of conversations, as rows of id, reference, sender and so on.

    A mail whose sender is known is theirs alone. Any other one, for nobody could read it, several are said
    to have written it, or a program did, is theirs if it names the address anywhere.
    """
    names = spellings(address)
    return [row for row in stray_mails(ctx.session) if _is_theirs(ctx, row, address, names)]


def tickets_of(ctx: Context, address: str) -> list[int]:
    """The ids of tickets without an address whose mails name this one: nobody knows who else wrote them."""
    names = spellings(address)
    rows = mails_of_unknown(ctx.session)
    return sorted({row.ticket_id for row in rows if _names(ctx, row, names)})


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
    mail = ctx.session.get_one(RawMail, row.id)
    yield f"{mail.sender}\n{mail.subject}\n{mail.text}".lower().encode()
    with suppress(NotFoundError, OSError), ctx.services.files.open(row.storage_key) as content:
        yield from _pieces(content)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    """Each with the end of the one before, so that no address is cut in two."""
    before = b""
    while chunk := content.read(_CHUNK):
        yield (before + chunk).lower()
        before = chunk[-1000:]
