"""Mails that came in: what became of each, its text, its bytes."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import Field

from paidsupport.connect.api.declaring import get
from paidsupport.connect.api.models import Answer, Moment, Page, Query
from paidsupport.connect.api.resources.tickets import NO_PAGE
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.downloads import send_kept
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.received import tables as rows
from paidsupport.tickets.received.tables import RawMail

TAG = "Mails"


class MailQuery(Query):
    """Which mails."""

    state: Annotated[
        MailState | None, Field(description="What became of them; by default all that are on no ticket.")
    ] = None
    after: Annotated[str, Field(max_length=20, description="Where the page before ended: its `next`.")] = ""


class MailLine(Answer):
    """A mail in a list."""

    reference: Annotated[str, Field(description="Its name in addresses.")]
    state: Annotated[str, Field(description="`kept`, `filed`, `ignored`, `quarantined` or `failed`.")]
    reason: Annotated[str, Field(description="Why it is in this state.")]
    sender: str
    recipient: str
    subject: str
    received_at: Moment
    ticket: Annotated[str | None, Field(description="The code of its ticket.")]
    holds_login: Annotated[bool, Field(description="Whether something in it is masked.")]


class Mail(MailLine):
    """A mail."""

    text: Annotated[str, Field(description="All of its text; what looks like a login is masked.")]


@get("/mails")
def list_mails(ctx: Context, query: MailQuery) -> Page[MailLine]:
    """List mails that came in, the newest first."""
    before = whole_number(query.after) if query.after else None
    if query.after and not before:
        raise InvalidInputError({"after": [NO_PAGE]})
    found, more = rows.page(ctx.session, query.state or "", before)
    items = [MailLine(**_told(mail), ticket=code) for mail, code in found]
    return Page[MailLine](items=items, next=str(more) if more else None)


@get("/mails/<reference>")
def get_mail(ctx: Context, reference: str) -> Mail:
    """Get one mail as plain text."""
    mail, ticket = rows.with_ticket(ctx.session, reference)
    return Mail(**_told(mail), ticket=ticket.code if ticket else None, text=mail.text)


@get("/mails/<reference>/raw")
def get_raw_mail(ctx: Context, reference: str) -> Response:
    """Download a mail as it arrived.

    404 if it holds a login: that is shown to a person only, on a page, for a reason that the customer sees.
    """
    mail = rows.by_reference(ctx.session, reference)
    if mail.holds_login or mail.dropped_at is not None:
        raise NotFoundError
    return send_kept(ctx, mail.storage_key, name=f"mail-{mail.id}.eml", size=mail.size)


def _told(mail: RawMail) -> dict[str, Any]:
    names = ("reference", "state", "reason", "sender", "recipient", "subject", "received_at", "holds_login")
    return {name: getattr(mail, name) for name in names}
