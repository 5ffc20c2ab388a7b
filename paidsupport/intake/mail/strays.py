"""Mails outside of conversations, and which of them belong to a customer who is erased (P13)."""

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
    """Mails outside of conversations that belong to an address, as rows of id, reference, sender and so on.

    A mail with a known sender is theirs alone. Any other mail (unreadable, automatic, or with several
    senders) belongs to every address that it mentions anywhere.
    """
    names = spellings(address)
    return [row for row in stray_mails(ctx.session) if _is_theirs(ctx, row, address, names)]


def tickets_of(ctx: Context, address: str) -> list[int]:
    """The ids of tickets without an address whose mails mention this one, since their sender is unknown."""
    names = spellings(address)
    rows = mails_of_unknown(ctx.session)
    return sorted({row.ticket_id for row in rows if _names(ctx, row, names)})


def forget(ctx: Context, mail: Row[Any] | RawMail) -> None:
    """Erase everything in a mail, and delete its bytes."""
    own = _TABLE.c.id == mail.id
    ctx.session.execute(update(_TABLE).where(own).values(dropped_at=ctx.now))
    emptying.empty(ctx, _TABLE, own)
    ctx.services.files.drop(mail.storage_key)


def _is_theirs(ctx: Context, row: Row[Any], address: str, names: Collection[str]) -> bool:
    if "@" in row.sender and row.state != MailState.IGNORED:
        return is_same(row.sender, address)
    return _names(ctx, row, names)


def _names(ctx: Context, row: Row[Any], names: Collection[str]) -> bool:
    """Whether a mail mentions an address, in one of these spellings, anywhere."""
    needles = [name.encode() for name in names]
    return any(needle in part for part in _contents(ctx, row) for needle in needles)


def _contents(ctx: Context, row: Row[Any]) -> Iterator[bytes]:
    """Everything stored of a mail in lower case: what was read from it, and the bytes piece by piece."""
    mail = ctx.session.get_one(RawMail, row.id)
    yield f"{mail.sender}\n{mail.subject}\n{mail.text}".lower().encode()
    with suppress(NotFoundError, OSError), ctx.services.files.open(row.storage_key) as content:
        yield from _pieces(content)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    """The pieces, each with the end of the one before, so that no address is cut in two."""
    before = b""
    while chunk := content.read(_CHUNK):
        yield (before + chunk).lower()
        before = chunk[-1000:]
