"""Every table there is: importing this module fills the metadata."""

from paidsupport.store import (
    catalogue,
    conversation,
    deadlines,
    decisions,
    deliveries,
    gaps,
    guides,
    hostwork,
    inbox,
    invoices,
    issues,
    notices,
    overview,
    people,
    post,
    requests,
    roster,
    tags,
    tickets,
    vault,
)
from paidsupport.store.base import Base

metadata = Base.metadata

__all__ = [
    "catalogue",
    "conversation",
    "deadlines",
    "decisions",
    "deliveries",
    "gaps",
    "guides",
    "hostwork",
    "inbox",
    "invoices",
    "issues",
    "metadata",
    "notices",
    "overview",
    "people",
    "post",
    "requests",
    "roster",
    "tags",
    "tickets",
    "vault",
]
