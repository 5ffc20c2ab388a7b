"""Where an order stands, in the customer's words: what happens next, and what is wanted from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.proposals import proposal
from paidsupport.kernel.workflow import Part, State, Workflow
from paidsupport.tickets.decisions.operations import is_open
from paidsupport.tickets.queries.pages import CustomerPage
from paidsupport.tickets.tables import Ticket

#: The way of an order.
STEPS = ("Received", "Taken", "Agreeing", "Work", "Done")
_TAKEN, _AGREEING, _WORK, _DONE = range(1, len(STEPS))


@dataclass(frozen=True, slots=True)
class Progress:
    """What to say; `step` is the present one of STEPS, or None when the way ended early."""

    step: int | None
    title: str
    text: str
    #: Whether it is the customer's turn.
    wanted: bool = False
    #: Where on the page they can do what is wanted.
    there: str = "#ps-reply"


@dataclass(frozen=True, slots=True)
class CustomerView:
    """What the sections of a customer's page are given, and the proposals of what stands on top of it."""

    ctx: Context
    page: CustomerPage
    flow: Workflow


@proposal("customer", 20)
def _of_order(view: CustomerView) -> Progress | None:
    page, flow, ticket = view.page, view.flow, view.page.ticket
    if not flow.is_order:
        return None
    if ticket.part == Part.CLOSED:
        return _ended(ticket, flow.state(ticket.state))
    if ticket.part == Part.UNASSIGNED:
        text = "One of our developers takes it and writes to you. You need not do anything now."
        return Progress(0, "We look for a developer for you", text)
    working = flow.state(ticket.state).working
    return _asked(page, view.ctx.now, working=working) or _with_owner(page, working=working)


@proposal("customer", 30)
def _with_nobody(view: CustomerView) -> Progress | None:
    ticket, word = view.page.ticket, view.flow.word
    if ticket.part == Part.CLOSED and ticket.awaits == "desk":
        text = "Somebody of us reads your message and writes back."
        return Progress(None, f"You have asked us to open this {word} again", text)
    if ticket.part == Part.CLOSED:
        return Progress(None, f"This {word} is settled", "Is something still open? Write below.")
    if ticket.part == Part.UNASSIGNED:
        text = "One of us reads it and writes back, here and by mail. You need not do anything now."
        return Progress(None, f"We have your {word}", text)
    return None


@proposal("customer", 90)
def _with_somebody(view: CustomerView) -> Progress:
    """For those who have ordered nothing: no steps, only whose turn it is."""
    page, owner = view.page, view.page.owner_name
    last = page.thread[-1] if page.thread else None
    theirs = last is not None and last.message.direction == "out"
    if theirs and page.ticket.awaits == "customer":
        text = "Read the last message below, and answer if anything is open."
        return Progress(None, f"{owner} has written to you", text, wanted=True)
    return Progress(None, f"{owner} has your {view.flow.word}", "They write back here and by mail.")


#: What stands on top of the page, as far as it is for all tickets.
PROPOSALS = (_of_order, _with_nobody, _with_somebody)


def _asked(page: CustomerPage, now: datetime, *, working: bool) -> Progress | None:
    """Something is to be decided: that comes before everything else."""
    waiting = [decision for decision in page.decisions if is_open(decision, now)]
    if not waiting:
        return None
    step = _WORK if working else _AGREEING
    things = "something" if len(waiting) == 1 else f"{len(waiting)} things"
    text = "Nothing of it is done before you say so. Your answer is one click."
    title = f"{page.owner_name} asks you to decide about {things}"
    return Progress(step, title, text, wanted=True, there="#ps-decisions")


def _with_owner(page: CustomerPage, *, working: bool) -> Progress:
    ticket, owner = page.ticket, page.owner_name
    contacted = any(spoken.message.direction == "out" for spoken in page.thread)
    step = _WORK if working else _AGREEING if contacted else _TAKEN
    theirs = bool(page.thread) and page.thread[-1].message.direction == "out"
    if theirs and ticket.awaits == "customer" and working:
        text = "The last message below may ask you something."
        return Progress(step, f"{owner} works on it", text, wanted=True)
    if theirs and ticket.awaits == "customer":
        text = "Work starts when the two of you have agreed: read the last message below and answer it."
        return Progress(step, f"{owner} waits for your answer", text, wanted=True)
    if ticket.awaits == "desk" and page.last_answer:
        return Progress(step, f"{owner} has your answer", "You hear from them here and by mail.")
    if page.unanswered or (page.thread and not theirs):
        return Progress(step, f"{owner} has your message", "The answer comes here and by mail.")
    if working:
        return Progress(step, f"{owner} works on it", "You hear from them here and by mail.")
    text = "They write to you next, here and by mail. You need not do anything now."
    return Progress(step, f"{owner} has taken your order", text)


def _ended(ticket: Ticket, state: State) -> Progress:
    if ticket.awaits == "desk":
        text = "Somebody of us reads your message and writes back."
        return Progress(None, "You have asked us to open this order again", text)
    text = "Is something not right? Write below: your message asks us to open the order again."
    title = "This order is done" if state.fulfilled else "This order has ended before the work was done"
    return Progress(_DONE if state.fulfilled else None, title, text)
