"""The steps of an issue: added, done, or refused to a person who was not assigned (T11)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.issues.forms.analysis import StepDoneForm, StepForm
from paidsupport.issues.operations import steps
from paidsupport.issues.queries.followers import tickets_of
from paidsupport.issues.tables import OVER
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, reread, to_issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section


@issue_route("/steps", ("POST",))
def issue_step(ctx: Context, code: str) -> ResponseReturnValue:
    """Add a step."""
    form = StepForm()
    form.offer([ticket.code for ticket in tickets_of(ctx.session, reread(ctx, code))])
    if form.send(ctx, lambda: steps.add(ctx, code, form.wanted, key=form.key.data or "")):
        return to_issue(code, "steps")
    return issue_page(ctx, code, form), form.status


@issue_route("/steps/<number>/done", ("POST",))
def issue_step_done(ctx: Context, code: str, number: str) -> ResponseReturnValue:
    """Note that a step is done."""
    form = StepDoneForm()
    step = existing(whole_number(number))
    if form.send(ctx, lambda: steps.do(ctx, code, step, key=form.key.data or "")):
        return to_issue(code, "steps")
    return issue_page(ctx, code, form), form.status


@section("issue", "issues/_steps.html", 30)
def _steps_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    found = steps.of(ctx, view.issue)
    form = form_on(refused, StepForm)
    form.offer([each.ticket.code for each in view.followers])
    over = view.issue.state in OVER
    if over and not found:
        return None
    return {"steps": found, "form": None if over else form, "done": StepDoneForm(formdata=None)}


#: The sections it adds to the pages of issues.
SECTIONS = (_steps_section,)
