"""Issues that give a customer's secret away: no ticket can follow one, and none becomes public (G15)."""

from __future__ import annotations

from paidsupport.issues.queries.families import following
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import comparing, exposure
from paidsupport.tickets.vault.operations.comparing import Question
from paidsupport.tickets.vault.operations.quotes import standing_for


def refuse_to_follow(ctx: Context, issue: Issue, ticket: Ticket) -> None:
    """Refuse to let a ticket follow an issue that contains one of the ticket's secrets.

    Both are locked.

    Raises:
        GivenAwayError: It does (field `issue`).
        VaultClosedError: The secrets cannot be decrypted.
    """
    if not ctx.by.is_person:
        return
    standing = standing_for(ctx, {ticket.id})
    if standing.kept or standing.words:
        text = _words_on(ctx, issue)
        comparing.refuse(ctx.services, ctx.compared, standing, Question(text, "issue"))


def refuse_to_show(ctx: Context, issue: Issue) -> None:
    """Refuse to make a locked issue public again if it contains a secret of a ticket that follows it.

    Raises:
        TransitionRefusedError: It does.
        VaultClosedError: The secrets cannot be decrypted.
    """
    standing = standing_for(ctx, set(ctx.session.scalars(following(issue.id))))
    text = _words_on(ctx, issue)
    question = Question(text, "issue")
    if (standing.kept or standing.words) and (
        said := comparing.problems(ctx.services, ctx.compared, standing, question)
    ):
        raise TransitionRefusedError(issue.code, said["issue"])


def _words_on(ctx: Context, issue: Issue) -> str:
    return "\n".join(text for _, text in exposure.texts(ctx, Issue.__tablename__, {issue.id}))
