"""The pages: one blueprint, thin views over the verbs."""

from paidsupport.web import customer, invoice_filters, issue_filters, staff, ticket_filters
from paidsupport.web.blueprint import add_filters, blueprint

for _filters in (ticket_filters, issue_filters, invoice_filters):
    add_filters(_filters.ALL)

__all__ = ["blueprint", "customer", "staff"]
