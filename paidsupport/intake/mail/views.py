"""Incoming mail that is on no ticket, with the reason (P4)."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web import downloads
from paidsupport.kernel.web.forms import renew
from paidsupport.kernel.web.guards import Who, require_fresh, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.received import tables as rows
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.vault.forms import LookForm
from paidsupport.tickets.vault.operations import credentials as vault


@route("/desk/inbox", Who.STAFF)
def inbox(ctx: Context) -> ResponseReturnValue:
    """List mails by what became of them, newest first."""
    state = request.args.get("state", "")
    state = state if state in set(MailState) else ""
    # anything that is not a number gives None, which is the first page
    before = request.args.get("before", type=int)
    mails, more = rows.page(ctx.session, state, before if before and before < 2**62 else None)
    next_url = url_for(".inbox", state=state or None, before=more) if more else None
    states = [state for state in MailState if state != MailState.FILED]
    return show("intake/mail/inbox.html", mails=mails, state=state, states=states, next_url=next_url)


@route("/desk/inbox/<mail>", Who.STAFF)
def incoming_mail(ctx: Context, mail: str) -> ResponseReturnValue:
    """Show one mail as plain text, never with the formatting that its sender chose."""
    return _page(ctx, mail, LookForm(formdata=None))


@route("/desk/inbox/<mail>/raw", Who.STAFF, ("GET", "POST"))
def raw_mail(ctx: Context, mail: str) -> ResponseReturnValue:
    """Download one mail as it arrived; if it holds a credential, a reason is asked for and recorded."""
    found = rows.by_reference(ctx.session, mail)
    if found.is_for_a_look or request.method == "POST":
        return _looked_at(ctx, found)
    return downloads.send_kept(ctx, found.storage_key, name=f"mail-{found.id}.eml", size=found.size)


def _looked_at(ctx: Context, mail: RawMail) -> ResponseReturnValue:
    """Record the view, and commit it before the download is sent."""
    require_fresh()
    form = LookForm()
    reason, claim, key = form.reason.data or "", form.claim.data or 0, form.key.data or ""
    reference, name = mail.reference, f"mail-{mail.id}.eml"
    seen = form.send(ctx, lambda: vault.look_at_mail(ctx, reference, reason=reason, claim=claim, key=key))
    if seen:
        return downloads.send_kept(ctx, seen.storage_key, name=name, size=seen.size)
    return _page(ctx, reference, form), form.status if form.is_submitted() else 409


def _page(ctx: Context, reference: str, form: LookForm) -> str:
    """Render a mail with the question for the reason, if this person may view it, and errors in `form`."""
    ctx.session.expire_all()
    found, ticket = rows.with_ticket(ctx.session, reference)
    holder = tickets.living(ctx.session, ticket) if ticket else None
    may_look = holder is not None and found.is_for_a_look and correspondence.may_write(ctx, holder)
    if holder and may_look and (not form.is_submitted() or form.conflict):
        renew(form, {"claim": holder.claim_number})
    return show("intake/mail/mail.html", mail=found, ticket=ticket, form=form, may_look=may_look)
