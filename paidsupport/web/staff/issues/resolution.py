"""How far a solution has come, who waits for it, and the letter that says that it is solved (T18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.desk import correspondence, people
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.issues import followers, releases, resolution, solved
from paidsupport.desk.issues.followers import Waiting
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import STAGES
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import NotFoundError
from paidsupport.kernel.web.sections import section
from paidsupport.store import tickets
from paidsupport.store.issues import Issue
from paidsupport.store.pages import DeskPage
from paidsupport.web.forms import Form, line, text
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import ONLY_US, renew
from paidsupport.web.staff.issues.forms import NO_NAMES
from paidsupport.web.staff.issues.pages import issue_page
from paidsupport.web.staff.issues.routes import issue_route, reread, to_issue
from paidsupport.web.staff.routes import reread as reread_ticket
from paidsupport.web.staff.routes import ticket_route, to_ticket
from paidsupport.web.staff.tickets import conflict_page

_MOST_DIGITS = 15
_CHOICES = [SelectChoice(stage.value, label) for stage, label in STAGES.items()]


class ReachForm(Form):
    """How far a solution has come, as which version; a reason, if it was taken back."""

    stage = RadioField("How far has it come?", choices=_CHOICES, validate_choice=False)
    version = StringField("Version", [line], description="Or the commit.")
    why = TextAreaField("Why was it taken back?", [text], description=f"Only if it was. {NO_NAMES}")


class CustomerForm(Form):
    """What one customer waits for, who tells them, and what they were told in person."""

    stage = SelectField("They wait until it is", choices=_CHOICES, validate_choice=False)
    teller = SelectField("Who tells them", validate_choice=False)
    note = TextAreaField("What was said", [text], description=f"It stays on their ticket. {ONLY_US}")


class WordsForm(Form):
    """What release notes say of an issue."""

    words = TextAreaField(
        "For the release notes",
        [text],
        description=f"In the words of customers; left empty, the subject stands there. {NO_NAMES}",
    )


class SolvedForm(Form):
    """The letter that it is solved, with the claim and the state of the thread that its author saw."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    thread = IntegerField(widget=HiddenInput(), validators=[InputRequired("The thread is missing.")])
    body = TextAreaField("Message", [text])


@dataclass(frozen=True, slots=True)
class Row:
    """One customer who waits or waited, what stands against telling them, and what this person can do."""

    waiting: Waiting
    against: list[str]
    may_change: bool
    may_tell: bool


@issue_route("/stage", ("POST",))
def issue_stage(visit: Visit, code: str) -> ResponseReturnValue:
    """Say how far the solution has come."""
    form = ReachForm()
    stage, version, why = (form[name].data or "" for name in ("stage", "version", "why"))
    key = form.key.data or ""
    if form.send(visit, lambda: resolution.reach(visit, code, stage, version, key=key, why=why)):
        flash("Noted. Whoever tells a customer who waits for that hears of it.", "ps-ok")
        return to_issue(code, "resolution")
    return issue_page(visit, code, form), form.status


@issue_route("/release-note", ("POST",))
def issue_words(visit: Visit, code: str) -> ResponseReturnValue:
    """Write what release notes say of it."""
    form = WordsForm()
    words, key = form.words.data or "", form.key.data or ""
    if form.send(visit, lambda: releases.describe(visit, code, words, key=key)):
        return to_issue(code, "release-note")
    return issue_page(visit, code, form), form.status


@issue_route("/customers/<ticket>", ("GET", "POST"))
def issue_customer(visit: Visit, code: str, ticket: str) -> ResponseReturnValue:
    """One customer who waits: until when, who tells them, or that they were told in person."""
    form = CustomerForm()
    form.teller.choices = [SelectChoice(str(row.id), row.name) for row in people.everybody(visit.session)]
    deed = request.form.get("deed", "")
    if form.send(visit, lambda: _act(visit, code, ticket, deed, form)):
        flash("That is noted.", "ps-ok")
        return to_issue(code, "resolution")
    found = reread(visit, code)
    row = _row(visit, found, _follows(visit, found, ticket))
    if not form.is_submitted():
        form.stage.data = row.waiting.follower.stage
        form.teller.data = str(row.waiting.follower.teller_id or "")
    renew(form, {})
    state = ISSUE.state(found.state)
    return show(
        "issues/customer.html", issue=found, row=row, form=form, state=state, stages=STAGES
    ), form.status


@route("/desk/issues/to-tell", Who.STAFF)
def to_tell(visit: Visit) -> ResponseReturnValue:
    """The customers whom this person can tell now that it is solved."""
    return show("issues/to_tell.html", rows=resolution.to_tell(visit), stages=STAGES)


