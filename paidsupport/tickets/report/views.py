"""The closing report: drafted from the work, previewed, sent (G18, N7)."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.documents import blocks
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import set_data, uploads
from paidsupport.kernel.web.htmx import show
from paidsupport.privacy.tone import Remark
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence, tone
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.report import operations as reports
from paidsupport.tickets.report.forms import ReportForm
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page


@ticket_route("/report", ("GET", "POST"))
def report(ctx: Context, code: str) -> ResponseReturnValue:
    """Edit the report, preview it, send it."""
    form = ReportForm()
    done = form.send(ctx, lambda: _act(ctx, code, form))
    if isinstance(done, Email):
        flash(_("Report sent. Once it has left, you can close the ticket."), "ps-ok")
        return to_ticket(code)
    page = reread(ctx, code)
    if not correspondence.may_write(ctx, page.ticket):
        return conflict_page(ctx, page, form, form.body.data or ""), 409
    return _page(ctx, page, form, preview=done), form.status


def _act(ctx: Context, code: str, form: ReportForm) -> Email | str:
    draft = form.draft()
    shown = form.seen.data or ""
    if request.form.get("action") == "send" and not tone.unseen(
        ctx, draft.body, shown, lambda: _drafted(ctx, tickets.lock(ctx.session, code))
    ):
        return reports.send(ctx, code, draft, uploads())
    return correspondence.preview(ctx, code, draft)


def _drafted(ctx: Context, ticket: Ticket) -> tuple[str, list[date]]:
    """The text that the desk drafted itself, and the dates that may be promised in it."""
    return reports.draft(ctx, ticket), tone.approved_for(ctx, ticket)


def _page(ctx: Context, page: DeskPage, form: ReportForm, preview: str | None) -> str:
    ticket = page.ticket
    if not form.is_submitted():
        form.body.data = reports.draft(ctx, ticket)
    remarks: list[Remark] = []
    if preview:
        ours, approved = _drafted(ctx, ticket)
        remarks = tone.remarks(ctx, preview, drafted=ours, approved=approved)
    set_data(form.seen, tone.seen(preview, tone.remarks(ctx, preview)) if preview else "")
    return show(
        "tickets/report/report.html",
        page=page,
        flow=ctx.services.workflows[ticket.workflow],
        open=[item for item in page.items if item.state == "open" and item.name != "report"],
        news=form.follow(page),
        preview=blocks(preview) if preview else None,
        typed=preview,
        remarks=remarks,
        form=form,
        settings=ctx.services.settings,
    )
