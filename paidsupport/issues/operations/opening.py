"""Opening an issue: always new and unassigned, and tagged if customers wait for it (T3, T4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, followers, history, news, privacy
from paidsupport.issues.queries import words as issue_words
from paidsupport.issues.queries.news import managers
from paidsupport.issues.rules.kinds import KINDS, NORMAL, PRIORITIES, Occasion, Stage
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.chain import START
from paidsupport.kernel.codes import ISSUE_PREFIX, new_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.objects import made
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Opening:
    """What an issue is opened with; deliberately without an assignee or another state (T4)."""

    kind: str
    summary: str
    details: str
    private: bool = False
    priority: int = NORMAL
    #: The code of its parent, if it is a sub-issue.
    parent: str = ""


def open_issue(
    ctx: Context,
    opening: Opening,
    *,
    key: str,
    tickets: Sequence[Ticket] = (),
    about: Sequence[Ticket] = (),
    stage: str = Stage.PRODUCTION,
    kept: Collection[str] = (),
    read_before: bool = False,
) -> Issue:
    """Open a new issue, locked for the rest of the transaction. A repeated key opens nothing more.

    Args:
        ctx: Who opens it.
        opening: What it says.
        key: The one-time key of the form.
        tickets: The tickets that follow it; the caller holds their locks.
        about: Tickets that the caller lets follow it afterwards: their customers must not be named either.
        stage: The stage at which a solution is of use to the customers.
        kept: The marks of what looks personal and is kept; the caller records why (`privacy.note_kept`).
        read_before: Whether the texts were checked when a member of staff decided on them, and are unchanged.

    Raises:
        InvalidInputError: By field as in `Opening`, also for personal data of the tickets' customers.
        NotFoundError: There is no such parent.
        KeyReusedError: The form was sent with other content.
    """
    opening = _tidied(opening)
    parent = access.lock(ctx, opening.parent) if opening.parent else None
    for field in () if read_before else ("summary", "details"):
        text = getattr(opening, field)
        privacy.refuse_personal(ctx, [*tickets, *about], text, field, issue=parent, kept=kept)
    codes = [ticket.code for ticket in tickets]
    with history.create(ctx, key=key, content=("open-issue", opening, codes, stage)) as change:
        if change.repeated:
            return issues.lock_by_id(ctx.session, change.earlier_id)
        issue = _begun(ctx, opening, parent)
        change.open(issue, "opened", {"kind": opening.kind, "customers": len([*tickets, *about])})
    ctx.session.refresh(issue)
    issue_words.index(ctx.session, issue.id, issue.code, issue.summary, issue.details)
    access.let_read(ctx, issue, ctx.by.id, *(ticket.owner_id for ticket in tickets))
    news.tell(ctx, issue, Occasion.OPENED, managers(ctx.session))
    for ticket in tickets:
        followers.follow(ctx, issue, ticket, stage)
    return issue


def _begun(ctx: Context, opening: Opening, parent: Issue | None) -> Issue:
    return made(
        Issue,
        code=new_code(ISSUE_PREFIX),
        kind=opening.kind,
        state=ISSUE.initial,
        summary=opening.summary,
        details=opening.details,
        # a sub-issue of a private issue is private as well
        private=opening.private or (parent is not None and parent.private),
        priority=opening.priority,
        parent_id=parent.id if parent else None,
        reporter_id=ctx.by.id,
        created_at=ctx.now,
        changed_at=ctx.now,
        version=1,
        claim_number=0,
        event_count=0,
        event_hash=START,
    )


def _tidied(opening: Opening) -> Opening:
    fields = Fields()
    summary = fields.one_line(
        "summary", opening.summary, required=_("Enter in one line what is wrong or missing.")
    )
    missing = _("Describe it so that a colleague can reproduce it.")
    details = fields.many_lines("details", opening.details, required=missing).strip()
    if opening.kind not in KINDS:
        fields.refuse("kind", _("Choose a kind."))
    if opening.priority not in PRIORITIES:
        fields.refuse("priority", _("Choose a priority from the list."))
    fields.done()
    return replace(opening, summary=summary, details=details)
