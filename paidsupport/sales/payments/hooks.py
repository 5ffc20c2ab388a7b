"""Hooks of payments: who can take them, and who hears when they have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.sales.payments.providers import Kind
from paidsupport.tickets.tables import Ticket

#: The kinds of providers that a capability brings.
KINDS: Hook[[], Iterable[Kind]] = Hook("kinds of providers")

#: What came for tickets, or was paid back, has changed; their sums are written, and they are locked.
SUMMED: Hook[[Context, Sequence[Ticket]], None] = Hook("sums of payments")

HOOKS = (KINDS, SUMMED)
