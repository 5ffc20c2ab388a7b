"""The one next step on a ticket, for whoever looks at it; the words are in `_next.html`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paidsupport.intake.workflow import POINT
from paidsupport.issues.operations import resolution
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.followed import FOLLOWED, untold
from paidsupport.kernel.context import Context
from paidsupport.kernel.workflow import Part, Rest, State
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind, EmailState, is_unanswered
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations.transitions import Possible
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.tables import Ticket

_ON_THE_WAY = (EmailState.QUEUED, EmailState.SENDING)


class Kind(StrEnum):
    """What is to be done next."""

    #: Nobody knows what became of an email.
    SETTLE = "settle"
    CLAIM = "claim"
    #: It ended, and the customer has written since.
    REOPEN = "reopen"
    ENDED = "ended"
    #: Somebody else holds it.
    OTHERS = "others"
    CONTACT = "contact"
    #: A colleague contacted the customer under an earlier claim.
    TAKE_OVER = "take-over"
    LEAVING = "leaving"
    ANSWER = "answer"
    #: The customer has decided about something, before work has started.
    DECIDED = "decided"
    WAIT = "wait"
    #: The customer has not answered a question for consent or an offer.
    DECIDING = "deciding"
    WORK = "work"
    #: All is ticked but the report.
    REPORT = "report"
    CLOSE = "close"
    #: A request that is to be sorted or answered.
    SORT = "sort"
    #: Nobody can write to its customer.
    CALL = "call"
    #: The customer was asked whether a page helps.
    ASKED = "asked"
    #: An issue that it follows has a timeline, and the customer does not know that we look into it.
    INVESTIGATE = "investigate"
    #: It is a bug that is followed by an issue, here or elsewhere.
    FOLLOWED = "followed"
    #: It is solved as far as the customer needs it, and they do not know.
    TELL = "tell"
    #: The customer has the last word of the desk.
    HEARD = "heard"
    #: The customer thinks about an offer.
    OFFERED = "offered"
    #: Management has not decided about what a lead wishes for, or has refused it.
    UNDECIDED = "undecided"
    REFUSED = "refused"
    #: It was accepted, or is free of charge.
    DELIVERING = "delivering"


@dataclass(frozen=True, slots=True)
class Step:
    """The next step, since when it is due, the transitions offered with it, and an email to decide about."""

    kind: Kind
    since: datetime | None
    transitions: tuple[Possible, ...]
    email: Email | None = None
    may_write: bool = False
    #: The issue that the customer is to be told of.
    issue: str = ""
    #: What the customer has not decided about yet, oldest first.
    open: tuple[Decision, ...] = ()


def next_step(ctx: Context, page: DeskPage, possible: Iterable[Possible]) -> Step:
    """What this person does next. No queries."""
    stuck = next((row for row in page.emails if emails.decisions(ctx, page.ticket, row)), None)
    kind = Kind.SETTLE if stuck else _kind(ctx, page)
    reachable = correspondence.can_be_reached(page.ticket)
    return Step(
        kind,
        _since(page, kind),
        tuple(at for at in possible if kind in at.transition.steps and (not at.blocked or _leads_on(at))),
        stuck,
        reachable and correspondence.may_write(ctx, page.ticket),
        _solved(ctx, page) if kind is Kind.TELL else "",
        tuple(_undecided(ctx, page)) if kind is Kind.DECIDING else (),
    )


def _undecided(ctx: Context, page: DeskPage) -> list[Decision]:
    """What the customer was asked and can still answer."""
    return [decision for decision in page.decisions if decisions.is_open(decision, ctx.now)]


def _solved(ctx: Context, page: DeskPage) -> str:
    """The code of the first issue that the customer can be told of and has not been; nothing without one."""
    letters_ = {row.message_id: row for row in page.emails}
    for each in page[FOLLOWED]:
        seen = each.reads or ctx.by.is_manager or not each.issue.private
        waiting = Waiting(each.follower, page.ticket, None, letters_.get(each.follower.solved_id))
        if seen and not resolution.against(each.issue, waiting):
            return each.issue.code
    return ""


def _leads_on(at: Possible) -> bool:
    """Whether what stands against a transition is done on the page that its button leads to."""
    return at.transition.name == POINT.name


def _kind(ctx: Context, page: DeskPage) -> Kind:
    ticket = page.ticket
    if ticket.part == Part.UNASSIGNED:
        return Kind.CLAIM
    if ticket.part == Part.CLOSED:
        return Kind.REOPEN if ticket.awaits == "desk" else Kind.ENDED
    if ticket.owner_id != ctx.by.id:
        return Kind.OTHERS
    if untold(page):
        return Kind.INVESTIGATE
    if ctx.services.workflows[ticket.workflow].is_order:
        return _owners_kind(ctx, page)
    return _askers_kind(ctx, page)


def _askers_kind(ctx: Context, page: DeskPage) -> Kind:
    """What the owner of a request or a lead does next."""
    ticket = page.ticket
    if _solved(ctx, page):
        return Kind.TELL
    if not correspondence.can_be_reached(ticket):
        return Kind.CALL
    rests = _state(ctx, ticket).rests
    kind = _said(ctx, page, rests) or (Kind(rests) if rests else None) or _wished(page)
    if kind:
        return kind
    if ticket.awaits == "customer":
        return Kind.HEARD
    return Kind.ANSWER if any(email.contact for email in page.emails) else Kind.SORT


def _state(ctx: Context, ticket: Ticket) -> State:
    return ctx.services.workflows[ticket.workflow].state(ticket.state)


def _said(ctx: Context, page: DeskPage, rests: Rest | None) -> Kind | None:
    """What a word between us and the customer of a request or a lead asks for before its state does."""
    if rests and _customers_word(page):
        return Kind.ANSWER
    consents = [row for row in _undecided(ctx, page) if row.kind == "consent"]
    return Kind.DECIDING if consents and not page.unanswered else None


def _wished(page: DeskPage) -> Kind | None:
    """What the technical wishes of a lead ask for; nothing without any."""
    if any(wish.decision == "refuse" for wish in page.wishes) and _nothing_else(page):
        return Kind.REFUSED
    return Kind.UNDECIDED if any(not wish.decision for wish in page.wishes) else None


def _nothing_else(page: DeskPage) -> bool:
    """Whether all that a lead wishes for was refused, and its customer has not been told."""
    last = max(wish.decided_at for wish in page.wishes if wish.decided_at)
    told = any(email.created_at > last and email.message_id for email in page.emails)
    return not told and all(wish.decision == "refuse" for wish in page.wishes)


def _customers_word(page: DeskPage) -> bool:
    """Whether the customer has asked something after a word of the desk, and waits for the answer.

    Of a lead, which has ordered nothing yet, an offer is what they asked for.
    """
    said = [spoken.as_said for spoken in reversed(page.thread)]
    spoken_to = any(direction == "out" for direction, _, _ in said)
    return page.unanswered and spoken_to and is_unanswered(said, also={EmailKind.OFFER})


def _owners_kind(ctx: Context, page: DeskPage) -> Kind:
    ticket = page.ticket
    opened = [email for email in page.emails if email.contact]
    mine = [email for email in opened if email.claim_number == ticket.claim_number]
    if not mine:
        return Kind.TAKE_OVER if opened else Kind.CONTACT
    if page.unanswered or (ticket.awaits == "desk" and page.last_answer is None):
        return Kind.ANSWER
    if _undecided(ctx, page):
        return Kind.DECIDING
    if _state(ctx, ticket).working:
        return _work(page)
    if ticket.awaits == "desk":
        return Kind.DECIDED
    return Kind.LEAVING if mine[-1].state in _ON_THE_WAY else Kind.WAIT


def _work(page: DeskPage) -> Kind:
    if [item for item in checklists.unticked(page.items, "close") if item.name != checklists.REPORT]:
        return Kind.WORK
    return Kind.CLOSE if report.is_sent(page.ticket, page.emails) else Kind.REPORT


def _since(page: DeskPage, kind: Kind) -> datetime | None:
    ticket = page.ticket
    if kind in {Kind.ENDED, Kind.REOPEN}:
        return ticket.ended_at
    if kind is Kind.DECIDED:
        return page.last_answer.answered_at if page.last_answer else None
    if kind is Kind.ANSWER:
        asked = [spoken.message.at for spoken in page.thread if spoken.message.direction == "in"]
        return asked[-1] if asked else page.thread[-1].message.at if page.thread else None
    if kind in {Kind.WAIT, Kind.DECIDING, Kind.LEAVING, Kind.ASKED, Kind.HEARD}:
        return page.thread[-1].message.at if page.thread else None
    return ticket.claimed_at or ticket.submitted_at
