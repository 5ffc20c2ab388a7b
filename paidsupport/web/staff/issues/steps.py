"""The steps of an issue on its page: added, done, and refused to who was not assigned (T11)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.desk.issues import steps
from paidsupport.desk.visit import Visit
from paidsupport.errors import NotFoundError
from paidsupport.kernel.web.sections import section
from paidsupport.store.issues import OVER, Issue
from paidsupport.web.forms import Form
from paidsupport.web.staff.issues.analysis_forms import StepDoneForm, StepForm
from paidsupport.web.staff.issues.pages import issue_page
from paidsupport.web.staff.issues.routes import issue_route, reread, to_issue

_DIGITS = 15


@issue_route("/steps", ("POST",))
def issue_step(visit: Visit, code: str) -> ResponseReturnValue:
    """Add a step."""
    form = StepForm()
    form.offer([ticket.code for ticket in steps.open_to(visit, reread(visit, code))])
    if form.send(visit, lambda: steps.add(visit, code, form.wanted, key=form.key.data or "")):
        return to_issue(code, "steps")
    return issue_page(visit, code, form), form.status


@issue_route("/steps/<number>/done", ("POST",))
def issue_step_done(visit: Visit, code: str, number: str) -> ResponseReturnValue:
    """Note that a step is done."""
    form = StepDoneForm()
    if not number.isdecimal() or not number.isascii() or len(number) > _DIGITS:
        raise NotFoundError
    if form.send(visit, lambda: steps.do(visit, code, int(number), key=form.key.data or "")):
        return to_issue(code, "steps")
    return issue_page(visit, code, form), form.status


@section("issue", "issues/_steps.html", 30)
def _steps_section(visit: Visit, issue: Issue, refused: Form | None) -> dict[str, Any] | None:
    found = steps.of(visit, issue)
    form = refused if isinstance(refused, StepForm) else StepForm(formdata=None)
    form.offer([ticket.code for ticket in steps.open_to(visit, issue)])
    over = issue.state in OVER
    if over and not found:
        return None
    return {"steps": found, "form": None if over else form, "done": StepDoneForm(formdata=None)}


#: What it shows on the pages of issues.
SECTIONS = (_steps_section,)
