"""Notes on issues: kept as they were written, found by their words, free of personal data (T3, T16)."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk import people
from paidsupport.desk.issues import access, history, news, privacy
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.issues import Occasion
from paidsupport.domain.text import BadTextError, is_visible, many_lines
from paidsupport.errors import InvalidInputError
from paidsupport.store import issue_words, issues
from paidsupport.store.issues import Issue, IssueNote


def write(visit: Visit, code: str, body: str, *, key: str) -> Issue:
    """Leave a note on an issue; whoever is called in it is told.

    Raises NotFoundError, InvalidInputError (field `body`: also for personal data), KeyReusedError.
    """
    issue = access.lock(visit, code)
    print_, once = fingerprint("issue-note", code, body), history.once(visit, issue, key)
    if history.done_before(visit, once, print_):
        return issue
    note = keep(visit, issue, "note", tidied(body, "body", "Write the note first."), field="body")
    called = people.mentioned(visit, note.body)
    data: dict[str, object] = {"text": fingerprint(note.body)} | ({"mentions": called} if called else {})
    head = history.append(visit, issue, "noted", data, key=once, fingerprint=print_)
    issues.change(visit.session, issue, **head)
    news.tell(visit, issue, Occasion.MENTION, called)
    return issue


def keep(
    visit: Visit, issue: Issue, kind: str, body: str, *, about: str = "", field: str = "note"
) -> IssueNote:
    """Add a note without history of its own, for verbs that tell more themselves.

    The caller holds the issue's lock and has tidied the text. Raises InvalidInputError at `field`.
    """
    privacy.refuse_personal(visit, issue, body, field)
    note = IssueNote(
        issue_id=issue.id,
        kind=kind,
        about=about,
        author_id=visit.by.id,
        author_name=visit.by.name,
        body=body,
        at=visit.now,
    )
    visit.session.add(note)
    visit.session.flush()
    issue_words.index(visit.session, issue.id, body)
    return note


def of(visit: Visit, issue: Issue, kind: str = "") -> list[IssueNote]:
    """The notes of an issue, oldest first; of one kind, if one is named."""
    wanted = select(IssueNote).where(IssueNote.issue_id == issue.id).order_by(IssueNote.id)
    return list(visit.session.scalars(wanted.where(IssueNote.kind == kind) if kind else wanted))


def newest(visit: Visit, issue: Issue, kind: str) -> IssueNote | None:
    """The newest note of a kind: of drafts, the one in force."""
    wanted = select(IssueNote).where(IssueNote.issue_id == issue.id, IssueNote.kind == kind)
    return visit.session.scalar(wanted.order_by(IssueNote.id.desc()).limit(1))


def tidied(typed: str, field: str, missing: str) -> str:
    """A text of some lines as it is kept. Raises InvalidInputError at `field`, with `missing` if empty."""
    try:
        body = many_lines(typed).strip()
    except BadTextError as error:
        raise InvalidInputError({field: [str(error)]}) from None
    if missing and not is_visible(body):
        raise InvalidInputError({field: [missing]})
    return body
