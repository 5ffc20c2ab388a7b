"""Tickets: listing and reading them, ordering for a customer, claiming, moving, and what describes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from paidsupport.connect.api.declaring import delete, get, post, put
from paidsupport.connect.api.models import Page, PageQuery, Sent
from paidsupport.connect.api.resources._files import FILES_LIMIT, WithFiles, uploads_of
from paidsupport.connect.api.resources._ticket_models import Ticket as WholeTicket
from paidsupport.connect.api.resources._ticket_models import TicketRow, TicketShort
from paidsupport.kernel import addresses, fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.i18n.languages import offered, speaking
from paidsupport.kernel.words import words
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.language import operations as languages
from paidsupport.tickets.notices.operations import watching
from paidsupport.tickets.operations import claims, renaming, transitions
from paidsupport.tickets.operations.representation import of_ticket, row_as_json
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import Order
from paidsupport.tickets.priority import operations as priorities
from paidsupport.tickets.priority.rules import NUMBERS
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.address import cursor, spelled
from paidsupport.tickets.queue.queries import Wanted
from paidsupport.tickets.standing import Standing
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags import operations as tags
from paidsupport.tickets.turn import Turns, Whose

TAG = "Tickets"
#: For an `after` that no page has told.
NO_PAGE = "Send the `next` of the page before."


class TicketQuery(PageQuery):
    """Which tickets: all filters that are given apply."""

    part: Annotated[Part | None, Field(description="A third of the queue; by default all.")] = None
    q: Annotated[str, Field(max_length=200, description="Words to look for.")] = ""
    service: Annotated[str, Field(max_length=80, description="The name of a service in addresses.")] = ""
    workflow: Annotated[str, Field(max_length=80, description="The name of a workflow.")] = ""
    owner: Annotated[
        str,
        Field(pattern=r"^(me|[1-9][0-9]{0,8})?$", description="Whose: `me`, or the id of a member of staff."),
    ] = ""
    tag: Annotated[str, Field(max_length=80, description="A tag, in any case of its letters.")] = ""
    turn: Annotated[Whose | None, Field(description="Who has to act next.")] = None
    priority: Annotated[
        Literal["urgent", "high", "normal", "low"] | None, Field(description="How urgent.")
    ] = None
    payment: Annotated[Standing | None, Field(description="How the payment stands.")] = None
    submitted_before: Annotated[
        AwareDatetime | None, Field(description="Only those that came before this moment.")
    ] = None
    overdue: Annotated[bool, Field(description="Only those with a deadline that has passed.")] = False
    reopening: Annotated[
        bool, Field(description="Only those that ended, and whose customer wrote since; alone.")
    ] = False
    sort: Annotated[
        Literal["submitted", "changed", "price", "due", "priority"], Field(description="By what.")
    ] = "submitted"
    order: Annotated[Literal["up", "down"], Field(description="`down`: the newest or highest first.")] = (
        "down"
    )

    def wanted(self, ctx: Context) -> Wanted:
        """As the queue takes it. Raises InvalidInputError (field `after`)."""
        owner = ctx.by.id if self.owner == "me" else int(self.owner) if self.owner else None
        return Wanted(
            part=self.part,
            service=self.service,
            workflow=self.workflow,
            owner=owner,
            submitted_before=self.submitted_before,
            reopening=self.reopening,
            tag=self.tag,
            due_before=ctx.now if self.overdue else None,
            turn=self.turn,
            turns=Turns.of(ctx.services.workflows.values()) if self.turn else None,
            priority=NUMBERS[self.priority] if self.priority else None,
            payment=self.payment,
            words=words(self.q),
            sort=self.sort,
            descending=self.order == "down",
            after=key_of(self.after, self.sort),
        )


class NewTicket(WithFiles):
    """An order that a program places for a customer, as if they had sent the form of the service."""

    service: Annotated[str, Field(description="The name of the service in addresses.")]
    name: Annotated[str, Field(description="The customer's name.")]
    email: Annotated[str, Field(description="The customer's address: the confirmation goes there.")]
    subject: Annotated[str, Field(description="A few words; without them, they are made of the rest.")] = ""
    details: Annotated[str, Field(description="What the customer wants. No passwords.")] = ""
    host_url: Annotated[str, Field(description="The site to work on, if the service asks for it.")] = ""
    host_access: Annotated[str, Field(description="How its server can be reached. No passwords.")] = ""
    answers: dict[str, str | list[str]] = Field(
        default_factory=dict, description="Answers to the questions of the service, by name."
    )
    acknowledged: list[Annotated[int, Field(ge=0, le=100)]] = Field(
        default_factory=list,
        description="The positions of the requirements that the customer has confirmed, from 0.",
    )
    language: Annotated[
        str, Field(description="The customer's language, like `de`; empty: the usual one.")
    ] = ""
    user_id: Annotated[
        str | None,
        Field(
            max_length=200, description="Their account on the site: it can open the ticket when signed in."
        ),
    ] = None


class Move(Sent):
    """What a transition may need; its ticket says in `asks` which of it."""

    reason: Annotated[str, Field(description="The name of one of its `reasons`.")] = ""
    note: str = ""
    colleague: Annotated[int | None, Field(ge=1, le=2**53, description="The id of a member of staff.")] = None
    destroy: Annotated[bool, Field(description="Whether the logins on it are deleted with it.")] = False


class Subject(Sent):
    """What a ticket is about, in a few words."""

    subject: str


class Tag(Sent):
    """A tag."""

    tag: str


class Priority(Sent):
    """How urgent it is."""

    priority: Annotated[str, Field(description="`urgent`, `high`, `normal` or `low`.")]


class Language(Sent):
    """The language in which the customer is written to."""

    language: Annotated[str, Field(description="Its tag, like `de`.")]


@get("/tickets")
def list_tickets(ctx: Context, query: TicketQuery) -> Page[TicketRow]:
    """List tickets, the newest first unless `sort` and `order` say otherwise."""
    found = queue.page(ctx.session, query.wanted(ctx), ctx.now, query.limit)
    return page_of(ctx, found)


@post("/tickets", status=201, limit=FILES_LIMIT)
def create_ticket(ctx: Context, body: NewTicket, key: str) -> TicketShort:
    """Order a service for a customer.

    They get the same email as for an order of their own, with their code and the link to their page. Errors
    are at the fields of the service's form: `answer_` and the name of a question, `requirement_` and the
    position of a requirement.
    """
    email = fields.read("email", body.email, addresses.reachable)
    if body.language and body.language not in offered(ctx.services.settings.languages):
        raise InvalidInputError({"language": [languages.NOT_OFFERED]})
    order = Order(
        **body.model_dump(include={"service", "name", "subject", "details", "host_url", "host_access"}),
        email=email,
        acknowledged=frozenset(body.acknowledged),
        answers={name: [said] if isinstance(said, str) else said for name, said in body.answers.items()},
        key=key,
        user_id=body.user_id,
    )
    with speaking(ctx.services.language(body.language)):
        return short(submissions.submit(ctx, order, uploads_of(body.files), client=""))


@get("/tickets/<code>")
def get_ticket(ctx: Context, code: str) -> WholeTicket:
    """Get one ticket with everything on it.

    It lists the `transitions` that its person may try now: whether each is `possible`, which fields it `asks`
    for, and its `conditions`, each with `met` and the sentence that a page shows. Of the logins that the
    customer gave, it says that they exist; what they are is never told here.
    """
    return WholeTicket.model_validate(of_ticket(ctx, code)[1])


@post("/tickets/<code>/claim")
def claim_ticket(ctx: Context, code: str, version: int, key: str) -> TicketShort:
    """Claim a ticket.

    409 with `holder` if a colleague was faster.
    """
    return short(claims.claim(ctx, code, version=version, key=key))


@post("/tickets/<code>/moves/<transition>")
def move_ticket(ctx: Context, code: str, transition: str, body: Move, version: int, key: str) -> TicketShort:
    """Make a transition, such as `start`, `hand-over`, `release` or `close`.

    The `sentences` of a 409 say what it needs.
    """
    filled = Filled(body.reason, body.note, body.colleague, body.destroy)
    return short(transitions.make(ctx, code, transition, version=version, key=key, filled=filled))


@put("/tickets/<code>/subject")
def rename_ticket(ctx: Context, code: str, body: Subject, key: str) -> TicketShort:
    """Say in other words what a ticket is about."""
    return short(renaming.rename(ctx, code, body.subject, key=key))


@post("/tickets/<code>/tags", status=201)
def tag_ticket(ctx: Context, code: str, body: Tag, key: str) -> TicketShort:
    """Put a tag on a ticket."""
    return short(tags.add(ctx, code, body.tag, key=key))


@delete("/tickets/<code>/tags/<tag>")
def untag_ticket(ctx: Context, code: str, tag: str, key: str) -> TicketShort:
    """Take a tag off a ticket."""
    return short(tags.remove(ctx, code, tag, key=key))


@put("/tickets/<code>/priority")
def prioritise_ticket(ctx: Context, code: str, body: Priority, key: str) -> TicketShort:
    """Say how urgent a ticket is."""
    return short(priorities.prioritise(ctx, code, body.priority, key=key))


@put("/tickets/<code>/language")
def choose_language_of_ticket(ctx: Context, code: str, body: Language, key: str) -> TicketShort:
    """Choose the language in which the customer is written to."""
    return short(languages.choose(ctx, code, body.language, key=key))


@put("/tickets/<code>/watching")
def watch_ticket(ctx: Context, code: str) -> TicketShort:
    """Be told what happens to a colleague's ticket."""
    watching.watch(ctx, code)
    return short(by_code(ctx.session, code))


@delete("/tickets/<code>/watching")
def unwatch_ticket(ctx: Context, code: str) -> TicketShort:
    """Be told no more what happens to a ticket."""
    watching.unwatch(ctx, code)
    return short(by_code(ctx.session, code))


def short(ticket: Ticket) -> TicketShort:
    """What has become of a ticket."""
    return TicketShort.model_validate(ticket)


def key_of(after: str, sort: str) -> tuple[int | datetime, int] | None:
    """The key behind the `after` of a page. Raises InvalidInputError (field `after`)."""
    try:
        return cursor(after, sort)
    except NotFoundError:
        raise InvalidInputError({"after": [NO_PAGE]}) from None


def page_of(ctx: Context, found: queue.Page) -> Page[TicketRow]:
    """A page of the queue."""
    following = spelled(found.following) if found.following else None
    return Page[TicketRow].model_validate(
        {"items": [row_as_json(ctx, row) for row in found.rows], "next": following}
    )
