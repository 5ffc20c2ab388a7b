"""Requests: what comes in by mail, phone or form and is no order of a paid service (T1, T2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel import limits, phones
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import TooManyError
from paidsupport.kernel.i18n.languages import offered, tag_of
from paidsupport.kernel.text import LINE_LIMIT
from paidsupport.kernel.titles import title_of
from paidsupport.tickets.catalogue.queries import services
from paidsupport.tickets.catalogue.tables import Service
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.hooks import TICKET_RECEIVED
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.rules import RECEIVED
from paidsupport.tickets.tables import Ticket

#: What a customer is called who has told nothing of themselves.
_NOBODY = "(unknown)"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What somebody wants, tidied already by whoever took it in; what is not known is empty."""

    channel: str
    purpose: str
    subject: str
    details: str = ""
    name: str = ""
    email: str = ""
    caller: str = ""
    organisation: str = ""
    phone: str = ""
    called_at: datetime | None = None
    #: The tag of the language it is written in.
    language: str = ""


def _spoken_of(ctx: Context, tag: str) -> str:
    """The one of our languages that a tag means, if it is one."""
    return tag_of(tag, offered(ctx.services.settings.languages)) or ""


def service_for(ctx: Context, purpose: str) -> Service | None:
    """The service that takes what comes for `purpose`: the one that names it, else the first for requests."""
    rows = services(ctx.session, ctx.services.workflows)
    named = [service for service in rows if purpose in service.purposes]
    return next(iter([*named, *(service for service in rows if service.workflow == REQUEST.name)]), None)


def open_request(
    ctx: Context, service: Service, inquiry: Inquiry, change: Change[Context, Ticket] | None = None
) -> Ticket:
    """A new ticket for an inquiry, at the beginning of the workflow of `service`; nobody holds it.

    It is locked for the rest of the transaction, as nobody else knows it yet. No email is written.
    `change` carries the key of the form that asked for it, if one did.
    """
    ticket = submissions.begin(
        ctx,
        service,
        summary=title_of(inquiry.subject, inquiry.details, limit=120),
        customer_name=inquiry.name or inquiry.email or inquiry.phone or _NOBODY,
        customer_email=inquiry.email,
        customer_user_id=None,
        language=_spoken_of(ctx, inquiry.language),
        host_url="",
        host_access="",
        details=inquiry.details,
        answers=[],
        requirements=[],
    )
    data = {"service": service.slug, "price": service.price_minor, "kind": inquiry.channel}
    (change or history.create(ctx)).open(ticket, RECEIVED, data)
    intake = Intake(
        ticket_id=ticket.id,
        channel=inquiry.channel,
        purpose=inquiry.purpose,
        caller=inquiry.caller,
        organisation=inquiry.organisation[:LINE_LIMIT],
        phone=inquiry.phone,
        digits=phones.compared(inquiry.phone),
        called_at=inquiry.called_at,
        taken_by_id=ctx.by.id,
    )
    ctx.session.add(intake)
    deadlines.begin(ctx, ticket, service)
    ctx.session.flush()
    words = [*submissions.searchable(ticket), ticket.summary, intake.organisation, intake.phone]
    search.index(ctx.session, ticket.id, *words)
    ctx.services.hooks.call(TICKET_RECEIVED, ctx, ticket, inquiry.phone)
    return ticket


def acknowledge(ctx: Context, ticket: Ticket) -> bool:
    """Mail the sender of a request its code; returns whether that was done.

    Nothing they wrote and no link is in it: who wrote a mail is only what it says itself. Not sent when the
    address, or the whole desk, has had as many such mails as an hour allows.
    """
    settings = ctx.services.settings
    try:
        limits.spend_all(
            ctx,
            ("acknowledged", ticket.customer_email, settings.automatic_mails_per_hour),
            ("acknowledgement", "everybody", settings.acknowledgements_per_hour),
        )
    except TooManyError:
        return False
    kind = EmailKind.ACKNOWLEDGEMENT
    emails.to_customer(ctx, ticket, kind, *emails.written(ctx, kind, ticket))
    return True
