"""The pages of the people who work at the desk."""

from paidsupport.web.staff import (
    boilerplate,
    checklist,
    decisions,
    guides,
    inbox,
    links,
    moves,
    news,
    outbox,
    profile,
    queue,
    report,
    tickets,
    vault,
    worklog,
    writing,
)

__all__ = [
    "boilerplate",
    "checklist",
    "decisions",
    "guides",
    "inbox",
    "links",
    "moves",
    "news",
    "outbox",
    "profile",
    "queue",
    "report",
    "tickets",
    "vault",
    "worklog",
    "writing",
]
