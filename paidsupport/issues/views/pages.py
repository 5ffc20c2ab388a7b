"""An issue's page, its notes, its history, and transitions without a form of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.issues.forms.issue import IssueForm, NoteForm, PrivateForm, TransitionForm, transition_form
from paidsupport.issues.operations import access, estimates, news, opening, transitions
from paidsupport.issues.operations.opening import Opening
from paidsupport.issues.queries import lists as issue_lists
from paidsupport.issues.queries.contents import history_of, tags_of
from paidsupport.issues.queries.news import notices_for, unread_about
from paidsupport.issues.rules.kinds import KINDS, PRIORITIES
from paidsupport.issues.tables import Issue
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.routes import issue_route, read_by_view, reread, to_issue
from paidsupport.issues.workflow import ASK, ASK_PART, ISSUE, STATES
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, VersionedForm, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import draw_sections, show, wants_fragment
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.web.transitions import explained
from paidsupport.kernel.web.typed import typed_into
from paidsupport.kernel.workflow import Transition
from paidsupport.tickets.forms import ReadForm
from paidsupport.tickets.notices.tables import HIGHEST
from paidsupport.tickets.notices.views.news import NewsView

#: Transitions that a section of the page has its own form for; the general list leaves them out.
OWN_FORMS: set[str] = {"answer", "submit", "rework", "approve", "settle"}


@read_by_view()
def issue(ctx: Context, code: str) -> ResponseReturnValue:
    """Show everything about one issue."""
    return issue_page(ctx, code)


@route("/desk/issues/new", Who.STAFF, ("GET", "POST"))
def new_issue(ctx: Context) -> ResponseReturnValue:
    """Open an issue that no customer waits for, or a sub-issue."""
    form = IssueForm()
    parent = access.see(ctx, request.args["parent"]) if request.args.get("parent") else None
    opened = form.send(ctx, lambda: opening.open_issue(ctx, _opening(form, parent), key=form.key.data or ""))
    if opened:
        flash(_("%(code)s opened. A manager will look at it next.", code=opened.code), "ps-ok")
        return to_issue(opened.code)
    return show("issues/new.html", form=form, parent=parent), form.status


@issue_route("/notes", ("POST",))
def issue_note(ctx: Context, code: str) -> ResponseReturnValue:
    """Leave a note; colleagues mentioned in it are notified."""
    form = NoteForm()
    body, left, key = form.body.data or "", form.left_now.data or "", form.key.data or ""
    if form.send(ctx, lambda: estimates.note(ctx, code, body, left, key=key)):
        return to_issue(code, "notes")
    return issue_page(ctx, code, form), form.status


@issue_route("/private", ("POST",))
def issue_private(ctx: Context, code: str) -> ResponseReturnValue:
    """Hide an issue whose disclosure would do harm, or make it public again (T3)."""
    form = PrivateForm()
    private, key = bool(form.private.data), form.key.data or ""
    if form.send(ctx, lambda: access.set_private(ctx, code, private=private, key=key)):
        flash(
            _("Only managers and the people working on it can see the issue now.")
            if private
            else _("All staff can see the issue now."),
            "ps-ok",
        )
        return to_issue(code)
    return issue_page(ctx, code, form), form.status


@issue_route("/history")
def issue_history(ctx: Context, code: str) -> ResponseReturnValue:
    """Show who did what and when, from the first event on."""
    found = reread(ctx, code)
    events = history_of(ctx.session, found)
    return show(
        "issues/history.html",
        issue=found,
        events=events,
        flow=transitions.flow(ctx),
        names=people.names(ctx.session),
    )


@issue_route("/moves/<transition>", ("GET", "POST"))
def issue_move(ctx: Context, code: str, transition: str) -> ResponseReturnValue:
    """Show the form of a transition with the meaning of the new state, and make the transition."""
    found = reread(ctx, code)
    wanted = _transition(ctx, transition)
    form = transition_form(wanted, _colleagues(ctx, found, wanted), found.version)
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(
        ctx, lambda: transitions.make(ctx, code, transition, version=version, key=key, filled=form.filled())
    )
    if made:
        flash(_("The issue is now: %(state)s.", state=ISSUE.state(made.state).label), "ps-ok")
        return to_issue(code)
    return _transition_page(ctx, code, wanted, form)


def issue_page(ctx: Context, code: str, refused: Form | None = None) -> str:
    """Render the page of an issue, with the form that was refused on it, if any."""
    view = IssueView(ctx, reread(ctx, code))
    found = view.issue
    shared: dict[str, Any] = {
        "issue": found,
        "state": ISSUE.state(found.state),
        "flow": transitions.flow(ctx),
        "names": people.names(ctx.session),
        "press": VersionedForm(formdata=None, version=found.version),
    }
    return show(
        "issues/issue.html",
        kinds=KINDS,
        priorities=PRIORITIES,
        ways=[
            way
            for way in view.ways
            if way.transition.name not in OWN_FORMS and not (way.blocked and way.transition is ASK_PART)
        ],
        tags=tags_of(ctx.session, found),
        sections=draw_sections(
            "issue", lambda each: each.load(ctx, view, refused), shared, first=_next(found)
        ),
        form=refused,
        **shared,
    )


def _next(issue: Issue) -> str:
    """The key of the section with the next step: it comes before all others."""
    state = STATES[issue.state]
    return "resolution" if state.worked_on and issue.approved_at is not None else state.first


@issue_route("/news", ("POST",))
def read_issue(ctx: Context, code: str) -> ResponseReturnValue:
    """Mark this person's notices about the issue as read; an open page does so, but keeps showing them."""
    form, found = ReadForm(), access.see(ctx, code)
    until = min(form.until.data or 0, HIGHEST)
    told = [row[:2] for row in unread_about(ctx.session, ctx.by, found)] if wants_fragment() else []
    form.send(ctx, lambda: news.read(ctx, until=until, issue=found))
    if wants_fragment() and form.status == HTTPStatus.OK:
        return show("issues/_news_read.html", unread=told)
    return to_issue(code) if form.status == HTTPStatus.OK else (issue_page(ctx, code, form), form.status)


