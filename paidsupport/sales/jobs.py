"""What workers do for sales."""

from __future__ import annotations

from paidsupport.desk import invoicing
from paidsupport.kernel.jobs import written

JOBS = (written("settle old invoices", invoicing.forget),)
