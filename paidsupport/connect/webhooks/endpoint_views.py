"""The page of an endpoint of webhooks: a new secret, which is shown once, and sending events again (P12)."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.connect.connections import queries
from paidsupport.connect.webhooks import endpoints
from paidsupport.connect.webhooks.endpoint_forms import AgainForm, RenewForm
from paidsupport.connect.webhooks.kind import WEBHOOK
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import show_once

_PAGE = "/desk/setup/connections/<webhook>/webhook"


@route(_PAGE, Who.MANAGER, ("GET", "POST"))
def webhook_endpoint(ctx: Context, webhook: str) -> ResponseReturnValue:
    """Make a new secret for an endpoint: it is shown once."""
    form = RenewForm()
    days, key = int(form.days.data) if str(form.days.data).isdecimal() else -1, form.key.data or ""
    made = form.send(ctx, lambda: endpoints.renew(ctx, webhook, days, key=key))
    if made:
        show_once()
    renewing = RenewForm(formdata=None) if made else form
    return _page(ctx, webhook, renewing, AgainForm(formdata=None), form, made), form.status


@route(f"{_PAGE}/again", Who.MANAGER, ("POST",))
def webhook_again(ctx: Context, webhook: str) -> ResponseReturnValue:
    """Send events again."""
    form = AgainForm()
    hours = int(form.hours.data) if str(form.hours.data).isdecimal() else 0
    since, everything = ctx.now - timedelta(hours=min(hours, 1008)), bool(form.everything.data)
    number = form.send(ctx, lambda: endpoints.replay(ctx, webhook, since, everything=everything))
    if number is None:
        return _page(ctx, webhook, RenewForm(formdata=None), form, form), form.status
    said = ngettext("%(num)s event is sent again.", "%(num)s events are sent again.", number)
    flash(said, "ps-ok")
    return redirect(url_for(".webhook_endpoint", webhook=webhook), 303)


def _page(
    ctx: Context,
    webhook: str,
    renewing: RenewForm,
    again: AgainForm,
    refused: Form,
    made: str | None = None,
) -> str:
    row = queries.by_reference(ctx.session, webhook)
    if row.kind != WEBHOOK.name:
        raise NotFoundError
    return show(
        "connect/webhooks/endpoint.html", row=row, renewing=renewing, again=again, refused=refused, made=made
    )
