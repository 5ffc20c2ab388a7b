"""The closing report: drafted from the work, looked at once as it will leave, sent (G18, N7)."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import correspondence, tone
from paidsupport.desk import report as reports
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.visit import Visit
from paidsupport.domain.documents import blocks
from paidsupport.domain.tone import Remark
from paidsupport.store import tickets
from paidsupport.store.pages import DeskPage
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import uploads
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import renew, set_data
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import conflict_page
from paidsupport.web.staff.work_forms import ReportForm


@ticket_route("/report", ("GET", "POST"))
def report(visit: Visit, code: str) -> ResponseReturnValue:
    """Edit the report, look at it, send it."""
    form = ReportForm()
    done = form.send(visit, lambda: _act(visit, code, form))
    if isinstance(done, Letter):
        flash("The report is in the outbox and leaves in a moment. Then the ticket can be closed.", "ps-ok")
        return to_ticket(code)
    page = reread(visit, code)
    if not correspondence.may_write(visit, page.ticket):
        return conflict_page(visit, page, form, form.body.data or ""), 409
    return _page(visit, page, form, preview=done), form.status


def _act(visit: Visit, code: str, form: ReportForm) -> Letter | str:
    draft = Draft(form.body.data or "", form.claim.data or 0, form.thread.data or 0, form.key.data or "")
    shown = form.seen.data or ""
    if request.form.get("action") == "send" and not tone.unseen(
        visit, draft.body, shown, lambda: _drafted(visit, tickets.lock(visit.session, code))
    ):
        return reports.send(visit, code, draft, uploads())
    return correspondence.preview(visit, code, draft)


def _drafted(visit: Visit, ticket: Ticket) -> tuple[str, list[date]]:
    """What the desk has written of the report itself, and the dates that may be promised in it."""
    return reports.draft(visit, ticket), tone.approved_for(visit, ticket)


def _page(visit: Visit, page: DeskPage, form: ReportForm, preview: str | None) -> str:
    ticket = page.ticket
    seen = form.thread.data if form.conflict else ticket.thread
    if not form.is_submitted():
        form.body.data = reports.draft(visit, ticket)
    if not form.is_submitted() or form.conflict or form.claim.errors or form.thread.errors:
        renew(form, {"claim": ticket.claim_number, "thread": ticket.thread})
    remarks: list[Remark] = []
    if preview:
        ours, approved = _drafted(visit, ticket)
        remarks = tone.remarks(visit, preview, drafted=ours, approved=approved)
    set_data(form.seen, tone.seen(preview, tone.remarks(visit, preview)) if preview else "")
    return show(
        "staff/report.html",
        page=page,
        flow=visit.house.workflows[ticket.workflow],
        open=[item for item in page.items if item.state == "open" and item.name != "report"],
        news=[spoken for spoken in page.thread if spoken.message.number > (seen or 0)],
        preview=blocks(preview) if preview else None,
        typed=preview,
        remarks=remarks,
        form=form,
        settings=visit.house.settings,
    )
