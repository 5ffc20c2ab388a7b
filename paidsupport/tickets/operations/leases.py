"""How long a claim lasts while its owner does nothing (G11): the one place that decides it."""

from __future__ import annotations

from datetime import timedelta

from paidsupport.catalogue.queries import terms_under
from paidsupport.kernel.context import Context
from paidsupport.tickets.queries import tickets as queries
from paidsupport.tickets.tables import Ticket

#: The owner is warned in the last part of a claim's time: one in this many.
WARNING_SHARE = 4


def lease(ctx: Context, ticket: Ticket, *, patient: bool) -> timedelta:
    """How long a claim of this ticket lasts; longer if `patient`: during work, or on the customer's turn.

    The terms that it was ordered under decide; where they say nothing, the settings.
    """
    return _lease(ctx, ticket.service_version_id, patient=patient)


def warning_time(ctx: Context, ticket: Ticket) -> timedelta:
    """How long before the end of its claim the owner of a ticket is warned."""
    return _warning_time(ctx, ticket.service_version_id)


def warning_times(ctx: Context) -> dict[int, timedelta]:
    """The same for each version of a service that a claimed ticket was ordered under, by its id."""
    return {version: _warning_time(ctx, version) for version in queries.claimed_versions(ctx.session)}


def _warning_time(ctx: Context, version_id: int) -> timedelta:
    return _lease(ctx, version_id, patient=False) / WARNING_SHARE


def _lease(ctx: Context, version_id: int, *, patient: bool) -> timedelta:
    terms = terms_under(ctx, version_id)
    own = terms.work_hours if patient else terms.claim_hours
    return ctx.services.settings.lease(patient=patient) if own is None else timedelta(hours=own)
