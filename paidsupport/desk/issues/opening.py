"""Opening an issue: always new, nobody's, and tagged when customers wait for it (T3, T4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from paidsupport.desk.issues import access, followers, history, news, privacy
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import START
from paidsupport.domain.codes import ISSUE_PREFIX, new_code
from paidsupport.domain.issues import KINDS, NORMAL, PRIORITIES, Occasion, Stage
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.kernel.fields import Fields
from paidsupport.store import issue_words, issues
from paidsupport.store.issues import Issue
from paidsupport.store.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Opening:
    """What an issue is opened with. There is no place for an assignee or another state, on purpose (T4)."""

    kind: str
    summary: str
    details: str
    private: bool = False
    priority: int = NORMAL
    #: The code of the issue that it is a part of.
    parent: str = ""


def open_issue(
    visit: Visit,
    opening: Opening,
    *,
    key: str,
    tickets: Sequence[Ticket] = (),
    about: Sequence[Ticket] = (),
    stage: str = Stage.PRODUCTION,
    kept: Collection[str] = (),
    read_before: bool = False,
) -> Issue:
    """A new issue, locked for the rest of the transaction; the `tickets` follow it, their locks are held.

    `about`: tickets that the caller lets follow it afterwards: their customers are not named either. `kept`:
    the marks of what looks personal and stays; the caller notes why (`privacy.note_kept`). `read_before`: the
    texts were read for personal data when somebody of the desk decided on them, and are as they were then.
    Raises InvalidInputError (fields as in `Opening`: also for personal data of the tickets' customers),
    NotFoundError (the parent), KeyReusedError. A resent `key` opens nothing more.
    """
    opening = _tidied(opening)
    parent = access.lock(visit, opening.parent) if opening.parent else None
    for field in () if read_before else ("summary", "details"):
        text = getattr(opening, field)
        privacy.refuse_personal(visit, [*tickets, *about], text, field, issue=parent, kept=kept)
    codes = [ticket.code for ticket in tickets]
    with history.create(visit, key=key, content=("open-issue", opening, codes, stage)) as change:
        if change.repeated:
            return issues.lock_by_id(visit.session, change.earlier_id)
        issue = _begun(visit, opening, parent)
        change.open(issue, "opened", {"kind": opening.kind, "customers": len([*tickets, *about])})
    visit.session.refresh(issue)
    issue_words.index(visit.session, issue.id, issue.code, issue.summary, issue.details)
    access.let_read(visit, issue, visit.by.id, *(ticket.owner_id for ticket in tickets))
    news.tell(visit, issue, Occasion.OPENED, news.managers(visit))
    for ticket in tickets:
        followers.follow(visit, issue, ticket, stage)
    return issue


def _begun(visit: Visit, opening: Opening, parent: Issue | None) -> Issue:
    return Issue(
        code=new_code(ISSUE_PREFIX),
        kind=opening.kind,
        state=ISSUE.initial,
        summary=opening.summary,
        details=opening.details,
        # what is a part of something private is private as well
        private=opening.private or (parent is not None and parent.private),
        priority=opening.priority,
        parent_id=parent.id if parent else None,
        reporter_id=visit.by.id,
        created_at=visit.now,
        changed_at=visit.now,
        version=1,
        claim_number=0,
        event_count=0,
        event_hash=START,
    )


def _tidied(opening: Opening) -> Opening:
    fields = Fields()
    summary = fields.one_line(
        "summary", opening.summary, required="Say in one line what is wrong or missing."
    )
    missing = "Describe it so that somebody else can repeat it."
    details = fields.many_lines("details", opening.details, required=missing).strip()
    if opening.kind not in KINDS:
        fields.refuse("kind", "Choose what it is.")
    if opening.priority not in PRIORITIES:
        fields.refuse("priority", "Choose a priority from the list.")
    fields.done()
    return replace(opening, summary=summary, details=details)
