"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import (
    analysis,
    drafting,
    filing,
    gaps,
    lists,
    pages,
    releases,
    resolution,
    reviewing,
    steps,
    work,
)

__all__ = [
    "analysis",
    "drafting",
    "filing",
    "gaps",
    "lists",
    "pages",
    "releases",
    "resolution",
    "reviewing",
    "steps",
    "work",
]
