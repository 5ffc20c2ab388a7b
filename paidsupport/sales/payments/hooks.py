"""Hooks of payments: who can take them, and who hears when they have come."""

from __future__ import annotations

from collections.abc import Iterable

from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.sales.payments.providers import Kind
from paidsupport.tickets.tables import Ticket

#: The kinds of providers that a capability brings.
KINDS: Hook[[], Iterable[Kind]] = Hook("kinds of providers")

#: What came for a ticket, or was paid back, has changed; its sums are written, and it is locked.
SUMMED: Hook[[Context, Ticket], None] = Hook("sums of payments")

HOOKS = (KINDS, SUMMED)
