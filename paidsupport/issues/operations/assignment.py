"""Customers' accounts and data are touched only by whom management has assigned to the issue (T11)."""

from __future__ import annotations

from paidsupport.issues.queries.followers import followed
from paidsupport.issues.tables import OVER, Follower, Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.tables import Ticket

#: What is said about a step, and about the vault of a ticket.
FOR_STEP = _(
    "This affects a customer's account or data. Only the person a manager assigned to the issue can do it."
    " Ask a manager to assign it to you."
)
FOR_TICKET = _(
    "This ticket is waiting for an issue. Only the person a manager assigned to that issue can view its"
    " logins. Ask a manager to assign it to you."
)


def is_assigned(ctx: Context, issue: Issue) -> bool:
    """Whether management has assigned whoever acts to a locked issue."""
    mine = ctx.by.id is not None and issue.owner_id == ctx.by.id
    return mine and issue.assigned_by_id is not None


def require(ctx: Context, issue: Issue) -> None:
    """Refuse what touches a customer's account or data. Raises TransitionRefusedError."""
    if not is_assigned(ctx, issue):
        raise TransitionRefusedError(issue.code, [FOR_STEP])


def why_not(ctx: Context, ticket: Ticket, lock: bool) -> str:  # noqa: FBT001  # as the hook has it
    """What stands against a look into the vault of a ticket none of whose issues is assigned to the reader.

    With `lock`, the caller holds the ticket's lock and the issues are locked too. A ticket that follows
    nothing that is still open is as it always was: nothing stands against that.
    """
    found = followed(ctx.session, ticket, Follower.ended_at.is_(None), Issue.state.not_in(OVER), lock=lock)
    return "" if not found or any(is_assigned(ctx, issue) for _, issue in found) else FOR_TICKET
