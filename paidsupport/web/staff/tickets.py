"""A ticket's page, and what is done on it with one click."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from paidsupport.desk import claims, letters, notices, watching
from paidsupport.desk.annotation import annotate as keep_annotation
from paidsupport.desk.decisions import standing
from paidsupport.desk.moves import possible
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.mount import current
from paidsupport.store import pages
from paidsupport.store.pages import DeskPage, Spoken
from paidsupport.web import downloads
from paidsupport.web.forms import Form, Sealed, VersionedForm, uploads
from paidsupport.web.htmx import draw, show
from paidsupport.web.notices import flash
from paidsupport.web.staff.access import access
from paidsupport.web.staff.board import board
from paidsupport.web.staff.forms import AnnotationForm, LinkForm, ReadForm, SettleForm, TagForm, renew
from paidsupport.web.staff.organisation_forms import BelongingForm
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.steps import next_step

#: Lines of history on the page itself.
LINES = 10
#: Messages that stand open; where there are some more, earlier ones are folded.
OPEN = 6
_WORTH_FOLDING = 3


@ticket_route()
def ticket(visit: Visit, code: str) -> ResponseReturnValue:
    """Everything about one ticket, with the one next step on top."""
    return ticket_page(visit, code)


@ticket_route("/claim", ("POST",))
def claim(visit: Visit, code: str) -> ResponseReturnValue:
    """Take an open ticket; who comes second reads who was first (G6)."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    if form.send(visit, lambda: claims.claim(visit, code, version=version, key=key)):
        flash("The ticket is yours.", "ps-ok")
        return to_ticket(code)
    if form.conflict:
        return conflict_page(visit, reread(visit, code), form), form.status
    return ticket_page(visit, code, form), form.status


@ticket_route("/annotations", ("POST",))
def annotate(visit: Visit, code: str) -> ResponseReturnValue:
    """Leave a note that only people of the desk see (G10)."""
    form = AnnotationForm()
    body, key = form.body.data or "", form.key.data or ""
    if form.send(visit, lambda: keep_annotation(visit, code, body, key=key, uploads=uploads())):
        return to_ticket(code, "annotations")
    return ticket_page(visit, code, form), form.status


@ticket_route("/letters/<reference>", ("POST",))
def settle_letter(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """Decide what became of a letter that got stuck; only a person can (design §5.4)."""
    form = SettleForm()
    decision, key = form.decision.data or "", form.key.data or ""
    if form.send(visit, lambda: letters.settle(visit, code, reference, decision, key=key)):
        flash("That is noted.", "ps-ok")
        back = form.back.data == "outbox"
        return (
            redirect(url_for("paidsupport.outbox"), 303) if back else to_ticket(code, f"letter-{reference}")
        )
    return ticket_page(visit, code, form), form.status


@ticket_route("/history")
def history(visit: Visit, code: str) -> ResponseReturnValue:
    """Who did what and when, from the first line on, with the chain that shows tampering (P14)."""
    page = reread(visit, code)
    events = pages.history(visit.session, page.ticket, visit.by)
    names = pages.receivers(visit.session, events)
    flow = visit.house.workflows[page.ticket.workflow]
    return show("staff/history.html", page=page, events=events, names=names, flow=flow)


@ticket_route("/files/<reference>")
def ticket_file(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """A file of the ticket, to be saved."""
    return downloads.send(visit, pages.file_for_desk(visit.session, code, reference))


@ticket_route("/watch", ("POST",))
def watch(visit: Visit, code: str) -> ResponseReturnValue:
    """Hear of a ticket that is somebody else's, or no more (P7)."""
    form, act = Form(), watching.unwatch if request.form.get("stop") else watching.watch
    form.send(visit, lambda: act(visit, code))
    if form.status == HTTPStatus.OK:
        return to_ticket(code)
    return ticket_page(visit, code, form), form.status


@ticket_route("/news", ("POST",))
def read_ticket(visit: Visit, code: str) -> ResponseReturnValue:
    """Mark what one was told of this ticket as read (P8)."""
    form = ReadForm()
    form.send(visit, lambda: notices.read(visit, until=form.until.data or 0, code=code))
    if form.status == HTTPStatus.OK:
        return to_ticket(code)
    return ticket_page(visit, code, form), form.status


def ticket_page(visit: Visit, code: str, form: Form | None = None) -> str:
    """The page of a ticket, with the `form` that was refused on it, if one was. At most seven queries."""
    page = reread(visit, code)
    ways = possible(visit, page.ticket, page)
    if form:
        renew(form, {})
    return show(
        "staff/ticket.html",
        page=page,
        flow=visit.house.workflows[page.ticket.workflow],
        ways=sorted(ways, key=lambda way: bool(way.move.reasons)),
        step=next_step(visit, page, ways),
        board=board(page.items, page.decisions),
        asked=standing(page.decisions, visit.now),
        plain=Sealed,
        folded=_folded(visit, page),
        decisions=partial(letters.decisions, visit, page.ticket),
        events=page.events[:LINES],
        names=pages.receivers(visit.session, page.events[:LINES]),
        form=form,
        note=_own(form, AnnotationForm),
        linking=_own(form, LinkForm),
        tagging=_own(form, TagForm),
        belonging=_own(form, BelongingForm),
        fields={name: partial(_fields, visit, name, kind, form) for name, kind in _FIELDS.items()},
        flows=visit.house.workflows,
        issue_flow=ISSUE,
        press=partial(_versioned, page.ticket.version),
        settle=partial(Sealed, back=""),
        seen=partial(Sealed, issues_until=""),
        access=access(visit, page),
        settings=visit.house.settings,
    )


#: The forms of the page that have something to fill in.
_FIELDS: dict[str, type[Form]] = {
    "annotation": AnnotationForm,
    "links": LinkForm,
    "tags": TagForm,
    "organisation": BelongingForm,
}


def _versioned(version: int, **values: object) -> Sealed:
    return Sealed(**{"version": version, **values})


def _own(refused: Form | None, kind: type[Form]) -> Form | Sealed:
    """The form that was refused, if it is one of this kind; else what a fresh one sends unseen."""
    return refused if isinstance(refused, kind) else Sealed()


def _fields(visit: Visit, name: str, kind: type[Form], refused: Form | None, **words: str) -> Markup:
    """What there is to fill in: as it was refused, or blank, which is drawn once for everybody."""
    template, known = f"staff/fields/{name}.html", {**words, "settings": visit.house.settings}
    if isinstance(refused, kind):
        return draw(template, {"form": refused, **known})
    blank = (template, *words.values())
    return current().drawn.get(blank, lambda: draw(template, {"form": kind(formdata=None), **known}))


def _folded(visit: Visit, page: DeskPage) -> list[Spoken]:
    """The earlier messages of a long thread, unless a letter among them waits for a decision."""
    earlier = page.thread[:-OPEN]
    waits = any(row.letter and letters.decisions(visit, page.ticket, row.letter) for row in earlier)
    return [] if waits or len(earlier) < _WORTH_FOLDING else earlier


def conflict_page(visit: Visit, page: DeskPage, form: Form, typed: str = "") -> str:
    """Who has the ticket now and since when; what was `typed` stays at hand as an annotation."""
    return show(
        "staff/conflict.html",
        page=page,
        flow=visit.house.workflows[page.ticket.workflow],
        mine=page.ticket.owner_id == visit.by.id,
        ways={at.move.name: at for at in possible(visit, page.ticket, page)},
        form=form,
        note=AnnotationForm(formdata=None, data={"body": typed}) if typed else None,
        press=partial(VersionedForm, formdata=None, version=page.ticket.version),
    )
