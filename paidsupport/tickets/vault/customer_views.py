"""Logins to the customer's server: shared, each view shown, withdrawn (G15, G16, N2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.messages import _, ngettext
from paidsupport.kernel.staff import public_keys
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.proposals import proposal
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.operations.endings import told_of_end
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.forms import AccessForm, TrustForm
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations import sealing
from paidsupport.tickets.vault.tables import Given, Secret, certificates, given, looks_at_mails
from paidsupport.tickets.views.progress import DONE, CustomerView, Progress, sentences

#: What a customer can do with a shared login, each with the confirmation.
_DEEDS: dict[str, tuple[Callable[..., Secret], str]] = {
    "take-back": (vault.take_back, _("Login deleted. We can no longer view it.")),
    "changed": (vault.change_noted, _("Thank you. We won't remind you about it again.")),
}


@route("/t/<token>/access", Who.CUSTOMER, ("GET", "POST"))
def customer_access(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Show everything the customer has shared, who viewed it and why; a POST shares a login."""
    form = AccessForm()
    client, key, credential = request.remote_addr or "", form.key.data or "", form.credential()
    if form.send(ctx, lambda: vault.give(ctx, ticket, credential, key=key, client=client)):
        return _done(_("Login shared. It's encrypted, and your developer has been told."))
    return _page(ctx, ticket, form), form.status


@route("/t/<token>/access/key", Who.CUSTOMER, ("POST",))
def trust_key(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Note that the customer has added the developer's public key to their server."""
    form = TrustForm()
    key, public_key = form.key.data or "", form.public_key.data or ""
    if form.send(ctx, lambda: vault.trust_key(ctx, ticket, public_key, key=key)):
        return _done(_("Your developer has been told. No password is needed."))
    return _page(ctx, ticket, form), form.status


@route("/t/<token>/access/<reference>/<deed>", Who.CUSTOMER, ("POST",))
def settle_access(ctx: Context, ticket: Ticket, reference: str, deed: str) -> ResponseReturnValue:
    """Withdraw a login, or note that it has been changed on the server."""
    if deed not in _DEEDS:
        raise NotFoundError
    act, sentence = _DEEDS[deed]
    form = Form()
    key = form.key.data or ""
    if form.send(ctx, lambda: act(ctx, ticket, reference, key=key)):
        # after the end, the page of the order is where this is asked for
        return _done(sentence, ".customer_ticket" if ticket.part == Part.CLOSED else ".customer_access")
    return _page(ctx, ticket, form), form.status


def _left(view: CustomerView) -> list[Given]:
    """The logins still on the customer's server, unchanged, although the work has ended."""
    ended = view.page.ticket.part == Part.CLOSED
    return [each for each in view.page.given if ended and each.secret.changed_at is None]


@section("customer", "tickets/vault/_left_section.html", 15, "wanted")
def _left_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    if not (left := _left(view)):
        return None
    ticket = view.page.ticket
    remove = public_keys.command_to_remove(ticket.code)
    found = certificates(ctx.session, ticket)
    return {"left": left, "remove": remove, "certificates": found, "sealed": Sealed}


@proposal("customer", 10)
def _one_thing_left(view: CustomerView) -> Progress | None:
    """After the end, ask for what only the customer can do."""
    flow, ticket = view.flow, view.page.ticket
    if not (number := len(_left(view))) or ticket.awaits == "desk":
        return None
    text = ngettext("One thing is left for you to do.", "%(num)s things are left for you to do.", number)
    if flow.state(ticket.state).fulfilled:
        return Progress(DONE, _("Your order is done"), text, wanted=True, there="")
    told = sentences(told_of_end(flow, ticket), text)
    return Progress(None, _("This order has ended before the work was done"), told, wanted=True, there="")


@section("customer", "tickets/vault/_given_section.html", 30, "side")
def _given_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    can_give = view.flow.is_order and sealing.is_pending(view.page.ticket) and not ctx.services.vault.fault
    return {} if view.page.given or can_give else None


#: The sections it adds to the pages of customers.
SECTIONS = (_left_section, _given_section)
PROPOSALS = (_one_thing_left,)


def _done(sentence: str, there: str = ".customer_access") -> ResponseReturnValue:
    flash(sentence, "ps-ok")
    return redirect(url_for(there, token=private_token()), 303)


def _page(ctx: Context, ticket: Ticket, form: Form) -> str:
    """Render the page, with the `form` that was refused on it."""
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