@section("issue", "issues/_news.html", 0, "top")
def _news_section(ctx: Context, view: IssueView, _refused: Form | None) -> dict[str, Any] | None:
    told = unread_about(ctx.session, ctx.by, view.issue)
    if not told:
        return None
    seen = ReadForm(formdata=None, until=told[-1][0].id)
    return {"unread": [row[:2] for row in told], "seen": seen}


@section("news", "issues/_news_section.html", 10)
def _issue_news_section(ctx: Context, view: NewsView, _refused: Form | None) -> dict[str, Any] | None:
    rows = notices_for(ctx.session, ctx.by, unread=view.unread) if view.first else []
    view.marks[news.MARK] = max((row[0].id for row in rows), default=0)
    return {"rows": rows} if rows else None


@section("issue", "issues/_parts.html", 80)
def _parts_section(ctx: Context, view: IssueView, _refused: Form | None) -> dict[str, Any]:
    return {"related": issue_lists.parts(ctx.session, ctx.by, view.issue)}


@section("issue", "issues/_notes.html", 90)
def _notes_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any]:
    form = form_on(refused, NoteForm)
    if not estimates.may_say(ctx, view.issue):
        del form.left_now
    return {"notes": view.notes, "note": form, "people": view.people}


@section("issue", "issues/_history.html", 100)
def _history_section(ctx: Context, view: IssueView, _refused: Form | None) -> dict[str, Any]:
    return {"events": history_of(ctx.session, view.issue, newest=_LINES)}


#: Events of the history that are shown on the page itself.
_LINES = 10


def _opening(form: IssueForm, parent: Issue | None) -> Opening:
    code = parent.code if parent else ""
    return typed_into(form, Opening, private=bool(form.private.data), parent=code)


def _transition_page(
    ctx: Context, code: str, transition: Transition, form: TransitionForm
) -> ResponseReturnValue:
    """Show the form with the issue as it is now: sent again, it applies to the present version."""
    found = reread(ctx, code)
    form.explain(transition)
    if form.is_submitted():
        renew(form, {"version": found.version})
    possible = {way.transition.name for way in transitions.possible(ctx, found)}
    facts = transitions.facts(ctx, found, transition)
    status = form.status if transition.name in possible else 409
    return (
        show(
            "issues/move.html",
            issue=found,
            flow=transitions.flow(ctx),
            state=ISSUE.state(found.state),
            target=ISSUE.state(transition.target or found.state),
            possible=transition.name in possible,
            form=form,
            **explained(transition, facts),
        ),
        status,
    )


def _transition(ctx: Context, name: str) -> Transition:
    try:
        return transitions.flow(ctx).transition(name)
    except KeyError:
        raise NotFoundError from None


def _colleagues(ctx: Context, issue: Issue, transition: Transition) -> list[tuple[int, str]]:
    if not transition.takes("colleague"):
        return []
    everybody = people.everybody(ctx.session)
    return [(row.id, row.name) for row in everybody if row.id != issue.owner_id or transition is ASK]


#: The sections it adds to the pages of issues.
SECTIONS = (_news_section, _issue_news_section, _parts_section, _notes_section, _history_section)
