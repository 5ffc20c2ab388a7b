"""Phone calls: taken, added to a ticket, compared with what the caller asked before."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Answer, Moment, Page, Sent
from paidsupport.connect.api.resources._ticket_models import TicketShort
from paidsupport.connect.api.resources.tickets import short
from paidsupport.intake.calls import operations as calls
from paidsupport.intake.calls.operations import Call
from paidsupport.kernel import addresses, fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.tickets.queries.tickets import by_code

TAG = "Calls"


class Caller(Sent):
    """Who calls; what is not known stays empty."""

    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""


class CallOnTicket(Caller):
    """A call about a matter that has a ticket."""

    subject: Annotated[str, Field(description="In a few words.")] = ""
    notes: Annotated[str, Field(description="What they say.")] = ""
    called_at: Annotated[
        str, Field(description="Like `2026-11-24 14:05` in the desk's time zone; empty: now.")
    ] = ""


class NewCall(CallOnTicket):
    """A call about something new."""

    caller: Annotated[str, Field(description="`user`, `merchant`, `bank` or `other`.")]
    purpose: Annotated[
        str,
        Field(description="`support`: a request; `sales`: a lead; `management`: a note to all managers."),
    ] = "support"
    take: Annotated[bool, Field(description="Whether the person of the token claims the ticket.")] = False
    confirm: Annotated[
        bool, Field(description="Whether the caller gets the code by email; never for a note to managers.")
    ] = True


class EarlierTicket(Answer):
    """A ticket that may be the caller's."""

    code: str
    summary: str
    service: str
    customer: str
    state: str
    part: str
    owner: str | None
    submitted_at: Moment
    because: Annotated[str, Field(description="Why it is shown: `email`, `phone` or `words`.")]


class Guidance(Answer):
    """How to lead a first call."""

    text: Annotated[str, Field(description="In Markdown.")]


@post("/calls", status=201)
def take_call(ctx: Context, body: NewCall, key: str) -> TicketShort:
    """Record a phone call: it becomes a request, a lead, or a note to all managers."""
    return short(calls.record(ctx, _call(ctx, body), key))


@post("/tickets/<code>/calls", status=201)
def add_call(ctx: Context, code: str, body: CallOnTicket, key: str) -> TicketShort:
    """Record a phone call on a ticket about the same matter, as an annotation."""
    by_code(ctx.session, code)
    return short(calls.add(ctx, code, _call(ctx, body), key))


@post("/calls/earlier")
def find_earlier_tickets(ctx: Context, body: Caller) -> Page[EarlierTicket]:
    """Find the earlier tickets of a caller, by what is known of them, the likeliest first.

    It is a POST because names and numbers do not belong into addresses; nothing is kept.
    """
    why = {0: "email", 1: "phone", 2: "words"}
    found = calls.earlier(ctx, **body.model_dump())
    return Page[EarlierTicket](
        items=[
            EarlierTicket(
                code=row.code,
                summary=row.summary,
                service=row.service_name,
                customer=row.customer_name,
                state=row.state,
                part=row.part,
                owner=row.owner_name,
                submitted_at=row.submitted_at,
                because=why[row.why],
            )
            for row in found
        ]
    )


@get("/calls/guidance")
def get_guidance(ctx: Context) -> Guidance:
    """Get the text about how to lead a first call."""
    return Guidance(text=translate(calls.guidance(ctx.session)))


def _call(ctx: Context, body: CallOnTicket) -> Call:
    """A call as the operation takes it. Raises InvalidInputError for what is no address."""
    said = body.model_dump()
    said["email"] = fields.read("email", body.email, addresses.reachable)
    said["called_at"] = body.called_at or f"{ctx.services.hours.local(ctx.now):%Y-%m-%dT%H:%M}"
    return Call(**said)
