"""Ways into the customer's host: given, every look at them shown, taken back (G15, G16, N2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.staff import public_keys
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.forms import AccessForm, TrustForm
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations import sealing
from paidsupport.tickets.vault.tables import Secret, certificates, given, looks_at_mails
from paidsupport.tickets.views.progress import CustomerView

#: What a customer can do about something they have given, with what is said when it is done.
_DEEDS: dict[str, tuple[Callable[..., Secret], str]] = {
    "take-back": (vault.take_back, "It is destroyed. Nobody can look at it any more."),
    "changed": (vault.change_noted, "That is noted. Thank you."),
}


@route("/t/<token>/access", Who.CUSTOMER, ("GET", "POST"))
def customer_access(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Everything the customer has given, who looked at it and why; a POST gives a password."""
    form = AccessForm()
    client, key, credential = request.remote_addr or "", form.key.data or "", form.credential()
    if form.send(ctx, lambda: vault.give(ctx, ticket, credential, key=key, client=client)):
        return _done("It is kept, encrypted. Your developer is told that it is here.")
    return _page(ctx, ticket, form), form.status


@route("/t/<token>/access/key", Who.CUSTOMER, ("POST",))
def trust_key(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The customer has added the developer's public key to their host."""
    form = TrustForm()
    key, public_key = form.key.data or "", form.public_key.data or ""
    if form.send(ctx, lambda: vault.trust_key(ctx, ticket, public_key, key=key)):
        return _done("Your developer is told. No password is needed.")
    return _page(ctx, ticket, form), form.status


@route("/t/<token>/access/<reference>/<deed>", Who.CUSTOMER, ("POST",))
def settle_access(ctx: Context, ticket: Ticket, reference: str, deed: str) -> ResponseReturnValue:
    """Take something back, or say that it has been changed on the host."""
    if deed not in _DEEDS:
        raise NotFoundError
    act, sentence = _DEEDS[deed]
    form = Form()
    key = form.key.data or ""
    if form.send(ctx, lambda: act(ctx, ticket, reference, key=key)):
        return _done(sentence)
    return _page(ctx, ticket, form), form.status


@section("customer", "tickets/vault/_given_section.html", 50)
def _given_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    can_give = view.flow.is_order and sealing.is_pending(view.page.ticket) and not ctx.services.vault.fault
    return {} if view.page.given or can_give else None


#: What it shows on the pages of customers.
SECTIONS = (_given_section,)


def _done(sentence: str) -> ResponseReturnValue:
    flash(sentence, "ps-ok")
    return redirect(url_for(".customer_access", token=private_token()), 303)


def _page(ctx: Context, ticket: Ticket, form: Form) -> str:
    """The page, with the `form` that was refused on it."""
    owner = ctx.session.get(Person, ticket.owner_id) if sealing.is_pending(ticket) else None
    public_key = owner.public_key if owner else ""
    return show(
        "tickets/vault/customer.html",
        ticket=ticket,
        token=private_token(),
        owner=owner,
        given=given(ctx.session, ticket),
        mail_looks=looks_at_mails(ctx.session, ticket),
        certificates=certificates(ctx.session, ticket),
        add=public_keys.command_to_add(public_key, ticket.code) if public_key else "",
        remove=public_keys.command_to_remove(ticket.code),
        closed=bool(ctx.services.vault.fault),
        form=form,
        offer=form if isinstance(form, AccessForm) else AccessForm(formdata=None),
        trust=TrustForm(formdata=None, public_key=public_key),
        press=partial(Form, formdata=None),
    )
