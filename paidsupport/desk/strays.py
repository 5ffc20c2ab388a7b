"""Mails that are in no conversation, and whose they are when a customer is erased (P13)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import IO, Any

from sqlalchemy import Row, select, update

from paidsupport.desk import emptying
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import MailState
from paidsupport.errors import NotFoundError
from paidsupport.store.addresses import is_same, spellings
from paidsupport.store.base import Base
from paidsupport.store.inbox import RawMail
from paidsupport.store.tickets import Ticket

_TABLE = Base.metadata.tables[RawMail.__tablename__]
#: Bytes of a mail read at once.
_CHUNK = 1 << 20


def of(visit: Visit, address: str) -> list[Row[Any]]:
    """Mails of an address outside of conversations, as rows of id, reference, sender and so on.

    A mail whose sender is known is theirs alone. Any other one, for nobody could read it, several are said
    to have written it, or a program did, is theirs if it names the address anywhere.
    """
    names = spellings(address)
    loose = select(RawMail.id, RawMail.reference, RawMail.sender, RawMail.state, RawMail.storage_key)
    loose = loose.where(RawMail.message_id.is_(None), RawMail.dropped_at.is_(None)).order_by(RawMail.id)
    rows: list[Row[Any]] = list(visit.session.execute(loose))
    return [row for row in rows if _is_theirs(visit, row, address, names)]


def tickets_of(visit: Visit, address: str) -> list[int]:
    """The ids of tickets without an address whose mails name this one: nobody knows who else wrote them."""
    unknown = select(RawMail.id, RawMail.ticket_id, RawMail.storage_key)
    unknown = unknown.join(Ticket, Ticket.id == RawMail.ticket_id).where(
        Ticket.customer_address == "", Ticket.erased_at.is_(None), RawMail.message_id.is_not(None)
    )
    names = spellings(address)
    rows: list[Row[Any]] = list(visit.session.execute(unknown.order_by(RawMail.id)))
    return sorted({row.ticket_id for row in rows if _names(visit, row, names)})


def named(visit: Visit, references: Collection[str]) -> list[Row[Any]]:
    """The mails with these names that are not empty."""
    if not references:
        return []
    wanted = select(RawMail.id, RawMail.reference, RawMail.storage_key)
    wanted = wanted.where(RawMail.reference.in_(references))
    rows: list[Row[Any]] = list(visit.session.execute(wanted.where(emptying.is_full(_TABLE))))
    return rows


def forget(visit: Visit, mail: Row[Any] | RawMail) -> None:
    """Take everything out of a mail, and drop its bytes."""
    own = _TABLE.c.id == mail.id
    visit.session.execute(update(_TABLE).where(own).values(dropped_at=visit.now))
    emptying.empty(visit, _TABLE, own)
    visit.house.files.drop(mail.storage_key)


def _is_theirs(visit: Visit, row: Row[Any], address: str, names: Collection[str]) -> bool:
    if "@" in row.sender and row.state != MailState.IGNORED:
        return is_same(row.sender, address)
    return _names(visit, row, names)


def _names(visit: Visit, row: Row[Any], names: Collection[str]) -> bool:
    """Whether an address in one of these spellings stands anywhere in a mail."""
    needles = [name.encode() for name in names]
    return any(needle in part for part in _contents(visit, row) for needle in needles)


def _contents(visit: Visit, row: Row[Any]) -> Iterator[bytes]:
    """All that is kept of a mail in small letters: what was understood, and the bytes piece by piece."""
    words = select(RawMail.sender, RawMail.subject, RawMail.text).where(RawMail.id == row.id)
    yield "\n".join(visit.session.execute(words).one()).lower().encode()
    with suppress(NotFoundError, OSError), visit.house.files.open(row.storage_key) as content:
        yield from _pieces(content)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    """Each with the end of the one before, so that no address is cut in two."""
    before = b""
    while chunk := content.read(_CHUNK):
        yield (before + chunk).lower()
        before = chunk[-1000:]
