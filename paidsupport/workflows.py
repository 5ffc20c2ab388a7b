"""The workflows this package ships, by name; a site registers its own beside them."""

from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel.workflow import Workflow
from paidsupport.sales.leads.workflow import SALES
from paidsupport.tickets.paid import PAID

SHIPPED: dict[str, Workflow] = {flow.name: flow for flow in (PAID, REQUEST, SALES)}

__all__ = ["PAID", "REQUEST", "SALES", "SHIPPED"]
