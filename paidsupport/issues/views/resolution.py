"""The progress of a solution, the customers who wait, and the email that says it is solved (T18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from paidsupport.issues.operations import followers, releases, resolution, solved
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.contents import release_words
from paidsupport.issues.queries.followers import can_be_told
from paidsupport.issues.rules.kinds import STAGES
from paidsupport.issues.tables import OVER, Issue
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, reread, to_issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, line, renew, text
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.forms import LetterForm
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.views.page import reread as reread_ticket
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page

_CHOICES = [SelectChoice(str(stage), label) for stage, label in STAGES.items()]


class ReachForm(Form):
    """The stage of a solution, its version, and a reason if the solution was withdrawn."""

    stage = RadioField(_("Stage"), choices=_CHOICES, validate_choice=False)
    version = StringField(_("Version"), [line], description=_("A version or a commit."))
    why = TextAreaField(
        _("Reason for going back"),
        [text],
        description=_("Only if the solution was withdrawn from a later stage. Leave out customers' details."),
    )


class CustomerForm(Form):
    """What one customer waits for, who tells them, and what they were told in person."""

    stage = SelectField(_("Waiting for the stage"), choices=_CHOICES, validate_choice=False)
    teller = SelectField(_("Colleague who tells them"), validate_choice=False)
    note = TextAreaField(_("What you said"), [text], description=_("Kept on the ticket. Only staff see it."))


class WordsForm(Form):
    """The text about an issue in the release notes."""

    words = TextAreaField(
        _("Release note"),
        [text],
        description=_(
            "What customers will notice, in their words. If empty, the subject is used."
            " Leave out customers' details."
        ),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A customer who waits or waited, the obstacles to telling them, and what this person can do."""

    waiting: Waiting
    against: list[str]
    may_change: bool
    may_tell: bool


@issue_route("/stage", ("POST",))
def issue_stage(ctx: Context, code: str) -> ResponseReturnValue:
    """Set the stage of the solution."""
    form = ReachForm()
    stage, version, why = (form[name].data or "" for name in ("stage", "version", "why"))
    key = form.key.data or ""
    if form.send(ctx, lambda: resolution.reach(ctx, code, stage, version, key=key, why=why)):
        flash(_("Stage saved. The colleagues who tell waiting customers are notified."), "ps-ok")
        return to_issue(code, "resolution")
    return issue_page(ctx, code, form), form.status


@issue_route("/release-note", ("POST",))
def issue_words(ctx: Context, code: str) -> ResponseReturnValue:
    """Write the text for the release notes."""
    form = WordsForm()
    words, key = form.words.data or "", form.key.data or ""
    if form.send(ctx, lambda: releases.describe(ctx, code, words, key=key)):
        return to_issue(code, "release-note")
    return issue_page(ctx, code, form), form.status


@issue_route("/customers/<ticket>", ("GET", "POST"))
def issue_customer(ctx: Context, code: str, ticket: str) -> ResponseReturnValue:
    """Change how far one customer waits, or who tells them; or note that they were told in person."""
    form = CustomerForm()
    form.teller.choices = [SelectChoice(str(row.id), row.name) for row in people.everybody(ctx.session)]
    deed = request.form.get("deed", "")
    if form.send(ctx, lambda: _act(ctx, code, ticket, deed, form)):
        flash(_("Change saved."), "ps-ok")
        return to_issue(code, "resolution")
    found = reread(ctx, code)
    row = _row(ctx, found, _follows(ctx, found, ticket))
    if not form.is_submitted():
        form.stage.data = row.waiting.follower.stage
        form.teller.data = str(row.waiting.follower.teller_id or "")
    renew(form, {})
    state = ISSUE.state(found.state)
    return show(
        "issues/customer.html", issue=found, row=row, form=form, state=state, stages=STAGES
    ), form.status


@route("/desk/issues/to-tell", Who.STAFF)
def to_tell(ctx: Context) -> ResponseReturnValue:
    """List the customers whom this person can now tell that an issue is solved."""
    return show("issues/to_tell.html", rows=can_be_told(ctx.session, ctx.by), stages=STAGES)


