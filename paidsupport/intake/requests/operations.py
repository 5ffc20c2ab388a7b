"""Requests: what comes in by mail, phone or form and is not an order of a service (T1, T2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paidsupport.catalogue.queries import services
from paidsupport.catalogue.rules.terms import Terms
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
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.hooks import TICKET_RECEIVED
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.rules import RECEIVED
from paidsupport.tickets.tables import Ticket

#: The name of a customer who has given none.
_NOBODY = "(unknown)"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a customer wants, cleaned by the operation that took it in; unknown values are empty."""

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
    """The language of the desk that a tag stands for, if any."""
    return tag_of(tag, offered(ctx.services.settings.languages)) or ""


def service_for(ctx: Context, purpose: str) -> Terms | None:
    """The service for requests with this `purpose`: one that lists it, or the first one for requests."""
    rows = services(ctx)
    named = [service for service in rows if purpose in service.purposes]
    return next(iter([*named, *(service for service in rows if service.workflow == REQUEST.name)]), None)


def open_request(
    ctx: Context, service: Terms, inquiry: Inquiry, change: Change[Context, Ticket] | None = None
) -> Ticket:
    """A new ticket for an inquiry, at the start of the workflow of `service`, without an owner.

    No other transaction knows it yet, so it counts as locked. No email is written. `change` carries the key
    of the form that asked for it, if any.
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
    """Email the sender of a request its code; returns whether that was done.

    It contains no link and nothing they wrote, because the sender of a mail is not proven. It is not sent
    when the address, or the whole desk, has received as many such emails as an hour allows.
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
