"""Everything that a desk can consist of. Each capability may use those before it, never those after it."""

from __future__ import annotations

from paidsupport.catalogue.capability import CATALOGUE
from paidsupport.connect.capability import CONNECT, TRACKERS
from paidsupport.connect.erp.capability import ERP
from paidsupport.connect.importing.capability import IMPORTING
from paidsupport.connect.payments.capability import PROVIDERS
from paidsupport.intake.capability import INTAKE
from paidsupport.issues.capability import ISSUES
from paidsupport.manage.capability import MANAGE
from paidsupport.ops.capability import OPS
from paidsupport.sales.capability import SALES
from paidsupport.tickets.capability import TICKETS

#: What every desk has, whatever else a site mounts.
BASIS = (CATALOGUE,)
ALL = (*BASIS, TICKETS, ISSUES, INTAKE, SALES, CONNECT, TRACKERS, ERP, PROVIDERS, IMPORTING, MANAGE, OPS)

__all__ = [
    "ALL",
    "BASIS",
    "CATALOGUE",
    "CONNECT",
    "ERP",
    "IMPORTING",
    "INTAKE",
    "ISSUES",
    "MANAGE",
    "OPS",
    "PROVIDERS",
    "SALES",
    "TICKETS",
    "TRACKERS",
]
