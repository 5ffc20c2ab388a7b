"""The checklist: its items by phase, a page for each, and the traits below them (P10)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.catalogue.checklists import queries
from paidsupport.catalogue.checklists.forms import TemplateForm, choices_for
from paidsupport.catalogue.checklists.operations import evidence as proofs
from paidsupport.catalogue.checklists.operations import items
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved
from paidsupport.kernel.web.worded import with_texts

ALL = "/desk/setup/checklist"
ONE = f"{ALL}/<name>"


@route(ALL, Who.MANAGER)
def checklist_setup(ctx: Context) -> ResponseReturnValue:
    """List the items by phase, and the traits."""
    return checklist_page(ctx)


# no name of an item has an underscore
@route(f"{ALL}/new_item", Who.MANAGER, ("GET", "POST"))
def checklist_item_new(ctx: Context) -> ResponseReturnValue:
    """Add an item."""
    form = _form(ctx, "")
    if form.send(ctx, lambda: items.keep(ctx, "", form.typed, seen={}, key=form.key.data or "")):
        return _back(_("Item added."))
    return item_page(ctx, "", form), form.status


@route(ONE, Who.MANAGER, ("GET", "POST"))
def checklist_item(ctx: Context, name: str) -> ResponseReturnValue:
    """Change an item."""
    form = _form(ctx, name)
    if form.send(ctx, lambda: items.keep(ctx, name, form.typed, seen=form.was, key=form.key.data or "")):
        return _back(_("Item saved."))
    return item_page(ctx, name, form), form.status


@route(f"{ONE}/remove", Who.MANAGER, ("POST",))
def checklist_item_remove(ctx: Context, name: str) -> ResponseReturnValue:
    """Remove an item."""
    form = Form()
    form.send(ctx, lambda: items.remove(ctx, name, key=form.key.data or ""))
    if form.status == HTTPStatus.OK:
        return _back(_("Item removed."))
    return item_page(ctx, name, refused=form), form.status


@route(f"{ONE}/move", Who.MANAGER, ("POST",))
def checklist_item_move(ctx: Context, name: str) -> ResponseReturnValue:
    """Move an item within its phase."""
    form = MoveForm()
    at = form.send(ctx, lambda: items.move(ctx, name, form.wanted, key=form.key.data or ""))
    if at:
        return moved(*at, url_for(".checklist_setup", focus=form.pressed(f"item-{name}")))
    return checklist_page(ctx, form), form.status


def checklist_page(ctx: Context, form: Form | None = None) -> str:
    """Render the list, with a form that was refused on it, if any."""
    all_ = queries.items(ctx.session)
    phases = [(label, [row for row in all_ if row.phase == phase]) for phase, label in items.PHASES.items()]
    gates = {each.name: each.label for each in items.transitions(ctx).values()}
    return show(
        "catalogue/checklists/checklist.html",
        phases=[(label, rows) for label, rows in phases if rows],
        services=dict(queries.services(ctx.session)),
        gates=gates | {row.name: row.text for row in all_},
        traits=queries.traits(ctx.session),
        form=form,
        press=Sealed,
        focus=focused(),
    )


def item_page(ctx: Context, name: str, form: TemplateForm | None = None, refused: Form | None = None) -> str:
    """Render the form of an item, with its evidence; `refused`: another form of the page."""
    item = queries.item(ctx.session, name) if name else None
    shown = form or _form(ctx, name, sent=False)
    if refused:
        shown.blame(refused.errors)
    return show(
        "catalogue/checklists/item.html",
        item=item,
        form=shown,
        kinds={str(kind): label for kind, label in proofs.KINDS.items()},
        published=bool(name) and name in queries.published(ctx.session),
        press=Sealed,
        focus=focused(),
    )


def _form(ctx: Context, name: str, *, sent: bool = True) -> TemplateForm:
    all_ = queries.items(ctx.session)
    row = queries.item(ctx.session, name) if name else None
    values = items.values_of(row, [each.name for each in all_]) if row else dict(items.NEW)
    kind = with_texts(ctx, TemplateForm)
    form = kind(data=values) if sent else kind(formdata=None, data=values)
    choices_for(form, _known(ctx, [(each.name, each.text) for each in all_ if each is not row]), values)
    form.show(values)
    return form


def _known(ctx: Context, others: list[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    traits = {row.name: row.label for row in queries.traits(ctx.session)}
    return {
        "services": dict(queries.services(ctx.session)),
        "traits": traits,
        "unless": traits,
        "moves": {each.name: each.label for each in items.transitions(ctx).values()},
        "items": dict(others),
    }


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for(".checklist_setup"), 303)
