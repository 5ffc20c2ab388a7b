"""The tokens of a person's own programs: made, listed and revoked by themselves (P12)."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.forms import TokenForm
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import show_once


@route("/desk/tokens", Who.STAFF, ("GET", "POST"))
def tokens(ctx: Context) -> ResponseReturnValue:
    """Show this person's tokens, and create one: it is shown once, and never kept."""
    form = TokenForm()
    typed = {"label": form.label.data or "", "scope": form.scope.data or "", "key": form.key.data or ""}
    days = int(form.days.data) if str(form.days.data).isdecimal() else 0
    made = form.send(ctx, lambda: people.make_token(ctx, days=days, **typed))
    if made:
        show_once()
    return _page(ctx, TokenForm(formdata=None) if made else form, form, made), form.status


@route(f"/desk/tokens/<int(max={2**53}):token_id>/revoke", Who.STAFF, ("POST",))
def token_revoke(ctx: Context, token_id: int) -> ResponseReturnValue:
    """Make a token void."""
    form = Form()
    if form.send(ctx, lambda: people.revoke_token(ctx, token_id, key=form.key.data or "")):
        flash(_("Token revoked."), "ps-ok")
        return redirect(url_for(".tokens"), 303)
    return _page(ctx, TokenForm(formdata=None), form), form.status


def _page(ctx: Context, form: TokenForm, refused: Form, made: str | None = None) -> str:
    form.offer(manages=ctx.by.is_manager)
    return show(
        "kernel/staff/tokens.html",
        form=form,
        refused=refused,
        made=made,
        tokens=staff.tokens_of(ctx.session, ctx.by.id or 0, ctx.now),
        press=lambda: Form(formdata=None),
        documented="connect" in current().capabilities.names,
    )
