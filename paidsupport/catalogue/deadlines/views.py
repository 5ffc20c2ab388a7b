"""The deadlines of workflows: a list, and a form for each (P10)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.deadlines import operations
from paidsupport.catalogue.deadlines.forms import LABELS, RULE, DeadlinesForm
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show

_ALL = "/desk/setup/deadlines"


@route(_ALL, Who.MANAGER)
def deadlines_setup(ctx: Context) -> ResponseReturnValue:
    """List the workflows with their deadlines."""
    return show(
        "catalogue/deadlines/deadlines.html",
        workflows=sorted(ctx.services.workflows.values(), key=lambda each: each.name),
        rules=catalogue.deadline_rules(ctx.session),
        labels=LABELS,
    )


@route(f"{_ALL}/<workflow>", Who.MANAGER, ("GET", "POST"))
def workflow_deadlines(ctx: Context, workflow: str) -> ResponseReturnValue:
    """Change the deadlines of a workflow."""
    about = operations.found(ctx, workflow)
    values = operations.values_of(catalogue.deadline_rules(ctx.session).get(workflow, {}))
    form = DeadlinesForm(data=values)
    form.show(values)
    if form.send(
        ctx, lambda: operations.keep(ctx, workflow, form.typed, seen=form.was, key=form.key.data or "")
    ):
        flash(_("Deadlines saved. Services have them once they are published again."), "ps-ok")
        return redirect(url_for(".deadlines_setup"), 303)
    return show("catalogue/deadlines/workflow.html", form=form, workflow=about, rule=RULE), form.status
