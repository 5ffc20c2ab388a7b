"""The providers of payments: a list, and a form for each kind there is (P16)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.moving import MoveForm, focused, moved
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.providers import Kind
from paidsupport.sales.payments.setup import operations
from paidsupport.sales.payments.setup.forms import ProviderForm, form_of_kind

_ALL = "/desk/setup/payments"
_ONE = f"{_ALL}/<provider>"


@route(_ALL, Who.MANAGER)
def providers_setup(ctx: Context) -> ResponseReturnValue:
    """List the providers that were set up, and the others there are."""
    return _listed(ctx)


@route(_ONE, Who.MANAGER, ("GET", "POST"))
def provider_edit(ctx: Context, provider: str) -> ResponseReturnValue:
    """Set a provider up, or change it."""
    kind = operations.kind_of(ctx, provider)
    is_new, form = operations.row_of(ctx, provider) is None, _form(ctx, kind)
    key = form.key.data or ""
    if form.send(ctx, lambda: operations.keep(ctx, kind, form.typed, form.secrets, seen=form.was, key=key)):
        return _to(kind, _("Set up. Check the connection now.") if is_new else _("Provider saved."))
    return _page(ctx, kind, form), form.status


@route(f"{_ONE}/check", Who.MANAGER, ("POST",))
def provider_check(ctx: Context, provider: str) -> ResponseReturnValue:
    """Call a provider, and say how it went."""
    form, kind = Form(), operations.kind_of(ctx, provider)
    wrong = form.send(ctx, lambda: operations.check(ctx, kind))
    if wrong is None:
        return _refused(ctx, kind, form)
    if wrong:
        return _to(kind, wrong, "ps-bad")
    return _to(kind, _("The connection works."))


@route(f"{_ONE}/move", Who.MANAGER, ("POST",))
def provider_move(ctx: Context, provider: str) -> ResponseReturnValue:
    """Move a provider."""
    form, kind = MoveForm(), operations.kind_of(ctx, provider)
    at = form.send(ctx, lambda: operations.move(ctx, kind, form.wanted, key=form.key.data or ""))
    if at:
        return moved(*at, url_for(".providers_setup", focus=form.pressed(provider)))
    return _listed(ctx, form), form.status


@route(f"{_ONE}/remove", Who.MANAGER, ("POST",))
def provider_remove(ctx: Context, provider: str) -> ResponseReturnValue:
    """Remove a provider."""
    form, kind = Form(), operations.kind_of(ctx, provider)
    if form.send(ctx, lambda: operations.remove(ctx, kind, key=form.key.data or "")):
        flash(_("Provider removed."), "ps-ok")
        return redirect(url_for(".providers_setup"), 303)
    return _refused(ctx, kind, form)


def _form(ctx: Context, kind: Kind, *, sent: bool = True) -> ProviderForm:
    values = operations.values_of(kind, operations.row_of(ctx, kind.name))
    made = form_of_kind(kind)
    form = made(data=values) if sent else made(formdata=None, data=values)
    form.show(values)
    return form


def _refused(ctx: Context, kind: Kind, form: Form) -> ResponseReturnValue:
    again = _form(ctx, kind, sent=False)
    again.blame(form.errors)
    return _page(ctx, kind, again), form.status


def _listed(ctx: Context, form: Form | None = None) -> str:
    return show(
        "sales/payments/setup/providers.html",
        providers=operations.listed(ctx),
        others=operations.others(ctx),
        form=form,
        press=Sealed,
        focus=focused(),
    )


def _page(ctx: Context, kind: Kind, form: ProviderForm) -> str:
    return show(
        "sales/payments/setup/provider.html",
        kind=kind,
        row=operations.row_of(ctx, kind.name),
        form=form,
        press=Sealed(),
        address=configured.hints_at(ctx.services, kind.name) if kind.make and kind.values else "",
    )


def _to(kind: Kind, said: str, look: str = "ps-ok") -> Response:
    flash(said, look)
    return redirect(url_for(".provider_edit", provider=kind.name), 303)
