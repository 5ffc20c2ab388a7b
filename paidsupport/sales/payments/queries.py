"""Queries for payments: what is to be asked of providers, who they are, and payments by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from paidsupport.kernel.errors import existing
from paidsupport.kernel.outbox.queries import Rows
from paidsupport.sales.payments.rules import UNDER_WAY, PaymentStep
from paidsupport.sales.payments.tables import Payment, PaymentProvider, PaymentRefund, PaymentTask
from paidsupport.tickets.tables import Ticket

#: How tasks are taken from their table.
OUTBOX = Rows(PaymentTask)
LEAVING = select(PaymentTask)
#: Tickets or payments of one statement.
_BATCH = 500
#: How many of the last calls are counted.
_ROW = 10


def is_asking(session: Session, task: PaymentTask) -> bool:
    """Whether something else is being asked about the payment of a task just now."""
    others = exists().where(PaymentTask.payment_id == task.payment_id, PaymentTask.state == "sending")
    return bool(session.scalar(select(others)))


def in_vain(session: Session, payment_id: int, what: str, refund_id: int | None = None) -> int:
    """How often something was asked about a payment before, in vain: once it was done, that ends.

    Looks do no more than look: of these, only the last ones in a row count that got no answer.
    """
    wanted = select(PaymentTask.state).where(
        PaymentTask.payment_id == payment_id,
        PaymentTask.what == what,
        PaymentTask.refund_id == refund_id,
        PaymentTask.state.in_(("sent", "failed", "uncertain")),
    )
    ended = session.scalars(wanted.order_by(PaymentTask.id.desc()).limit(_ROW)).all()
    return next(
        (place for place, state in enumerate(ended) if what == "look" and state == "sent"), len(ended)
    )


def providers(session: Session) -> Sequence[PaymentProvider]:
    """All providers that managers set up, in their order."""
    return session.scalars(
        select(PaymentProvider).order_by(PaymentProvider.position, PaymentProvider.id)
    ).all()


def provider(session: Session, kind: str) -> PaymentProvider | None:
    """The provider of a kind, if it was set up."""
    return session.scalar(select(PaymentProvider).where(PaymentProvider.kind == kind))


def refunded(session: Session, ticket: Ticket) -> Sequence[Row[PaymentRefund, str]]:
    """What was paid back to the customer of a ticket, each with its currency, oldest first."""
    wanted = select(PaymentRefund, Payment.currency).join(Payment, Payment.id == PaymentRefund.payment_id)
    wanted = wanted.where(PaymentRefund.ticket_id == ticket.id, PaymentRefund.state == "done")
    return session.execute(wanted.order_by(PaymentRefund.id)).all()


def by_reference(session: Session, reference: str) -> Payment:
    """The payment with this name of ours. Raises NotFoundError."""
    return existing(session.scalar(select(Payment).where(Payment.reference == reference)))


def by_names(session: Session, provider_name: str, reference: str, remote: str) -> Payment | None:
    """The payment that a provider means: by our name, or by its own names of it or of its money."""
    theirs = select(Payment).where(Payment.provider == provider_name)
    if reference and (found := session.scalar(theirs.where(Payment.reference == reference))):
        return found
    if not remote:
        return None
    return session.scalar(theirs.where((Payment.remote == remote) | (Payment.capture == remote)).limit(1))


def under_way(session: Session, ticket_id: int, provider_name: str) -> Sequence[Payment]:
    """The payments of a ticket that the customer has begun with a provider, newest first."""
    theirs = select(Payment).where(
        Payment.ticket_id == ticket_id,
        Payment.provider == provider_name,
        Payment.step.in_(UNDER_WAY),
        Payment.undone_at.is_(None),
    )
    return session.scalars(theirs.order_by(Payment.id.desc())).all()


def to_accept(session: Session, ticket_id: int) -> Sequence[Payment]:
    """The payments of a ticket of which the customer has to accept a refund at the provider, newest first."""
    theirs = select(Payment).where(
        Payment.ticket_id == ticket_id,
        Payment.step == PaymentStep.RECEIVED,
        Payment.address != "",
        Payment.undone_at.is_(None),
    )
    return session.scalars(theirs.order_by(Payment.id.desc())).all()


def is_under_way(session: Session, provider_name: str) -> bool:
    """Whether a payment with a provider may still bring money, or is being asked about."""
    theirs = exists().where(
        Payment.provider == provider_name, Payment.step.in_(UNDER_WAY), Payment.undone_at.is_(None)
    )
    return bool(session.scalar(select(theirs)))


def last_asked(session: Session) -> dict[str, tuple[datetime | None, str]]:
    """When each provider was asked for something last, and what went wrong then."""
    found = {}
    for row in providers(session):
        asked = (
            select(PaymentTask.taken_at, PaymentTask.problem)
            .join(Payment, Payment.id == PaymentTask.payment_id)
            .where(Payment.provider == row.kind, PaymentTask.taken_at.is_not(None))
        )
        if last := session.execute(asked.order_by(PaymentTask.id.desc()).limit(1)).first():
            found[row.kind] = (last.taken_at, last.problem)
    return found


def sums(session: Session, ticket_ids: Sequence[int]) -> Iterator[tuple[int, str, int, int]]:
    """The payments of many tickets: whose each is, its step, and what of it came and was paid back."""
    for start in range(0, len(ticket_ids), _BATCH):
        wanted = select(Payment.ticket_id, Payment.step, Payment.received_minor, Payment.refunded_minor)
        wanted = wanted.where(Payment.ticket_id.in_(ticket_ids[start : start + _BATCH]))
        for row in session.execute(wanted.where(Payment.undone_at.is_(None))):
            yield row[0], row[1], row[2], row[3]


def ids_of(session: Session, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of payments, by their providers and references."""
    by_provider: dict[str, list[str]] = {}
    for provider_name, reference in names:
        by_provider.setdefault(provider_name, []).append(reference)
    found: dict[tuple[str, str], int] = {}
    for provider_name, references in by_provider.items():
        for start in range(0, len(references), _BATCH):
            wanted = select(Payment.reference, Payment.id).where(Payment.provider == provider_name)
            wanted = wanted.where(Payment.reference.in_(references[start : start + _BATCH]))
            found |= {(provider_name, row[0]): row[1] for row in session.execute(wanted)}
    return found
