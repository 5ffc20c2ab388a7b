"""The section of an issue's page about trackers: where it is filed, how it stands there, what to do."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField

from paidsupport.connect.trackers import operations as trackers
from paidsupport.connect.trackers.operations import Place
from paidsupport.issues.forms.issue import NO_NAMES
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, to_issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, line, text
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section

_ANCHOR = "trackers"
_SOON = _("This will be done in a moment.")


class ThereForm(Form):
    """A note that everybody reads in a tracker."""

    body = TextAreaField(_("Public note"), [text], description=NO_NAMES)
    #: The tracker that it is for, where it was refused.
    where = ""


class DecisionForm(Form):
    """What is to hold where both sides changed something."""

    decision = StringField(_("Decision"), [line])


@issue_route("/trackers/<reference>/file", ("POST",))
def file_there(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """File the issue in a tracker."""
    form = Form()
    if form.send(ctx, lambda: trackers.file(ctx, code, reference)):
        flash(_SOON, "ps-ok")
        return to_issue(code, _ANCHOR)
    return issue_page(ctx, code, form), form.status


@issue_route("/trackers/<reference>/look", ("POST",))
def look_there(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Look at the issue in a tracker."""
    form = Form()
    if form.send(ctx, lambda: trackers.look(ctx, code, reference)):
        flash(_SOON, "ps-ok")
        return to_issue(code, _ANCHOR)
    return issue_page(ctx, code, form), form.status


@issue_route("/trackers/<reference>/notes", ("POST",))
def note_there(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Write a note that everybody reads there."""
    form = ThereForm()
    form.where = reference
    body, key = form.body.data or "", form.key.data or ""
    if form.send(ctx, lambda: trackers.write(ctx, code, reference, body, key=key)):
        flash(_SOON, "ps-ok")
        return to_issue(code, _ANCHOR)
    return issue_page(ctx, code, form), form.status


@issue_route("/trackers/<reference>/decision", ("POST",))
def decide_there(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Settle what both sides changed."""
    form = DecisionForm()
    if form.send(ctx, lambda: trackers.decide(ctx, code, reference, form.decision.data or "")):
        flash(_SOON, "ps-ok")
        return to_issue(code, _ANCHOR)
    return issue_page(ctx, code, form), form.status


@section("issue", "connect/trackers/_trackers.html", 85)
def _trackers_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    found = trackers.places(ctx, view.issue)
    return {"places": [(each, _note(each, refused)) for each in found]} if found else None


def _note(place: Place, refused: Form | None) -> ThereForm:
    """The form of a note for one tracker: as it was refused, if it was for this one."""
    here = place.connection.reference
    form = form_on(refused if isinstance(refused, ThereForm) and refused.where == here else None, ThereForm)
    form.body.id = f"note-{here}"
    return form


#: What it shows on the pages of issues.
SECTIONS = (_trackers_section,)
