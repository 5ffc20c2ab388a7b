"""Only people whom management has assigned to an issue may work on customers' accounts and data (T11)."""

from __future__ import annotations

from paidsupport.issues.operations import access, transitions
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.queries.followers import followed
from paidsupport.issues.queries.work import assigned_to
from paidsupport.issues.tables import OVER, Follower, Issue
from paidsupport.issues.workflow import HAND_OVER
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConflictError, TransitionRefusedError, existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.queries import everybody
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tables import Ticket

#: The refusal of a step, and that of viewing a ticket's logins.
FOR_STEP = _(
    "This affects a customer's account or data. Only the person a manager assigned to the issue can do it."
    " Ask a manager to assign it to you."
)
FOR_TICKET = _(
    "This ticket is waiting for an issue. Only the person a manager assigned to that issue can view its"
    " logins. Ask a manager to assign it to you."
)


def is_assigned(ctx: Context, issue: Issue) -> bool:
    """Whether management has assigned this person to a locked issue."""
    mine = ctx.by.id is not None and issue.owner_id == ctx.by.id
    return mine and issue.assigned_by_id is not None


def require(ctx: Context, issue: Issue) -> None:
    """Refuse an operation on a customer's account or data. Raises TransitionRefusedError."""
    if not is_assigned(ctx, issue):
        raise TransitionRefusedError(issue.code, [FOR_STEP])


def why_not(ctx: Context, ticket: Ticket, lock: bool) -> str:  # noqa: FBT001  # as the hook has it
    """Why this person may not view the logins of a ticket: it follows issues, none assigned to them.

    With `lock`, the caller holds the ticket's lock and the issues are locked too. A ticket that follows no
    open issue is not restricted.
    """
    found = followed(ctx.session, ticket, Follower.ended_at.is_(None), Issue.state.not_in(OVER), lock=lock)
    return "" if not found or any(is_assigned(ctx, issue) for _, issue in found) else FOR_TICKET


_LEFT = storable(_("%(name)s no longer works here."))


def pass_on(ctx: Context, person_id: int, to: int) -> int:
    """Assign the issues of a person who leaves the staff to a colleague, but for those under review.

    Returns:
        How many there were.

    Raises:
        ConflictError: One of them cannot be passed on, for a reason that is said; the caller rolls back.
    """
    note = filled(_LEFT, name=existing(ctx.session.get(Person, person_id)).name)
    codes = [issue.code for issue in assigned_to(ctx.session, person_id) if can_pass_on(issue)]
    for code in codes:
        issue = access.lock(ctx, code)
        if issue.owner_id != person_id or not can_pass_on(issue):
            continue  # they returned it at this moment
        try:
            chosen = Filled(colleague=to, note=note)
            transitions.apply(ctx, issue, HAND_OVER.name, version=issue.version, filled=chosen)
        except ConflictError as error:
            raise ConflictError(
                _("Issue %(code)s stays where it is: %(why)s Nothing was changed.", code=code, why=error)
            ) from error
    return len(codes)


def left(ctx: Context, person_id: int) -> None:
    """Assign the issues of a person who was removed to a manager: they decide who goes on with them.

    Raises ConflictError, as `pass_on`; with no one left to assign them to, they stay as they are.
    """
    if here := people.in_charge(everybody(ctx.session)):
        pass_on(ctx, person_id, here[0].id)


def can_pass_on(issue: Issue) -> bool:
    """Whether an issue is in a state in which it can be assigned to a colleague."""
    return issue.state in HAND_OVER.sources
