"""Requests: what comes in by mail, phone or form and is no order of a paid service (T1, T2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from paidsupport.desk import deadlines, history, letters, limits, submissions
from paidsupport.desk.hooks import TICKET_RECEIVED
from paidsupport.desk.visit import Visit
from paidsupport.domain import phones
from paidsupport.domain.letters import LetterKind
from paidsupport.domain.text import LINE_LIMIT
from paidsupport.domain.titles import title_of
from paidsupport.domain.workflows import REQUEST
from paidsupport.errors import TooManyError
from paidsupport.kernel.edit import Change
from paidsupport.store import search
from paidsupport.store.catalogue import Service
from paidsupport.store.requests import Intake
from paidsupport.store.tickets import Ticket

#: The first event of a ticket that did not come from an order form.
RECEIVED = "received"
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


def service_for(visit: Visit, purpose: str) -> Service | None:
    """The service that takes what comes for `purpose`: the one that names it, else the first for requests."""
    rows = visit.session.scalars(select(Service).where(Service.active).order_by(Service.position)).all()
    named = [service for service in rows if purpose in service.purposes]
    return next(iter([*named, *(service for service in rows if service.workflow == REQUEST.name)]), None)


def open_request(
    visit: Visit, service: Service, inquiry: Inquiry, change: Change[Visit, Ticket] | None = None
) -> Ticket:
    """A new ticket for an inquiry, at the beginning of the workflow of `service`; nobody holds it.

    It is locked for the rest of the transaction, as nobody else knows it yet. No letter is written.
    `change` carries the key of the form that asked for it, if one did.
    """
    ticket = submissions.begin(
        visit,
        service,
        summary=title_of(inquiry.subject, inquiry.details, limit=120),
        customer_name=inquiry.name or inquiry.email or inquiry.phone or _NOBODY,
        customer_email=inquiry.email,
        customer_user_id=None,
        host_url="",
        host_access="",
        details=inquiry.details,
        answers=[],
        requirements=[],
    )
    data = {"service": service.slug, "price": service.price_minor, "kind": inquiry.channel}
    (change or history.create(visit)).open(ticket, RECEIVED, data)
    intake = Intake(
        ticket_id=ticket.id,
        channel=inquiry.channel,
        purpose=inquiry.purpose,
        caller=inquiry.caller,
        organisation=inquiry.organisation[:LINE_LIMIT],
        phone=inquiry.phone,
        digits=phones.compared(inquiry.phone),
        called_at=inquiry.called_at,
        taken_by_id=visit.by.id,
    )
    visit.session.add(intake)
    deadlines.begin(visit, ticket, service)
    visit.session.flush()
    words = [*submissions.searchable(ticket), ticket.summary, intake.organisation, intake.phone]
    search.index(visit.session, ticket.id, *words)
    visit.house.hooks.call(TICKET_RECEIVED, visit, ticket, inquiry.phone)
    return ticket


def acknowledge(visit: Visit, ticket: Ticket) -> bool:
    """Mail the sender of a request its code; returns whether that was done.

    Nothing they wrote and no link is in it: who wrote a mail is only what it says itself. Not sent when the
    address, or the whole desk, has had as many such mails as an hour allows (reliability 7).
    """
    settings = visit.house.settings
    try:
        limits.spend_all(
            visit,
            ("acknowledged", ticket.customer_email, settings.automatic_mails_per_hour),
            ("acknowledgement", "everybody", settings.acknowledgements_per_hour),
        )
    except TooManyError:
        return False
    kind = LetterKind.ACKNOWLEDGEMENT
    subject, body = (letters.render(visit, kind, part, ticket) for part in ("subject", "body"))
    letters.to_customer(visit, ticket, kind, subject, body)
    return True
