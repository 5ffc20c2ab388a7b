"""The requirements of a service, each a row."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.services.forms import RequirementForm
from paidsupport.catalogue.services.operations import requirements
from paidsupport.catalogue.services.operations.editing import other_languages
from paidsupport.catalogue.services.views.routes import NUMBER, SERVICE, again
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved
from paidsupport.kernel.web.worded import with_texts

_ALL = f"{SERVICE}/requirements"
_ONE = f"{_ALL}/<{NUMBER}:requirement_id>"


@route(_ALL, Who.MANAGER, ("GET", "POST"))
def service_requirements(ctx: Context, service: str) -> ResponseReturnValue:
    """List the requirements of a service, and add one."""
    form = with_texts(ctx, RequirementForm)()
    if form.send(ctx, lambda: requirements.add(ctx, service, form.typed, key=form.key.data or "")):
        flash(_("Requirement added."), "ps-ok")
        return redirect(url_for(".service_requirements", service=service), 303)
    return _page(ctx, service, form)


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def requirement_edit(ctx: Context, service: str, requirement_id: int) -> ResponseReturnValue:
    """Change a requirement."""
    found = catalogue.find(ctx.session, service)
    tags = other_languages(ctx)
    values = requirements.values_of(found, requirements.find(found, requirement_id), tags)
    form = with_texts(ctx, RequirementForm)(data=values)
    form.show(values)
    key = form.key.data or ""
    if form.send(
        ctx, lambda: requirements.change(ctx, service, requirement_id, form.typed, form.was, key=key)
    ):
        flash(_("Requirement changed."), "ps-ok")
        return redirect(url_for(".service_requirements", service=service), 303)
    page = show(
        "catalogue/services/requirement.html", form=form, service=catalogue.find(ctx.session, service)
    )
    return page, form.status


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def requirement_move(ctx: Context, service: str, requirement_id: int) -> ResponseReturnValue:
    """Move a requirement among the others."""
    form = MoveForm()
    key = form.key.data or ""
    done = form.send(ctx, lambda: requirements.move(ctx, service, requirement_id, form.wanted, key=key))
    if done is None:
        return _page(ctx, service, refused=form)
    text, place, number = done
    there = again(".service_requirements", form.pressed(f"requirement-{requirement_id}"), service=service)
    return moved(text, place, number, there)


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def requirement_remove(ctx: Context, service: str, requirement_id: int) -> ResponseReturnValue:
    """Remove a requirement."""
    form = Form()
    if form.send(ctx, lambda: requirements.remove(ctx, service, requirement_id, key=form.key.data or "")):
        flash(_("Requirement removed."), "ps-ok")
        return redirect(url_for(".service_requirements", service=service), 303)
    return _page(ctx, service, refused=form)


def _page(
    ctx: Context, service: str, form: RequirementForm | None = None, refused: Form | None = None
) -> ResponseReturnValue:
    """The list; `form`: the one that adds, `refused`: one of the rows."""
    page = show(
        "catalogue/services/requirements.html",
        service=catalogue.find(ctx.session, service),
        form=form or with_texts(ctx, RequirementForm)(formdata=None),
        buttons=Sealed(),
        refused=refused,
        focus=focused(),
    )
    return page, (refused or form or Form).status
