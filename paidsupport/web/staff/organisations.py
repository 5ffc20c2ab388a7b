"""Organisations: the list, one record with all that was ever said, and whose a ticket is (T8)."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk import people
from paidsupport.desk.organisations import contacts, matching, records
from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store import records as rows
from paidsupport.store.organisations import Organisation
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import Form, own
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import fields, show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import renew
from paidsupport.web.staff.organisation_forms import (
    KIND_LABELS,
    BelongingForm,
    ContactForm,
    MergeOrganisationForm,
    RecordForm,
    record_form,
)
from paidsupport.web.staff.queue import cursor, spelled
from paidsupport.web.staff.routes import ticket_route, to_ticket
from paidsupport.web.staff.tickets import ticket_page
from paidsupport.web.staff.view import TicketView

_RECORD = "/desk/organisations/<organisation>"


@route("/desk/organisations", Who.STAFF)
def organisations(visit: Visit) -> ResponseReturnValue:
    """All organisations by name, or those that were looked for."""
    looked_for, away = request.args.get("q", ""), request.args.get("away") == "1"
    found, more = rows.listed(
        visit.session, rows.words_of(looked_for), request.args.get("after", ""), away=away
    )
    kept: dict[str, Any] = {"q": looked_for or None, "away": "1" if away else None}
    return show(
        "organisations/list.html",
        rows=found,
        q=looked_for,
        away=away,
        kinds=KIND_LABELS,
        next_url=url_for(".organisations", after=more, **kept) if more else None,
    )


@route("/desk/organisations/new", Who.STAFF, ("GET", "POST"))
def organisation_new(visit: Visit) -> ResponseReturnValue:
    """Make a record; one made from a ticket gets that, and its sender as the first contact."""
    code = request.args.get("ticket", "")
    form = record_form(people.everybody(visit.session))
    if made := form.send(visit, lambda: _create(visit, form, code)):
        flash("The record is there.", "ps-ok")
        return _to(made)
    if not form.is_submitted():
        form["name"].data = request.args.get("name", "")
    return show("organisations/form.html", form=_renewed(form), found=None), form.status


@route(_RECORD, Who.STAFF)
def organisation(visit: Visit, organisation: str) -> ResponseReturnValue:
    """One organisation: contacts, tickets, offers, issues, and everything that was said."""
    return _page(visit, organisation)


@route(f"{_RECORD}/edit", Who.STAFF, ("GET", "POST"))
def organisation_edit(visit: Visit, organisation: str) -> ResponseReturnValue:
    """Change a record as it was seen."""
    found = matching.by_reference(visit, organisation)
    form = record_form(people.everybody(visit.session), found)
    version, key = form.version.data or 0, form.key.data or ""
    act = partial(records.edit, visit, organisation, version=version, key=key)
    if form.send(visit, lambda: act(form.record())):
        flash("That is kept.", "ps-ok")
        return _to(found)
    now = matching.by_reference(visit, organisation)
    if form.conflict:
        renew(form, {"version": now.version})
    return show("organisations/form.html", form=_renewed(form), found=now), form.status


@route(f"{_RECORD}/away", Who.STAFF, ("POST",))
def organisation_away(visit: Visit, organisation: str) -> ResponseReturnValue:
    """Put a record away, or take it back."""
    form, away = Form(), request.form.get("back") is None
    key = form.key.data or ""
    if done := form.send(visit, lambda: records.put_away(visit, organisation, away=away, key=key)):
        flash("It is put away." if away else "It is back in the list.", "ps-ok")
        return _to(done)
    return _page(visit, organisation, form), form.status


@route(f"{_RECORD}/contacts", Who.STAFF, ("POST",))
def contact_add(visit: Visit, organisation: str) -> ResponseReturnValue:
    """Note somebody who speaks for them."""
    form = ContactForm()
    key = form.key.data or ""
    if done := form.send(visit, lambda: contacts.add(visit, organisation, form.person(), key=key)):
        flash("The contact is noted; earlier tickets of theirs are on the record.", "ps-ok")
        return _to(done, "contacts")
    return _page(visit, organisation, form), form.status


@route(f"{_RECORD}/contacts/<contact>/remove", Who.STAFF, ("POST",))
def contact_remove(visit: Visit, organisation: str, contact: str) -> ResponseReturnValue:
    """Take a contact off; what came from them stays."""
    form = Form()
    key = form.key.data or ""
    if done := form.send(visit, lambda: contacts.remove(visit, organisation, contact, key=key)):
        flash("The contact is taken off.", "ps-ok")
        return _to(done, "contacts")
    return _page(visit, organisation, form), form.status


@route(f"{_RECORD}/merge", Who.STAFF, ("GET", "POST"))
def organisation_merge(visit: Visit, organisation: str) -> ResponseReturnValue:
    """Say that two records are about one organisation."""
    found = matching.by_reference(visit, organisation)
    form = MergeOrganisationForm(version=found.version)
    version, key, into = form.version.data or 0, form.key.data or "", form.organisation.data or ""
    if done := form.send(visit, lambda: records.merge(visit, organisation, into, version=version, key=key)):
        flash("They are one now.", "ps-ok")
        return _to(done)
    now = matching.by_reference(visit, organisation)
    renew(form, {"version": now.version})
    return show("organisations/merge.html", form=form, found=now), form.status


@ticket_route("/organisation", ("POST",))
def belonging(visit: Visit, code: str) -> ResponseReturnValue:
    """Say whose ticket it is, or that it is nobody's, or make its sender a contact."""
    form = BelongingForm()
    if form.send(visit, lambda: _belong(visit, code, form)):
        return to_ticket(code, "organisation")
    return ticket_page(visit, code, form), form.status


