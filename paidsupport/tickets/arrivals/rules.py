"""The event with which a request begins."""

from __future__ import annotations

#: The first event of a ticket that did not come from an order form.
RECEIVED = "received"
