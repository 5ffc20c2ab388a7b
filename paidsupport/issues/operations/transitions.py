"""Making transitions of issues: the engine, adapted to issues."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.issues.operations import access, history, notes
from paidsupport.issues.operations.guards import Filled, IssueAttempt
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.context import Context
from paidsupport.kernel.engine import Engine, Possible
from paidsupport.kernel.errors import InvalidInputError, StaleIssueError
from paidsupport.kernel.making import Transitions
from paidsupport.kernel.text import BadTextError, one_line
from paidsupport.kernel.transitions import Attempt
from paidsupport.kernel.workflow import Workflow

__all__ = ["Filled", "IssueEngine", "Possible", "apply", "facts", "flow", "make", "possible"]


def flow(ctx: Context) -> Workflow:
    """The workflow of issues, with the reasons as managers have them."""
    return ctx.services.present.workflows.get(ISSUE.name, ISSUE)


class IssueEngine(Engine[Context, Issue, Filled]):
    """Makes the transitions of issues."""

    word = "issue"
    tag = "issue-move"
    roles = {"owner": "assignee"}  # noqa: RUF012  # never written to
    history = history.ISSUES
    attempts = IssueAttempt

    def flow(self, ctx: Context, record: Issue) -> Workflow:
        """All issues have one workflow."""
        del record
        return flow(ctx)

    def stale(self, ctx: Context, record: Issue) -> Exception:
        """The error for a stale version."""
        del ctx
        return StaleIssueError(record.code)

    def said(self, at: Attempt[Context, Issue, Filled]) -> dict[str, object]:
        """The data of the event: the new claim, if there is one, and who was chosen."""
        chosen = {} if at.filled.colleague is None else {"colleague": at.filled.colleague}
        return {"claim": at.values.get("claim_number"), **chosen}


def _tidy(filled: Filled) -> Filled:
    try:
        release = one_line(filled.release, 40)
    except BadTextError as error:
        raise InvalidInputError({"release": [str(error)]}) from None
    return replace(filled, note=notes.tidied(filled.note, "note", ""), release=release)


ISSUES: Transitions[Issue, Filled] = Transitions("issue", Filled(), lock=access.lock, tidy=_tidy)
make, apply = ISSUES.make, ISSUES.apply
facts, possible = ISSUES.facts, ISSUES.possible
