"""Making a move on an issue: the engine as issues use it."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.issues.operations import access, history, notes
from paidsupport.issues.operations.guards import Filled, IssueAttempt
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.context import Context
from paidsupport.kernel.engine import Engine, Possible
from paidsupport.kernel.errors import InvalidInputError, StaleIssueError
from paidsupport.kernel.text import BadTextError, one_line
from paidsupport.kernel.transitions import Attempt
from paidsupport.kernel.workflow import Transition, Workflow

__all__ = ["Filled", "IssueEngine", "Possible", "apply", "facts", "make", "possible"]


_BLANK = Filled()


class IssueEngine(Engine[Context, Issue, Filled]):
    """Makes the transitions of issues."""

    word = "issue"
    tag = "issue-move"
    roles = {"owner": "assignee"}  # noqa: RUF012  # nobody writes into it
    history = history.ISSUES
    attempts = IssueAttempt

    def flow(self, ctx: Context, record: Issue) -> Workflow:
        """All issues have one workflow."""
        del ctx, record
        return ISSUE

    def stale(self, ctx: Context, record: Issue) -> Exception:
        """Somebody was faster."""
        del ctx
        return StaleIssueError(record.code)

    def said(self, at: Attempt[Context, Issue, Filled]) -> dict[str, object]:
        """The new claim, if there is one, and who was chosen."""
        chosen = {} if at.filled.colleague is None else {"colleague": at.filled.colleague}
        return {"claim": at.values.get("claim_number"), **chosen}


def make(
    ctx: Context, code: str, name: str, *, version: int, key: str, filled: Filled | None = None
) -> Issue:
    """Make the transition `name` on the issue `code` as it was seen at `version`.

    Raises NotFoundError (no such issue or move, or a private one), StaleIssueError, TransitionRefusedError
    (not from this state, not for this role, or a need does not hold), InvalidInputError, KeyReusedError. A
    resent `key` does nothing more.
    """
    return apply(ctx, access.lock(ctx, code), name, version=version, key=key, filled=filled)


def apply(
    ctx: Context,
    issue: Issue,
    name: str,
    *,
    version: int,
    key: str | None = None,
    filled: Filled | None = None,
) -> Issue:
    """As `make`, for an issue whose lock is held already."""
    return _engine(ctx).make(ctx, issue, name, _tidy(filled or _BLANK), version=version, key=key)


def facts(ctx: Context, issue: Issue, transition: Transition) -> dict[str, bool | None]:
    """The facts a transition needs, as they are now."""
    rules = _engine(ctx)
    return rules.facts(rules.attempt(ctx, issue, transition, _BLANK))


def possible(ctx: Context, issue: Issue) -> list[Possible]:
    """The transitions this person may try now, each with what still stands against it."""
    return _engine(ctx).possible(ctx, issue, _BLANK)


def _engine(ctx: Context) -> Engine[Context, Issue, Filled]:
    return ctx.services.engines["issue"]


def _tidy(filled: Filled) -> Filled:
    try:
        release = one_line(filled.release, 40)
    except BadTextError as error:
        raise InvalidInputError({"release": [str(error)]}) from None
    return replace(filled, note=notes.tidied(filled.note, "note", ""), release=release)