@ticket_route("/solved", ("GET", "POST"))
def tell_solved(visit: Visit, code: str) -> ResponseReturnValue:
    """The letter that it is solved, from the developer's draft; sending it."""
    form = SolvedForm()
    draft = Draft(form.body.data or "", form.claim.data or 0, form.thread.data or 0, form.key.data or "")
    issue = solved.subject_of(visit, reread_ticket(visit, code).ticket, request.args.get("issue", ""))
    named = issue.code
    if form.send(visit, lambda: solved.send(visit, code, named, draft)):
        flash(f"{code}: the letter is in the outbox. When it has left, the customer counts as told.", "ps-ok")
        return to_ticket(code, "thread")
    page = reread_ticket(visit, code)
    if not correspondence.may_write(visit, page.ticket):
        return conflict_page(visit, page, form, form.body.data or ""), 409
    return _letter_page(visit, page, reread(visit, named), form)


@section("issue", "issues/_resolution.html", 60)
def _resolution_section(visit: Visit, issue: Issue, refused: Form | None) -> dict[str, Any] | None:
    rows = [_row(visit, issue, each) for each in followers.everybody(visit, issue)]
    over = ISSUE.state(issue.state).part is Part.CLOSED
    if not rows and issue.state not in resolution.SOLVING and not over:
        return None
    form = refused if isinstance(refused, ReachForm) else None
    words = refused if isinstance(refused, WordsForm) else WordsForm(formdata=None)
    if words is not refused:
        words.words.data = releases.words_for(visit, issue)
    if resolution.may_reach(visit, issue):
        form = form or ReachForm(formdata=None, data={"stage": issue.stage, "version": issue.stage_version})
    for each in (form, words):
        if each is not None:
            renew(each, {})
    noted = not issue.private and issue.state in {*resolution.SOLVING, "closed"}
    return {"rows": rows, "reach": form, "words": words if noted else None, "stages": STAGES}


def _act(visit: Visit, code: str, ticket: str, deed: str, form: CustomerForm) -> Issue:
    key, note = form.key.data or "", form.note.data or ""
    if deed == "stage":
        return resolution.wait_for(visit, code, ticket, form.stage.data or "", key=key)
    if deed == "teller":
        chosen = form.teller.data or ""
        # no id of a person has more signs
        named = int(chosen) if chosen.isdecimal() and len(chosen) < _MOST_DIGITS else None
        return resolution.name_teller(visit, code, ticket, named, key=key)
    if deed == "told":
        return resolution.told(visit, code, ticket, note, key=key)
    if deed == "leave":
        return resolution.leave(visit, code, ticket, note, key=key)
    raise NotFoundError


def _follows(visit: Visit, issue: Issue, ticket: str) -> Waiting:
    """How the ticket with this code follows. Raises NotFoundError."""
    found = [each for each in followers.everybody(visit, issue) if each.ticket.code == ticket]
    if not found:
        raise NotFoundError
    return found[0]


def _row(visit: Visit, issue: Issue, waiting: Waiting) -> Row:
    against = resolution.against(issue, waiting)
    waits = waiting.follower.ended_at is None and not waiting.knows_it_is_solved
    may_change = waits and resolution.may_change(visit, issue, waiting.ticket)
    writes = correspondence.may_write(visit, waiting.ticket) and correspondence.can_be_reached(waiting.ticket)
    return Row(waiting, against, may_change, writes and not against)


def _letter_page(visit: Visit, page: DeskPage, issue: Issue, form: SolvedForm) -> ResponseReturnValue:
    ticket = tickets.by_id(visit.session, page.ticket.id)
    waiting = resolution.find(visit, issue, ticket)
    opening = solved.draft(visit, ticket, issue)
    if not form.is_submitted():
        form.body.data = opening.body
    seen = form.thread.data if form.conflict else ticket.thread
    renew(form, {"claim": ticket.claim_number, "thread": ticket.thread})
    against = resolution.against(issue, waiting)
    return (
        show(
            "issues/solved.html",
            page=page,
            flow=visit.house.workflows[ticket.workflow],
            issue=issue,
            waiting=waiting,
            against=against,
            reachable=correspondence.can_be_reached(ticket),
            news=[spoken for spoken in page.thread if spoken.message.number > (seen or 0)],
            opening=opening,
            stages=STAGES,
            form=form,
        ),
        409 if against and not form.is_submitted() else form.status,
    )


#: What it shows on the pages of issues.
SECTIONS = (_resolution_section,)
