"""Tickets: reading them, claiming, moving, writing, annotating."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, post, put
from paidsupport.connect.api.models import Answer, Moment, Money, Page, PageQuery, Sent
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.words import words
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.representation import of_ticket, row_as_json
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.priority import operations as priorities
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags import operations as tags

TAG = "Tickets"


class TicketQuery(PageQuery):
    """Which tickets."""

    part: Annotated[Part | None, Field(description="A third of the queue; by default all.")] = None
    q: Annotated[str, Field(max_length=200, description="Words to look for.")] = ""


class Payment(Answer):
    """How a ticket is paid, in the smallest unit of the currency of its price."""

    payee: Annotated[str, Field(description="`developer`, or the desk `before` or `after` the work.")]
    price: Annotated[int, Field(description="What is asked, with all extras that the customer accepted.")]
    paid: Annotated[int, Field(description="What came and was not paid back.")]
    refunded: Annotated[int, Field(description="What was paid back.")]
    open: Annotated[int, Field(description="What has never come: what was paid back is not asked for again.")]
    state: Annotated[
        str,
        Field(description="`due`, `begun`, `part`, `paid`, `overpaid`, `refunded` or `disputed`."),
    ]


class TicketRow(Answer):
    """A ticket in a list."""

    code: str
    state: str
    part: str
    version: int
    service: str
    summary: str
    customer: str
    price: Money
    payment: Payment | None
    owner: str | None
    tags: list[str]
    priority: str
    submitted_at: Moment
    changed_at: Moment
    due_at: Annotated[Moment | None, Field(description="Its nearest running deadline.")]
    due_kind: Annotated[str | None, Field(description="Which one: `first-contact`, `answer`, `resolution`.")]


class TicketShort(Answer):
    """What has become of a ticket."""

    code: str
    state: str
    part: str
    version: int
    claim_number: int
    thread: Annotated[int, Field(description="The version of the conversation; `write_message` wants it.")]


class Move(Sent):
    """What a transition may need; its ticket says in `asks` which of it."""

    reason: Annotated[str, Field(description="The name of one of its `reasons`.")] = ""
    note: str = ""
    colleague: Annotated[int | None, Field(description="The id of a member of staff.")] = None


class Email(Sent):
    """An email to the customer."""

    body: str
    claim: Annotated[
        int, Field(description="The claim it is written under: the `claim_number` you have seen.")
    ]
    thread: Annotated[int, Field(description="The version of the conversation that you have seen.")]


class EmailQueued(Answer):
    """An email that is on its way."""

    letter: Annotated[str, Field(description="Its name.")]
    kind: str
    state: str


class Note(Sent):
    """A note for the staff."""

    body: str


class Tag(Sent):
    """A tag."""

    tag: str


class Priority(Sent):
    """How urgent it is."""

    priority: Annotated[str, Field(description="`urgent`, `high`, `normal` or `low`.")]


@get("/tickets")
def list_tickets(ctx: Context, query: TicketQuery) -> Page[TicketRow]:
    """List tickets, the newest first."""
    wanted = Wanted(part=query.part, words=words(query.q), descending=True)
    rows = queue.page(ctx.session, wanted, ctx.now).rows
    return Page[TicketRow].model_validate({"items": [row_as_json(ctx, row) for row in rows]})


@get("/tickets/<code>")
def get_ticket(ctx: Context, code: str) -> dict[str, Any]:
    """Get one ticket with everything on it.

    It lists the `transitions` that its person may try now: whether each is `possible`, which fields it `asks`
    for, and its `conditions`, each with `met` and the sentence that a page shows.
    """
    _page, told = of_ticket(ctx, code)
    return told


@post("/tickets/<code>/claim")
def claim_ticket(ctx: Context, code: str, version: int, key: str) -> TicketShort:
    """Claim a ticket.

    409 with `holder` if a colleague was faster.
    """
    return _short(claims.claim(ctx, code, version=version, key=key))


@post("/tickets/<code>/moves/<transition>")
def move_ticket(ctx: Context, code: str, transition: str, body: Move, version: int, key: str) -> TicketShort:
    """Make a transition.

    The `sentences` of a 409 say what it needs.
    """
    filled = Filled(body.reason, body.note, body.colleague)
    return _short(transitions.make(ctx, code, transition, version=version, key=key, filled=filled))


@post("/tickets/<code>/messages", status=201)
def write_message(ctx: Context, code: str, body: Email, key: str) -> EmailQueued:
    """Write to the customer, under the claim and over the conversation that you have seen."""
    email = correspondence.write(ctx, code, Draft(body.body, body.claim, body.thread, key))
    return EmailQueued(letter=email.reference, kind=email.kind, state=email.state)


@post("/tickets/<code>/annotations", status=201)
def annotate_ticket(ctx: Context, code: str, body: Note, key: str) -> TicketShort:
    """Leave a note for the staff."""
    return _short(annotation.annotate(ctx, code, body.body, key=key))


@post("/tickets/<code>/tags", status=201)
def tag_ticket(ctx: Context, code: str, body: Tag, key: str) -> TicketShort:
    """Put a tag on a ticket."""
    return _short(tags.add(ctx, code, body.tag, key=key))


@delete("/tickets/<code>/tags/<tag>", scope=Scope.WRITE)
def untag_ticket(ctx: Context, code: str, tag: str, key: str) -> TicketShort:
    """Take a tag off a ticket."""
    return _short(tags.remove(ctx, code, tag, key=key))


@put("/tickets/<code>/priority")
def prioritise_ticket(ctx: Context, code: str, body: Priority, key: str) -> TicketShort:
    """Say how urgent a ticket is."""
    return _short(priorities.prioritise(ctx, code, body.priority, key=key))


def _short(ticket: Ticket) -> TicketShort:
    return TicketShort.model_validate(ticket)
