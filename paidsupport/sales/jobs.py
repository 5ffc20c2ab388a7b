"""The jobs of the worker for sales."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import written
from paidsupport.sales.invoices.operations import invoicing

JOBS = (written(_("settle old invoices"), invoicing.forget),)
