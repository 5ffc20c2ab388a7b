"""Opening an issue: always new, nobody's, and tagged when customers wait for it (T3, T4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from paidsupport.desk.issues import access, followers, history, news, privacy
from paidsupport.desk.issues.notes import tidied
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.codes import ISSUE_PREFIX, new_code
from paidsupport.domain.issues import KINDS, NORMAL, PRIORITIES, Occasion, Stage
from paidsupport.domain.text import BadTextError, is_visible, one_line
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import InvalidInputError
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
    print_, once = fingerprint("open-issue", opening, codes, stage), history.once(visit, None, key)
    if before := history.done_before(visit, once, print_):
        return issues.lock_by_id(visit.session, before.owner_id)
    issue = _begun(visit, opening, parent)
    data: dict[str, object] = {"kind": opening.kind, "customers": len([*tickets, *about])}
    head = history.append(visit, issue, "opened", data, key=once, fingerprint=print_)
    issues.change(visit.session, issue, **head)
    issue_words.index(visit.session, issue.id, issue.code, issue.summary, issue.details)
    access.let_read(visit, issue, visit.by.id, *(ticket.owner_id for ticket in tickets))
    news.tell(visit, issue, Occasion.OPENED, news.managers(visit))
    for ticket in tickets:
        followers.follow(visit, issue, ticket, stage)
    return issue


def _begun(visit: Visit, opening: Opening, parent: Issue | None) -> Issue:
    issue = Issue(
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
    )
    visit.session.add(issue)
    visit.session.flush()
    visit.session.refresh(issue)
    return issue


def _tidied(opening: Opening) -> Opening:
    problems: dict[str, list[str]] = {}
    summary, details = "", ""
    try:
        summary = one_line(opening.summary)
        if not is_visible(summary):
            problems["summary"] = ["Say in one line what is wrong or missing."]
    except BadTextError as error:
        problems["summary"] = [str(error)]
    try:
        details = tidied(opening.details, "details", "Describe it so that somebody else can repeat it.")
    except InvalidInputError as error:
        problems |= error.problems
    if opening.kind not in KINDS:
        problems["kind"] = ["Choose what it is."]
    if opening.priority not in PRIORITIES:
        problems["priority"] = ["Choose a priority from the list."]
    if problems:
        raise InvalidInputError(problems)
    return replace(opening, summary=summary, details=details)
