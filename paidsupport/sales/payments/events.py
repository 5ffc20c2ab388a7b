"""Kinds of events of payments."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Fact, Line, named
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

#: What providers are called within a sentence, if that is not a name of theirs.
WORDS = {"bank": _("bank transfer"), "invoice": _("invoice")}
_KEEPS = frozenset({"letter", "payment", "price", "currency", "on"})


def _amount(line: Line) -> str:
    price, currency = line.get("price"), line.get("currency")
    return line.style.text(str(translate(Money(price, currency)))) if price and currency else ""


_payment = partial(event, fields={"amount": _amount}, keeps=_KEEPS, audience=FOLLOWERS)


def _customer(line: Line) -> str:
    return line.style.name(str(translate(_("The customer"))))


_KEPT = _KEEPS | {"provider", "refund", "refunded"}
#: What the desk or the customer has yet to go on with: no person has to be told.
_quiet = partial(
    event,
    fields={"amount": _amount, "provider": named("provider"), "customer": _customer},
    keeps=_KEPT,
)
_paid = partial(_quiet, audience=FOLLOWERS)

_GIVEN_BACK = {
    "payment": Fact("The reference of the payment"),
    "provider": Fact("Who took the money: the name of a provider, or `direct` for the developer"),
    "refunded": Fact("What was given back of it so far, in the smallest unit of the currency", ("integer",)),
    "currency": Fact("The currency, ISO 4217"),
}
_MONEY = {**_GIVEN_BACK, "amount": Fact("What was paid, in the smallest unit of the currency", ("integer",))}

KINDS = (
    _payment("payment-noted", _("{who} noted that the customer has paid[: {amount}]")),
    _payment("payment-undone", _("{who} took back that the customer has paid[: {amount}]")),
    _paid("payment-said", _("{customer} said that they have paid[: {amount}]")),
    _payment("payment-missing", _("{who} answered that a payment has not arrived[: {amount}]")),
    _quiet("payment-begun", _("{customer} began to pay[ by {provider}][: {amount}]")),
    _paid("payment-received", _("A payment arrived[ by {provider}][: {amount}]"), facts=_MONEY),
    _paid("payment-assigned", _("{who} assigned a bank transfer to this ticket[: {amount}]")),
    _paid("payment-unassigned", _("{who} took a bank transfer off this ticket[: {amount}]")),
    _paid("payment-ended", _("A payment[ by {provider}] ended without money[: {amount}]")),
    _paid("payment-reversed", _("A payment[ by {provider}] was taken back[: {amount}]"), facts=_MONEY),
    _paid("payment-disputed", _("The customer disputes a payment[ by {provider}][: {amount}]")),
    _paid("payment-strange", _("A payment[ by {provider}] arrived in another currency")),
    _quiet("payment-seen", _("A payment[ by {provider}] went on")),
    _paid("refund-asked", _("{who} asked to refund a payment[ by {provider}][: {amount}]")),
    _paid("payment-paid-back", _("{who} paid a payment back[: {amount}]")),
    _payment("refund-told", _("The customer was emailed about a refund")),
    _paid("payment-refunded", _("A payment[ by {provider}] was refunded"), facts=_GIVEN_BACK),
    _paid("refund-failed", _("A refund[ by {provider}] failed[: {amount}]")),
)
