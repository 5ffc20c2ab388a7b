"""Logins to the customer's server: viewing one, destroying, cutting credentials from messages (G15)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form, renew
from paidsupport.kernel.web.guards import require_fresh
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import show_once
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.vault.access import access
from paidsupport.tickets.vault.forms import LookForm
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations.credentials import Shown
from paidsupport.tickets.vault.tables import GIVEN, Secret
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


@ticket_route("/access/<reference>/look", ("GET", "POST"))
def look(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Ask for the reason, then show one login, once; the view is committed before the page is sent."""
    require_fresh()
    form = LookForm()
    reason, claim, key = form.reason.data or "", form.claim.data or 0, form.key.data or ""
    shown = form.send(ctx, lambda: vault.look(ctx, code, reference, reason=reason, claim=claim, key=key))
    if shown:
        show_once()
    page = reread(ctx, code)
    if not form.is_submitted() or form.conflict or form.claim.errors:
        renew(form, {"claim": page.ticket.claim_number})
    status = form.status if form.is_submitted() or access(ctx, page).may_look else 409
    return _looked(ctx, page, form, reference, shown), status


@ticket_route("/access/<reference>/destroy", ("POST",))
def destroy_secret(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Destroy one login for good, or note that a key was removed from the server."""
    form = Form()
    key = form.key.data or ""
    act = partial(vault.destroy, ctx, code, reference, key=key)
    said = _("Login deleted. The customer sees that.")
    return done_on_page(ctx, code, form, act, said=said, anchor="access")


@ticket_route("/messages/<number>/cut", ("POST",))
def cut_message(ctx: Context, code: str, number: str) -> ResponseReturnValue:
    """Move what looks like a credential out of a message, into the vault."""
    form, at = Form(), existing(whole_number(number, digits=9))
    key = form.key.data or ""
    act = partial(vault.cut, ctx, code, at, key=key)
    return done_on_page(ctx, code, form, act, said=_("Moved out of the message."), anchor=f"message-{number}")


def _secret(page: DeskPage, reference: str) -> Secret:
    for given in page[GIVEN]:
        if given.secret.reference == reference:
            return given.secret
    raise NotFoundError


def _looked(ctx: Context, page: DeskPage, form: LookForm, reference: str, shown: Shown | None) -> str:
    """Render the question for the reason, the secret, or the obstacle to viewing it."""
    return show(
        "tickets/vault/look.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        form=form,
        secret=_secret(page, reference),
        shown=shown,
        access=access(ctx, page),
        against="" if shown else vault.against_showing(ctx, page.ticket),
    )


@section("ticket", "tickets/vault/_access_section.html", 25, "side")
def _access_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {"access": access(ctx, view.page)} if view.page.given else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_access_section,)
