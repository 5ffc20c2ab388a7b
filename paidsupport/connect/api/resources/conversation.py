"""The conversation of a ticket: messages, annotations, files, and that there are logins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, TypeVar

from flask import Response
from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, post
from paidsupport.connect.api.models import Answer, Page, PageQuery, Sent
from paidsupport.connect.api.resources._files import FILES_LIMIT, WithFiles, uploads_of
from paidsupport.connect.api.resources._ticket_models import (
    Annotation,
    File,
    Login,
    Message,
    TicketShort,
)
from paidsupport.connect.api.resources.tickets import NO_PAGE, short
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.conversation import downloads
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence, tone
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.tables import Email as EmailRow
from paidsupport.tickets.operations.representation import of_ticket
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import credentials as vault

TAG = "Conversation"

A = TypeVar("A")


class Email(WithFiles):
    """An email to the customer."""

    body: str
    claim: Annotated[
        int,
        Field(
            ge=0,
            le=2**31 - 1,
            description="The claim it is written under: the `claim_number` you have seen.",
        ),
    ]
    thread: Annotated[
        int, Field(ge=0, le=2**31 - 1, description="The version of the conversation that you have seen.")
    ]


class EmailQueued(Answer):
    """An email that is on its way."""

    letter: Annotated[str, Field(description="Its name.")]
    kind: str
    state: str


class Opening(Answer):
    """What the desk proposes to begin with."""

    kind: Annotated[str, Field(description="What the email will be for: `first-contact`, `message` …")]
    subject: str
    body: str
    claim: Annotated[int, Field(description="To be sent with it.")]
    thread: Annotated[int, Field(description="To be sent with it.")]


class Remark(Answer):
    """Words to think about before they are sent."""

    words: str
    reason: str
    suggestion: str


class Preview(Answer):
    """An email as it would be sent."""

    body: str
    remarks: Annotated[list[Remark], Field(description="They hold nothing back: a page shows them once.")]


class Note(WithFiles):
    """A note for the staff."""

    body: str


class Settlement(Sent):
    """What became of an email that is stuck."""

    decision: Annotated[
        str,
        Field(
            description="`sent`: it has arrived; `again`: send it once more; `withdrawn`: it must not leave."
        ),
    ]


class Cut(Answer):
    """A message without what looked like a login."""

    number: int
    body: str


@get("/tickets/<code>/messages")
def list_messages(ctx: Context, code: str, query: PageQuery) -> Page[Message]:
    """List the messages of a ticket, oldest first."""
    told = of_ticket(ctx, code)[1]["messages"]
    return _page(Page[Message], told, [each["number"] for each in told], query)


@get("/tickets/<code>/draft")
def draft_message(ctx: Context, code: str) -> Opening:
    """Get the text that the desk proposes for the next email to the customer; for the owner."""
    ticket = by_code(ctx.session, code)
    opening = correspondence.open_email(ctx, ticket)
    return opening_of(ticket, opening.kind, opening.subject, opening.body)


@post("/tickets/<code>/messages/preview")
def preview_message(ctx: Context, code: str, body: Email, key: str) -> Preview:
    """Check an email without sending it, also for its tone.

    It is refused for the same reasons as if it were sent.
    """
    text = correspondence.preview(ctx, code, _draft(body, key))
    ticket = by_code(ctx.session, code)
    ours, approved = correspondence.open_email(ctx, ticket).body, tone.approved_for(ctx, ticket)
    return preview_of(text, tone.remarks(ctx, text, drafted=ours, approved=approved))


@post("/tickets/<code>/messages", status=201, limit=FILES_LIMIT)
def write_message(ctx: Context, code: str, body: Email, key: str) -> EmailQueued:
    """Write to the customer, under the claim and over the conversation that you have seen."""
    return queued(correspondence.write(ctx, code, _draft(body, key), uploads_of(body.files)))


@post("/tickets/<code>/emails/<email>/settlement")
def settle_email(ctx: Context, code: str, email: str, body: Settlement, key: str) -> EmailQueued:
    """Decide what became of an email that is stuck; a message says in `settle` what is possible."""
    return queued(emails.settle(ctx, code, email, body.decision, key=key))


@get("/tickets/<code>/annotations")
def list_annotations(ctx: Context, code: str, query: PageQuery) -> Page[Annotation]:
    """List the annotations of a ticket, oldest first."""
    told = of_ticket(ctx, code)[1]["annotations"][::-1]
    return _page(Page[Annotation], told, range(1, len(told) + 1), query)


@post("/tickets/<code>/annotations", status=201, limit=FILES_LIMIT)
def annotate_ticket(ctx: Context, code: str, body: Note, key: str) -> TicketShort:
    """Leave a note for the staff; `@` and a name tells a colleague."""
    uploads = uploads_of(body.files)
    return short(annotation.annotate(ctx, code, body.body, key=key, uploads=uploads))


@get("/tickets/<code>/files")
def list_files(ctx: Context, code: str, query: PageQuery) -> Page[File]:
    """List the files of a ticket, oldest first."""
    told = of_ticket(ctx, code)[1]["files"]
    return _page(Page[File], told, range(1, len(told) + 1), query)


@get("/tickets/<code>/files/<reference>")
def get_file(ctx: Context, code: str, reference: str) -> Response:
    """Download a file of a ticket, as the bytes that were sent."""
    return downloads.send(ctx, pages.file_for_desk(ctx.session, code, reference))


@get("/tickets/<code>/logins")
def list_logins(ctx: Context, code: str, query: PageQuery) -> Page[Login]:
    """List the logins that the customer gave: that they exist, never what they are.

    A login is shown to a person only, on a page, for a reason that the customer sees.
    """
    told = of_ticket(ctx, code)[1]["logins"]
    return _page(Page[Login], told, range(1, len(told) + 1), query)


@delete("/tickets/<code>/logins/<reference>")
def destroy_login(ctx: Context, code: str, reference: str, key: str) -> TicketShort:
    """Delete a login for good; the customer sees that."""
    vault.destroy(ctx, code, reference, key=key)
    return short(by_code(ctx.session, code))


@post("/tickets/<code>/messages/<number>/cut")
def cut_login_out(ctx: Context, code: str, number: str, key: str) -> Cut:
    """Move what looks like a login out of a message of the customer, into the vault."""
    message = vault.cut(ctx, code, existing(whole_number(number, digits=9)), key=key)
    return Cut(number=message.number, body=message.body)


def opening_of(ticket: Ticket, kind: str, subject: str, body: str) -> Opening:
    """A proposed text, with the numbers to be sent with it."""
    return Opening(kind=kind, subject=subject, body=body, claim=ticket.claim_number, thread=ticket.thread)


def preview_of(text: str, remarks: list[Any]) -> Preview:
    """A text with the remarks on it."""
    said = [
        Remark(
            words=tone.words(text, each),
            reason=translate(each.reason),
            suggestion=translate(each.suggestion),
        )
        for each in remarks
    ]
    return Preview(body=text, remarks=said)


def queued(email: EmailRow) -> EmailQueued:
    """An email that is on its way."""
    return EmailQueued(letter=email.reference, kind=email.kind, state=email.state)


def _draft(body: Email, key: str) -> Draft:
    return Draft(body.body, body.claim, body.thread, key)


def _page(page: type[Page[A]], told: Sequence[Any], numbers: Iterable[int], query: PageQuery) -> Page[A]:
    """The part of a list behind the number in `after`."""
    after = whole_number(query.after) if query.after else 0
    if after is None:
        raise InvalidInputError({"after": [NO_PAGE]})
    rest = [(number, each) for number, each in zip(numbers, told, strict=True) if number > after]
    shown = rest[: query.limit]
    following = str(shown[-1][0]) if len(rest) > len(shown) else None
    return page.model_validate({"items": [each for _number, each in shown], "next": following})
