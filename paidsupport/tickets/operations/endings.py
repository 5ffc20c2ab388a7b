"""How an order ends for its customer: they get an email, and can withdraw an order that is not begun."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.transitions import Columns, Effect, Phase
from paidsupport.kernel.workflow import Workflow
from paidsupport.tickets.deadlines.operations.reminders import unchanged
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.hooks import CLOSING_WORDS
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.guards import TicketAttempt
from paidsupport.tickets.rules import WITHDRAWN
from paidsupport.tickets.tables import Ticket

_WITHDRAW = "withdraw"


def can_withdraw(flow: Workflow, ticket: Ticket) -> bool:
    """Whether the customer can withdraw their order: its workflow allows it, and work has not begun."""
    return any(each.name == _WITHDRAW and ticket.state in each.sources for each in flow.transitions)


def withdraw(ctx: Context, ticket: Ticket, *, version: int, key: str) -> Ticket:
    """End an order because its customer no longer wants it; its owner gets a notice.

    Raises:
        NotFoundError: This is not the customer.
        StaleTicketError: The order has changed since it was seen.
        TransitionRefusedError: Work has begun.
        KeyReusedError: The form was sent with other content.
    """
    if ctx.by.kind != "customer":
        raise NotFoundError
    return transitions.make(ctx, ticket.code, _WITHDRAW, version=version, key=key)


def told_of_end(flow: Workflow, ticket: Ticket) -> str:
    """Why a ticket has ended, in a sentence for its customer; empty if that would tell them nothing."""
    reason = flow.reason(ticket.state, ticket.end_reason)
    return reason.told if reason else ""


def tell(at: TicketAttempt) -> None:
    """Email the customer that their order has ended, and why; spam gets no answer."""
    flow, ticket = at.ctx.services.workflows[at.record.workflow], at.record
    reason = flow.reason(at.target.name, at.filled.reason)
    if not ticket.customer_email or ticket.erased_at is not None or (reason and reason.silent):
        return
    words = {
        "fulfilled": at.target.fulfilled,
        "withdrawn": at.transition.name == _WITHDRAW,
        "why": reason.told if reason else "",
        "who": at.ctx.by.name,
        "left": unchanged(at.ctx, ticket),
        "asked": at.ctx.services.hooks.gather(CLOSING_WORDS, at.ctx, ticket, at.target),
    }
    emails.to_customer(
        at.ctx, ticket, EmailKind.ENDED, *emails.written(at.ctx, EmailKind.ENDED, ticket, **words)
    )


def _withdrawn(_: TicketAttempt) -> Columns:
    return {"end_reason": WITHDRAWN}


EFFECTS = (Effect("withdrawn", _withdrawn, Phase.BEFORE), Effect("end-told", tell))
