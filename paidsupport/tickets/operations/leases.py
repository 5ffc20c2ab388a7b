"""How long a claim lasts while its owner does nothing (G11): the one place that decides it."""

from __future__ import annotations

from datetime import timedelta

from paidsupport.kernel.context import Context
from paidsupport.tickets.tables import Ticket

#: The owner is warned in the last part of a claim's time: one in this many.
WARNING_SHARE = 4


def lease(ctx: Context, _ticket: Ticket, *, patient: bool) -> timedelta:
    """How long a claim of this ticket lasts; longer if `patient`: during work, or on the customer's turn."""
    return ctx.services.settings.lease(patient=patient)


def warning_time(ctx: Context, _ticket: Ticket | None = None) -> timedelta:
    """How long before its end the owner of a claim is warned; without a ticket, the longest possible."""
    return ctx.services.settings.lease(patient=False) / WARNING_SHARE
