"""The customers who wait for an issue: what each waits for, who tells them, and telling them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Query, Sent
from paidsupport.connect.api.resources._common import Id
from paidsupport.connect.api.resources._issue_models import IssueShort, Stage, short
from paidsupport.issues.operations import investigating, resolution, solved
from paidsupport.issues.queries.analysis import untold
from paidsupport.issues.queries.followers import can_be_told, followed
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.tickets.conversation.operations.correspondence import Draft, Opening
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket

TAG = "Issues"


class CustomerStage(Sent):
    """At which stage a solution is of use to a customer."""

    stage: Stage


class Teller(Sent):
    """Who tells a customer."""

    teller: Annotated[Id | None, Field(description="The id of a member of staff.")]


class ToldNote(Sent):
    """What was said; it is kept on the ticket, and only staff see it."""

    note: str


class CallNote(Sent):
    """What was said on the phone; only staff see it."""

    body: str


class ToTell(Answer):
    """A customer whom this person can now tell that an issue is solved."""

    issue: str
    summary: str
    ticket: str
    stage: Stage
    followed_at: Moment


class SolvedQuery(Query):
    """Which issue."""

    issue: Annotated[str, Field(max_length=200, description="By default the first that can be told.")] = ""


class Prepared(Answer):
    """An email to be checked and sent by the owner of the ticket."""

    issue: Annotated[str | None, Field(description="The issue that it tells of, if it is one.")] = None
    subject: str
    body: str
    claim: Annotated[int, Field(description="To be sent back with it.")]
    thread: Annotated[int, Field(description="To be sent back with it.")]


class PreparedSent(Sent):
    """An email to the customer."""

    body: str
    claim: Annotated[int, Field(ge=0, le=2**31 - 1, description="The `claim` that you have seen.")]
    thread: Annotated[int, Field(ge=0, le=2**31 - 1, description="The `thread` that you have seen.")]


class SolvedSent(PreparedSent):
    """An email that says that an issue is solved."""

    issue: str


class Queued(Answer):
    """An email that is on its way."""

    letter: Annotated[str, Field(description="Its name.")]
    kind: str
    state: str


class TicketNoted(Answer):
    """What has become of the ticket."""

    code: str
    version: int


@put("/issues/<code>/customers/<ticket>/stage")
def set_customer_stage(ctx: Context, code: str, ticket: str, body: CustomerStage, key: str) -> IssueShort:
    """Say at which stage a solution is of use to a customer."""
    return short(resolution.wait_for(ctx, code, ticket, body.stage, key=key))


@put("/issues/<code>/customers/<ticket>/teller")
def name_teller(ctx: Context, code: str, ticket: str, body: Teller, key: str) -> IssueShort:
    """Choose who tells a customer; the ticket is handed over to them."""
    return short(resolution.name_teller(ctx, code, ticket, body.teller, key=key))


@post("/issues/<code>/customers/<ticket>/told")
def note_customer_told(ctx: Context, code: str, ticket: str, body: ToldNote, key: str) -> IssueShort:
    """Note that a customer was told in person that it is solved."""
    return short(resolution.told(ctx, code, ticket, body.note, key=key))


@post("/issues/<code>/customers/<ticket>/left")
def note_customer_left(ctx: Context, code: str, ticket: str, body: ToldNote, key: str) -> IssueShort:
    """Note that a customer is no longer waiting, without being told."""
    return short(resolution.leave(ctx, code, ticket, body.note, key=key))


@get("/customers-to-tell")
def list_customers_to_tell(ctx: Context) -> list[ToTell]:
    """List the customers whom this person can now tell that an issue is solved."""
    return [
        ToTell(
            issue=issue.code,
            summary=issue.summary,
            ticket=ticket.code,
            stage=follower.stage,
            followed_at=follower.followed_at,
        )
        for follower, issue, ticket in can_be_told(ctx.session, ctx.by)
    ]


@get("/tickets/<code>/investigating")
def prepare_investigating(ctx: Context, code: str) -> Prepared:
    """Get the email that says that we are investigating; 404 if there is nothing to tell.

    The links in it have to stay.
    """
    ticket = pages.for_desk(ctx, code).ticket
    found = followed(ctx.session, ticket, untold())
    existing(found or None)
    return _prepared(ticket, investigating.draft(ctx, ticket, found))


@post("/tickets/<code>/investigating", status=201)
def tell_investigating(ctx: Context, code: str, body: PreparedSent, key: str) -> Queued:
    """Tell the customer by email that we are investigating, as the owner of the ticket."""
    return _queued(investigating.tell(ctx, code, Draft(body.body, body.claim, body.thread, key)))


@post("/tickets/<code>/investigating/phone", status=201)
def note_told_by_phone(ctx: Context, code: str, body: CallNote, key: str) -> TicketNoted:
    """Note that the customer was told on the phone that we are investigating."""
    return TicketNoted.model_validate(investigating.told_by_phone(ctx, code, body.body, key=key))


@get("/tickets/<code>/solved")
def prepare_solved(ctx: Context, code: str, query: SolvedQuery) -> Prepared:
    """Get the email that says that an issue is solved, made from the developer's draft."""
    ticket = pages.for_desk(ctx, code).ticket
    issue = solved.subject_of(ctx, ticket, query.issue)
    resolution.find(ctx, issue, ticket)
    return _prepared(ticket, solved.draft(ctx, ticket, issue), issue.code)


@post("/tickets/<code>/solved", status=201)
def tell_solved(ctx: Context, code: str, body: SolvedSent, key: str) -> Queued:
    """Tell the customer by email that an issue is solved, as the owner of the ticket, once."""
    return _queued(solved.send(ctx, code, body.issue, Draft(body.body, body.claim, body.thread, key)))


def _prepared(ticket: Ticket, opening: Opening, issue: str | None = None) -> Prepared:
    return Prepared(
        issue=issue,
        subject=opening.subject,
        body=opening.body,
        claim=ticket.claim_number,
        thread=ticket.thread,
    )


def _queued(email: Email) -> Queued:
    return Queued(letter=email.reference, kind=email.kind, state=email.state)