@ticket_route("/solved", ("GET", "POST"))
def tell_solved(ctx: Context, code: str) -> ResponseReturnValue:
    """Show the email that says it is solved, from the developer's draft, and send it."""
    form = LetterForm()
    issue = solved.subject_of(ctx, reread_ticket(ctx, code).ticket, request.args.get("issue", ""))
    named = issue.code
    if form.send(ctx, lambda: solved.send(ctx, code, named, form.draft())):
        flash(
            _("Message for %(code)s queued. The customer counts as told once it has left.", code=code),
            "ps-ok",
        )
        return to_ticket(code, "thread")
    page = reread_ticket(ctx, code)
    if not correspondence.may_write(ctx, page.ticket):
        return conflict_page(ctx, page, form, form.body.data or ""), 409
    return _letter_page(ctx, page, reread(ctx, named), form)


@section("issue", "issues/_resolution.html", 60)
def _resolution_section(ctx: Context, view: IssueView, refused: Form | None) -> dict[str, Any] | None:
    issue = view.issue
    rows = [_row(ctx, issue, each) for each in view.followers]
    over = ISSUE.state(issue.state).part is Part.CLOSED
    if not rows and issue.state not in resolution.SOLVING and not over:
        return None
    form = refused if isinstance(refused, ReachForm) else None
    words = form_on(refused, WordsForm)
    if words is not refused:
        words.words.data = release_words(ctx.session, issue)
    if resolution.may_reach(ctx, issue):
        form = form or ReachForm(formdata=None, data={"stage": issue.stage, "version": issue.stage_version})
    if form is not None:
        renew(form, {})
    noted = not issue.private and issue.state in {*resolution.SOLVING, *OVER}
    return {"rows": rows, "reach": form, "words": words if noted else None, "stages": STAGES}


def _act(ctx: Context, code: str, ticket: str, deed: str, form: CustomerForm) -> Issue:
    key, note = form.key.data or "", form.note.data or ""
    if deed == "stage":
        return resolution.wait_for(ctx, code, ticket, form.stage.data or "", key=key)
    if deed == "teller":
        return resolution.name_teller(ctx, code, ticket, whole_number(form.teller.data or ""), key=key)
    if deed == "told":
        return resolution.told(ctx, code, ticket, note, key=key)
    if deed == "leave":
        return resolution.leave(ctx, code, ticket, note, key=key)
    raise NotFoundError


def _follows(ctx: Context, issue: Issue, ticket: str) -> Waiting:
    """The entry for the ticket with this code that follows the issue. Raises NotFoundError."""
    found = [each for each in followers.everybody(ctx, issue) if each.ticket.code == ticket]
    if not found:
        raise NotFoundError
    return found[0]


def _row(ctx: Context, issue: Issue, waiting: Waiting) -> Row:
    against = resolution.against(issue, waiting)
    waits = waiting.follower.ended_at is None and not waiting.knows_it_is_solved
    may_change = waits and resolution.may_change(ctx, issue, waiting.ticket)
    writes = correspondence.may_write(ctx, waiting.ticket) and correspondence.can_be_reached(waiting.ticket)
    return Row(waiting, against, may_change, writes and not against)


def _letter_page(ctx: Context, page: DeskPage, issue: Issue, form: LetterForm) -> ResponseReturnValue:
    ticket = tickets.by_id(ctx.session, page.ticket.id)
    waiting = resolution.find(ctx, issue, ticket)
    opening = solved.draft(ctx, ticket, issue)
    if not form.is_submitted():
        form.body.data = opening.body
    against = resolution.against(issue, waiting)
    return (
        show(
            "issues/solved.html",
            page=page,
            flow=ctx.services.workflows[ticket.workflow],
            issue=issue,
            waiting=waiting,
            against=against,
            reachable=correspondence.can_be_reached(ticket),
            news=form.follow(page),
            opening=opening,
            stages=STAGES,
            form=form,
        ),
        409 if against and not form.is_submitted() else form.status,
    )


#: The sections it adds to the pages of issues.
SECTIONS = (_resolution_section,)
