"""Two look-ups that are open to all and reveal nothing to a visitor who guesses."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel import limits
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.customer_forms import LostLinkForm, VerifyForm
from paidsupport.tickets.operations import claims
from paidsupport.tickets.operations.claims import Holding


@route("/verify", Who.ANYONE, ("GET", "POST"))
def verify(ctx: Context) -> ResponseReturnValue:
    """“Is this really my developer?” Takes a code, and says who has the ticket and since when."""
    form = VerifyForm()
    found = form.send(ctx, lambda: _look_up(ctx, form.code.data or ""))
    status = 404 if found and not found.known else form.status
    return show("tickets/verify.html", form=form, found=found), status


@route("/link", Who.ANYONE, ("GET", "POST"))
def lost_link(ctx: Context) -> ResponseReturnValue:
    """Email private links again; the answer is the same whether the address is known or not."""
    form = LostLinkForm()
    asked = form.send(ctx, lambda: _send_link(ctx, form))
    if asked:
        # in the address, not in the session, so that it also works without a cookie
        return redirect(url_for(".lost_link", sent=1), 303)
    return show("tickets/lost_link.html", form=form, sent="sent" in request.args), form.status


def _look_up(ctx: Context, typed: str) -> Holding:
    _spend(ctx, "verify")
    return claims.who_holds(ctx, typed)


def _send_link(ctx: Context, form: LostLinkForm) -> bool:
    _spend(ctx, "link")
    correspondence.send_links(ctx, form.email.data or "", key=form.key.data or "")
    return True


def _spend(ctx: Context, kind: str) -> None:
    limits.spend(ctx, kind, request.remote_addr or "", ctx.services.settings.lookups_per_hour)
