"""The customer's pages: what can be ordered, the order form, the private page, and two lookups."""

from paidsupport.web.customer import (
    access,
    decisions,
    demonstration,
    health,
    help_pages,
    invoices,
    issues,
    lookups,
    orders,
    report,
    services,
    tickets,
)

__all__ = [
    "access",
    "decisions",
    "demonstration",
    "health",
    "help_pages",
    "invoices",
    "issues",
    "lookups",
    "orders",
    "report",
    "services",
    "tickets",
]
