"""The pages: one blueprint, thin views over the verbs."""

from paidsupport.web import customer, staff
from paidsupport.web.blueprint import blueprint

__all__ = ["blueprint", "customer", "staff"]
