"""The log of the work: a clock that is started and stopped, and stretches entered afterwards (G18)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.desk import worklog as log
from paidsupport.desk.visit import Visit
from paidsupport.desk.worklog import Stretch
from paidsupport.kernel.web.sections import section
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import Form
from paidsupport.web.htmx import show
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.view import TicketView
from paidsupport.web.staff.work_forms import WorkForm

_ACTS = {"start": log.start, "stop": log.stop, "add": log.add}


@ticket_route("/worklog", ("GET", "POST"))
def worklog(visit: Visit, code: str) -> ResponseReturnValue:
    """The log with its clock, and a form for what was done without one."""
    page = reread(visit, code)
    form = WorkForm(machine=page.ticket.host_url)
    if form.send(visit, lambda: _act(visit, code, form)):
        return to_ticket(code, "worklog")
    page = reread(visit, code)
    running = log.running(visit, page.ticket)
    flow = visit.house.workflows[page.ticket.workflow]
    return show("staff/worklog.html", page=page, flow=flow, form=form, running=running), form.status


def _act(visit: Visit, code: str, form: WorkForm) -> Ticket:
    stretch = Stretch(form.what.data or "", form.machine.data or "", form.minutes.data or 0)
    return _ACTS.get(form.action.data or "", log.add)(visit, code, stretch, key=form.key.data or "")


@section("ticket", "staff/sections/worklog.html", 40, "main")
def _worklog_section(_visit: Visit, _view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {}


#: What it shows on the pages of tickets.
SECTIONS = (_worklog_section,)
