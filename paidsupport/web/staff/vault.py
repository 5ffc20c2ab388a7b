"""Ways into the customer's host: one look at a time, destroying, and credentials cut from messages (G15)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.desk import vault
from paidsupport.desk.vault import Shown
from paidsupport.desk.visit import Visit
from paidsupport.errors import NotFoundError
from paidsupport.kernel.web.sections import section
from paidsupport.store.pages import DeskPage
from paidsupport.store.vault import GIVEN, Secret
from paidsupport.web.forms import Form
from paidsupport.web.guards import require_fresh
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.access import access
from paidsupport.web.staff.forms import LookForm, renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import ticket_page
from paidsupport.web.staff.view import TicketView

_MOST_DIGITS = 9


@ticket_route("/access/<reference>/look", ("GET", "POST"))
def look(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """Ask why, then show one credential, once; the look is committed before the page leaves."""
    require_fresh()
    form = LookForm()
    reason, claim, key = form.reason.data or "", form.claim.data or 0, form.key.data or ""
    shown = form.send(visit, lambda: vault.look(visit, code, reference, reason=reason, claim=claim, key=key))
    page = reread(visit, code)
    if not form.is_submitted() or form.conflict or form.claim.errors:
        renew(form, {"claim": page.ticket.claim_number})
    status = form.status if form.is_submitted() or access(visit, page).may_look else 409
    return _looked(visit, page, form, reference, shown), status


@ticket_route("/access/<reference>/destroy", ("POST",))
def destroy_secret(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """Destroy one credential for good, or note that a key was taken off the host."""
    form = Form()
    key = form.key.data or ""
    if form.send(visit, lambda: vault.destroy(visit, code, reference, key=key)):
        flash("It is destroyed. The customer sees that.", "ps-ok")
        return to_ticket(code, "access")
    return ticket_page(visit, code, form), form.status


@ticket_route("/messages/<number>/cut", ("POST",))
def cut_message(visit: Visit, code: str, number: str) -> ResponseReturnValue:
    """Move what looks like a credential out of a message, into the vault."""
    form = Form()
    key = form.key.data or ""
    if form.send(visit, lambda: vault.cut(visit, code, _number(number), key=key)):
        flash("It is cut out of the message.", "ps-ok")
        return to_ticket(code, f"message-{number}")
    return ticket_page(visit, code, form), form.status


def _secret(page: DeskPage, reference: str) -> Secret:
    for given in page[GIVEN]:
        if given.secret.reference == reference:
            return given.secret
    raise NotFoundError


def _looked(visit: Visit, page: DeskPage, form: LookForm, reference: str, shown: Shown | None) -> str:
    """The question why, or what was looked at; or what stands against a look."""
    return show(
        "staff/look.html",
        page=page,
        flow=visit.house.workflows[page.ticket.workflow],
        form=form,
        secret=_secret(page, reference),
        shown=shown,
        access=access(visit, page),
        against="" if shown else vault.against_showing(visit, page.ticket),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise NotFoundError
    return int(text)


@section("ticket", "staff/sections/access.html", 20, "side")
def _access_section(visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {"access": access(visit, view.page)} if view.page.given else None


#: What it shows on the pages of tickets.
SECTIONS = (_access_section,)
