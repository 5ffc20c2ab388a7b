"""A person's issues, the work left on each and its deadline, and deadlines that slip (T14, T15)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.widgets import DateInput

from paidsupport.issues.forms.issue import NO_NAMES
from paidsupport.issues.operations import estimates, slips, work
from paidsupport.issues.operations.estimates import Said
from paidsupport.issues.operations.slips import Announcement
from paidsupport.issues.queries import work as issue_work
from paidsupport.issues.queries.families import left_in_parts
from paidsupport.issues.rules.kinds import lasting
from paidsupport.issues.tables import NO_DEADLINE, Estimate, Issue
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.lines import FREE_COLUMNS, of_rows
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, to_issue
from paidsupport.issues.workflow import STATES
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.web import plots
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, line, text
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.layout import draw
from paidsupport.kernel.web.lists import OwnWork, headings
from paidsupport.kernel.web.sections import section

#: Changes of an estimate that are shown; the history has all of them.
_SHOWN = 30


class EstimateForm(Form):
    """How much work is left, and until when."""

    left = StringField(
        _("Time left"), [line], description=_("Like 45m, 4h, 1d 4h or 2-3d. Enter 0 if nothing is left.")
    )
    until = StringField(_("Deadline"), [line], widget=DateInput())
    because = TextAreaField(_("Reason"), [text], description=NO_NAMES)


class SlipForm(Form):
    """The announcement of issues that will be late; `slip_form` adds the fields of each issue."""

    because = TextAreaField(
        _("Reason for the delay"),
        [text],
        description=_(
            "Added to each issue below. Managers and the owners of waiting tickets are notified."
            " Leave out customers' details."
        ),
    )


@route("/desk/issues/mine", Who.STAFF)
def my_issues(ctx: Context) -> ResponseReturnValue:
    """Redirect from the former address of a person's issues."""
    del ctx
    return redirect(url_for(".my_work", person=request.args.get("person") or None), 301)


def own_work(ctx: Context, person_id: int) -> OwnWork:
    """A person's issues, those that do not fit into their time, and those they may start.

    Raises ManagersOnlyError for the work of a colleague.
    """
    owed, own = work.owed(ctx, person_id), person_id == ctx.by.id
    lines = of_rows(ctx, owed.held, acts=own)
    for each in lines:
        each.icon = "issue"
    free = of_rows(ctx, [each.row for each in owed.free], acts=own)
    for each, explained in zip(free, owed.free, strict=True):
        each.notes = [*each.notes, *([explained.why] if explained.why else [])]
    short = [slips.in_words(short) for short in owed.shortages]
    above = draw("issues/_owed.html", {"short": short, "asked": owed.asked, "own": own})
    known = {"columns": headings(FREE_COLUMNS, free), "more": owed.more, "own": own, "press": Sealed()}
    return OwnWork(lines, above, draw("issues/_free.html", {"lines": free, **known}))


@route("/desk/issues/slips", Who.STAFF, ("GET", "POST"))
def announce_slips(ctx: Context) -> ResponseReturnValue:
    """Announce in writing that deadlines will not be met: once for all issues concerned."""
    held = issue_work.loaded(ctx.session, ctx.by.id or 0)
    form = slip_form(held, request.args.get("issue", ""))
    key = form.key.data or ""
    announced = form.send(ctx, lambda: slips.announce(ctx, _announcement(form, held), key=key))
    if announced is not None:
        flash(
            ngettext(
                "Delay announced on %(num)s issue.", "Delay announced on %(num)s issues.", len(announced)
            ),
            "ps-ok",
        )
        return redirect(url_for(".my_work"), 303)
    found = slips.short_of_time(ctx, ctx.by.id or 0)
    short = [slips.in_words(each) for each in found]
    asked = slips.open_questions(held)
    return show("issues/slips.html", form=form, held=held, asked=asked, short=short), form.status


