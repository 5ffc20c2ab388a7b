"""Queries for payments of a time, open amounts, and what developers are owed: few, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    extract,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import tuple_ as pair
from sqlalchemy.orm import Session

from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.sales.bookkeeping.tables import Payout
from paidsupport.sales.invoices.rules import InvoiceState
from paidsupport.sales.invoices.tables import Invoice, InvoiceLine
from paidsupport.sales.payments.rules import COUNTS
from paidsupport.sales.payments.tables import Payment, PaymentRefund
from paidsupport.tickets.standing import Standing
from paidsupport.tickets.tables import Ticket

#: Rows of some columns, as each query says.
Rows: TypeAlias = Sequence[Any]
Wanted: TypeAlias = Select[*tuple[Any, ...]]
#: Workflows with some of their states.
States = Collection[tuple[str, str]]

#: Money that counts: what came, was not recorded by mistake, and is no test.
_COUNTS = and_(Payment.step.in_(sorted(COUNTS)), Payment.undone_at.is_(None), Payment.test.is_(False))
#: Whether the desk received it, not a developer.
_TO_DESK = Payment.payee == literal_column("''")
_KEPT = Payment.received_minor - Payment.refunded_minor
#: What came for a ticket: of that, what was paid back is not asked for again.
_CAME = Ticket.paid_minor + Ticket.refunded_minor
#: What a table for the bookkeeper needs of a payment, without its whole row: there may be very many.
_PAID = (
    *(Payment.reference, Payment.received_minor, Payment.currency, Payment.provider),
    *(func.coalesce(func.nullif(Payment.capture, ""), Payment.remote, "").label("remote"), Payment.ticket_id),
    *(Ticket.code, Ticket.service_name, Ticket.customer_name),
)


@dataclass(frozen=True, slots=True)
class Sold:
    """What came for a service in a month, or was paid back; `desk`: to or from the desk."""

    month: int
    service_id: int
    service: str
    currency: str
    desk: bool
    minor: int


@dataclass(frozen=True, slots=True)
class Due:
    """Which tickets are due: their states, by who is paid.

    Attributes:
        ended: States in which the work ended before it was done.
        working: States in which it is agreed and under way.
        fulfilled: States in which it is done.
    """

    ended: States
    working: States
    fulfilled: States


def received(session: Session, first: date, end: date) -> list[Sold]:
    """What came from the first day to the one before the end, by month, service and currency."""
    month = extract("month", Payment.received_on).cast(Integer)
    wanted = _by_month(month, func.sum(Payment.received_minor)).where(
        Payment.received_on >= first, Payment.received_on < end
    )
    return [Sold(*row) for row in session.execute(wanted)]


def refunded(session: Session, months: Sequence[datetime]) -> list[Sold]:
    """What was paid back, likewise.

    Args:
        session: The database.
        months: The moments at which the months of a year begin, and the one at which the last of them ends.
    """
    month = case(
        *((PaymentRefund.done_at < end, number) for number, end in enumerate(months[1:], 1)), else_=0
    )
    wanted = _by_month(month, func.sum(PaymentRefund.amount_minor))
    wanted = wanted.join(PaymentRefund, PaymentRefund.payment_id == Payment.id).where(
        PaymentRefund.state == "done", PaymentRefund.done_at >= months[0], PaymentRefund.done_at < months[-1]
    )
    return [Sold(*row) for row in session.execute(wanted)]


def _by_month(month: ColumnElement[int], total: ColumnElement[int]) -> Wanted:
    when, desk = month.label("month"), case((_TO_DESK, 1), else_=0).label("desk")
    return (
        select(when, Ticket.service_id, func.max(Ticket.service_name), Payment.currency, desk, total)
        .select_from(Payment)
        .join(Ticket, Ticket.id == Payment.ticket_id)
        .where(_COUNTS)
        .group_by(when, Ticket.service_id, Payment.currency, desk)
    )


def tests(session: Session, first: date, end: date) -> int:
    """How many payments of these days were tests."""
    wanted = select(func.count()).select_from(Payment)
    wanted = wanted.where(Payment.received_on >= first, Payment.received_on < end, Payment.test.is_(True))
    return session.scalar(wanted) or 0


def disagreeing(session: Session, most: int) -> Sequence[Ticket]:
    """Tickets that are overpaid or disputed, as `tickets.standing.standing` says, oldest first."""
    disputed, over = Ticket.payment_mark == Standing.DISPUTED, Ticket.paid_minor > Ticket.price_minor
    wanted = select(Ticket).where(or_(disputed, over)).order_by(Ticket.submitted_at, Ticket.id)
    return session.scalars(wanted.limit(most)).all()


def first_day(session: Session) -> date | None:
    """The day of the oldest payment."""
    return session.scalar(select(func.min(Payment.received_on)))


def open_sums(session: Session, due: Due, since: Sequence[datetime]) -> Rows:
    """What is open: whether to the desk, currency, age, number of tickets, and sum.

    Args:
        session: The database.
        due: Which tickets are due.
        since: The moments before which a ticket belongs to the next age.
    """
    age = case(*((Ticket.submitted_at >= at, number) for number, at in enumerate(since)), else_=len(since))
    desk = case((Ticket.payee != "developer", 1), else_=0)
    by = desk.label("desk"), Ticket.currency, age.label("age")
    left = func.sum(Ticket.price_minor - _CAME)
    return session.execute(select(*by, func.count(), left).where(_is_due(due)).group_by(*by)).all()


def oldest_open(session: Session, due: Due, most: int) -> Sequence[Ticket]:
    """The tickets with open amounts that were ordered first."""
    wanted = select(Ticket).where(_is_due(due)).order_by(Ticket.submitted_at, Ticket.id).limit(most)
    return session.scalars(wanted).all()


def _is_due(due: Due) -> ColumnElement[bool]:
    state = pair(Ticket.workflow, Ticket.state)
    agreed = [*due.working, *due.fulfilled]
    return and_(
        Ticket.price_minor > _CAME,
        Ticket.merged_into_id.is_(None),
        Ticket.erased_at.is_(None),
        or_(
            and_(Ticket.payee == "before", state.not_in(list(due.ended))),
            and_(Ticket.payee == "after", state.in_(list(due.fulfilled))),
            and_(Ticket.payee == "developer", state.in_(agreed)),
        ),
    )


def earned(session: Session, fulfilled: States, person_id: int | None = None) -> Rows:
    """What the desk received for the tickets that developers resolved: person, currency, and sum."""
    by = Ticket.owner_id, Payment.currency
    wanted = _earned(select(*by, func.sum(_KEPT)), fulfilled, person_id)
    return session.execute(wanted.group_by(*by).having(func.sum(_KEPT) != 0)).all()


def earned_by_ticket(session: Session, fulfilled: States, person_id: int, most: int) -> Rows:
    """The same of one developer, by ticket, the newest first: code, service, currency, came, paid back."""
    by = Ticket.id, Payment.currency
    names = func.max(Ticket.code), func.max(Ticket.service_name)
    sums = func.sum(Payment.received_minor), func.sum(Payment.refunded_minor)
    wanted = _earned(select(*names, Payment.currency, *sums), fulfilled, person_id)
    return session.execute(wanted.group_by(*by).order_by(Ticket.id.desc()).limit(most)).all()


def _earned(wanted: Wanted, fulfilled: States, person_id: int | None) -> Wanted:
    theirs = Ticket.owner_id.is_not(None) if person_id is None else Ticket.owner_id == person_id
    done = pair(Ticket.workflow, Ticket.state).in_(list(fulfilled))
    joined = wanted.select_from(Payment).join(Ticket, Ticket.id == Payment.ticket_id)
    return joined.where(_COUNTS, _TO_DESK, theirs, done)


def paid_out(session: Session, person_id: int | None = None) -> Rows:
    """What was paid out: person, currency, and sum."""
    by = Payout.person_id, Payout.currency
    wanted = select(*by, func.sum(Payout.amount_minor)).where(Payout.undone_at.is_(None)).group_by(*by)
    return session.execute(wanted if person_id is None else wanted.where(Payout.person_id == person_id)).all()


def people(session: Session, ids: Collection[int]) -> dict[int, Person]:
    """These people, by their ids."""
    return {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(ids)))}


def person(session: Session, person_id: int, *, lock: bool = False) -> Person:
    """A person, as they are now. Raises NotFoundError."""
    wanted = select(Person).where(Person.id == person_id).execution_options(populate_existing=True)
    return existing(session.scalar(wanted.with_for_update() if lock else wanted))


def payouts(session: Session, person_id: int) -> Sequence[Payout]:
    """What was paid out to a person, the newest first, also what was taken back."""
    wanted = select(Payout).where(Payout.person_id == person_id)
    return session.scalars(wanted.order_by(Payout.paid_on.desc(), Payout.id.desc())).all()


def payout(session: Session, person_id: int, reference: str) -> Payout:
    """One of them. Raises NotFoundError."""
    wanted = select(Payout).where(Payout.person_id == person_id, Payout.reference == reference)
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))


def by_key(session: Session, key: str) -> Payout | None:
    """The one that a form with this key has recorded."""
    return session.scalar(select(Payout).where(Payout.key == key))


def movements(session: Session, first: date, end: date) -> Rows:
    """What the desk received on these days: each payment with its ticket, in order."""
    wanted = _moved(select(*_PAID, Payment.received_on))
    wanted = wanted.where(Payment.received_on >= first, Payment.received_on < end)
    return session.execute(wanted.order_by(Payment.received_on, Payment.id)).all()


def refunds(session: Session, since: datetime, until: datetime) -> Rows:
    """What the desk paid back between two moments: each refund with its payment and ticket, in order."""
    back = PaymentRefund.reference.label("refund"), PaymentRefund.amount_minor, PaymentRefund.done_at
    wanted = _moved(select(*_PAID, *back)).join(PaymentRefund, PaymentRefund.payment_id == Payment.id)
    wanted = wanted.where(
        PaymentRefund.state == "done", PaymentRefund.done_at >= since, PaymentRefund.done_at < until
    )
    return session.execute(wanted.order_by(PaymentRefund.done_at, PaymentRefund.id)).all()


def _moved(wanted: Wanted) -> Wanted:
    joined = wanted.select_from(Payment).join(Ticket, Ticket.id == Payment.ticket_id)
    return joined.where(_COUNTS, _TO_DESK)


def invoices(session: Session, first: date, end: date, since: datetime, until: datetime) -> Rows:
    """The invoices of all tickets for which something came or was paid back then, with their tax rates."""
    came = select(Payment.ticket_id).where(Payment.received_on >= first, Payment.received_on < end)
    back = select(PaymentRefund.ticket_id).where(
        PaymentRefund.done_at >= since, PaymentRefund.done_at < until
    )
    wanted = (
        select(
            *(Invoice.ticket_id, Invoice.reference, Invoice.series, Invoice.number, Invoice.kind),
            (Invoice.state != InvoiceState.CANCELLED).label("stands"),
            *(Invoice.buyer_name, Invoice.total_minor, Invoice.tax_minor),
            *(func.min(InvoiceLine.rate).label("lowest"), func.max(InvoiceLine.rate).label("highest")),
        )
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .where(Invoice.number.is_not(None), Invoice.ticket_id.in_(came.union(back)))
        .group_by(Invoice.id)
        .order_by(Invoice.id)
    )
    return session.execute(wanted).all()
