"""The workflows this package ships, by name; a site registers its own beside them."""

from paidsupport.domain.workflow import Workflow
from paidsupport.domain.workflows.paid import PAID
from paidsupport.domain.workflows.request import REQUEST
from paidsupport.domain.workflows.sales import SALES

SHIPPED: dict[str, Workflow] = {flow.name: flow for flow in (PAID, REQUEST, SALES)}

__all__ = ["PAID", "REQUEST", "SALES", "SHIPPED"]
