"""The workflows this package ships, by name; a site registers its own beside them."""

from paidsupport.domain.workflow import Workflow
from paidsupport.domain.workflows.paid import PAID

SHIPPED: dict[str, Workflow] = {PAID.name: PAID}

__all__ = ["PAID", "SHIPPED"]
