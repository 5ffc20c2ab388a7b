"""Asking providers: by one worker at a time for each payment, outside of any transaction (P16).

A task is one call. What the provider answers is the whole truth about the payment, and settles it. After a
time-out, or when the worker has died, the result is unknown: the next task is a look, and only what that says
is not done is asked for again, under the same reference.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import update

from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.kernel.outbox.operations import End, Ended, Outbox, Taken
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.fitting import line
from paidsupport.sales.payments.operations import asking, configured, settling
from paidsupport.sales.payments.providers import Known, Provider, Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import Payment, PaymentRefund, PaymentTask, queued_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations.payment import is_off

log = logging.getLogger("paidsupport.payments")

#: How long a task waits while another one about the same payment is on its way.
_TURN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    task_id: int
    what: str
    known: Known
    #: Our name of the refund, if that is asked for.
    refund: str
    provider: Provider | None


class Tasks(Outbox[_Taken, None]):
    """What providers are to be asked."""

    job = _("ask providers of payments")
    table = queries.OUTBOX
    rows = queries.LEAVING
    locked = (PaymentTask,)
    unclear = End.UNCERTAIN
    pauses = tuple(timedelta(seconds=s) for s in (5, 15, 60, 120, 300, 600, 1800, 3600, 3600, 7200, 14400))
    lost_after = timedelta(minutes=1)

    def __init__(self, services: Services, database: Database, clock: Callable[[], datetime]) -> None:
        super().__init__(services, database, None, clock)
        #: What providers have answered, by the id of the task, until that is noted.
        self._truths: dict[int, Truth] = {}

    def take(self, ctx: Context, task: PaymentTask) -> _Taken | None:
        """Unless something else is being asked about the same payment: then it waits a moment."""
        if queries.is_asking(ctx.session, task):
            task.due_at = ctx.now + _TURN
            ctx.session.flush()
            return None
        payment = ctx.session.get_one(Payment, task.payment_id)
        what, refund = _wanted(ctx, payment, task)
        known = known_of(ctx, payment)
        provider = configured.provider_of(ctx, payment.provider)
        attempts = self.mark(ctx, {task.id: task.attempts})
        return _Taken(attempts, task.id, what, known, refund, provider) if attempts else None

    def hand_over(self, taken: _Taken) -> None:
        """Ask, and keep the answer until it is noted."""
        if taken.provider is None:
            raise NotSentError(asking.GONE, permanent=True)
        self._truths[taken.task_id] = _asked(taken.provider, taken)

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """Settle the payment by the answer, or let it be looked at."""
        ended = replace(ended, problem=line(ended.problem))
        task = ctx.session.get_one(PaymentTask, id_)
        # first, so that nothing is queued meanwhile
        ticket = tickets.lock_by_id(ctx.session, task.ticket_id)
        payment = ctx.session.get_one(Payment, task.payment_id)
        truth = self._truths.pop(id_, None)
        if ended.end is End.AGAIN and queued_of(ctx.session, payment.id) is not None:
            ended = Ended(End.WITHDRAWN, ended.problem)  # what waits leads to the same, with a look first
        # of a customer who was erased nothing personal is kept
        problem = "" if ticket.erased_at else ended.problem
        if not self.end(ctx, id_, attempt, ended, problem=problem):
            return
        if truth is not None and ended.end is End.SENT:
            settling.settle(ctx, payment.id, truth, asked=(task.what, task.refund_id))
            return
        log.warning("%s of payment %s: %s: %s", task.what, payment.reference, ended.end, ended.problem)
        if ended.end is End.FAILED:
            _give_up(ctx, payment, task, problem)
        elif ended.end is not End.AGAIN:
            asking.look_later(ctx, payment, task.what, task.refund_id)


def known_of(ctx: Context, payment: Payment) -> Known:
    """What a provider may be told of a payment."""
    ticket = tickets.by_id(ctx.session, payment.ticket_id)
    language = ctx.services.language(ticket.language)
    settings = ctx.services.settings
    return settling.known(
        ctx,
        payment,
        summary=f"{ticket.code} {ticket.service_name}",
        code=ticket.code,
        language=language.tag,
        back=f"{settings.base_url}{settings.url_prefix}/pay/{payment.reference}",
    )


def _wanted(ctx: Context, payment: Payment, task: PaymentTask) -> tuple[str, str]:
    """What a task is to ask, and the name of its refund; a look, if a truth has overtaken it."""
    if task.what == asking.REFUND:
        row = ctx.session.get_one(PaymentRefund, task.refund_id)
        return (asking.REFUND, row.reference) if row.state == "asked" else (asking.LOOK, "")
    off = task.what == asking.CAPTURE and is_off(ctx, tickets.by_id(ctx.session, payment.ticket_id))
    overtaken = (
        off
        or (task.what == asking.CAPTURE and payment.step != PaymentStep.APPROVED)
        or (task.what == asking.BEGIN and payment.step != PaymentStep.BEGINNING)
    )
    return (asking.LOOK if overtaken else task.what), ""


def _asked(provider: Provider, taken: _Taken) -> Truth:
    if taken.what == asking.BEGIN:
        return provider.begin(taken.known)
    if taken.what == asking.CAPTURE:
        return provider.capture(taken.known)
    if taken.what == asking.REFUND:
        wanted = next(each for each in taken.known.refunds if each.reference == taken.refund)
        return provider.refund(taken.known, wanted)
    return provider.look(taken.known)


def _give_up(ctx: Context, payment: Payment, task: PaymentTask, problem: str) -> None:
    """A provider has refused for good: what was begun ends, a refund fails, and all else is looked at."""
    if task.what == asking.BEGIN and payment.step == PaymentStep.BEGINNING:
        settling.settle(ctx, payment.id, Truth(PaymentStep.ENDED, problem=problem))
    elif task.what == asking.REFUND:
        settling.fail_refund(ctx, payment, task.refund_id, problem)
    elif task.what == asking.CAPTURE:
        asking.look_later(ctx, payment, task.what, task.refund_id)
    else:
        changed(ctx.session, update(Payment).where(Payment.id == payment.id).values(problem=problem))
        asking.look_again(ctx, payment)
