"""Hooks of the catalogue: what it asks those who work under its services."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook

#: How many open records there are under a service, by its id.
OPEN_UNDER: Hook[[Context, int], int] = Hook("open under a service")
#: Why customers could not pay the desk before the work, in a sentence; empty if they could.
AGAINST_PAYING: Hook[[Context, str], str] = Hook("against paying before the work")

HOOKS = (OPEN_UNDER, AGAINST_PAYING)
