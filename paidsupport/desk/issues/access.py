"""Who may see an issue: the one place that every verb, page, list and search goes through (reliability 6)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from paidsupport.desk.issues import exposure, history, news
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import MoveRefusedError
from paidsupport.kernel.edit import Change
from paidsupport.store import issues
from paidsupport.store.issues import Follower, Issue, IssueReader
from paidsupport.store.tickets import Ticket


def see(visit: Visit, typed: str) -> Issue:
    """The issue with the code that was typed, to be read.

    Raises NotFoundError, for a private one that is not theirs to see as for one that does not exist.
    """
    return issues.see(visit.session, issues.named(typed), visit.by)


def lock(visit: Visit, typed: str) -> Issue:
    """As `see`, held against all other verbs until the transaction ends."""
    return issues.lock(visit.session, issues.named(typed), visit.by)


def visible(visit: Visit) -> ColumnElement[bool]:
    """The condition that every list, count and search of issues carries."""
    return issues.visible(visit.by)


def readers(visit: Visit, issue: Issue) -> set[int]:
    """The ids of those who may see an issue if it is private, besides managers."""
    wanted = select(IssueReader.person_id).where(IssueReader.issue_id == issue.id)
    return set(visit.session.scalars(wanted))


def let_read(visit: Visit, issue: Issue, *person_ids: int | None) -> None:
    """Let people see an issue from now on; the caller holds its lock."""
    known = readers(visit, issue)
    for person_id in dict.fromkeys(person_ids):
        if person_id is not None and person_id not in known:
            visit.session.add(IssueReader(issue_id=issue.id, person_id=person_id))
    visit.session.flush()


def set_private(visit: Visit, code: str, *, private: bool, key: str) -> Issue:
    """Hide an issue whose disclosure would do harm, with its open parts, or show it alone again (T3).

    Hiding is for everybody, showing for managers. Raises NotFoundError, MoveRefusedError, KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("private", code, private)) as change:
        issue = change.record
        if change.repeated:
            return issue
        if not private and not visit.by.is_manager:
            raise MoveRefusedError(code, ["Only a manager can make a private issue public."])
        if not private:
            exposure.refuse_to_show(visit, issue)
        kind = "made-private" if private else "made-public"
        _set(visit, change, kind, private=private)
        for part in _open_parts(visit, issue) if private else ():
            let_read(visit, part, issue.owner_id)
            _set(visit, history.edit(visit, part), "made-private", private=True)
    return issue


def _set(visit: Visit, change: Change[Visit, Issue], kind: str, *, private: bool) -> None:
    """Hide or show one locked issue: who has it or filed it can see it, and who writes to those who wait."""
    issue = change.record
    following = select(Ticket.owner_id).join(Follower, Follower.ticket_id == Ticket.id)
    tellers = visit.session.scalars(following.where(Follower.issue_id == issue.id))
    let_read(visit, issue, visit.by.id, issue.owner_id, issue.reporter_id, *tellers)
    change.tell(kind, private=private)
    news.hide(visit, issue)


def _open_parts(visit: Visit, issue: Issue) -> list[Issue]:
    """All below an issue that is open and public, locked in the order of their ids.

    A part is opened under the lock of what it is a part of: once no more come, all are held. Newer ones have
    higher ids, so that the order stays the same.
    """
    below = select(Issue.id).where(Issue.parent_id == issue.id).cte("below", recursive=True)
    below = below.union(select(Issue.id).join(below, Issue.parent_id == below.c.id))
    held: dict[int, Issue] = {}
    while new := set(visit.session.scalars(select(below.c.id))) - held.keys():
        held |= {id_: issues.lock_by_id(visit.session, id_) for id_ in sorted(new)}
    return [
        part for part in held.values() if not part.private and ISSUE.state(part.state).part is not Part.CLOSED
    ]
