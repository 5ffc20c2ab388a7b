"""What the customer is asked to decide: approval of something risky, and offers of more work at a price.

The answers are the customer's alone, by a button on their page: no program gives them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Page, Sent
from paidsupport.connect.api.resources._ticket_models import Decision
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.operations import MOST_DAYS, Ask, Offer
from paidsupport.tickets.decisions.tables import Decision as DecisionRow
from paidsupport.tickets.operations.representation import decision_as_json, of_ticket

TAG = "Decisions"


class Seen(Sent):
    """What its author has seen of the ticket."""

    claim: Annotated[int, Field(ge=0, le=2**31 - 1, description="The `claim_number` of the ticket.")]
    thread: Annotated[int, Field(ge=0, le=2**31 - 1, description="The `thread` of the ticket.")]


class NewConsent(Seen):
    """A question whether something may be done."""

    what: Annotated[str, Field(description="One line that the customer can approve or not.")]
    why: Annotated[str, Field(description="In plain, non-technical words.")]
    risk: Annotated[str, Field(description="What can go wrong.")]
    undo: Annotated[str, Field(description="How it can be undone.")]
    item: Annotated[str, Field(description="The item of the checklist that waits for it, if any.")] = ""


class NewOffer(Seen):
    """More work at a price."""

    what: Annotated[str, Field(description="One line; once accepted, it is an item of the checklist.")]
    why: Annotated[str, Field(description="What is included, and why.")]
    price: Annotated[str, Field(description="In the currency of the ticket, like `20` or `19.50`.")]
    days: Annotated[int, Field(ge=0, le=9999, description=f"Valid for so many days, up to {MOST_DAYS}.")] = 14
    about: Annotated[
        int, Field(ge=0, le=2**31 - 1, description="The number of the message that asked for it; 0: none.")
    ] = 0


class Use(Sent):
    """The item of the checklist that an answer counts for as well."""

    item: str


@get("/tickets/<code>/decisions")
def list_decisions(ctx: Context, code: str) -> Page[Decision]:
    """List what the customer was asked to decide, oldest first."""
    return Page[Decision].model_validate({"items": of_ticket(ctx, code)[1]["decisions"]})


@post("/tickets/<code>/consents", status=201)
def ask_for_consent(ctx: Context, code: str, body: NewConsent, key: str) -> Decision:
    """Ask the customer whether something risky may be done; a no is final."""
    ask = Ask(body.what, body.why, body.risk, body.undo, body.item)
    return _told(ctx, decisions.ask_consent(ctx, code, ask, claim=body.claim, thread=body.thread, key=key))


@post("/tickets/<code>/offers", status=201)
def make_offer(ctx: Context, code: str, body: NewOffer, key: str) -> Decision:
    """Offer the customer more work at a price."""
    offer = Offer(body.what, body.why, body.price, body.days, body.about)
    return _told(ctx, decisions.make_offer(ctx, code, offer, claim=body.claim, thread=body.thread, key=key))


@post("/tickets/<code>/decisions/<reference>/withdraw")
def withdraw_decision(ctx: Context, code: str, reference: str, key: str) -> Decision:
    """Withdraw what the customer has not answered."""
    return _told(ctx, decisions.withdraw(ctx, code, reference, key=key))


@post("/tickets/<code>/decisions/<reference>/use")
def use_consent(ctx: Context, code: str, reference: str, body: Use, key: str) -> Decision:
    """Let a question that was asked before count for an item of the checklist: it is not asked again."""
    return _told(ctx, decisions.use_consent(ctx, code, reference, body.item, key=key))


def _told(ctx: Context, decision: DecisionRow) -> Decision:
    return Decision.model_validate(in_words(decision_as_json(ctx, decision)))