@issue_route("/estimate", ("POST",))
def issue_estimate(ctx: Context, code: str) -> ResponseReturnValue:
    """Change how much work is left, or until when."""
    form = EstimateForm()
    until = (form.until.data or "") if "until" in request.form else None
    said, key = Said(form.left.data or "", until, form.because.data or ""), form.key.data or ""
    if form.send(ctx, lambda: estimates.say(ctx, code, said, key=key)):
        return to_issue(code, "work")
    return issue_page(ctx, code, form), form.status


def slip_form(held: list[Issue], chosen: str) -> SlipForm:
    """The form with a day for each issue, and a checkbox for each that the desk has not asked about."""
    fields: dict[str, Any] = {}
    for issue in held:
        label = _("New date expected for %(code)s", code=issue.code)
        fields[f"expected-{issue.code}"] = StringField(label, [line], widget=DateInput())
        if issue not in slips.open_questions(held):
            slipping = issue.slipping_since is not None
            fields[f"slips-{issue.code}"] = BooleanField(
                _("%(code)s will be late, as announced", code=issue.code)
                if slipping
                else _("%(code)s will be late", code=issue.code),
                default=issue.code == chosen,
            )
    # WTForms keeps fields in the order in which they were created
    form: SlipForm = type("SlipFormOfIssues", (SlipForm,), fields)()
    return form


@section("issue", "issues/_work.html", 20)
def _work_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    issue = view.issue
    said = issue_work.estimates_of(ctx.session, issue)
    in_parts = left_in_parts(ctx.session, ctx.by, issue)
    may = estimates.may_say(ctx, issue)
    if not (said or may or in_parts or issue.minutes_left is not None or issue.deadline != NO_DEADLINE):
        return None
    own = issue.owner_id is not None and issue.owner_id == ctx.by.id
    asked = issue.slip_asked_at is not None and (own or ctx.by.is_manager)
    return {
        "estimates": said[-_SHOWN:],
        "plot": _plot(said[-_SHOWN:]),
        "in_parts": in_parts,
        "estimate": _estimate_form(ctx, issue, refused) if may else None,
        "own": own,
        "asked": asked,
        "short": _short(ctx, issue) if asked else [],
        "may_announce": own and STATES[issue.state].fills_time and issue.deadline != NO_DEADLINE,
    }


def _short(ctx: Context, issue: Issue) -> list[str]:
    found = slips.short_of_time(ctx, issue.owner_id or 0)
    return [slips.in_words(short) for short in found if issue.id in short.ids]


def _estimate_form(ctx: Context, issue: Issue, refused: Form | None) -> EstimateForm:
    if isinstance(refused, EstimateForm):
        form = refused
    else:
        form = EstimateForm(formdata=None)
        form.left.data = "" if issue.minutes_left is None else lasting(issue.minutes_left)
        form.until.data = "" if issue.deadline == NO_DEADLINE else issue.deadline.isoformat()
    if not ctx.by.is_manager:
        del form.until
    return form


def _plot(said: list[Estimate]) -> str:
    points = [(row.at, row.minutes_left / 60) for row in said if row.minutes_left is not None]
    if len(points) < 2:  # noqa: PLR2004  # one figure makes no curve
        return ""
    first, last = points[0][1], points[-1][1]
    about = ngettext(
        "From %(first)s to %(last)s in %(num)s change.",
        "From %(first)s to %(last)s in %(num)s changes.",
        len(points) - 1,
        first=lasting(round(first * 60)),
        last=lasting(round(last * 60)),
    )
    return plots.course(_("Time left"), points, about=about, unit=_("hours of work left"))


def _announcement(form: Form, held: list[Issue]) -> Announcement:
    """What was filled in; `asked` names the issues that were shown as such, so that none is added unseen."""
    boxes = [
        issue.code for issue in held if f"slips-{issue.code}" in form and form[f"slips-{issue.code}"].data
    ]
    codes = list(dict.fromkeys([*request.form.getlist("asked"), *boxes]))
    expected = {code: form[f"expected-{code}"].data or "" for code in codes if f"expected-{code}" in form}
    return Announcement(codes, form["because"].data or "", expected)


#: The sections it adds to the pages of issues.
SECTIONS = (_work_section,)
