"""Invariants of requests: how each reached the desk, and what it waits for, is on record."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.intake.requests.tables import Pointer
from paidsupport.intake.workflow import REQUEST, WAITING
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.rules import RECEIVED
from paidsupport.tickets.tables import Event, Ticket


@invariant("requests have a source")
def requests_have_a_source(ctx: Context) -> Iterator[str]:
    """Every ticket that came by mail or phone says so, and none that came from the form does."""
    received = exists().where(Event.ticket_id == Ticket.id, Event.kind == RECEIVED)
    noted = exists().where(Intake.ticket_id == Ticket.id)
    yield from faults(ctx, select(Ticket.code).where(received, ~noted), "it is not on record how it came in")
    silent = select(Ticket.code).where(noted, ~received)
    yield from faults(ctx, silent, "it says how it came in, but its history does not")


@invariant("waiting requests have a question")
def waiting_requests_were_asked(ctx: Context) -> Iterator[str]:
    """Every request that waits for the customer's answer has a page that they were asked about (T5)."""
    asked = exists().where(Pointer.ticket_id == Ticket.id, Pointer.answer == "")
    waiting = select(Ticket.code).where(Ticket.workflow == REQUEST.name, Ticket.state == WAITING.name, ~asked)
    yield from faults(ctx, waiting, "it waits for an answer, but the customer was not asked")
