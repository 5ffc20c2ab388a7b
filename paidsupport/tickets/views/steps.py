"""The next steps of a ticket, except those that other capabilities add; `_steps.html` has the words.

Ranks: below 50 for every viewer, from 50 for the owner; from 100 for orders, from 200 for tickets that are
not orders.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web.proposals import Proposal, proposal
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import standing
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind, EmailState, is_unanswered
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.views.ticket_view import Step, TicketView

_ON_THE_WAY = (EmailState.QUEUED, EmailState.SENDING)
_Step = partial(Step, words="tickets/_steps.html")
_Due = Callable[[TicketView], Step | None]


def order_step(rank: int, *kinds: str) -> Callable[[_Due], Proposal]:
    """Declare a step for the owner of an order."""
    return lambda due: proposal("ticket", rank, *kinds)(
        lambda view: due(view) if view.flow.is_order else None
    )


@proposal("ticket", 10, "settle")
def _settle(view: TicketView) -> Step | None:
    """An email's fate is unknown."""
    rows = view.page.emails
    stuck = next((row for row in rows if emails.decisions(view.ctx, view.page.ticket, row)), None)
    return _Step("settle", since=view.held_since, shown={"email": stuck}) if stuck else None


@proposal("ticket", 20, "claim", "reopen", "ended", "others")
def _not_theirs(view: TicketView) -> Step | None:
    ticket = view.page.ticket
    if ticket.part == Part.UNASSIGNED:
        return _Step("claim", since=view.held_since, leads=True)
    if ticket.part == Part.CLOSED and ticket.awaits == "desk":
        return _Step("reopen", since=ticket.ended_at, leads=True)
    if ticket.part == Part.CLOSED:
        return _Step("ended", since=ticket.ended_at)
    return _Step("others", since=view.held_since) if ticket.owner_id != view.ctx.by.id else None


@order_step(100, "contact", "take-over")
def _introduce(view: TicketView) -> Step | None:
    if view.introduced:
        return None
    if any(
        email.contact for email in view.page.emails
    ):  # a colleague contacted the customer under an earlier claim
        return _Step("take-over", since=view.held_since, write=_("Write message"))
    return _Step("contact", since=view.held_since, write=_("Write first contact"))


def _answer(view: TicketView) -> Step:
    asked = [spoken.message.at for spoken in view.page.thread if spoken.message.direction == "in"]
    return _Step("answer", since=asked[-1] if asked else view.said_last, write=_("Answer"))


@order_step(110, "answer")
def _answer_order(view: TicketView) -> Step | None:
    page = view.page
    waits = page.unanswered or (page.ticket.awaits == "desk" and page.last_answer is None)
    return _answer(view) if waits else None


def _deciding(view: TicketView) -> Step:
    shown = {"open": view.page.undecided, "working": view.state.working}
    return _Step("deciding", since=view.said_last, shown=shown)


@order_step(120, "deciding")
def _deciding_on_order(view: TicketView) -> Step | None:
    """The customer has not answered a question for consent or an offer."""
    return _deciding(view) if view.page.undecided else None


@order_step(130, "work", "report", "close")
def _work(view: TicketView) -> Step | None:
    if not view.state.working:
        return None
    if [item for item in checklists.unticked(view.page.items, "close") if item.name != checklists.REPORT]:
        return _Step("work", since=view.held_since)
    if report.is_sent(view.page.ticket, view.page.emails):
        return _Step("close", since=view.held_since, leads=True)
    return _Step("report", since=view.held_since)


@order_step(135, "unpaid")
def _unpaid(view: TicketView) -> Step | None:
    """It is paid before the work, and not all of it has come."""
    ticket = view.page.ticket
    if standing.paid_first(ticket) is not False:
        return None
    left = standing.sums_of(ticket).left(ticket.price_minor)
    shown = {"open": Money(left, ticket.currency) if left else None, "stands": standing.stands(ticket)}
    return _Step("unpaid", since=view.said_last, shown=shown)


@order_step(140, "decided", "leaving", "wait")
def _agree(view: TicketView) -> Step:
    page = view.page
    if page.ticket.awaits == "desk":
        return _Step("decided", since=page.last_answer.answered_at if page.last_answer else None)
    mine = [row for row in page.emails if row.contact and row.claim_number == page.ticket.claim_number]
    return _Step("leaving" if mine[-1].state in _ON_THE_WAY else "wait", since=view.said_last)


@proposal("ticket", 220, "call")
def _call(view: TicketView) -> Step | None:
    """The customer has no email address."""
    reachable = correspondence.can_be_reached(view.page.ticket)
    return None if reachable else _Step("call", since=view.held_since)


@proposal("ticket", 230, "answer")
def _answer_while_it_rests(view: TicketView) -> Step | None:
    """The customer wrote after our message: answer before the event that the ticket waits for.

    An offer counts as an answer here: a lead has ordered nothing yet, and is waiting for one.
    """
    if not view.state.rests or not view.page.unanswered:
        return None
    said = [spoken.as_said for spoken in reversed(view.page.thread)]
    spoken_to = any(direction == "out" for direction, _, _ in said)
    return _answer(view) if spoken_to and is_unanswered(said, also={EmailKind.OFFER}) else None


@proposal("ticket", 240, "deciding")
def _consenting(view: TicketView) -> Step | None:
    consents = any(row.kind == "consent" for row in view.page.undecided)
    return _deciding(view) if consents and not view.page.unanswered else None


@proposal("ticket", 270, "heard")
def _heard(view: TicketView) -> Step | None:
    """The last message is ours: the customer's turn."""
    return _Step("heard", since=view.said_last) if view.page.ticket.awaits == "customer" else None


@proposal("ticket", 290, "answer")
def _answer_others(view: TicketView) -> Step:
    return _answer(view)


#: The next steps of every kind of ticket.
PROPOSALS = (
    *(_settle, _not_theirs, _introduce, _answer_order, _deciding_on_order, _work, _unpaid, _agree),
    *(_call, _answer_while_it_rests, _consenting, _heard, _answer_others),
)
