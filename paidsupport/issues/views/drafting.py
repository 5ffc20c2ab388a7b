"""Drafting the answer to the customer, and asking for a review (T16)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.issues.forms.issue import NO_NAMES
from paidsupport.issues.operations import drafting, transitions
from paidsupport.issues.operations.drafting import DraftState
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, reread, to_issue
from paidsupport.issues.workflow import ASSIGNED, SUBMIT
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section


class DraftForm(Form):
    """The answer to the customer."""

    body = TextAreaField(
        _("Answer to the customer"),
        [text],
        description=_(
            "The colleague who answered the customer first sends it when the time has come, and greets them"
            " by name. Leave out names, addresses and numbers of customers."
        ),
    )


class KeepForm(Form):
    """Reasons to keep marked passages; `keep_form` adds a field for each."""

    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("Write the draft."))])


class SubmitForm(VersionedForm):
    """A request for a review."""

    colleague = SelectField(_("Reviewer"), validate_choice=False)
    note = TextAreaField(_("How to test it"), [text], description=NO_NAMES)


@issue_route("/draft", ("POST",))
def issue_draft(ctx: Context, code: str) -> ResponseReturnValue:
    """Save a draft; earlier ones can still be read."""
    form = DraftForm()
    body, key = form.body.data or "", form.key.data or ""
    if form.send(ctx, lambda: drafting.draft(ctx, code, body, key=key)):
        return to_issue(code, "draft")
    return issue_page(ctx, code, form), form.status


@issue_route("/draft/keep", ("POST",))
def issue_keep(ctx: Context, code: str) -> ResponseReturnValue:
    """Keep marked passages, each for a reason."""
    form = _keep_form(drafting.of(ctx, reread(ctx, code)))
    reasons = {field.name: field.data or "" for field in form if field.name.startswith("keep-")}
    seen, key = form.seen.data or 0, form.key.data or ""
    if form.send(ctx, lambda: drafting.keep(ctx, code, reasons, seen=seen, key=key)):
        return to_issue(code, "draft")
    return issue_page(ctx, code, form), form.status


@issue_route("/submit", ("POST",))
def issue_submit(ctx: Context, code: str) -> ResponseReturnValue:
    """Ask for a review, by one colleague or by any."""
    form = SubmitForm()
    filled = Filled(note=form.note.data or "", colleague=_chosen(ctx, form.colleague.data or ""))
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(
        ctx, lambda: transitions.make(ctx, code, SUBMIT.name, version=version, key=key, filled=filled)
    )
    if made:
        flash(_("Submitted for review."), "ps-ok")
        return to_issue(code)
    return issue_page(ctx, code, form), form.status


@section("issue", "issues/_draft.html", 50)
def _draft_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    issue = view.issue
    standing = drafting.of(ctx, issue, view.notes)
    may = drafting.may_draft(ctx, issue)
    if standing is None and (issue.state != ASSIGNED.name or not may):
        return None
    form = form_on(refused, DraftForm)
    if standing and form is not refused:
        form.body.data = standing.note.body
    return {
        "standing": standing,
        "may": may,
        "form": form,
        "keep": refused if isinstance(refused, KeepForm) else _keep_form(standing, fresh=True),
        "submit": _submit_form(view, refused) if may else None,
        "blocked": _blocked(view),
        "waits": view.waits,
    }


def _chosen(ctx: Context, typed: str) -> int | None:
    """The chosen reviewer; 0, which is the id of no person, if the value is not in the list."""
    found = (row.id for row in people.everybody(ctx.session) if str(row.id) == typed)
    return next(found, 0) if typed else None


def _blocked(view: IssueView) -> list[str]:
    """The obstacles to asking for a review."""
    ways = [way for way in view.ways if way.transition is SUBMIT]
    return [guard.unmet for way in ways for guard in way.blocked]


def _submit_form(view: IssueView, refused: Form | None) -> SubmitForm:
    form = form_on(refused, SubmitForm, version=view.issue.version)
    others = [(str(row.id), row.name) for row in view.people if row.id != view.issue.owner_id]
    form.colleague.choices = [("", _("Any other colleague")), *others]
    return form


def _keep_form(standing: DraftState | None, *, fresh: bool = False) -> KeepForm:
    """A form with a field for each passage of the draft that is marked and has no reason yet."""

    class Fields(KeepForm):
        """The form with the fields of this draft."""

    places = standing.open if standing else []
    for place in places:
        label = _("Reason for keeping “%(words)s”", words=place.words)
        setattr(Fields, place.name, StringField(label, [line], default=place.before))
    seen = standing.note.id if standing else 0
    return Fields(formdata=None, seen=seen) if fresh else Fields(seen=seen)


#: The sections it adds to the pages of issues.
SECTIONS = (_draft_section,)
