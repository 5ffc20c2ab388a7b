"""An issue's page, its notes, its history, and the moves that need nothing of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import people
from paidsupport.desk.issues import access, estimates, history, moves, news, notes, opening, tags
from paidsupport.desk.issues.opening import Opening
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import KINDS, OCCASIONS, PRIORITIES
from paidsupport.domain.workflow import Move
from paidsupport.domain.workflows.issue import ASK, ASK_PART, ISSUE
from paidsupport.errors import NotFoundError
from paidsupport.kernel.web.sections import section
from paidsupport.store import issue_lists
from paidsupport.store.issues import Issue
from paidsupport.store.notices import HIGHEST
from paidsupport.web.forms import Form, VersionedForm
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import draw_sections, show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import ReadForm, renew
from paidsupport.web.staff.issues.forms import IssueForm, MoveForm, NoteForm, PrivateForm, move_form
from paidsupport.web.staff.issues.routes import issue_route, reread, to_issue

#: Moves that a section of the page has a form of its own for; the generic list passes over them.
OWN_FORMS: set[str] = {"answer", "submit", "rework", "approve", "settle"}


@issue_route()
def issue(visit: Visit, code: str) -> ResponseReturnValue:
    """Everything about one issue."""
    return issue_page(visit, code)


@route("/desk/issues/new", Who.STAFF, ("GET", "POST"))
def new_issue(visit: Visit) -> ResponseReturnValue:
    """Open an issue that no customer waits for, or a part of another one."""
    form = IssueForm()
    parent = access.see(visit, request.args["parent"]) if request.args.get("parent") else None
    opened = form.send(
        visit, lambda: opening.open_issue(visit, _opening(form, parent), key=form.key.data or "")
    )
    if opened:
        flash(f"{opened.code} is open. Management looks at it next.", "ps-ok")
        return to_issue(opened.code)
    return show("issues/new.html", form=form, parent=parent), form.status


@issue_route("/notes", ("POST",))
def issue_note(visit: Visit, code: str) -> ResponseReturnValue:
    """Leave a note; whoever is called in it is told."""
    form = NoteForm()
    body, left, key = form.body.data or "", form.left_now.data or "", form.key.data or ""
    if form.send(visit, lambda: estimates.note(visit, code, body, left, key=key)):
        return to_issue(code, "notes")
    return issue_page(visit, code, form), form.status


@issue_route("/private", ("POST",))
def issue_private(visit: Visit, code: str) -> ResponseReturnValue:
    """Hide an issue whose disclosure would do harm, or show it again (T3)."""
    form = PrivateForm()
    private, key = bool(form.private.data), form.key.data or ""
    if form.send(visit, lambda: access.set_private(visit, code, private=private, key=key)):
        flash(
            "Only managers and those who work on it see it now." if private else "Everybody sees it.", "ps-ok"
        )
        return to_issue(code)
    return issue_page(visit, code, form), form.status


@issue_route("/history")
def issue_history(visit: Visit, code: str) -> ResponseReturnValue:
    """Who did what and when, from the first line on."""
    found = reread(visit, code)
    events = history.of(visit, found)
    return show("issues/history.html", issue=found, events=events, flow=ISSUE, names=_names(visit))


@issue_route("/moves/<move>", ("GET", "POST"))
def issue_move(visit: Visit, code: str, move: str) -> ResponseReturnValue:
    """The form of a move with the meaning of where it leads, and the move itself."""
    found = reread(visit, code)
    wanted = _move(move)
    form = move_form(wanted, _colleagues(visit, found, wanted), found.version)
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(
        visit, lambda: moves.make(visit, code, move, version=version, key=key, filled=form.filled())
    )
    if made:
        flash(f"Done: “{wanted.label}”. The issue is {ISSUE.state(made.state).label}.", "ps-ok")
        return to_issue(code)
    return _move_page(visit, code, wanted, form)


def issue_page(visit: Visit, code: str, refused: Form | None = None) -> str:
    """The page of an issue, with the form that was refused on it, if one was."""
    found = reread(visit, code)
    shared: dict[str, Any] = {
        "issue": found,
        "state": ISSUE.state(found.state),
        "flow": ISSUE,
        "names": _names(visit),
        "press": VersionedForm(formdata=None, version=found.version),
    }
    return show(
        "issues/issue.html",
        kinds=KINDS,
        priorities=PRIORITIES,
        ways=[
            way
            for way in moves.possible(visit, found)
            if way.move.name not in OWN_FORMS and not (way.blocked and way.move is ASK_PART)
        ],
        tags=tags.of(visit, found),
        sections=draw_sections(
            "issue", lambda each: each.load(visit, found, refused), shared, first=_next(found)
        ),
        form=refused,
        **shared,
    )


def _next(issue: Issue) -> str:
    """The key of the section that says what is to be done next: it stands before all others."""
    approved = issue.state == "assigned" and issue.approved_at is not None
    return "resolution" if approved else _NEXT.get(issue.state, "")


@issue_route("/news", ("POST",))
def read_issue(visit: Visit, code: str) -> ResponseReturnValue:
    """Mark what one was told of this issue as read."""
    form, found = ReadForm(), access.see(visit, code)
    until = min(form.until.data or 0, HIGHEST)
    form.send(visit, lambda: news.read(visit, until=until, issue=found))
    return to_issue(code) if form.status == HTTPStatus.OK else (issue_page(visit, code, form), form.status)


@section("issue", "issues/_news.html", 0, "top")
def _news_section(visit: Visit, issue: Issue, _refused: Form | None) -> dict[str, Any] | None:
    told = news.unread_of(visit, issue)
    if not told:
        return None
    seen = ReadForm(formdata=None, until=told[-1][0].id)
    return {"unread": [row[:2] for row in told], "seen": seen, "occasions": OCCASIONS}


@section("issue", "issues/_parts.html", 80)
def _parts_section(visit: Visit, issue: Issue, _refused: Form | None) -> dict[str, Any]:
    return {"related": issue_lists.parts(visit.session, visit.by, issue)}


@section("issue", "issues/_notes.html", 90)
def _notes_section(visit: Visit, issue: Issue, refused: Form | None) -> dict[str, Any]:
    form = refused if isinstance(refused, NoteForm) else NoteForm(formdata=None)
    if not estimates.may_say(visit, issue):
        del form.left_now
    return {"notes": notes.of(visit, issue), "note": form, "people": people.everybody(visit.session)}


@section("issue", "issues/_history.html", 100)
def _history_section(visit: Visit, issue: Issue, _refused: Form | None) -> dict[str, Any]:
    return {"events": history.of(visit, issue, newest=_LINES)}


#: The section with what is to be done next, by state.
_NEXT = {"review": "review", "resolved": "resolution"}
#: Lines of history on the page itself.
_LINES = 10


def _opening(form: IssueForm, parent: Issue | None) -> Opening:
    return Opening(
        kind=form.kind.data or "",
        summary=form.summary.data or "",
        details=form.details.data or "",
        private=bool(form.private.data),
        parent=parent.code if parent else "",
    )


def _move_page(visit: Visit, code: str, move: Move, form: MoveForm) -> ResponseReturnValue:
    """The form, with the issue as it is now; sent once more, it applies to that."""
    found = reread(visit, code)
    form.explain(move)
    if form.is_submitted():
        renew(form, {"version": found.version})
    possible = {way.move.name for way in moves.possible(visit, found)}
    facts = moves.facts(visit, found, move)
    status = form.status if move.name in possible else 409
    return (
        show(
            "issues/move.html",
            issue=found,
            flow=ISSUE,
            state=ISSUE.state(found.state),
            target=ISSUE.state(move.target or found.state),
            move=move,
            possible=move.name in possible,
            conditions=move.conditions(facts),
            asked={need.field: need.unmet for need in move.missing(facts) if need.field},
            form=form,
        ),
        status,
    )


def _move(name: str) -> Move:
    try:
        return ISSUE.move(name)
    except KeyError:
        raise NotFoundError from None


def _colleagues(visit: Visit, issue: Issue, move: Move) -> list[tuple[int, str]]:
    if not move.takes("colleague"):
        return []
    everybody = people.everybody(visit.session)
    return [(row.id, row.name) for row in everybody if row.id != issue.owner_id or move is ASK]


def _names(visit: Visit) -> dict[int, str]:
    return people.names(visit.session)


#: What it shows on the pages of issues.
SECTIONS = (_news_section, _parts_section, _notes_section, _history_section)
