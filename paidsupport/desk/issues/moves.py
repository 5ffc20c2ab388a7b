"""Making a move on an issue: the engine as issues use it."""

from __future__ import annotations

from dataclasses import replace

from paidsupport.desk.issues import access, history, notes
from paidsupport.desk.issues.guards import Filled, IssueAttempt
from paidsupport.desk.visit import Visit
from paidsupport.domain.text import BadTextError, one_line
from paidsupport.domain.workflow import Move, Workflow
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import InvalidInputError, StaleIssueError
from paidsupport.kernel.engine import Engine, Possible
from paidsupport.kernel.transitions import Attempt
from paidsupport.store.issues import Issue

__all__ = ["Filled", "IssueEngine", "Possible", "apply", "facts", "make", "possible"]


_BLANK = Filled()


class IssueEngine(Engine[Visit, Issue, Filled]):
    """Makes the moves of issues."""

    word = "issue"
    tag = "issue-move"
    roles = {"owner": "assignee"}  # noqa: RUF012  # nobody writes into it
    history = history.ISSUES
    attempts = IssueAttempt

    def flow(self, ctx: Visit, record: Issue) -> Workflow:
        """All issues have one workflow."""
        del ctx, record
        return ISSUE

    def stale(self, ctx: Visit, record: Issue) -> Exception:
        """Somebody was faster."""
        del ctx
        return StaleIssueError(record.code)

    def said(self, at: Attempt[Visit, Issue, Filled]) -> dict[str, object]:
        """The new claim, if there is one, and who was chosen."""
        chosen = {} if at.filled.colleague is None else {"colleague": at.filled.colleague}
        return {"claim": at.values.get("claim_number"), **chosen}


def make(
    visit: Visit, code: str, name: str, *, version: int, key: str, filled: Filled | None = None
) -> Issue:
    """Make the move `name` on the issue `code` as it was seen at `version`.

    Raises NotFoundError (no such issue or move, or a private one), StaleIssueError, MoveRefusedError (not
    from this state, not for this role, or a need does not hold), InvalidInputError, KeyReusedError. A resent
    `key` does nothing more.
    """
    return apply(visit, access.lock(visit, code), name, version=version, key=key, filled=filled)


def apply(
    visit: Visit,
    issue: Issue,
    name: str,
    *,
    version: int,
    key: str | None = None,
    filled: Filled | None = None,
) -> Issue:
    """As `make`, for an issue whose lock is held already."""
    return _engine(visit).make(visit, issue, name, _tidy(filled or _BLANK), version=version, key=key)


def facts(visit: Visit, issue: Issue, move: Move) -> dict[str, bool | None]:
    """The facts a move needs, as they are now."""
    rules = _engine(visit)
    return rules.facts(rules.attempt(visit, issue, move, _BLANK))


def possible(visit: Visit, issue: Issue) -> list[Possible]:
    """The moves this person may try now, each with what still stands against it (shown before the click)."""
    return _engine(visit).possible(visit, issue, _BLANK)


def _engine(visit: Visit) -> Engine[Visit, Issue, Filled]:
    return visit.house.engines["issue"]


def _tidy(filled: Filled) -> Filled:
    try:
        release = one_line(filled.release, 40)
    except BadTextError as error:
        raise InvalidInputError({"release": [str(error)]}) from None
    return replace(filled, note=notes.tidied(filled.note, "note", ""), release=release)
