"""Sales: leads with their blockers and wishes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Money, Page, PageQuery, Sent
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.sales.leads import queries
from paidsupport.sales.leads.operations import blockers, wishes
from paidsupport.sales.leads.operations.wishes import Decided, Typed
from paidsupport.sales.leads.tables import Wish
from paidsupport.sales.leads.workflow import SALES
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.queue.address import cursor, spelled

TAG = "Sales"


class LeadQuery(PageQuery):
    """Which leads."""

    stage: Annotated[str, Field(max_length=40, description="A state; empty: all that are open.")] = ""
    blocked: Annotated[bool, Field(description="Only those with a blocker or an undecided wish.")] = False
    mine: bool = False


class BlockerTold(Answer):
    """What a lead waits for."""

    reference: str
    kind: Annotated[str, Field(description="`feature`, `contract`, `onboarding`, `legal` or `other`.")]
    what: str
    issue: Annotated[str | None, Field(description="The issue that it waits for, if this person sees it.")]
    noted_by: str
    noted_at: Moment
    solved_at: Annotated[Moment | None, Field(description="By a person, or by the end of its issue.")]


class WishTold(Answer):
    """Something technical that a lead asks for."""

    reference: str
    what: str
    summary: str
    details: str
    decision: Annotated[str | None, Field(description="`offer`, `gratis` or `refuse`; null: none yet.")]
    reason: str
    decided_by: str
    decided_at: Moment | None
    issue: Annotated[str | None, Field(description="The issue in which it is built.")]


class LeadRow(Answer):
    """A lead in a list."""

    code: str
    state: str
    version: int
    summary: str
    customer: str
    price: Money
    owner: str | None
    organisation: Annotated[str | None, Field(description="The name of the organisation.")]
    blockers: Annotated[int, Field(description="How many are not solved.")]
    undecided: Annotated[int, Field(description="How many wishes are not decided.")]
    submitted_at: Moment


class LeadTold(Answer):
    """What hangs on a lead; the rest of it is a ticket."""

    code: str
    state: str
    version: int
    blockers: list[BlockerTold]
    wishes: list[WishTold]


class BlockerSent(Sent):
    """What a lead waits for."""

    blocker_kind: Annotated[
        str, Field(description="`feature`, `contract`, `onboarding`, `legal` or `other`.")
    ]
    blocker: str
    issue: Annotated[str, Field(description="The code of an issue that solves it when it ends.")] = ""


class BlockerState(Sent):
    """Whether it is solved."""

    solved: bool


class WishSent(Sent):
    """Something technical that a lead asks for."""

    wish: str
    summary: Annotated[str, Field(description="Goes into the issue: no names or addresses.")] = ""
    details: Annotated[str, Field(description="Goes into the issue: no names or addresses.")] = ""


class DecisionSent(Sent):
    """A decision about a wish."""

    decision: Literal["offer", "gratis", "refuse"]
    reason: Annotated[str, Field(description="The owner of the lead passes it on.")]
    summary: str = ""
    details: str = ""


@get("/leads")
def list_leads(ctx: Context, query: LeadQuery) -> Page[LeadRow]:
    """List leads, the oldest first, or closed ones, the newest first.

    A lead is a ticket: it is claimed, moved, won and lost as one.
    """
    if query.stage and query.stage not in {state.name for state in SALES.states}:
        raise NotFoundError
    mine = ctx.by.id if query.mine else None
    after = cursor(query.after, "submitted")
    board = queries.board(
        ctx.session, query.stage, blocked=query.blocked, mine=mine, after=after, most=query.limit
    )
    rows = [_row(lead) for lead in board.leads]
    return Page[LeadRow](items=rows, next=spelled(board.following) if board.following else None)


@get("/leads/<code>")
def get_lead(ctx: Context, code: str) -> LeadTold:
    """Get the blockers and wishes of a lead."""
    return _told(ctx, code)


@post("/leads/<code>/blockers", status=201)
def note_blocker(ctx: Context, code: str, body: BlockerSent, key: str) -> LeadTold:
    """Note what a lead waits for."""
    blockers.note(ctx, code, body.blocker_kind, body.blocker, issue=body.issue, key=key)
    return _told(ctx, code)


@put("/leads/<code>/blockers/<blocker>")
def solve_blocker(ctx: Context, code: str, blocker: str, body: BlockerState, key: str) -> LeadTold:
    """Mark a blocker as solved, or as not solved after all."""
    blockers.solve(ctx, code, blocker, solved=body.solved, key=key)
    return _told(ctx, code)


@post("/leads/<code>/wishes", status=201)
def note_wish(ctx: Context, code: str, body: WishSent, key: str) -> LeadTold:
    """Note a wish, for a manager to decide about."""
    wishes.note(ctx, code, Typed(body.wish, body.summary, body.details), key=key)
    return _told(ctx, code)


@post("/leads/<code>/wishes/<wish>/decision", scope=Scope.MANAGE)
def decide_wish(ctx: Context, code: str, wish: str, body: DecisionSent, key: str) -> LeadTold:
    """Decide about a wish, once; what is granted free of charge becomes an issue at once."""
    decided = Decided(body.decision, body.reason, body.summary, body.details)
    wishes.decide(ctx, code, wish, decided, key=key)
    return _told(ctx, code)


def _row(lead: queries.Lead) -> LeadRow:
    ticket = lead.ticket
    return LeadRow(
        code=ticket.code,
        state=ticket.state,
        version=ticket.version,
        summary=ticket.summary,
        customer=ticket.customer_name,
        price=Money(minor=ticket.price_minor, currency=ticket.currency),
        owner=lead.owner or None,
        organisation=lead.organisation.name if lead.organisation else None,
        blockers=len(lead.blockers),
        undecided=len(lead.undecided),
        submitted_at=ticket.submitted_at,
    )


def _told(ctx: Context, code: str) -> LeadTold:
    ctx.session.flush()
    ticket = by_code(ctx.session, code)
    if ticket.workflow != SALES.name:
        raise NotFoundError
    found = queries.wishes_of(ctx.session, ticket)
    issues = queries.issues_of(ctx.session, found, ctx.by)
    return LeadTold(
        code=ticket.code,
        state=ticket.state,
        version=ticket.version,
        blockers=[_blocker(each) for each in queries.hindrances(ctx.session, ticket, ctx.by)],
        wishes=[
            _wish(each, issues[each.issue_id].code if each.issue_id in issues else None) for each in found
        ],
    )


def _blocker(each: queries.Hindrance) -> BlockerTold:
    return BlockerTold(
        reference=each.blocker.reference,
        kind=each.blocker.kind,
        what=each.blocker.what,
        issue=each.issue.code if each.issue else None,
        noted_by=each.blocker.noted_by_name,
        noted_at=each.blocker.noted_at,
        solved_at=each.solved_at,
    )


def _wish(each: Wish, issue: str | None) -> WishTold:
    return WishTold(
        reference=each.reference,
        what=each.what,
        summary=each.summary,
        details=each.details,
        decision=each.decision or None,
        reason=each.reason,
        decided_by=each.decided_by_name,
        decided_at=each.decided_at,
        issue=issue,
    )
