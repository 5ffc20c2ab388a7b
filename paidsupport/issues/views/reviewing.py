"""Reviews: the list of waiting ones, a joint session on a shared screen, and decisions (T17)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.issues.forms.issue import NO_NAMES
from paidsupport.issues.operations import reviewing, tasks
from paidsupport.issues.queries import reviews as store
from paidsupport.issues.queries.contents import notes_of
from paidsupport.issues.queries.reviews import Waiting
from paidsupport.issues.rules.kinds import NORMAL, OUTCOMES, PRIORITIES, headed
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, to_issue
from paidsupport.issues.workflow import ASSIGNED, REVIEW, STATES
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.lists import Line, headings
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section

#: The position at which a joint session has ended.
END = "end"
#: Larger numbers are not a plausible count of reviews.
_MOST_DONE = 9999

#: The confirmation of each decision; `%(code)s` is the issue's.
_SAID = {
    "approve": _("%(code)s approved."),
    "rework": _("%(code)s sent back to its author."),
    "pass": _("%(code)s left for another reviewer."),
}


class DecisionForm(VersionedForm):
    """What was tried, and the decision: the pressed button says which."""

    note = TextAreaField(_("Test result"), [text], description=NO_NAMES)


class TaskForm(Form):
    """A task that a review waits for."""

    task = StringField(_("New task"), [line])


class TickForm(Form):
    """Whether a task is done."""

    step = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("Enter the task."))])


@route("/desk/issues/reviews", Who.STAFF)
def reviews(ctx: Context) -> ResponseReturnValue:
    """List waiting reviews: all of them, or those this person was asked for. At most three queries."""
    mine = bool(request.args.get("mine"))
    rows = store.waiting(ctx.session, ctx.by, asked_of=ctx.by.id if mine else None)
    lines = [_line(each) for each in rows]
    columns = headings(("code", "priority", "subject", "received"), lines)
    more = [
        (_("Solved by"), {each.issue.id: Markup("<bdi>{}</bdi>").format(each.author) for each in rows}),
        (_("Reviewer"), {each.issue.id: _reviewer(ctx, each) for each in rows}),
        (_("Tasks"), {each.issue.id: _tasks(each) for each in rows}),
    ]
    return show("issues/reviews.html", lines=lines, columns=columns, more=more, mine=mine, most=store.MOST)


def _line(waiting: Waiting) -> Line:
    """A waiting solution as a line of a list; it was received when it was submitted."""
    issue, count = waiting.issue, waiting.customers
    state = STATES[issue.state]
    notes = [_("Private")] if issue.private else []
    if count:
        notes.append(ngettext("%(num)s customer waiting", "%(num)s customers waiting", count))
    return Line(
        id=issue.id,
        code=issue.code,
        url=url_for(".issue", code=issue.code, _anchor="review"),
        subject=headed(issue.summary, issue.minutes_left, issue.deadline),
        state=(state.name, state.label, state.part),
        priority=issue.priority,
        urgency="" if issue.priority == NORMAL else PRIORITIES[issue.priority],
        received=issue.submitted_at,
        notes=notes,
    )


def _reviewer(ctx: Context, waiting: Waiting) -> Markup:
    if waiting.reviewer:
        return Markup("<bdi>{}</bdi>").format(waiting.reviewer)
    own = waiting.issue.author_id == ctx.by.id
    who = _("Any other colleague") if own else _("Any colleague")
    return Markup('<span class="ps-muted">{}</span>').format(translate(who))


def _tasks(waiting: Waiting) -> Markup:
    count = waiting.open_tasks
    words = translate(ngettext("%(num)s open", "%(num)s open", count))
    return Markup("<b>{}</b>").format(words) if count else Markup()


@route("/desk/issues/session", Who.STAFF)
def review_session(ctx: Context) -> ResponseReturnValue:
    """Show waiting reviews one by one on a shared screen. At most six queries."""
    return _session_page(ctx, DecisionForm(formdata=None))


@issue_route("/review", ("POST",))
def review_issue(ctx: Context, code: str) -> ResponseReturnValue:
    """Approve a solution, send it back, or say that it could not be tried."""
    form = DecisionForm()
    decision, note = request.form.get("decision", ""), form.note.data or ""
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(ctx, lambda: reviewing.decide(ctx, code, decision, note, version=version, key=key))
    together = "next" in request.args
    if made:
        flash(translate(_SAID[decision]) % {"code": code}, "ps-ok")
        return _to_next(decision) if together else to_issue(code)
    return (_session_page(ctx, form) if together else issue_page(ctx, code, form)), form.status


@issue_route("/tasks", ("POST",))
def issue_task(ctx: Context, code: str) -> ResponseReturnValue:
    """Add a task to be done before approval."""
    form = TaskForm()
    what, key = form.task.data or "", form.key.data or ""
    if form.send(ctx, lambda: tasks.add(ctx, code, what, key=key)):
        return to_issue(code, "review")
    return issue_page(ctx, code, form), form.status


@issue_route("/tasks/done", ("POST",))
def issue_task_done(ctx: Context, code: str) -> ResponseReturnValue:
    """Tick a task, or reopen it."""
    form = TickForm()
    step, done, key = form.step.data or 0, not request.form.get("open"), form.key.data or ""
    if form.send(ctx, lambda: tasks.tick(ctx, code, step, done=done, key=key)):
        return _to(code) if "next" in request.args else to_issue(code, "review")
    return issue_page(ctx, code, form), form.status


@section("issue", "issues/_review.html", 60)
def _review_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    issue = view.issue
    matter = store.matter(ctx.session, issue, view.notes)
    if issue.state not in {ASSIGNED.name, REVIEW.name} and not matter.said and not matter.tasks:
        return None
    return {
        "matter": matter,
        "outcomes": OUTCOMES,
        "may": reviewing.may_review(ctx, issue),
        "form": form_on(refused, DecisionForm, version=issue.version),
        "task": form_on(refused, TaskForm),
        "tick": partial(TickForm, formdata=None),
        "open": issue.approved_at is None and issue.state in {ASSIGNED.name, REVIEW.name},
        "waits": view.waits,
    }


def _session_page(ctx: Context, form: DecisionForm) -> str:
    """Render one review of the session; private ones are left out of a shared screen unless asked for."""
    ctx.session.expire_all()
    everything = store.waiting(ctx.session, ctx.by)
    private = bool(request.args.get("private"))
    rows = [row for row in everything if private or not row.issue.private]
    at = _place(rows)
    row = rows[at] if at < len(rows) else None
    after = rows[at + 1] if row and at + 1 < len(rows) else None
    return show(
        "issues/session.html",
        row=row,
        after=after,
        left=len(rows),
        number=_done() + at + 1,
        total=_done() + len(rows),
        hidden=len(everything) - len(rows),
        matter=store.matter(ctx.session, row.issue, notes_of(ctx.session, row.issue)) if row else None,
        may=bool(row and reviewing.may_review(ctx, row.issue)),
        form=form_on(form, DecisionForm, version=row.issue.version) if row else form,
        tick=partial(TickForm, formdata=None),
        outcomes=OUTCOMES,
        priorities=PRIORITIES,
        private=private,
        args={"private": 1 if private else None, "done": _done() or None},
        next_code=after.issue.code if after else END,
    )


def _place(rows: list[Waiting]) -> int:
    """The session's position in the list; if its review is no longer in the list, the session starts over."""
    wanted = request.args.get("at", "")
    if wanted == END:
        return len(rows)
    code = tidy_code(wanted, ISSUE_PREFIX)
    return next((at for at, row in enumerate(rows) if row.issue.code == code), 0)


def _done() -> int:
    return min(max(request.args.get("done", 0, type=int), 0), _MOST_DONE)


def _to_next(decision: str) -> ResponseReturnValue:
    """Redirect to the next review; decided ones are no longer in the list, but counted."""
    done = _done() + (decision != "pass")
    return _to(request.args.get("next", ""), done)


def _to(at: str, done: int | None = None) -> ResponseReturnValue:
    counted = _done() if done is None else done
    private = request.args.get("private")
    return redirect(
        url_for("paidsupport.review_session", at=at or None, done=counted or None, private=private or None),
        303,
    )


#: The sections it adds to the pages of issues.
SECTIONS = (_review_section,)
