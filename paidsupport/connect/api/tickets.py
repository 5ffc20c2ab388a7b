"""Tickets in JSON: reading them, claiming, moving, writing, annotating."""

from __future__ import annotations

from flask import after_this_request, request
from flask.wrappers import Response

from paidsupport.connect.api.blueprint import Answer, body, expected_version, one_time_key, route
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.words import words
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.operations import claims, history, transitions
from paidsupport.tickets.operations.representation import of_ticket, row_as_json
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.priority import operations as priorities
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags import operations as tags


@route("/tickets", scope=Scope.READ)
def tickets(ctx: Context) -> Answer:
    """The newest tickets of a part, or of all; `q` looks for words. At most one page of the queue."""
    name = request.args.get("part", "")
    if name and name not in set(Part):
        raise InvalidInputError({"part": [f"Choose a part: {', '.join(Part)}."]})
    part = Part(name) if name else None
    wanted = Wanted(part=part, words=words(request.args.get("q", "")), descending=True)
    return {"tickets": [row_as_json(ctx, row) for row in queue.page(ctx.session, wanted, ctx.now).rows]}


@route("/tickets/<code>", scope=Scope.READ)
def ticket(ctx: Context, code: str) -> Answer:
    """One ticket with everything on it; its version is the ETag."""
    page, told = of_ticket(ctx, code)
    _tagged(page.ticket)
    return told


@route("/tickets/<code>/claim", ("POST",), scope=Scope.WRITE)
def claim(ctx: Context, code: str) -> Answer:
    """Claim the ticket. 409 with `holder` if a colleague was faster."""
    version, key = expected_version(), one_time_key()
    return _moved(ctx, claims.claim(ctx, code, version=version, key=key), version, key)


@route("/tickets/<code>/moves/<transition>", ("POST",), scope=Scope.WRITE)
def move(ctx: Context, code: str, transition: str) -> Answer:
    """Make a transition; `sentences` of a 409 say what it needs."""
    sent = body({"reason": str, "note": str, "colleague": str})
    filled = Filled(sent["reason"], sent["note"], whole_number(sent["colleague"]))
    version, key = expected_version(), one_time_key()
    moved = transitions.make(ctx, code, transition, version=version, key=key, filled=filled)
    return _moved(ctx, moved, version, key)


@route("/tickets/<code>/messages", ("POST",), scope=Scope.WRITE)
def write(ctx: Context, code: str) -> Answer:
    """Write to the customer, under the claim and over the thread that the program has seen."""
    sent = body({"body": str, "claim": int, "thread": int})
    draft = Draft(sent["body"], sent["claim"], sent["thread"], one_time_key())
    email = correspondence.write(ctx, code, draft)
    return {"letter": email.reference, "kind": email.kind, "state": email.state}, 201


@route("/tickets/<code>/annotations", ("POST",), scope=Scope.WRITE)
def annotate(ctx: Context, code: str) -> Answer:
    """Leave a note for the staff."""
    noted = annotation.annotate(ctx, code, body({"body": str})["body"], key=one_time_key())
    return _short(noted), 201


@route("/tickets/<code>/tags", ("POST",), scope=Scope.WRITE)
def tag(ctx: Context, code: str) -> Answer:
    """Put a tag on."""
    return _short(tags.add(ctx, code, body({"tag": str})["tag"], key=one_time_key())), 201


@route("/tickets/<code>/tags/remove", ("POST",), scope=Scope.WRITE)
def untag(ctx: Context, code: str) -> Answer:
    """Take a tag off."""
    return _short(tags.remove(ctx, code, body({"tag": str})["tag"], key=one_time_key()))


@route("/tickets/<code>/priority", ("POST",), scope=Scope.WRITE)
def prioritise(ctx: Context, code: str) -> Answer:
    """Say how urgent it is."""
    return _short(priorities.prioritise(ctx, code, body({"priority": str})["priority"], key=one_time_key()))


def _moved(ctx: Context, ticket: Ticket, version: int, key: str) -> dict[str, object]:
    """What the transition made of the ticket.

    The same to a request that is sent again, whatever came after it.
    """
    told = history.told(ctx, ticket, key)
    # a ticket may have gone on into another workflow since
    flows = ctx.services.workflows
    states = [state for flow in (flows[ticket.workflow], *flows.values()) for state in flow.states]
    part = next(state.part for state in states if state.name == told["to"])
    then = {"state": told["to"], "part": part, "claim_number": told["claim"]}
    return _short(ticket, version + 1) | then


def _short(found: Ticket, version: int = 0) -> dict[str, object]:
    _tagged(found, version)
    return {
        "code": found.code,
        "state": found.state,
        "part": found.part,
        "version": version or found.version,
        "claim_number": found.claim_number,
        "thread": found.thread,
    }


def _tagged(found: Ticket, version: int = 0) -> Ticket:
    """Let the answer carry the version as its ETag, by default the present one."""

    @after_this_request
    def etag(response: Response) -> Response:
        response.set_etag(str(version or found.version))
        return response

    return found
