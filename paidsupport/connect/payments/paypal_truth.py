"""What PayPal's answers say of a payment.

The truth is read from the order, which holds its captures and their refunds. Whether a payment is disputed is
not in it: that is asked of PayPal's list of disputes, for money that has come. What the customer's bank took
back shows as a capture with the reason CHARGEBACK, or as a refund that we have not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.kernel.money import MOST_MINOR, Money
from paidsupport.sales.payments.providers import Known, Truth
from paidsupport.sales.payments.rules import PaymentStep

#: What PayPal takes, with the currencies that it takes without decimals.
WHOLE = frozenset({"HUF", "JPY", "TWD"})
CURRENCIES = WHOLE | frozenset(
    {
        *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN", "MYR"),
        *("NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
    }
)
#: Where the customer pays, by its names in links.
_PAY = ("payer-action", "approve")
#: The steps of orders without captures.
_STEPS = {
    "CREATED": PaymentStep.OPEN,
    "SAVED": PaymentStep.OPEN,
    "PAYER_ACTION_REQUIRED": PaymentStep.OPEN,
    "APPROVED": PaymentStep.APPROVED,
    "VOIDED": PaymentStep.ENDED,
    # its capture is not shown yet
    "COMPLETED": PaymentStep.PENDING,
}
#: States of captures whose money has come, whatever was paid back since; and of those that failed.
_CAME = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
_FAILED = frozenset({"DECLINED", "DENIED", "FAILED"})
#: PayPal's longest amount.
_LONGEST_AMOUNT = 32
#: The longest name of a refund that the desk keeps.
_LONGEST_NAME = 100
_OTHER_ORDER = "This is not the order that we made: %s"

Shape = Mapping[str, Any]


def amount(money: Money) -> dict[str, str] | None:
    """An amount as PayPal takes it: a text with the digits of its currency; None if it cannot take it."""
    if money.currency not in CURRENCIES:
        return None
    whole, _mark, rest = money.plain.partition(".")
    if money.currency not in WHOLE:
        return {"currency_code": money.currency, "value": money.plain}
    return None if rest.strip("0") else {"currency_code": money.currency, "value": whole}


def money(shape: object) -> Money | None:
    """An amount as PayPal writes it; None if it is none."""
    if not isinstance(shape, dict):
        return None
    value, currency = shape.get("value"), shape.get("currency_code")
    if not isinstance(value, str) or not isinstance(currency, str):
        return None
    whole, _mark, rest = value.partition(".")
    # how many decimals this currency has here
    decimals = len(Money(0, currency).plain.partition(".")[2])
    tail = rest[decimals:]
    is_number = len(value) <= _LONGEST_AMOUNT and value.isascii() and (whole + rest).isdecimal()
    if not is_number or not whole or tail.strip("0"):
        return None
    minor = int(whole + rest[:decimals].ljust(decimals, "0"))
    return Money(minor, currency) if minor <= MOST_MINOR else None


def captures(order: Shape) -> list[Shape]:
    """What was taken of an order, in any state."""
    return _payments(order, "captures")


def came(order: Shape) -> str:
    """PayPal's name of the money that has come; empty if none has."""
    return next((text(each, "id") for each in captures(order) if text(each, "status") in _CAME), "")


def refunds(order: Shape) -> list[Shape]:
    """What was paid back of an order, in any state."""
    return _payments(order, "refunds")


def text(shape: object, *path: str) -> str:
    """A text of a shape that databases can hold; empty if it is not there."""
    for name in path:
        shape = shape.get(name) if isinstance(shape, dict) else None
    return "".join(each if each.isprintable() else " " for each in shape) if isinstance(shape, str) else ""


