"""A customer begins to pay, comes back from a provider, or is announced by one (P16)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel import limits
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, TooManyError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.sales.payments import queries
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import asking, configured, settling
from paidsupport.sales.payments.operations.configured import Offered
from paidsupport.sales.payments.providers import Hint
from paidsupport.sales.payments.rules import UNDER_WAY, PaymentStep
from paidsupport.sales.payments.tables import Payment, PaymentEvent
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.payment import is_off, payee_of
from paidsupport.tickets.standing import sums_of
from paidsupport.tickets.tables import Ticket

_DIRECTLY = _("You pay your developer directly for this.")
_NOTHING = _("Nothing is open: all of it has been paid.")
_ENDED = _("This has ended. Please don't pay for it any more.")
_NOT_OFFERED = _("This way to pay isn't offered any more. Choose another one.")
#: How long a customer can take to pay.
LASTS = timedelta(hours=24)
#: How many payments a customer can begin for one ticket within an hour, and how often they can have one
#: looked at; how many hints of a provider to one payment count, and to none of ours.
BEGUN, LOOKS, HINTS = 20, 60, 120
#: How long hints are kept; providers repeat them for some days.
KEPT = timedelta(days=30)


def begin(ctx: Context, ticket: Ticket, provider: str, *, key: str) -> Payment:
    """Begin to pay all that is open on a ticket; a worker makes it known to the provider.

    Who left a payment of the same amount open with this provider gets that one again.

    Raises:
        TransitionRefusedError: The developer is paid directly, nothing is open, the order has ended without
            any work, or the provider does not take it.
        TooManyError: Too many were begun within an hour.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock_by_id(ctx.session, ticket.id)
    with history.edit(ctx, ticket, key=key, content=("begin payment", provider)) as change:
        if change.repeated:
            return payments.find(ctx.session, ticket, change.earlier["payment"])
        amount = _open(ctx, ticket)
        offered = {each.kind.name: each for each in configured.offered(ctx, amount)}
        chosen = offered.get(provider)
        if chosen is None or chosen.kind.make is None:
            raise TransitionRefusedError(ticket.code, [_NOT_OFFERED])
        for earlier in queries.under_way(ctx.session, ticket.id, provider):
            if earlier.amount_minor == amount.minor and earlier.until and earlier.until > ctx.now:
                change.nothing_new()
                asking.ask(ctx, earlier, asking.LOOK, ctx.now)
                return earlier
        limits.spend(ctx, "payment", ticket.code, BEGUN)
        payment = Payment(
            ticket_id=ticket.id,
            provider=provider,
            reference=new_reference(),
            amount_minor=amount.minor,
            currency=amount.currency,
            step=PaymentStep.BEGINNING,
            payee="",
            noted_by="",
            noted_at=ctx.now,
            until=ctx.now + LASTS,
            test=chosen.test,
        )
        ctx.session.add(payment)
        ctx.session.flush()
        asking.ask(ctx, payment, asking.BEGIN, ctx.now)
        change.tell("payment-begun", settling.told(payment), None, **settling.resum(ctx, ticket))
    return payment


def _open(ctx: Context, ticket: Ticket) -> Money:
    if payee_of(ctx, ticket.payee) is Payee.DEVELOPER:
        raise TransitionRefusedError(ticket.code, [_DIRECTLY])
    left = sums_of(ticket).left(ticket.price_minor)
    if is_off(ctx, ticket):
        raise TransitionRefusedError(ticket.code, [_ENDED])
    if not left or ticket.erased_at is not None:
        raise TransitionRefusedError(ticket.code, [_NOTHING])
    return Money(left, ticket.currency)


def choices(ctx: Context, ticket: Ticket) -> list[Offered]:
    """The providers by which a customer can pay now what is open on a ticket, in the order of managers."""
    left = sums_of(ticket).left(ticket.price_minor)
    if payee_of(ctx, ticket.payee) is Payee.DEVELOPER or left <= 0:
        return []
    return configured.offered(ctx, Money(left, ticket.currency))


def begun(ctx: Context, ticket: Ticket) -> list[Payment]:
    """The payments that a customer has begun with providers and not ended yet, oldest first."""
    return [
        row
        for row in payments.of(ctx.session, ticket)
        if row.step in UNDER_WAY and row.provider not in {payments.DIRECT, payments.BY_INVOICE}
    ]


def look_now(ctx: Context, ticket: Ticket, reference: str) -> Payment:
    """Have the provider of a payment of this ticket asked now, as often as a person may want that.

    Raises:
        NotFoundError: There is no such payment.
        TooManyError: They have asked very often.
    """
    payment = payments.find(ctx.session, ticket, reference)
    limits.spend(ctx, "payment-look", payment.reference, LOOKS)
    return came_back(ctx, payment.reference)


def came_back(ctx: Context, reference: str) -> Payment:
    """A browser has come back from a provider: that is a hint to look now. Raises NotFoundError."""
    payment = queries.by_reference(ctx.session, reference)
    if payment.provider in {payments.DIRECT, payments.BY_INVOICE}:
        raise NotFoundError
    _ticket, payment = settling.locked(ctx, payment.id)
    if payment.step in {PaymentStep.OPEN, PaymentStep.APPROVED, PaymentStep.PENDING}:
        asking.ask(ctx, payment, asking.LOOK, ctx.now)
    return payment


def hinted(ctx: Context, provider: str, hint: Hint) -> bool:
    """Take a hint of a provider that was read and found genuine; returns whether it is a new one.

    Whatever it says: the payment it means is looked at. Nothing is believed of it. One hint too many within
    an hour changes nothing: the payment is looked at anyway, in its time.
    """
    hint = _fitted(hint)
    payment = queries.by_names(ctx.session, provider, hint.reference, hint.remote)
    if payment is not None:
        _ticket, payment = settling.locked(ctx, payment.id)
    try:
        limits.spend(ctx, "payment-hint", payment.reference if payment else provider, HINTS)
    except TooManyError:
        return False
    row = PaymentEvent(
        provider=provider,
        event=hint.event,
        kind=hint.kind,
        payment_id=payment.id if payment else None,
        at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            ctx.session.add(row)
            ctx.session.flush()
    except IntegrityError:
        return False  # it has been here before
    if payment is not None:
        asking.ask(ctx, payment, asking.LOOK, ctx.now)
    return True


def _fitted(hint: Hint) -> Hint:
    """A hint as columns can hold it."""
    names = ("event", "kind", "reference", "remote")
    return Hint(**{name: "".join(filter(str.isprintable, getattr(hint, name)))[:100] for name in names})


def forget(ctx: Context) -> None:
    """Delete old hints."""
    ctx.session.execute(delete(PaymentEvent).where(PaymentEvent.at < ctx.now - KEPT))
