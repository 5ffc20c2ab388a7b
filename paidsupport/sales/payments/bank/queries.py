"""Queries for bank lines: which are known, which tickets they are for, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.errors import existing
from paidsupport.sales.payments.bank.kind import BANK
from paidsupport.sales.payments.bank.rules.matching import LineState, Target
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.sales.payments.tables import PaymentProvider
from paidsupport.tickets.tables import Ticket

T = TypeVar("T")
#: Values of one statement.
BATCH = 500


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Values in lists that one statement can hold."""
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch


def targets(session: Session, codes: Collection[str], payees: Collection[Payee]) -> dict[str, Target]:
    """The tickets with these codes, by code; of those that were merged, the living ones.

    Args:
        session: The database.
        codes: The codes.
        payees: With which of them the desk is paid.
    """
    living, found = aliased(Ticket), dict[str, Target]()
    for batch in batches(sorted(codes)):
        wanted = (
            select(Ticket.code, living.id, living.code, living.price_minor, living.currency)
            .add_columns(living.payee, living.erased_at)
            .join(living, living.id == func.coalesce(Ticket.merged_into_id, Ticket.id))
            .where(Ticket.code.in_(batch))
        )
        for named, id_, code, price, currency, payee, erased_at in session.execute(wanted):
            directly, erased = payee not in payees, erased_at is not None
            found[named] = Target(id_, code, price, currency, directly, erased)
    return found


def lock_tickets(session: Session, ids: Collection[int]) -> dict[int, Ticket]:
    """Many tickets by their ids, locked in the order of their ids against all other operations."""
    found: dict[int, Ticket] = {}
    for batch in batches(sorted(set(ids))):
        wanted = select(Ticket).where(Ticket.id.in_(batch)).order_by(Ticket.id).with_for_update()
        rows = session.scalars(wanted.execution_options(populate_existing=True))
        found |= {ticket.id: ticket for ticket in rows}
    return found


def lock_account(session: Session) -> None:
    """Let one import after the other be done, until the transaction ends."""
    session.execute(select(PaymentProvider.id).where(PaymentProvider.kind == BANK).with_for_update())


