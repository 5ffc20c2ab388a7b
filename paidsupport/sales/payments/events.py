"""Kinds of events of payments."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Line
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_KEEPS = frozenset({"payment", "price", "currency", "on"})


def _amount(line: Line) -> str:
    price, currency = line.get("price"), line.get("currency")
    return line.style.text(str(translate(Money(price, currency)))) if price and currency else ""


_payment = partial(event, fields={"amount": _amount}, keeps=_KEEPS, audience=FOLLOWERS)

KINDS = (
    _payment("payment-noted", _("{who} noted that the customer has paid[: {amount}]")),
    _payment("payment-undone", _("{who} took back that the customer has paid[: {amount}]")),
)
