"""The evidence of an item: a page for each piece of it (P10)."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.catalogue.checklists import queries
from paidsupport.catalogue.checklists.forms import EvidenceForm
from paidsupport.catalogue.checklists.operations import evidence as proofs
from paidsupport.catalogue.checklists.views.items import ONE as ITEM
from paidsupport.catalogue.checklists.views.items import item_page
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, moved
from paidsupport.kernel.web.worded import with_texts

_ALL = f"{ITEM}/evidence"
_ONE = f"{_ALL}/<evidence>"


# no name of evidence has an underscore
@route(f"{_ALL}/new_evidence", Who.MANAGER, ("GET", "POST"))
def checklist_evidence_new(ctx: Context, name: str) -> ResponseReturnValue:
    """Add a piece of evidence to an item."""
    form = _form(ctx, name, "")
    if form.send(ctx, lambda: proofs.keep(ctx, name, "", form.typed, seen={}, key=form.key.data or "")):
        return _back(name, _("Evidence added."))
    return _page(ctx, name, "", form), form.status


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def checklist_evidence(ctx: Context, name: str, evidence: str) -> ResponseReturnValue:
    """Change a piece of evidence."""
    form = _form(ctx, name, evidence)
    key = form.key.data or ""
    if form.send(ctx, lambda: proofs.keep(ctx, name, evidence, form.typed, seen=form.was, key=key)):
        return _back(name, _("Evidence saved."))
    return _page(ctx, name, evidence, form), form.status


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def checklist_evidence_remove(ctx: Context, name: str, evidence: str) -> ResponseReturnValue:
    """Remove a piece of evidence."""
    form = Form()
    form.send(ctx, lambda: proofs.remove(ctx, name, evidence, key=form.key.data or ""))
    if form.status == HTTPStatus.OK:
        return _back(name, _("Evidence removed."))
    return item_page(ctx, name, refused=form), form.status


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def checklist_evidence_move(ctx: Context, name: str, evidence: str) -> ResponseReturnValue:
    """Move a piece of evidence."""
    form = MoveForm()
    at = form.send(ctx, lambda: proofs.move(ctx, name, evidence, form.wanted, key=form.key.data or ""))
    if at:
        focus = form.pressed(f"evidence-{evidence}")
        return moved(*at, url_for(".checklist_item", name=name, focus=focus))
    return item_page(ctx, name, refused=form), form.status


def _form(ctx: Context, name: str, evidence: str) -> EvidenceForm:
    item = queries.item(ctx.session, name)
    values = proofs.values_of(item, proofs.found(item, evidence)) if evidence else dict(proofs.NEW)
    form = with_texts(ctx, EvidenceForm)(data=values)
    form.show(values)
    return form


def _page(ctx: Context, name: str, evidence: str, form: EvidenceForm) -> str:
    return show(
        "catalogue/checklists/evidence.html",
        item=queries.item(ctx.session, name),
        evidence=evidence,
        form=form,
        published=bool(evidence) and evidence in queries.published(ctx.session).get(name, ()),
        removing=Sealed(),
    )


def _back(name: str, said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for(".checklist_item", name=name, _anchor="evidence"), 303)
