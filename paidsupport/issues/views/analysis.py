"""Management's inbox, and requests for feedback, feedback and timeline on an issue's page (T10, T12, T13)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.issues.forms.analysis import PARTS, AskForm, FeedbackForm, TimelineForm
from paidsupport.issues.operations import analysis
from paidsupport.issues.queries import analysis as issue_analysis
from paidsupport.issues.rules.kinds import PRIORITIES, STAGES, lasting
from paidsupport.issues.tables import NO_DEADLINE, Issue
from paidsupport.issues.views import pages
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, to_issue
from paidsupport.issues.workflow import ISSUE, STATES
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.web.filters import weekday
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, VersionedForm, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section

pages.OWN_FORMS.update({"ask"})


@route("/desk/issues/inbox", Who.STAFF)
def issue_inbox(ctx: Context) -> ResponseReturnValue:
    """List new issues by what each needs next: a timeline, a developer to ask, or reporters to tell."""
    found = analysis.inbox(ctx, request.args.get("after", ""))
    return show(
        "issues/inbox.html",
        rows=found.rows,
        guards=issue_analysis.NEEDS,
        priorities=PRIORITIES,
        stages=STAGES,
        everybody=people.everybody(ctx.session),
        names=people.names(ctx.session),
        press=partial(VersionedForm, formdata=None),
        next_url=url_for(".issue_inbox", after=issue_analysis.spelled(found.following))
        if found.following
        else None,
    )


@issue_route("/ask", ("POST",))
def issue_ask(ctx: Context, code: str) -> ResponseReturnValue:
    """Set the priority and ask a developer for feedback, in one step."""
    form = AskForm()
    form.offer(people.everybody(ctx.session))
    version, key = form.version.data or 0, form.key.data or ""
    note = form.note.data or ""
    done = form.send(
        ctx, lambda: analysis.ask(ctx, code, form.asked, form.rank, note, version=version, key=key)
    )
    if done:
        flash(
            _(
                "%(name)s has been asked for feedback on %(code)s.",
                name=people.names(ctx.session)[done.owner_id or 0],
                code=code,
            ),
            "ps-ok",
        )
        return redirect(url_for(".issue_inbox"), 303) if request.form.get("back") else to_issue(code)
    return issue_page(ctx, code, form), form.status


@issue_route("/feedback", ("POST",))
def issue_feedback(ctx: Context, code: str) -> ResponseReturnValue:
    """Say how long it takes and how to solve it; or only ask colleagues about parts of it."""
    form = FeedbackForm()
    form.offer(people.everybody(ctx.session), ctx.by.id)
    if form.send(ctx, lambda: _answer(ctx, code, form)):
        return to_issue(code, "analysis")
    return issue_page(ctx, code, form), form.status


@issue_route("/timeline", ("POST",))
def issue_timeline(ctx: Context, code: str) -> ResponseReturnValue:
    """Set the deadline and the release."""
    form = TimelineForm()
    key = form.key.data or ""
    done = form.send(ctx, lambda: analysis.set_timeline(ctx, code, form.timeline, key=key))
    if done:
        flash(
            _(
                "Timeline of %(code)s saved. State: %(state)s.",
                code=code,
                state=ISSUE.state(done.state).label,
            ),
            "ps-ok",
        )
        if analysis.has_deadline(done) and analysis.is_day_off(ctx, done.deadline):
            flash(_("%(day)s is not a working day.", day=weekday(done.deadline)), "ps-warn")
        return to_issue(code, "analysis")
    return issue_page(ctx, code, form), form.status


def _answer(ctx: Context, code: str, form: FeedbackForm) -> Issue:
    version, key = form.version.data or 0, form.key.data or ""
    if request.form.get("action") == "parts":
        return analysis.open_parts(ctx, code, form.parts, version=version, key=key)
    return analysis.give_feedback(ctx, code, form.feedback, version=version, key=key)


@section("issue", "issues/_analysis.html", 10)
def _analysis_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    """Who is asked, their feedback, what is missing, and the form for the person whose turn it is."""
    issue = view.issue
    shown: dict[str, Any] = {
        "missing": view.missing if issue.feedback_at or STATES[issue.state].asked else [],
        "waiting": view.waiting,
        "told": [each for each in view.waiting if each.knows_we_look],
        "stages": STAGES,
        "overdue": issue.feedback_due_at is not None and issue.feedback_due_at <= ctx.now,
        "parts": range(1, PARTS + 1),
    }
    shown["ask"] = _ask_form(view, refused)
    shown["feedback"] = _feedback_form(view, refused)
    shown["timeline"], shown["earliest"] = _timeline_form(ctx, issue, refused)
    return shown


def _ask_form(view: IssueView, refused: Form | None) -> AskForm | None:
    issue = view.issue
    if not STATES[issue.state].sorted_next or not view.ctx.by.is_manager:
        return None
    form = form_on(refused, AskForm, version=issue.version)
    if form is not refused:
        form.priority.data = str(issue.priority)
        form.offer(view.people)
    return form


def _feedback_form(view: IssueView, refused: Form | None) -> FeedbackForm | None:
    issue, by = view.issue, view.ctx.by
    if not STATES[issue.state].asked or issue.owner_id != by.id:
        return None
    if isinstance(refused, FeedbackForm):
        renew(refused, {"version": issue.version})
        return refused
    given = {name: getattr(issue, name) for name in ("path", "fixed_where", "fixed_version")}
    if issue.estimate_minutes is not None:
        given["estimate"] = lasting(issue.estimate_minutes)
    form = FeedbackForm(formdata=None, version=issue.version, **given)
    form.offer(view.people, by.id)
    return form


def _timeline_form(ctx: Context, issue: Issue, refused: Form | None) -> tuple[TimelineForm | None, Any]:
    state = STATES[issue.state]
    planned = state.fills_time or state.tried or (state.sorted_next and issue.feedback_at is not None)
    if not planned or not ctx.by.is_manager:
        return None, None
    earliest = analysis.earliest(ctx, issue)
    if isinstance(refused, TimelineForm):
        renew(refused, {})
        return refused, earliest
    day = issue.deadline if issue.deadline != NO_DEADLINE else None if issue.timeline_at else earliest[1]
    form = TimelineForm(formdata=None, deadline=day.isoformat() if day else "", release=issue.target_release)
    return form, earliest


#: The sections it adds to the pages of issues.
SECTIONS = (_analysis_section,)
