"""Issues that give a secret of a customer away: no ticket follows one, and none becomes public (G15)."""

from __future__ import annotations

from paidsupport.desk import comparing, exposure
from paidsupport.desk.comparing import Question
from paidsupport.desk.quotes import standing_for
from paidsupport.desk.visit import Visit
from paidsupport.errors import MoveRefusedError
from paidsupport.store.issue_families import following
from paidsupport.store.issues import Issue
from paidsupport.store.tickets import Ticket


def refuse_to_follow(visit: Visit, issue: Issue, ticket: Ticket) -> None:
    """Refuse that a ticket follows an issue that gives one of the ticket's secrets away.

    For a locked issue and a locked ticket. Raises GivenAwayError (field `issue`), VaultClosedError.
    """
    if not visit.by.is_person:
        return
    standing = standing_for(visit, {ticket.id})
    if standing.kept or standing.words:
        text = _words_on(visit, issue)
        comparing.refuse(visit.house, visit.compared, standing, Question(text, "issue"))


def refuse_to_show(visit: Visit, issue: Issue) -> None:
    """Refuse to make a locked issue public again that gives a secret of a following ticket away.

    Raises MoveRefusedError, VaultClosedError.
    """
    standing = standing_for(visit, set(visit.session.scalars(following(issue.id))))
    text = _words_on(visit, issue)
    question = Question(text, "issue")
    if (standing.kept or standing.words) and (
        said := comparing.problems(visit.house, visit.compared, standing, question)
    ):
        raise MoveRefusedError(issue.code, said["issue"])


def _words_on(visit: Visit, issue: Issue) -> str:
    return "\n".join(text for _, text in exposure.texts(visit, Issue.__tablename__, {issue.id}))
