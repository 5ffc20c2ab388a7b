"""Ways into the customer's host: given, every look at them shown, taken back (G15, G16, N2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import sealing, vault
from paidsupport.desk.visit import Visit
from paidsupport.domain import public_keys
from paidsupport.errors import NotFoundError
from paidsupport.store.people import Person
from paidsupport.store.tickets import Ticket
from paidsupport.store.vault import Secret, certificates, given, looks_at_mails
from paidsupport.web.customer.forms import AccessForm, TrustForm
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, private_token, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash

#: What a customer can do about something they have given, with what is said when it is done.
_DEEDS: dict[str, tuple[Callable[..., Secret], str]] = {
    "take-back": (vault.take_back, "It is destroyed. Nobody can look at it any more."),
    "changed": (vault.change_noted, "That is noted. Thank you."),
}


@route("/t/<token>/access", Who.CUSTOMER, ("GET", "POST"))
def customer_access(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """Everything the customer has given, who looked at it and why; a POST gives a password."""
    form = AccessForm()
    client, key, credential = request.remote_addr or "", form.key.data or "", form.credential()
    if form.send(visit, lambda: vault.give(visit, ticket, credential, key=key, client=client)):
        return _done("It is kept, encrypted. Your developer is told that it is here.")
    return _page(visit, ticket, form), form.status


@route("/t/<token>/access/key", Who.CUSTOMER, ("POST",))
def trust_key(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """The customer has added the developer's public key to their host."""
    form = TrustForm()
    key, public_key = form.key.data or "", form.public_key.data or ""
    if form.send(visit, lambda: vault.trust_key(visit, ticket, public_key, key=key)):
        return _done("Your developer is told. No password is needed.")
    return _page(visit, ticket, form), form.status


@route("/t/<token>/access/<reference>/<deed>", Who.CUSTOMER, ("POST",))
def settle_access(visit: Visit, ticket: Ticket, reference: str, deed: str) -> ResponseReturnValue:
    """Take something back, or say that it has been changed on the host."""
    if deed not in _DEEDS:
        raise NotFoundError
    act, sentence = _DEEDS[deed]
    form = Form()
    key = form.key.data or ""
    if form.send(visit, lambda: act(visit, ticket, reference, key=key)):
        return _done(sentence)
    return _page(visit, ticket, form), form.status


def _done(sentence: str) -> ResponseReturnValue:
    flash(sentence, "ps-ok")
    return redirect(url_for(".customer_access", token=private_token()), 303)


def _page(visit: Visit, ticket: Ticket, form: Form) -> str:
    """The page, with the `form` that was refused on it."""
    owner = visit.session.get(Person, ticket.owner_id) if sealing.is_pending(ticket) else None
    public_key = owner.public_key if owner else ""
    return show(
        "customer/access.html",
        ticket=ticket,
        token=private_token(),
        owner=owner,
        given=given(visit.session, ticket),
        mail_looks=looks_at_mails(visit.session, ticket),
        certificates=certificates(visit.session, ticket),
        add=public_keys.command_to_add(public_key, ticket.code) if public_key else "",
        remove=public_keys.command_to_remove(ticket.code),
        closed=bool(visit.house.vault.fault),
        form=form,
        offer=form if isinstance(form, AccessForm) else AccessForm(formdata=None),
        trust=TrustForm(formdata=None, public_key=public_key),
        press=partial(Form, formdata=None),
    )
