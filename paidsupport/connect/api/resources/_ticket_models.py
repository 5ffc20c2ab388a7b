"""What a ticket looks like to programs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.models import Answer, Moment, Money


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


class Customer(Answer):
    """Whose ticket it is; empty where it is not known."""

    name: str
    email: str


class OrderAnswer(Answer):
    """What the customer answered to a question of the service."""

    name: str
    label: str
    value: str | list[str]


class Message(Answer):
    """A message between the desk and the customer."""

    number: int
    direction: Annotated[str, Field(description="`in`: from the customer; `out`: to them.")]
    author: str
    body: Annotated[str, Field(description="The text; what looks like a login of the customer is masked.")]
    rest: Annotated[str | None, Field(description="What else stood in the mail, such as quotes.")]
    holds_login: Annotated[bool, Field(description="Whether something was masked.")]
    letter: Annotated[
        str | None,
        Field(
            description="What became of the email: `queued`, `sending`, `sent`, `uncertain`, `failed`,"
            " `withdrawn`; null for what came from the customer."
        ),
    ]
    email: Annotated[str | None, Field(description="The name of the email.")]
    kind: Annotated[str | None, Field(description="What the email is for.")]
    settle: Annotated[list[str], Field(description="What `settle_email` can decide about it.")]
    decision: Annotated[str | None, Field(description="The name of the decision that it asks for.")]
    files: Annotated[list[str], Field(description="The names of its files in addresses.")]
    at: Moment


class Annotation(Answer):
    """A note that only staff see."""

    author: str
    about: Annotated[str, Field(description="The transition it was left with, or what else it is about.")]
    body: str
    at: Moment
    files: list[str]


class File(Answer):
    """A file of a ticket; `get_file` has its content."""

    reference: Annotated[str, Field(description="Its name in addresses.")]
    name: str
    size: int
    sha256: str
    audience: Annotated[str, Field(description="`customer`: they see it too; `desk`: only staff.")]
    message: Annotated[int | None, Field(description="The number of the message that it came with.")]
    item: Annotated[str | None, Field(description="The item of the checklist that it is evidence for.")]
    at: Moment


class Evidence(Answer):
    """What an item wants to know before it counts as done."""

    name: str
    label: str
    kind: Annotated[str, Field(description="`text`, `long text`, `number`, `link`, `date` or `file`.")]
    required: bool


class Item(Answer):
    """An item of a checklist."""

    name: str
    version: Annotated[int, Field(description="Its own: items are ticked independently of the ticket.")]
    state: Annotated[str, Field(description="`open`, `done`, `skipped` or `refused` by the customer.")]
    phase: Annotated[str, Field(description="`before`, `during` or `after` the work.")]
    text: str
    reason: Annotated[str, Field(description="Why it is there.")]
    skippable: bool
    consent: Annotated[bool, Field(description="Whether the customer has to approve it first.")]
    waits: Annotated[list[str], Field(description="Why it cannot be ticked now, in sentences.")]
    evidence: list[Evidence]
    answers: Annotated[list[OrderAnswer], Field(description="What was entered as evidence.")]
    because: Annotated[str, Field(description="Why it was skipped.")]
    by: str
    at: Moment | None


class Decision(Answer):
    """What the customer is asked to decide, and the answer."""

    reference: Annotated[str, Field(description="Its name in addresses.")]
    number: int
    kind: Annotated[str, Field(description="`consent`: may this be done; `offer`: more work at a price.")]
    state: Annotated[str, Field(description="`open`, `approved`, `declined`, `withdrawn` or `expired`.")]
    what: str
    why: str
    risk: str
    undo: str
    price: Annotated[Money | None, Field(description="Of an offer.")]
    valid_until: Moment | None
    asked_by: str
    asked_at: Moment
    answered_at: Moment | None
    word: Annotated[str, Field(description="What the customer added to the answer.")]


class Work(Answer):
    """A stretch of work on a machine; without an end, its clock is running."""

    person: str
    machine: str
    what: str
    started_at: Moment
    ended_at: Moment | None


class Login(Answer):
    """That the customer gave a login. What it is can be seen by a person, on a page, and never here."""

    reference: Annotated[str, Field(description="Its name in addresses.")]
    kind: Annotated[str, Field(description="`key`, `account`, `password` or `message`.")]
    label: Annotated[str, Field(description="What it opens, in the customer's words.")]
    given_at: Moment
    destroyed_at: Moment | None
    views: Annotated[int, Field(description="How often it was viewed.")]


class Link(Answer):
    """A related ticket."""

    kind: Annotated[
        str,
        Field(
            description="How this ticket relates to it: `related`, `follows`, `duplicates`, `followed-by`,"
            " `duplicated-by`."
        ),
    ]
    code: str
    summary: str
    state: str


class Deadline(Answer):
    """A deadline that runs, or is paused with so many working minutes left."""

    kind: str
    due_at: Moment | None
    left_minutes: int | None
    missed_at: Moment | None


class Happened(Answer):
    """A line of a ticket's history; each has a hash over the one before."""

    number: int
    kind: str
    at: Moment
    actor: str
    claim_number: int | None
    data: dict[str, Any]
    hash: str


class Condition(Answer):
    """What a transition needs, and whether that holds, in a sentence."""

    name: str
    met: bool
    sentence: str


class Way(Answer):
    """A transition that this person may try."""

    name: str
    label: str
    to: Annotated[str | None, Field(description="The state it leads to; null: it stays.")]
    possible: bool
    asks: Annotated[list[str], Field(description="The fields it takes: `reason`, `note`, `colleague`.")]
    reasons: list[str]
    conditions: list[Condition]


class Ticket(Answer):
    """A ticket with everything on it that its reader may see."""

    code: str
    workflow: str
    state: str
    part: Annotated[str, Field(description="`unassigned`, `pending` or `closed`.")]
    version: int
    owner: str | None
    claim_number: int
    thread: Annotated[int, Field(description="The version of the conversation; `write_message` wants it.")]
    turn: Annotated[
        str, Field(description="Who acts next: `desk`, `owner`, `customer`, `colleague`, `none`.")
    ]
    service: str
    price: Money
    payment: Payment | None
    customer: Customer
    language: Annotated[str | None, Field(description="The customer's; null: not known.")]
    summary: str
    details: Annotated[str, Field(description="What the customer wants; what looks like a login is masked.")]
    host_url: str
    host_access: str
    answers: list[OrderAnswer]
    traits: Annotated[list[str], Field(description="What decides about its checklist.")]
    priority: str
    tags: list[str]
    submitted_at: Moment
    changed_at: Moment
    claimed_at: Moment | None
    lease_until: Annotated[
        Moment | None, Field(description="When the claim lapses unless something is done.")
    ]
    started_at: Moment | None
    ended_at: Moment | None
    erased_at: Moment | None
    merged_into: str | None
    merged: list[str]
    due_at: Moment | None
    due_kind: str | None
    deadlines: list[Deadline]
    messages: list[Message]
    annotations: list[Annotation]
    files: list[File]
    checklist: list[Item]
    decisions: list[Decision]
    work: list[Work]
    logins: list[Login]
    links: list[Link]
    watchers: list[str]
    events: list[Happened]
    transitions: list[Way]
