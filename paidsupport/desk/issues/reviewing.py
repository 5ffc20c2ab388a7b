"""Review: somebody else than who solved it tries to repeat the fault, and says what came of it (T17)."""

from __future__ import annotations

from paidsupport.desk.issues import access, followers, guards, history, moves, notes
from paidsupport.desk.issues.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.issues import Outcome
from paidsupport.domain.workflows.issue import APPROVE, NOT_AUTHOR, REVIEW, REWORK, SETTLE
from paidsupport.errors import MoveRefusedError, NotFoundError, StaleIssueError
from paidsupport.kernel.edit import Change
from paidsupport.store.issues import Issue

#: What a reviewer can decide, and the outcome that this is.
DECISIONS = {
    "approve": Outcome.NOT_REPRODUCED,
    "rework": Outcome.REPRODUCED,
    "pass": Outcome.NOT_TRIED,
}


def decide(visit: Visit, code: str, decision: str, what: str, *, version: int, key: str) -> Issue:
    """Note what was tried, and approve it, send it back to work, or leave it to somebody else.

    What is approved goes to who tells the customer, or is resolved at once if nobody waits. Raises
    NotFoundError (also for an unknown decision), StaleIssueError (another solution, or no review any more),
    MoveRefusedError (by the author, or tasks are open), InvalidInputError (field `note`), KeyReusedError.
    """
    if decision not in DECISIONS:
        raise NotFoundError
    issue = access.lock(visit, code)
    if decision == "rework":
        filled = Filled(note=notes.tidied(what, "note", _MISSING[decision]))
        return moves.apply(visit, issue, REWORK.name, version=version, key=key, filled=filled)
    with history.edit(visit, issue, key=key, content=("review", code, decision, what, visit.by.id)) as change:
        if change.repeated:
            return issue
        if issue.version != version:
            raise StaleIssueError(code)
        refuse_author(visit, issue)
        what = notes.tidied(what, "note", _MISSING[decision])
        _note(visit, change, DECISIONS[decision], what)
        if decision == "approve":
            move = APPROVE if followers.waiting(visit, issue) else SETTLE
            moves.apply(visit, issue, move.name, version=version)
    return issue


def refuse_author(visit: Visit, issue: Issue) -> None:
    """Refuse whoever solved it, and everybody while there is nothing to review. Raises MoveRefusedError."""
    if issue.state != REVIEW.name:
        raise MoveRefusedError(issue.code, ["There is nothing to review: nobody says that it is solved."])
    if not may_review(visit, issue):
        raise MoveRefusedError(issue.code, [NOT_AUTHOR.unmet])


def may_review(visit: Visit, issue: Issue) -> bool:
    """Whether this person can review it: somebody of the desk who has not worked on its solution."""
    if issue.state != REVIEW.name or not visit.by.is_person or visit.by.id is None:
        return False
    return visit.by.id not in guards.solvers(visit, issue)


def _note(visit: Visit, change: Change[Visit, Issue], outcome: Outcome, what: str) -> None:
    notes.keep(visit, change.record, "review", what, about=outcome.value)
    data: dict[str, object] = {"outcome": outcome.value, "text": fingerprint(what)}
    change.tell("tried", data, reviewed_by_id=visit.by.id, review_outcome=outcome.value)


_MISSING = {
    "approve": "Say what you tried, and what you saw.",
    "rework": "Say what is still wrong, and how you tried.",
    "pass": "Say why it could not be tried.",
}
