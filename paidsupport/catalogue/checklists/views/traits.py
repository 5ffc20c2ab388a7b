"""Traits: a page for each; they are listed with the checklist (P10)."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.catalogue.checklists.forms import TraitForm
from paidsupport.catalogue.checklists.operations import traits
from paidsupport.catalogue.checklists.views.items import checklist_page
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, moved
from paidsupport.kernel.web.worded import with_texts

_ALL = "/desk/setup/traits"
_ONE = f"{_ALL}/<trait>"


# no name of a trait has an underscore
@route(f"{_ALL}/new_trait", Who.MANAGER, ("GET", "POST"))
def trait_new(ctx: Context) -> ResponseReturnValue:
    """Add a trait."""
    form = _form(ctx, "")
    if form.send(ctx, lambda: traits.keep(ctx, "", form.typed, seen={}, key=form.key.data or "")):
        return _back(_("Trait added."))
    return _page("", form), form.status


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def trait_edit(ctx: Context, trait: str) -> ResponseReturnValue:
    """Change what a trait is called."""
    form = _form(ctx, trait)
    if form.send(ctx, lambda: traits.keep(ctx, trait, form.typed, seen=form.was, key=form.key.data or "")):
        return _back(_("Trait saved."))
    return _page(trait, form), form.status


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def trait_remove(ctx: Context, trait: str) -> ResponseReturnValue:
    """Remove a trait that nothing needs."""
    form = Form()
    form.send(ctx, lambda: traits.remove(ctx, trait, key=form.key.data or ""))
    if form.status == HTTPStatus.OK:
        return _back(_("Trait removed."))
    again = _form(ctx, trait, sent=False)
    again.blame(form.errors)
    return _page(trait, again), form.status


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def trait_move(ctx: Context, trait: str) -> ResponseReturnValue:
    """Move a trait."""
    form = MoveForm()
    at = form.send(ctx, lambda: traits.move(ctx, trait, form.wanted, key=form.key.data or ""))
    if at:
        return moved(*at, url_for(".checklist_setup", focus=form.pressed(f"trait-{trait}")))
    return checklist_page(ctx, form), form.status


def _form(ctx: Context, trait: str, *, sent: bool = True) -> TraitForm:
    values = traits.values_of(traits.found(ctx, trait)) if trait else dict(traits.NEW)
    kind = with_texts(ctx, TraitForm)
    form = kind(data=values) if sent else kind(formdata=None, data=values)
    form.show(values)
    return form


def _page(trait: str, form: TraitForm) -> str:
    return show("catalogue/checklists/trait.html", trait=trait, form=form, removing=Sealed())


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for(".checklist_setup", _anchor="traits"), 303)
