"""Which tickets an issue is about: those that follow it, what it is a part of, or any part of that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from paidsupport.issues.tables import Follower, Issue


def following(*issue_ids: int) -> Select[Any]:
    """The ids of the tickets that follow any of these issues, what they are a part of, or a part of that."""
    return select(Follower.ticket_id).where(Follower.issue_id.in_(family_of(*issue_ids))).distinct()


def family_of(*issue_ids: int) -> Select[Any]:
    """The ids of issues, of what they are a part of, and of all parts of that."""
    above = select(Issue.id, Issue.parent_id).where(Issue.id.in_(issue_ids)).cte("above", recursive=True)
    upper = aliased(Issue)
    above = above.union(select(upper.id, upper.parent_id).join(above, upper.id == above.c.parent_id))
    below = select(above.c.id).cte("below", recursive=True)
    lower = aliased(Issue)
    below = below.union(select(lower.id).join(below, lower.parent_id == below.c.id))
    return select(below.c.id)