def _belong(visit: Visit, code: str, form: BelongingForm) -> Ticket | Organisation:
    key, contact = form.key.data or "", request.form.get("contact", "")
    if contact:
        return contacts.add_sender(visit, code, contact, key=key)
    if request.form.get("remove"):
        return matching.take_off(visit, code, key=key)
    return matching.assign(visit, code, request.form.get("assign") or form.organisation.data or "", key=key)


def _create(visit: Visit, form: RecordForm, code: str) -> Organisation:
    key = form.key.data or ""
    made = records.create(visit, form.record(), key=key)
    if code:
        contacts.add_sender(visit, code, made.reference, key=f"{key} sender")
    return made


def _renewed(form: RecordForm) -> RecordForm:
    renew(form, {})
    return form


def _page(visit: Visit, reference: str, form: Form | None = None) -> str:
    """The page of a record, with the `form` that was refused on it, if one was. Six queries at most."""
    visit.session.expire_all()
    before = _before()
    page = rows.record(visit.session, reference, visit.by, before)
    contact = form if isinstance(form, ContactForm) else ContactForm(formdata=None)
    renew(contact, {})
    return show(
        "organisations/record.html",
        page=page,
        form=form,
        contact=contact,
        later=before is not None,
        kinds=KIND_LABELS,
        flows=visit.house.workflows,
        plain=partial(Form, formdata=None),
        next_url=_next_url(reference, page.following),
    )


def _before() -> rows.Key | None:
    """The key of the last entry of the page before. Raises NotFoundError for what no page links to."""
    text, _, rank = request.args.get("before", "").rpartition("~")
    found = cursor(text, "submitted")
    if found is None:
        return None
    return found[0], int(rank) if rank in {"0", "1", "2", "3", "4"} else 0, found[1]


def _next_url(reference: str, following: rows.Key | None) -> str | None:
    if following is None:
        return None
    at, rank, id_ = following
    before = f"{spelled((at, id_))}~{rank}"
    return url_for(".organisation", organisation=reference, before=before, _anchor="said")


def _to(found: Organisation, anchor: str | None = None) -> Response:
    there = url_for("paidsupport.organisation", organisation=found.reference, _anchor=anchor)
    return redirect(there, HTTPStatus.SEE_OTHER)


@section("ticket", "staff/sections/organisation.html", 90, "side")
def _organisation_section(_visit: Visit, _view: TicketView, refused: Form | None) -> dict[str, Any]:
    return {
        "form": own(refused, BelongingForm),
        "fields": fields("staff/fields/organisation.html", BelongingForm, refused),
    }


#: What it shows on the pages of tickets.
SECTIONS = (_organisation_section,)
