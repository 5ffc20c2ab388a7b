"""Hooks of payments: who can take them."""

from __future__ import annotations

from collections.abc import Iterable

from paidsupport.kernel.hooks import Hook
from paidsupport.sales.payments.providers import Kind

#: The kinds of providers that a capability brings.
KINDS: Hook[[], Iterable[Kind]] = Hook("kinds of providers")

HOOKS = (KINDS,)
