"""The progress of an order in the customer's words: what happens next, and what we need from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _, ngettext, pgettext
from paidsupport.kernel.web.proposals import proposal
from paidsupport.kernel.workflow import Part, Workflow
from paidsupport.tickets.decisions.rules import is_open
from paidsupport.tickets.operations.endings import told_of_end
from paidsupport.tickets.operations.payment import Payment, payment_of
from paidsupport.tickets.queries.pages import CustomerPage
from paidsupport.tickets.rules import WITHDRAWN
from paidsupport.tickets.standing import paid_first

#: The stages of an order. A context of their own: in other languages “received” must agree with “order”.
STEPS = (
    pgettext("step", "Received"),
    pgettext("step", "Taken"),
    pgettext("step", "Agreeing"),
    pgettext("step", "Work"),
    pgettext("step", "Done"),
)
_TAKEN, _AGREEING, _WORK, DONE = range(1, len(STEPS))
_REPLY = _("You'll get a reply here and by email.")


@dataclass(frozen=True, slots=True)
class Progress:
    """What to say; `step` is the present one of STEPS, or None if the order ended early."""

    step: int | None
    title: str
    text: str
    #: Whether it is the customer's turn.
    wanted: bool = False
    #: Where on the page they can do what we need; empty if it is right below.
    there: str = "#ps-reply"


@dataclass(frozen=True)
class CustomerView:
    """What the sections of a customer's page are given, including what stands at the top of it."""

    ctx: Context
    page: CustomerPage
    flow: Workflow

    @cached_property
    def payment(self) -> Payment | None:
        """How it is paid; None if it costs nothing."""
        page = self.page
        return payment_of(self.ctx, page.ticket, page.owner_name, page.owner_payment)


@proposal("customer", 20)
def _of_order(view: CustomerView) -> Progress | None:
    page, flow, ticket = view.page, view.flow, view.page.ticket
    if not flow.is_order:
        return None
    if ticket.part == Part.CLOSED:
        return _ended(page, flow)
    if ticket.part == Part.UNASSIGNED:
        text = _("A developer will take your order and write to you. There's nothing you need to do.")
        return Progress(0, _("We're finding you a developer"), text)
    working = flow.state(ticket.state).working
    step = _WORK if working else _AGREEING
    return _asked(page, view.ctx.now, step) or _with_owner(view, working=working)


@proposal("customer", 30)
def _with_nobody(view: CustomerView) -> Progress | None:
    ticket = view.page.ticket
    if ticket.part == Part.CLOSED and ticket.awaits == "desk":
        return Progress(None, _("You've asked us to look at this again"), _READING)
    if ticket.part == Part.CLOSED:
        return Progress(None, _("This is settled"), _("Is something still open? Write to us below."))
    if ticket.part == Part.UNASSIGNED:
        text = _("We'll read it and write back, here and by email. There's nothing you need to do.")
        return Progress(None, _("We have your message"), text)
    return None


@proposal("customer", 90)
def _with_somebody(view: CustomerView) -> Progress:
    """For a customer who has ordered nothing: no steps, only whose turn it is."""
    page, owner = view.page, view.page.owner_name
    if asked := _asked(page, view.ctx.now, None):
        return asked
    last = page.thread[-1] if page.thread else None
    theirs = last is not None and last.message.direction == "out"
    if theirs and page.ticket.awaits == "customer":
        text = _("Read the latest message below, and answer if anything is open.")
        return Progress(None, _("%(name)s has written to you", name=owner), text, wanted=True)
    return Progress(None, _("%(name)s is looking into it", name=owner), _REPLY)


#: The proposals for the top of the page that apply to all tickets.
PROPOSALS = (_of_order, _with_nobody, _with_somebody)


def _asked(page: CustomerPage, now: datetime, step: int | None) -> Progress | None:
    """Ask for a decision; this comes before everything else."""
    number = sum(is_open(decision, now) for decision in page.decisions)
    if not number:
        return None
    title = ngettext(
        "%(name)s needs a decision from you",
        "%(name)s needs %(num)s decisions from you",
        number,
        name=page.owner_name,
    )
    text = _("Nothing happens until you decide.")
    return Progress(step, title, text, wanted=True, there="")


def _with_owner(view: CustomerView, *, working: bool) -> Progress:
    page, ticket, owner = view.page, view.page.ticket, view.page.owner_name
    contacted = any(spoken.message.direction == "out" for spoken in page.thread)
    step = _WORK if working else _AGREEING if contacted else _TAKEN
    theirs = bool(page.thread) and page.thread[-1].message.direction == "out"
    if theirs and ticket.awaits == "customer" and working:
        text = _("The latest message below may need an answer.")
        return Progress(step, _("%(name)s is working on it", name=owner), text, wanted=True)
    if theirs and ticket.awaits == "customer":
        text = _("Work starts once you've agreed. Read the latest message below and answer it.")
        return Progress(step, _("%(name)s is waiting for your answer", name=owner), text, wanted=True)
    if ticket.awaits == "desk" and page.last_answer:
        return Progress(step, _("%(name)s has your answer", name=owner), _REPLY)
    if page.unanswered or (page.thread and not theirs):
        return Progress(step, _("%(name)s has your message", name=owner), _REPLY)
    if working:
        return Progress(step, _("%(name)s is working on it", name=owner), _REPLY)
    text = _("You'll get a message next, here and by email. There's nothing you need to do.")
    if paid_first(ticket) is False and view.payment is not None and view.payment.owed:
        text = _("You'll get a message, here and by email. The work can begin once you've paid.")
    return Progress(step, _("%(name)s has taken your order", name=owner), text)


_READING = _("We'll read your message and write back.")
_REOPENS = _("Is something not right? Write to us below, and we'll look at your order again.")
_ASK = _("If you have a question about it, write to us below.")


def _ended(page: CustomerPage, flow: Workflow) -> Progress:
    ticket = page.ticket
    if ticket.awaits == "desk":
        return Progress(None, _("You've asked us to look at your order again"), _READING)
    if flow.state(ticket.state).fulfilled:
        return Progress(DONE, _("Your order is done"), _REOPENS)
    if ticket.end_reason == WITHDRAWN:
        text = _("Nothing was done, and there's nothing to pay. Changed your mind? Write to us below.")
        return Progress(None, _("You've withdrawn this order"), text)
    title = _("This order has ended before the work was done")
    return Progress(None, title, sentences(told_of_end(flow, ticket), _ASK))


def sentences(first: str, second: str) -> str:
    """Join two sentences; if the first is empty, return the second."""
    return _("%(first)s %(second)s", first=first, second=second) if first else second
