"""A short history of an order, in the customer's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Event
from paidsupport.tickets.views.progress import CustomerView

#: Sentences for customers about events in a history, by kind.
_SAID: dict[str, Callable[[Event], str]] = {
    "submitted": lambda _event: _("You sent us your order"),
    "claim": lambda event: _("%(name)s took it on", name=event.actor_name),
    "release": lambda event: _("%(name)s had to give it back", name=event.actor_name),
    "start": lambda event: _("%(name)s started the work", name=event.actor_name),
    "close": lambda event: _("%(name)s finished the work", name=event.actor_name),
    "abandon": lambda event: _("%(name)s ended the order", name=event.actor_name),
    "reject": lambda event: _("%(name)s ended the order", name=event.actor_name),
    "reopen": lambda event: _("%(name)s opened it again", name=event.actor_name),
    "withdraw": lambda _event: _("You withdrew your order"),
    "consent-approved": lambda _event: _("You approved a step"),
    "consent-declined": lambda _event: _("You didn't approve a step"),
    "offer-accepted": lambda _event: _("You accepted an offer"),
    "offer-declined": lambda _event: _("You declined an offer"),
    "payment-noted": lambda event: _("%(name)s noted your payment", name=event.actor_name),
    "payment-said": lambda _event: _("You said that you've paid"),
    "payment-missing": lambda event: _("%(name)s hasn't received your payment yet", name=event.actor_name),
    "payment-received": lambda _event: _("Your payment arrived"),
    "payment-refunded": lambda _event: _("A payment was refunded"),
    "payment-undone": lambda event: _("%(name)s took back the note of your payment", name=event.actor_name),
    "secret-given": lambda _event: _("You shared a login"),
}
#: The same for events caused by the clock, which has no name.
_BY_CLOCK = {"release": _("We started looking for another developer")}


def timeline(ctx: Context, view: CustomerView) -> list[tuple[datetime, str]]:
    """List the moments of an order that its customer should know, oldest first."""
    events = pages.milestones(ctx.session, view.page.ticket, _SAID)
    return list(_lines(events)) if view.flow.is_order else []


def _lines(events: list[Event]) -> Iterator[tuple[datetime, str]]:
    for event in events:
        by_clock = event.actor_kind == "clock" and event.kind in _BY_CLOCK
        yield event.at, _BY_CLOCK[event.kind] if by_clock else _SAID[event.kind](event)
