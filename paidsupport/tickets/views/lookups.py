"""Two questions that anybody may ask, and that tell nothing to whoever guesses."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel import limits
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.customer_forms import LostLinkForm, VerifyForm
from paidsupport.tickets.operations import claims
from paidsupport.tickets.operations.claims import Holding


@route("/verify", Who.ANYONE, ("GET", "POST"))
def verify(ctx: Context) -> ResponseReturnValue:
    """“Is this really my developer?” A code goes in; who has the ticket and since when comes out."""
    form = VerifyForm()
    found = form.send(ctx, lambda: _look_up(ctx, form.code.data or ""))
    status = 404 if found and not found.known else form.status
    return show("tickets/verify.html", form=form, found=found), status


@route("/link", Who.ANYONE, ("GET", "POST"))
def lost_link(ctx: Context) -> ResponseReturnValue:
    """Mail the private link again; the answer is the same whether the two belong together or not."""
    form = LostLinkForm()
    asked = form.send(ctx, lambda: _send_link(ctx, form))
    if asked:
        flash("If this code and this address belong together, the link is on its way to you.", "ps-ok")
        return redirect(url_for(".lost_link"), 303)
    return show("tickets/lost_link.html", form=form), form.status


def _look_up(ctx: Context, typed: str) -> Holding:
    _spend(ctx, "verify")
    return claims.who_holds(ctx, typed)


def _send_link(ctx: Context, form: LostLinkForm) -> bool:
    _spend(ctx, "link")
    code, address, key = tidy_code(form.code.data or "") or "", form.email.data or "", form.key.data or ""
    correspondence.send_link_again(ctx, code, address, key=key)
    return True


def _spend(ctx: Context, kind: str) -> None:
    limits.spend(ctx, kind, request.remote_addr or "", ctx.services.settings.lookups_per_hour)
