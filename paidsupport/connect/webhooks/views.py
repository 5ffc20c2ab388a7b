"""What the webhook did not take, on the page of what got stuck."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.connect.webhooks import operations as deliveries
from paidsupport.connect.webhooks.queries import failed
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.emails.views import outbox_page


@route("/desk/outbox/deliveries/<reference>", Who.STAFF, ("POST",))
def deliver_again(ctx: Context, reference: str) -> ResponseReturnValue:
    """Let the webhook hear once more of what was given up."""
    form = Form()
    form.send(ctx, lambda: deliveries.again(ctx, reference))
    if form.errors:
        return outbox_page(ctx, form), form.status
    flash(_("It will be sent again in a moment."), "ps-ok")
    return redirect(url_for("paidsupport.outbox"), 303)


@section("outbox", "connect/webhooks/_given_up_section.html", 20)
def _given_up_section(ctx: Context, _view: None, _refused: Form | None) -> dict[str, Any] | None:
    given_up = failed(ctx.session)
    return {"given_up": given_up} if given_up else None


#: What it shows on the page of what got stuck.
SECTIONS = (_given_up_section,)
