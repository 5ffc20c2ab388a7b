"""Who may see an issue: every operation, page, list and search asks here."""

from __future__ import annotations

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import exposure, history, news
from paidsupport.issues.queries.contents import readers
from paidsupport.issues.queries.families import parts_below
from paidsupport.issues.queries.followers import tickets_of
from paidsupport.issues.tables import Issue, IssueReader
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import TransitionRefusedError, for_managers
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.workflow import Part

_FOR_MANAGERS = for_managers(_("Only a manager can make a private issue public."))


def see(ctx: Context, typed: str) -> Issue:
    """The issue with the code that was typed, not locked.

    Raises NotFoundError if it does not exist, and also if it is private and this person may not see it.
    """
    return issues.see(ctx.session, issues.named(typed), ctx.by)


def lock(ctx: Context, typed: str) -> Issue:
    """Like `see`, locked against all other operations until the transaction ends."""
    return issues.lock(ctx.session, issues.named(typed), ctx.by)


def let_read(ctx: Context, issue: Issue, *person_ids: int | None) -> None:
    """Let people see an issue from now on, if it is private; the caller holds its lock."""
    known = readers(ctx.session, issue)
    for person_id in dict.fromkeys(person_ids):
        if person_id is not None and person_id not in known:
            ctx.session.add(IssueReader(issue_id=issue.id, person_id=person_id))
    ctx.session.flush()


def set_private(ctx: Context, code: str, *, private: bool, key: str) -> Issue:
    """Hide an issue whose disclosure would do harm, with its open parts, or make it alone public again (T3).

    All staff may hide, managers may make public.

    Raises:
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: Only a manager can make it public, or it gives a secret away.
        KeyReusedError: The form was sent with the other choice.
    """
    with history.edit(ctx, code, key=key, content=("private", code, private)) as change:
        issue = change.record
        if change.repeated:
            return issue
        if not private and not ctx.by.is_manager:
            raise TransitionRefusedError(code, [_FOR_MANAGERS])
        if not private:
            exposure.refuse_to_show(ctx, issue)
        kind = "made-private" if private else "made-public"
        _set(ctx, change, kind, private=private)
        for part in _open_parts(ctx, issue) if private else ():
            let_read(ctx, part, issue.owner_id)
            _set(ctx, history.edit(ctx, part), "made-private", private=True)
    return issue


def _set(ctx: Context, change: Change[Context, Issue], kind: str, *, private: bool) -> None:
    """Hide or show one locked issue. Its assignee, its reporter and the owners of its tickets can see it."""
    issue = change.record
    tellers = [ticket.owner_id for ticket in tickets_of(ctx.session, issue)]
    let_read(ctx, issue, ctx.by.id, issue.owner_id, issue.reporter_id, *tellers)
    change.tell(kind, private=private)
    news.hide(ctx, issue)


def _open_parts(ctx: Context, issue: Issue) -> list[Issue]:
    """All open and public parts of an issue, at any depth, locked in the order of their ids.

    A part is opened under the lock of its parent, so once no more are found, all are locked. Newer parts have
    higher ids, so the order stays the same.
    """
    held: dict[int, Issue] = {}
    while new := parts_below(ctx.session, issue) - held.keys():
        held |= {id_: issues.lock_by_id(ctx.session, id_) for id_ in sorted(new)}
    return [
        part for part in held.values() if not part.private and ISSUE.state(part.state).part is not Part.CLOSED
    ]
