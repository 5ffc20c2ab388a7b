"""Blockers of a lead (T9). One that waits for an issue is solved when that has ended."""

from __future__ import annotations

from sqlalchemy import update

from paidsupport.issues.operations import access
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.sales.leads.operations import notes as kept
from paidsupport.sales.leads.queries import hindrances
from paidsupport.sales.leads.tables import Blocker
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

#: The kinds of blockers, for the form.
KINDS = {
    "feature": _("Missing feature"),
    "contract": _("Contract"),
    "onboarding": _("Getting started"),
    "legal": _("Law or regulation"),
    "other": _("Something else"),
}


def note(ctx: Context, code: str, kind: str, what: str, *, issue: str = "", key: str) -> Ticket:
    """Note a blocker of a lead; all staff can. Returns the lead.

    Args:
        ctx: Who notes it.
        code: The lead.
        kind: One of `KINDS`.
        what: The blocker, in words.
        issue: The code of the issue that it waits for, if any.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such ticket.
        TransitionRefusedError: It is not a lead, or has ended.
        InvalidInputError: By field (`blocker_kind`, `blocker`, `issue`).
        VaultClosedError: The text cannot be compared with secrets now.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("blocker", code, kind, what, issue)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        kept.refuse_others(ctx, ticket)
        fields = Fields()
        text = fields.one_line("blocker", what, required=_("Enter in a few words what is blocking the lead."))
        if kind not in KINDS:
            fields.refuse("blocker_kind", _("Choose a kind of blocker."))
        waits_for = _issue(ctx, issue, fields)
        fields.done()
        refuse_quotes(ctx, ticket, text, "blocker")
        blocker = Blocker(
            reference=new_reference(),
            ticket_id=ticket.id,
            kind=kind,
            what=text,
            issue_id=waits_for,
            noted_by_id=ctx.by.id,
            noted_by_name=ctx.by.name,
            noted_at=ctx.now,
        )
        ctx.session.add(blocker)
        ctx.session.flush()
        change.tell("blocker-noted", {"kind": kind})
    return ticket


def solve(ctx: Context, code: str, reference: str, *, solved: bool, key: str) -> Ticket:
    """Mark a blocker as solved, or as not solved after all. Returns the lead.

    Raises:
        NotFoundError: There is no such ticket or blocker.
        TransitionRefusedError: It is not a lead, or has ended.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("solve", code, reference, solved)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        kept.refuse_others(ctx, ticket)
        known = (each.blocker for each in hindrances(ctx.session, ticket, ctx.by))
        found = existing(next((blocker for blocker in known if blocker.reference == reference), None))
        is_open = Blocker.solved_at.is_(None)
        other_way = update(Blocker).where(Blocker.id == found.id, is_open if solved else ~is_open)
        values = {
            "solved_at": ctx.now if solved else None,
            "solved_by_name": ctx.by.name if solved else "",
        }
        if changed(ctx.session, other_way.values(**values)):
            kind = "blocker-solved" if solved else "blocker-back"
            change.tell(kind, {"kind": found.kind})
        else:
            change.nothing_new()
        ctx.session.refresh(found)
    return ticket


def _issue(ctx: Context, typed: str, fields: Fields) -> int | None:
    """The id of the issue with this code, if this person may see it."""
    if not typed.strip():
        return None
    try:
        return access.see(ctx, typed).id
    except NotFoundError:
        fields.refuse("issue", _("Check the code: there's no such issue."))
        return None
