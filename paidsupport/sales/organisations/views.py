"""Organisations: the list, one record with its whole history, and the assignment of tickets (T8)."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, own, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import draw_sections, fields, show
from paidsupport.kernel.web.sections import section
from paidsupport.sales.organisations.forms import (
    KIND_LABELS,
    BelongingForm,
    ContactForm,
    MergeOrganisationForm,
    RecordForm,
    record_form,
)
from paidsupport.sales.organisations.operations import contacts, matching, records
from paidsupport.sales.organisations.queries import pages as rows
from paidsupport.sales.organisations.queries.records import by_reference
from paidsupport.sales.organisations.tables import CONTACTS, NEIGHBOURS, THEIRS, Organisation
from paidsupport.tickets.queue.address import cursor, spelled
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView

_RECORD = "/desk/organisations/<organisation>"


@route("/desk/organisations", Who.STAFF)
def organisations(ctx: Context) -> ResponseReturnValue:
    """List organisations by name, or those that match a search."""
    looked_for, away = request.args.get("q", ""), request.args.get("away") == "1"
    found, more = rows.listed(
        ctx.session, rows.words_of(looked_for), request.args.get("after", ""), away=away
    )
    kept: dict[str, Any] = {"q": looked_for or None, "away": "1" if away else None}
    return show(
        "sales/organisations/list.html",
        rows=found,
        q=looked_for,
        away=away,
        kinds=KIND_LABELS,
        next_url=url_for(".organisations", after=more, **kept) if more else None,
    )


@route("/desk/organisations/new", Who.STAFF, ("GET", "POST"))
def organisation_new(ctx: Context) -> ResponseReturnValue:
    """Create a record; one made from a ticket gets that ticket, and its sender as the first contact."""
    code = request.args.get("ticket", "")
    form = record_form(people.everybody(ctx.session))
    if made := form.send(ctx, lambda: _create(ctx, form, code)):
        flash(_("Organisation added."), "ps-ok")
        return _to(made)
    if not form.is_submitted():
        form["name"].data = request.args.get("name", "")
    return show("sales/organisations/form.html", form=_renewed(form), found=None), form.status


@route(_RECORD, Who.STAFF)
def organisation(ctx: Context, organisation: str) -> ResponseReturnValue:
    """Show one organisation: contacts, tickets, offers, issues, and all correspondence."""
    return _page(ctx, organisation)


@route(f"{_RECORD}/edit", Who.STAFF, ("GET", "POST"))
def organisation_edit(ctx: Context, organisation: str) -> ResponseReturnValue:
    """Change a record at the version that was seen."""
    found = by_reference(ctx.session, organisation)
    form = record_form(people.everybody(ctx.session), found)
    version, key = form.version.data or 0, form.key.data or ""
    act = partial(records.edit, ctx, organisation, version=version, key=key)
    if form.send(ctx, lambda: act(form.record())):
        flash(_("Organisation saved."), "ps-ok")
        return _to(found)
    now = by_reference(ctx.session, organisation)
    if form.conflict:
        renew(form, {"version": now.version})
    return show("sales/organisations/form.html", form=_renewed(form), found=now), form.status


@route(f"{_RECORD}/away", Who.STAFF, ("POST",))
def organisation_away(ctx: Context, organisation: str) -> ResponseReturnValue:
    """Archive a record, or restore it."""
    form, away = Form(), request.form.get("back") is None
    key = form.key.data or ""
    if done := form.send(ctx, lambda: records.put_away(ctx, organisation, away=away, key=key)):
        flash(_("Organisation archived.") if away else _("Organisation restored."), "ps-ok")
        return _to(done)
    return _page(ctx, organisation, form), form.status


@route(f"{_RECORD}/contacts", Who.STAFF, ("POST",))
def contact_add(ctx: Context, organisation: str) -> ResponseReturnValue:
    """Add a contact."""
    form = ContactForm()
    key = form.key.data or ""
    if done := form.send(ctx, lambda: contacts.add(ctx, organisation, form.person(), key=key)):
        flash(_("Contact added, with their earlier tickets."), "ps-ok")
        return _to(done, "contacts")
    return _page(ctx, organisation, form), form.status


@route(f"{_RECORD}/contacts/<contact>/remove", Who.STAFF, ("POST",))
def contact_remove(ctx: Context, organisation: str, contact: str) -> ResponseReturnValue:
    """Remove a contact; their tickets stay."""
    form = Form()
    key = form.key.data or ""
    if done := form.send(ctx, lambda: contacts.remove(ctx, organisation, contact, key=key)):
        flash(_("Contact removed."), "ps-ok")
        return _to(done, "contacts")
    return _page(ctx, organisation, form), form.status


@route(f"{_RECORD}/merge", Who.STAFF, ("GET", "POST"))
def organisation_merge(ctx: Context, organisation: str) -> ResponseReturnValue:
    """Merge two records of the same organisation."""
    found = by_reference(ctx.session, organisation)
    form = MergeOrganisationForm(version=found.version)
    version, key, into = form.version.data or 0, form.key.data or "", form.organisation.data or ""
    if done := form.send(ctx, lambda: records.merge(ctx, organisation, into, version=version, key=key)):
        flash(_("Organisations merged."), "ps-ok")
        return _to(done)
    now = by_reference(ctx.session, organisation)
    renew(form, {"version": now.version})
    return show("sales/organisations/merge.html", form=form, found=now), form.status


@ticket_route("/organisation", ("POST",))
def belonging(ctx: Context, code: str) -> ResponseReturnValue:
    """Assign a ticket to an organisation, remove it from one, or make its sender a contact."""
    form = BelongingForm()
    return done_on_page(ctx, code, form, lambda: _belong(ctx, code, form), anchor="organisation")


def _belong(ctx: Context, code: str, form: BelongingForm) -> Ticket | Organisation:
    key, contact = form.key.data or "", request.form.get("contact", "")
    if contact:
        return contacts.add_sender(ctx, code, contact, key=key)
    if request.form.get("remove"):
        return matching.take_off(ctx, code, key=key)
    return matching.assign(ctx, code, request.form.get("assign") or form.organisation.data or "", key=key)


def _create(ctx: Context, form: RecordForm, code: str) -> Organisation:
    key = form.key.data or ""
    made = records.create(ctx, form.record(), key=key)
    if code:
        contacts.add_sender(ctx, code, made.reference, key=f"{key} sender")
    return made


def _renewed(form: RecordForm) -> RecordForm:
    renew(form, {})
    return form


def _page(ctx: Context, reference: str, form: Form | None = None) -> str:
    """Render the page of a record, with the `form` that was refused on it, if any. At most six queries."""
    ctx.session.expire_all()
    before = _before()
    page = rows.record(ctx.session, reference, ctx.by, before)
    contact = form if isinstance(form, ContactForm) else ContactForm(formdata=None)
    renew(contact, {})
    return show(
        "sales/organisations/record.html",
        page=page,
        sections=draw_sections("organisation", lambda each: each.load(ctx, page, form), {}),
        form=form,
        contact=contact,
        later=before is not None,
        kinds=KIND_LABELS,
        flows=ctx.services.workflows,
        plain=partial(Form, formdata=None),
        next_url=_next_url(reference, page.following),
    )


def _before() -> rows.Key | None:
    """The key of the last entry of the previous page. Raises NotFoundError for a faulty key."""
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


@section(
    "ticket",
    "sales/organisations/_organisation_section.html",
    90,
    "side",
    (THEIRS, NEIGHBOURS, CONTACTS),
)
def _organisation_section(_ctx: Context, _view: TicketView, refused: Form | None) -> dict[str, Any]:
    return {
        "form": own(refused, BelongingForm),
        "fields": fields("tickets/_field_organisation.html", BelongingForm, refused),
    }


#: The sections it adds to the pages of tickets.
SECTIONS = (_organisation_section,)
