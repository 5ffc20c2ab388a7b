"""Changing the email address of an order on its private page (G2)."""

from __future__ import annotations

from functools import partial

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.customer_forms import NewAddressForm
from paidsupport.tickets.ordering import addresses
from paidsupport.tickets.tables import Ticket

_WRONG = _("This isn't the code we sent. Check it, or send a new one.")


@route("/t/<token>/address", Who.CUSTOMER, ("GET", "POST"))
def customer_address(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Ask for the new address, then for the code sent to it; the link of this page changes with it."""
    form = NewAddressForm()
    email, key = form.email.data or "", form.key.data or ""
    if not form.is_submitted():
        return _page(ticket, form, asked=False)
    if request.form.get("action") != "confirm":
        if form.send(ctx, partial(addresses.send_code, ctx, ticket, email, key=key)):
            # no page with an address of its own: it would have to name the email address, and logs keep it
            return _page(ticket, NewAddressForm(formdata=None, email=form.email.data), asked=True)
        return _page(ticket, form, asked=False), form.status
    tried = form.send(
        ctx, lambda: (addresses.change(ctx, ticket, form.email.data or "", form.code.data or "", key=key),)
    )
    if tried and (changed := tried[0]):
        flash(_("Address changed. Your private page has a new link: we've emailed it to you."), "ps-ok")
        return redirect(url_for(".customer_ticket", token=ctx.services.links.customer(changed)), 303)
    if tried:
        form.blame({"code": [_WRONG]})
        form.status = 422
    return _page(ticket, form, asked=True), form.status


def _page(ticket: Ticket, form: Form, *, asked: bool) -> str:
    return show(
        "tickets/ordering/address.html",
        ticket=ticket,
        form=form,
        asked=asked,
        can=addresses.can_change(ticket),
        token=private_token(),
    )
