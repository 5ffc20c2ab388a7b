"""Hooks of the catalogue: what it asks those who work under its services."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook

#: How many open records there are under a service, by its id.
OPEN_UNDER: Hook[[Context, int], int] = Hook("open under a service")

HOOKS = (OPEN_UNDER,)
