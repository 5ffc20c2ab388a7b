"""How tickets belong together, and what is done with several of them at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, post
from paidsupport.connect.api.models import Answer, Page, Sent
from paidsupport.connect.api.resources._ticket_models import Link, TicketShort
from paidsupport.connect.api.resources.tickets import short
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.tickets.bulk import operations as bulk
from paidsupport.tickets.bulk.tables import Bulk
from paidsupport.tickets.operations.representation import of_ticket
from paidsupport.tickets.relations.operations import links, merging

TAG = "Related tickets"


class NewLink(Sent):
    """Another ticket, and how this one relates to it."""

    other: Annotated[str, Field(description="The code of the other ticket.")]
    kind: Annotated[str, Field(description="`related`, `follows` or `duplicates`.")]


class FurtherRequest(Sent):
    """Something else that the same customer wants."""

    service: Annotated[str, Field(description="The name of the service in addresses.")]
    details: Annotated[str, Field(description="What the customer wants.")]
    message: Annotated[
        int | None, Field(ge=0, le=2**31 - 1, description="The number of the message that asked for it.")
    ] = None


class Merge(Sent):
    """The ticket that this one duplicates."""

    other: Annotated[str, Field(description="Its code.")]
    other_version: Annotated[int, Field(ge=0, le=2**31 - 1, description="Its version that you have seen.")]


class Weighed(Answer):
    """Whether two tickets can be merged."""

    possible: bool
    against: Annotated[list[str], Field(description="Why not, in sentences that say what to do instead.")]


class ManyTickets(Sent):
    """What to do with several tickets."""

    action: Annotated[str, Field(description="`tag`, `hand-over`, `priority` or `spam`.")]
    value: Annotated[str, Field(description="The tag, the id of the colleague, or the priority.")] = ""
    tickets: Annotated[
        dict[str, Annotated[int, Field(ge=0, le=2**31 - 1)]],
        Field(description="The codes of the tickets, with the versions that you have seen."),
    ]


class RefusedTicket(Answer):
    """A ticket that stays as it is, and why."""

    code: str
    sentence: str


class ChangedTickets(Answer):
    """What was done with several tickets."""

    reference: Annotated[str, Field(description="By which it can be undone, for ten minutes.")]
    changed: list[str]
    refused: list[RefusedTicket]


@get("/tickets/<code>/links")
def list_links(ctx: Context, code: str) -> Page[Link]:
    """List the tickets that are linked to a ticket."""
    return Page[Link].model_validate({"items": of_ticket(ctx, code)[1]["links"]})


@post("/tickets/<code>/links", status=201)
def link_tickets(ctx: Context, code: str, body: NewLink, key: str) -> TicketShort:
    """Link two tickets; both histories tell."""
    return short(links.link(ctx, code, body.other, body.kind, key))


@delete("/tickets/<code>/links/<other>")
def unlink_tickets(ctx: Context, code: str, other: str, key: str) -> TicketShort:
    """Remove a link, whichever of the two it was made on."""
    return short(links.unlink(ctx, code, other, key))


@post("/tickets/<code>/requests", status=201)
def split_off_ticket(ctx: Context, code: str, body: FurtherRequest, key: str) -> TicketShort:
    """Open a ticket for a further request of the same customer; they get an email with its code."""
    return short(
        links.request_from(
            ctx, code, message=body.message, service=body.service, details=body.details, key=key
        )
    )


@get("/tickets/<code>/merge/<other>")
def weigh_merge(ctx: Context, code: str, other: str) -> Weighed:
    """Say whether a ticket could be merged into another one, and why not."""
    against = merging.weigh(ctx, code, other).against
    return Weighed(possible=not against, against=in_words(against))


@post("/tickets/<code>/merge")
def merge_ticket(ctx: Context, code: str, body: Merge, version: int, key: str) -> TicketShort:
    """Merge a duplicate into the ticket that it duplicates.

    The answer is the duplicate. No email is sent, and both codes and links stay valid.
    """
    return short(
        merging.merge(ctx, code, body.other, version=version, other_version=body.other_version, key=key)
    )


@post("/tickets/<code>/apart")
def take_ticket_apart(ctx: Context, code: str, version: int, key: str) -> TicketShort:
    """Undo a merge: the duplicate is open again."""
    return short(merging.take_apart(ctx, code, version=version, key=key))


@post("/bulk", status=201)
def change_tickets(ctx: Context, body: ManyTickets, key: str) -> ChangedTickets:
    """Do the same with several tickets; each that cannot be changed stays as it is, and says why."""
    return _changed(bulk.act(ctx, body.action, body.value, body.tickets, key=key))


@post("/bulk/<reference>/undo")
def undo_change_of_tickets(ctx: Context, reference: str) -> ChangedTickets:
    """Undo what was done with several tickets, as far as they are still as it left them."""
    return _changed(bulk.undo(ctx, reference))


def _changed(done: Bulk) -> ChangedTickets:
    refused = [RefusedTicket(code=code, sentence=sentence) for code, sentence in done.refused]
    codes = [code for code, *_rest in done.tickets]
    return ChangedTickets(reference=done.reference, changed=codes, refused=refused)
