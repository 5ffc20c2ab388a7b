"""Two questions that anybody may ask, and that tell nothing to whoever guesses (reliability 23)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import claims, correspondence, limits
from paidsupport.desk.claims import Holding
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import tidy_code
from paidsupport.web.customer.forms import LostLinkForm, VerifyForm
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash


@route("/verify", Who.ANYONE, ("GET", "POST"))
def verify(visit: Visit) -> ResponseReturnValue:
    """“Is this really my developer?” A code goes in; who has the ticket and since when comes out."""
    form = VerifyForm()
    found = form.send(visit, lambda: _look_up(visit, form.code.data or ""))
    status = 404 if found and not found.known else form.status
    return show("customer/verify.html", form=form, found=found), status


@route("/link", Who.ANYONE, ("GET", "POST"))
def lost_link(visit: Visit) -> ResponseReturnValue:
    """Mail the private link again; the answer is the same whether the two belong together or not."""
    form = LostLinkForm()
    asked = form.send(visit, lambda: _send_link(visit, form))
    if asked:
        flash("If this code and this address belong together, the link is on its way to you.", "ps-ok")
        return redirect(url_for(".lost_link"), 303)
    return show("customer/lost_link.html", form=form), form.status


def _look_up(visit: Visit, typed: str) -> Holding:
    _spend(visit, "verify")
    return claims.who_holds(visit, typed)


def _send_link(visit: Visit, form: LostLinkForm) -> bool:
    _spend(visit, "link")
    code, address, key = tidy_code(form.code.data or "") or "", form.email.data or "", form.key.data or ""
    correspondence.send_link_again(visit, code, address, key=key)
    return True


def _spend(visit: Visit, kind: str) -> None:
    limits.spend(visit, kind, request.remote_addr or "", visit.house.settings.lookups_per_hour)
