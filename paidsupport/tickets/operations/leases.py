"""How long a claim lasts without an operation of its owner (G11): the one place that decides it."""

from __future__ import annotations

from datetime import timedelta

from paidsupport.kernel.context import Context
from paidsupport.tickets.tables import Ticket

#: The last part of a claim's time, in which its owner is warned: one in so many.
WARNING_SHARE = 4


def lease(ctx: Context, _ticket: Ticket, *, patient: bool) -> timedelta:
    """The time a claim of this ticket has, longer if `patient`: work takes it, or the customer is awaited."""
    return ctx.services.settings.lease(patient=patient)


def warning_time(ctx: Context, _ticket: Ticket | None = None) -> timedelta:
    """How long before its end the owner of a claim is warned; without a ticket, the longest there is."""
    return ctx.services.settings.lease(patient=False) / WARNING_SHARE
