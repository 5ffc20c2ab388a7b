"""What workers do for sales."""

from __future__ import annotations

from paidsupport.kernel.jobs import written
from paidsupport.sales.invoices.operations import invoicing

JOBS = (written("settle old invoices", invoicing.forget),)
