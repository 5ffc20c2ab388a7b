"""The log of work: a clock to start and stop, and entries added afterwards (G18)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.checklist.forms import WorkForm
from paidsupport.tickets.checklist.operations import worklog as log
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.checklist.queries import running_entry
from paidsupport.tickets.checklist.tables import ENTRIES
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket_view import TicketView

_ACTS = {"start": log.start, "stop": log.stop, "add": log.add}


@ticket_route("/worklog", ("GET", "POST"))
def worklog(ctx: Context, code: str) -> ResponseReturnValue:
    """Show the log with its clock, and a form for work that was done without the clock."""
    page = reread(ctx, code)
    form = WorkForm(machine=page.ticket.host_url)
    if form.send(ctx, lambda: _act(ctx, code, form)):
        return to_ticket(code, "worklog")
    page = reread(ctx, code)
    running = running_entry(ctx.session, page.ticket, ctx.by.id)
    flow = ctx.services.workflows[page.ticket.workflow]
    return show(
        "tickets/checklist/worklog.html", page=page, flow=flow, form=form, running=running
    ), form.status


def _act(ctx: Context, code: str, form: WorkForm) -> Ticket:
    stretch = Stretch(form.what.data or "", form.machine.data or "", form.minutes.data or 0)
    return _ACTS.get(form.action.data or "", log.add)(ctx, code, stretch, key=form.key.data or "")


@section("ticket", "tickets/checklist/_worklog_section.html", 40, "side", (ENTRIES,))
def _worklog_section(_ctx: Context, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


#: The sections it adds to the pages of tickets.
SECTIONS = (_worklog_section,)
