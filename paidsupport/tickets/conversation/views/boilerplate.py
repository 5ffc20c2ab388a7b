"""Canned replies: texts to start messages from, shared or personal (G20)."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.placeholders import PLACEHOLDER_NAMES
from paidsupport.catalogue.tables import Boilerplate
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import SPOKEN, _
from paidsupport.kernel.i18n.placeholders import shown
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.worded import in_languages, typed_before
from paidsupport.tickets.conversation.forms import BoilerplateForm, placeholders
from paidsupport.tickets.conversation.operations import boilerplate as texts

#: One canned reply; larger numbers would not fit into the database's integers.
_ONE = f"/desk/boilerplate/<int(max={2**53}):boilerplate_id>"


@route("/desk/boilerplate", Who.STAFF)
def boilerplate(ctx: Context) -> ResponseReturnValue:
    """List the canned replies this person can use."""
    rows = catalogue.boilerplate(ctx.session, ctx.by.id)
    return show(
        "tickets/conversation/boilerplate.html",
        placed=lambda row: _placed(translate(row.body)),
        shared=[row for row in rows if row.owner_id is None],
        personal=[row for row in rows if row.owner_id is not None],
    )


@route("/desk/boilerplate/new", Who.STAFF, ("GET", "POST"))
def boilerplate_new(ctx: Context) -> ResponseReturnValue:
    """Write a canned reply."""
    form = in_languages(ctx, BoilerplateForm)()
    if form.send(ctx, lambda: _keep(ctx, None, form)):
        return _back(_("Canned reply saved."))
    return _form(form), form.status


@route(_ONE, Who.STAFF, ("GET", "POST"))
def boilerplate_edit(ctx: Context, boilerplate_id: int) -> ResponseReturnValue:
    """Change a canned reply."""
    row = texts.find(ctx, boilerplate_id)
    form = in_languages(ctx, BoilerplateForm)(data=_shown(row))
    form.show(texts.values_of(row))
    if form.send(ctx, lambda: _keep(ctx, boilerplate_id, form)):
        return _back(_("Canned reply changed."))
    return _form(form, boilerplate_id), form.status


@route(f"{_ONE}/drop", Who.STAFF, ("POST",))
def boilerplate_drop(ctx: Context, boilerplate_id: int) -> ResponseReturnValue:
    """Delete a canned reply."""
    form = Form()
    form.send(ctx, lambda: texts.drop(ctx, boilerplate_id, key=form.key.data))
    if form.status == HTTPStatus.OK:
        return _back(_("Canned reply deleted."))
    row = texts.find(ctx, boilerplate_id)
    fresh = in_languages(ctx, BoilerplateForm)(formdata=None, data=_shown(row))
    fresh.show(texts.values_of(row))
    fresh.blame(form.errors)
    return _form(fresh, boilerplate_id), form.status


def _keep(ctx: Context, boilerplate_id: int | None, form: BoilerplateForm) -> Boilerplate:
    return texts.keep(
        ctx,
        boilerplate_id,
        title=form.title.data or "",
        body=form.body.data or "",
        shared=bool(form.shared.data),
        languages=form.in_languages(),
        seen=form.was,
        key=form.key.data,
    )


def _shown(row: Boilerplate) -> dict[str, object]:
    """The values of the form, with the names of placeholders in the reader's language."""
    others = {
        tag: {name: _placed(text) for name, text in said.items()} for tag, said in row.translations.items()
    }
    own = {"title": row.title, "body": _placed(row.body), "shared": row.owner_id is None}
    return own | typed_before(others)


def _placed(text: str) -> str:
    return shown(text, PLACEHOLDER_NAMES, SPOKEN.get())


def _form(form: BoilerplateForm, boilerplate_id: int | None = None) -> str:
    drop = Form(formdata=None) if boilerplate_id else None
    return show(
        "tickets/conversation/boilerplate_form.html",
        form=form,
        drop=drop,
        boilerplate_id=boilerplate_id,
        placeholders=placeholders(),
    )


def _back(said: str) -> Response:
    flash(said, "ps-ok")
    return redirect(url_for("paidsupport.boilerplate"), 303)