def known(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of these keys of which there is a line."""
    found: set[str] = set()
    for batch in batches(sorted(keys)):
        found |= set(session.scalars(select(BankLine.key).where(BankLine.key.in_(batch))))
    return found


def tickets_of(session: Session, keys: Collection[str]) -> set[int]:
    """The ids of the tickets that the lines with these keys are for."""
    found: set[int] = set()
    for batch in batches(sorted(keys)):
        wanted = select(BankLine.ticket_id).where(BankLine.key.in_(batch), BankLine.ticket_id.is_not(None))
        found |= {id_ for id_ in session.scalars(wanted) if id_ is not None}
    return found


def reversals(session: Session, account: str) -> Sequence[BankLine]:
    """Lines of an account that take another one back, which is not known yet."""
    waits = and_(BankLine.is_debit, BankLine.is_reversal, BankLine.state == LineState.OPEN)
    return session.scalars(
        select(BankLine).where(BankLine.account == account, waits).order_by(BankLine.day, BankLine.key)
    ).all()


def reversible(session: Session, account: str, amounts: Collection[int]) -> Sequence[BankLine]:
    """What came to an account in one of these amounts, and was not taken back."""
    came = and_(~BankLine.is_debit, ~BankLine.is_reversal, BankLine.state != LineState.REVERSED)
    found: list[BankLine] = []
    for batch in batches(sorted(amounts)):
        wanted = select(BankLine).where(BankLine.account == account, came, BankLine.amount_minor.in_(batch))
        found += session.scalars(wanted.order_by(BankLine.day, BankLine.key))
    return found


def other_form(session: Session, account: str, form: str, days: tuple[date, date]) -> date | None:
    """The last day within these of which there are lines from files of another format."""
    wanted = select(func.max(BankLine.day)).where(
        BankLine.account == account, BankLine.form != form, BankLine.day.between(*days)
    )
    return session.scalar(wanted)


def line(session: Session, key: str) -> BankLine:
    """The line with this key. Raises NotFoundError."""
    return existing(
        session.scalar(
            select(BankLine).where(BankLine.key == key).with_for_update(),
            execution_options={"populate_existing": True},
        )
    )


def with_code(session: Session, key: str) -> Row[BankLine, str | None]:
    """The line with this key, and the code of its ticket. Raises NotFoundError."""
    wanted = select(BankLine, Ticket.code).outerjoin(Ticket, Ticket.id == BankLine.ticket_id)
    return existing(session.execute(wanted.where(BankLine.key == key)).first())


_SHOWN: dict[str, ColumnElement[bool]] = {
    "": and_(BankLine.state == LineState.OPEN, ~BankLine.is_debit),
    "out": and_(BankLine.state == LineState.OPEN, BankLine.is_debit),
    "matched": BankLine.state == LineState.MATCHED,
    "aside": BankLine.state.in_((LineState.ASIDE, LineState.REVERSED)),
}
#: The parts of the list, by their names in the address.
PARTS = tuple(_SHOWN)


def page(
    session: Session, part: str, before: str, most: int
) -> tuple[Sequence[Row[BankLine, str | None]], bool]:
    """Lines of a part of the list with their tickets' codes, newest first; and whether there are more."""
    wanted = select(BankLine, Ticket.code).outerjoin(Ticket, Ticket.id == BankLine.ticket_id)
    wanted = wanted.where(_SHOWN[part])
    if before and (last := session.scalar(select(BankLine).where(BankLine.key == before))):
        same_day = and_(BankLine.day == last.day, BankLine.id < last.id)
        wanted = wanted.where(or_(BankLine.day < last.day, same_day))
    found = session.execute(wanted.order_by(BankLine.day.desc(), BankLine.id.desc()).limit(most + 1)).all()
    return found[:most], len(found) > most


def has_lines(session: Session) -> bool:
    """Whether any statement was imported."""
    return bool(session.scalar(select(exists().select_from(BankLine))))


def waiting(session: Session) -> int:
    """How many lines of incoming money wait for a decision."""
    return session.scalar(select(func.count()).select_from(BankLine).where(_SHOWN[""])) or 0


def by_codes(session: Session, codes: Collection[str], payees: Collection[Payee]) -> set[str]:
    """Those of these codes that are codes of tickets which a person can choose."""
    found: set[str] = set()
    for batch in batches(sorted(codes)):
        wanted = select(Ticket.code).where(Ticket.code.in_(batch), Ticket.payee.in_(payees))
        found |= set(session.scalars(wanted.where(Ticket.erased_at.is_(None))))
    return found


def with_open(
    session: Session, amounts: Collection[tuple[str, int]], payees: Collection[Payee], most: int
) -> dict[tuple[str, int], list[str]]:
    """The codes of tickets of which exactly such an amount is open, newest first; up to so many of each."""
    # as `Sums.left`: what was paid back is not asked for again
    left = Ticket.price_minor - Ticket.paid_minor - Ticket.refunded_minor
    found: dict[tuple[str, int], list[str]] = {}
    for currency in sorted({currency for currency, _minor in amounts}):
        minors = sorted({minor for each, minor in amounts if each == currency and minor > 0})
        wanted = (
            select(left, Ticket.code)
            .where(Ticket.currency == currency, left.in_(minors), Ticket.payee.in_(payees))
            .where(Ticket.erased_at.is_(None), Ticket.merged_into_id.is_(None))
        )
        for minor, code in session.execute(wanted.order_by(Ticket.id.desc()).limit(most * len(minors))):
            found.setdefault((currency, minor), []).append(code)
    return {key: codes[:most] for key, codes in found.items()}


def old(session: Session, before: date, most: int) -> Sequence[BankLine]:
    """Lines without a ticket that were booked before a day and still say who paid."""
    told = or_(
        *(
            column != ""
            for column in (
                BankLine.name,
                BankLine.iban,
                BankLine.text,
                BankLine.reference,
                BankLine.end_to_end,
            )
        )
    )
    wanted = select(BankLine).where(BankLine.ticket_id.is_(None), BankLine.day < before, told)
    return session.scalars(wanted.order_by(BankLine.id).limit(most).with_for_update(skip_locked=True)).all()