def shapes(shape: object, name: str) -> list[Shape]:
    """The shapes in a list of a shape; none if it is not there."""
    found = shape.get(name) if isinstance(shape, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def link(shape: Shape, *names: str) -> str:
    """Where a link of a shape leads, by its first name that is there."""
    found = {text(each, "rel"): text(each, "href") for each in shapes(shape, "links")}
    return next(
        (found[name] for name in names if found.get(name, "").startswith(("https://", "http://"))), ""
    )


def truth(order: Shape, known: Known, *, disputed: bool = False) -> Truth:
    """How the payment stands.

    Args:
        order: As PayPal shows it.
        known: What the desk knows of the payment.
        disputed: Whether PayPal lists an open dispute about it.
    """
    remote, status = text(order, "id"), text(order, "status")
    if strange := _strange(order, known):
        return Truth(PaymentStep.STRANGE, remote=remote, capture=came(order), problem=strange)
    taken = captures(order)
    if not [each for each in taken if text(each, "status") not in _FAILED or _took_back(each)]:
        step = _STEPS.get(status, PaymentStep.PENDING)
        problem = _reasons(taken)
        if taken and status == "COMPLETED":
            step = PaymentStep.ENDED
        address = link(order, *_PAY) if step is PaymentStep.OPEN else ""
        return Truth(step, remote=remote, address=address, problem=problem)
    return _of_captures(taken, order, known, disputed=disputed)


def _of_captures(taken: Sequence[Shape], order: Shape, known: Known, *, disputed: bool) -> Truth:
    counted = [each for each in taken if text(each, "status") in _CAME or _is_disputed(each)]
    amounts = [found for found in (money(each.get("amount")) for each in counted) if found]
    first = next((text(each, "id") for each in [*counted, *taken]), "")
    problem = _reasons(taken)
    sums = {each.currency: 0 for each in amounts}
    for each in amounts:
        sums[each.currency] += each.minor
    # with several currencies, the other one
    currency = next((each for each in sums if each != known.amount.currency), known.amount.currency)
    received = Money(sums[currency], currency) if sums else None
    back, pending, failed = _paid_back(order, known)
    if received and currency != known.amount.currency:
        step = PaymentStep.STRANGE
    elif any(map(_took_back, taken)):
        step = PaymentStep.REVERSED
    elif not counted:
        step = PaymentStep.PENDING
    elif len(amounts) < len(counted):
        step = PaymentStep.STRANGE
    else:
        step = PaymentStep.DISPUTED if disputed or any(map(_is_disputed, taken)) else PaymentStep.RECEIVED
        back |= _untold(counted, received, back, pending)
    return Truth(
        step,
        received,
        back,
        pending,
        remote=text(order, "id"),
        capture=first,
        problem=" · ".join(part for part in (problem, failed) if part),
    )


def _strange(order: Shape, known: Known) -> str:
    """Why this is not the order that we made; empty if it is."""
    units = shapes(order, "purchase_units")
    if not units:
        return ""  # a short answer, which tells of the state alone
    if len(units) > 1:
        return _OTHER_ORDER % "several units"
    named = text(units[0], "invoice_id")
    if named and named != known.reference:
        return _OTHER_ORDER % named
    if not captures(order) and "amount" in units[0] and money(units[0]["amount"]) != known.amount:
        asked = units[0]["amount"]
        return _OTHER_ORDER % f"{text(asked, 'currency_code')} {text(asked, 'value')}"
    return ""


def _paid_back(order: Shape, known: Known) -> tuple[dict[str, Money], frozenset[str], str]:
    """What was paid back by our references or PayPal's ids, what is on its way, and what has failed."""
    back: dict[str, Money] = {}
    pending, failed = set(), []
    for each in refunds(order):
        name, status = text(each, "invoice_id"), text(each, "status")
        if name in {"", known.reference} or len(name) > _LONGEST_NAME:  # paid back in PayPal's own pages
            name = text(each, "id")
        found = money(each.get("amount"))
        if status == "COMPLETED" and found and found.minor and found.currency == known.amount.currency:
            back[name] = Money(found.minor + (back[name].minor if name in back else 0), found.currency)
        elif status == "PENDING":
            pending.add(name)
        else:
            failed.append(f"{name}: {status}")
    return back, frozenset(pending), " · ".join(failed)


def _untold(
    counted: Sequence[Shape], received: Money | None, back: Mapping[str, Money], pending: frozenset[str]
) -> dict[str, Money]:
    """What was paid back of captures that are refunded as a whole, without a refund that tells of it."""
    whole = all(text(each, "status") == "REFUNDED" for each in counted)
    rest = (received.minor if received else 0) - sum(each.minor for each in back.values())
    if not whole or not received or pending or rest <= 0:
        return {}
    return {text(counted[0], "id"): Money(rest, received.currency)}


def _is_disputed(capture: Shape) -> bool:
    return text(capture, "status_details", "reason") == "BUYER_COMPLAINT"


def _took_back(capture: Shape) -> bool:
    return text(capture, "status_details", "reason") == "CHARGEBACK"


def _reasons(taken: Sequence[Shape]) -> str:
    """Why captures are held or failed, in PayPal's words."""
    told = (
        f"{text(each, 'status')} {text(each, 'status_details', 'reason')}".strip()
        for each in taken
        if text(each, "status") not in _CAME or text(each, "status_details", "reason")
    )
    return " · ".join(told)


def _payments(order: Shape, name: str) -> list[Shape]:
    found: list[Shape] = []
    for unit in shapes(order, "purchase_units"):
        found += shapes(unit.get("payments"), name)
    return found
