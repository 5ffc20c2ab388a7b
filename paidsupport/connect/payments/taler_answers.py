"""What a merchant backend of GNU Taler answers, and how a payment stands by that: no request is made here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.providers import Known, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep

#: The version of the merchant's protocol that is spoken here.
PROTOCOL = 20
#: The currencies of play money.
PLAY = frozenset({"KUDOS", "TESTKUDOS"})
#: Clocks differ: for so long after its end, an offer to pay is still waited for.
GRACE = timedelta(minutes=2)
#: How links begin that wallets read; the second one is for backends without TLS.
_WALLET = ("taler://", "taler+http://")
#: Decimals of an amount of Taler's, at most.
_DIGITS = 8

_NO_MERCHANT = storable(_("There is no merchant backend of GNU Taler at this address."))
_TOO_OLD = storable(
    _(
        "The merchant backend speaks version %(version)s of its protocol. This desk needs one that knows"
        " %(ours)s."
    )
)
_NO_CURRENCY = storable(_("The merchant backend takes no %(currency)s, only %(others)s."))
_NO_DIGITS = storable(_("The merchant backend cuts decimals off amounts in %(currency)s."))
_EXPIRED = storable(_("It was not paid in time."))
_OTHER_ORDER = storable(_("The merchant backend answered with another order: %(order)s."))
_OTHER_AMOUNT = storable(_("The merchant backend asks for %(amount)s instead of %(ours)s."))


class UnreadableError(Exception):
    """It is not the answer of a merchant backend; the text names what is missing, for the log."""


def written(amount: Money) -> str:
    """An amount as Taler writes it: `EUR:120.00`."""
    return f"{amount.currency}:{amount.plain}"


def amount_of(text: object) -> Money | None:
    """What Taler wrote; None if it is no amount, or one with smaller parts than our money has."""
    found = _parts(text)
    if found is None:
        return None
    currency, value = found
    minor, rest = divmod(value, _unit(currency))
    return None if rest else Money(minor, currency)


def _parts(text: object) -> tuple[str, int] | None:
    """The currency of an amount, and how many of the smallest parts it has that Taler knows."""
    currency, _colon, value = text.partition(":") if isinstance(text, str) else ("", "", "")
    whole, mark, rest = value.partition(".")
    fit = _is_number(whole) and (not mark or (_is_number(rest) and len(rest) <= _DIGITS))
    return (currency, int(whole + rest.ljust(_DIGITS, "0"))) if currency and fit else None


def _unit(currency: str) -> int:
    """How many of Taler's smallest parts our smallest unit of a currency has."""
    return int(10 ** (_DIGITS - _decimals(currency)))


def _decimals(currency: str) -> int:
    return len(Money(0, currency).plain.partition(".")[2])


def incompatible(config: Mapping[str, Any], currency: str) -> str:
    """Why a backend with this `/config` cannot be used for a currency; empty if it can."""
    version = config.get("version")
    current, _revision, age = _numbers(version)
    if config.get("name") != "taler-merchant" or current < 0:
        return _NO_MERCHANT
    if not current - age <= PROTOCOL <= current:
        return filled(_TOO_OLD, version=version, ours=PROTOCOL)
    listed = config.get("currencies")
    currencies: Mapping[str, Any] = listed if isinstance(listed, dict) else {}
    if currency not in currencies and currency != config.get("currency"):
        others = ", ".join(sorted(currencies)) or config.get("currency")
        return filled(_NO_CURRENCY, currency=currency, others=others)
    of_it = currencies.get(currency)
    digits = of_it.get("num_fractional_input_digits") if isinstance(of_it, dict) else None
    if isinstance(digits, int) and digits < _decimals(currency):
        return filled(_NO_DIGITS, currency=currency)
    return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How an order that was asked for stands.

    Attributes:
        known: What we know of the payment.
        order: What the backend answered.
        version: What it marked this answer with.
        now: The present moment.
        plain: Whether addresses without TLS are fine: it is a backend on this machine.
    """

    known: Known
    order: Mapping[str, Any]
    version: str
    now: datetime
    plain: bool = False

    def truth(self) -> Truth:
        """The whole truth. Raises UnreadableError."""
        status = self.order.get("order_status")
        if status == "unpaid":
            return self._unpaid()
        if status == "claimed":
            return self._claimed()
        if status == "paid":
            return self._paid()
        raise UnreadableError("order_status")

    def _unpaid(self) -> Truth:
        total = self.order.get("total_amount")
        if amount_of(total) != self.known.amount:
            return self._strange(_OTHER_AMOUNT, amount=total, ours=written(self.known.amount))
        if self.is_over:
            return self._ended()
        uri = self.order.get("taler_pay_uri")
        # never built by us, and never another kind of link: it ends up in a page
        fit = isinstance(uri, str) and uri.startswith(_WALLET)
        return Truth(
            PaymentStep.OPEN, address=self._address, uri=cast("str", uri) if fit else "", **self._names
        )

    def _claimed(self) -> Truth:
        """One wallet has taken the order: a QR code would be of no use to another one."""
        if problem := self._other():
            return problem
        if self.is_over:
            return self._ended()
        return Truth(PaymentStep.OPEN, address=self._address, **self._names)

    def _paid(self) -> Truth:
        if problem := self._other():
            return problem
        received = amount_of(self._contract["amount"])
        done, pending = refunds(
            self.known.refunds, self.order.get("refund_details"), self.known.amount.currency
        )
        # a wallet fetches what is paid back: its customer is shown where
        address = self._address if pending else ""
        capture = self.known.reference
        return Truth(
            PaymentStep.RECEIVED, received, done, pending, capture=capture, address=address, **self._names
        )

    @property
    def is_over(self) -> bool:
        """Whether the offer to pay has ended."""
        return self.now > self.known.until + GRACE

    @property
    def _contract(self) -> Mapping[str, Any]:
        terms = self.order.get("contract_terms")
        if not isinstance(terms, dict) or not {"order_id", "amount"} <= terms.keys():
            raise UnreadableError("contract_terms")
        return terms

    def _other(self) -> Truth | None:
        """What is wrong with what the customer has agreed to; None if it is what we asked for."""
        terms = self._contract
        if terms["order_id"] != self.known.reference:
            return self._strange(_OTHER_ORDER, order=terms["order_id"])
        if amount_of(terms["amount"]) != self.known.amount:
            return self._strange(_OTHER_AMOUNT, amount=terms["amount"], ours=written(self.known.amount))
        return None

    def _strange(self, sentence: Message, **places: object) -> Truth:
        return Truth(PaymentStep.STRANGE, problem=filled(sentence, **places), **self._names)

    def _ended(self) -> Truth:
        return Truth(PaymentStep.ENDED, problem=_EXPIRED, **self._names)

    @property
    def _names(self) -> dict[str, Any]:
        return {"remote": self.known.reference, "version": self.version}

    @property
    def _address(self) -> str:
        address = self.order.get("order_status_url")
        schemes = ("https://", "http://") if self.plain else ("https://",)
        return address if isinstance(address, str) and address.startswith(schemes) else ""


def refunds(
    asked: Sequence[Refund], told: object, currency: str
) -> tuple[Mapping[str, Money], frozenset[str]]:
    """What was paid back, and which of our refunds the wallet has still to fetch.

    A refund of ours names itself in its reason, and there is one line for each coin that it takes: it is done
    when no line of it is pending. What staff paid back in the backend itself is named by its moment.

    Raises:
        UnreadableError: It tells of refunds in another way.
    """
    sums: dict[str, int] = defaultdict(int)
    waiting: set[str] = set()
    for line in told if isinstance(told, list) else ():
        amount = _parts(line.get("amount")) if isinstance(line, dict) else None
        if amount is None or amount[0] != currency:
            raise UnreadableError("refund_details")
        name = _named(asked, line)
        sums[name] += amount[1]
        if line.get("pending"):
            waiting.add(name)
    # single coins may be of less than our smallest unit, as a fee was taken off
    minor = {name: parts // _unit(currency) for name, parts in sums.items() if name not in waiting}
    done = {name: Money(number, currency) for name, number in minor.items() if number}
    return done, frozenset(waiting & {each.reference for each in asked})


def granted(order: Mapping[str, Any]) -> int:
    """How much was granted to be paid back of an order, fetched or not, in the smallest unit."""
    lines = order.get("refund_details")
    rows = (
        [_parts(line.get("amount")) for line in lines if isinstance(line, dict)]
        if isinstance(lines, list)
        else []
    )
    listed = sum(row[1] // _unit(row[0]) for row in rows if row)
    total = amount_of(order.get("refund_amount"))
    # fees are taken off the lines, and not off the total
    return max(total.minor if total else 0, listed)


def reason_of(refund: Refund) -> str:
    """The reason of a refund as the backend is told: it ends with our name of it, by which it is found."""
    return f"{refund.reason} ({refund.reference})".strip()


def _named(asked: Sequence[Refund], line: Mapping[str, Any]) -> str:
    reason = line.get("reason")
    for each in asked:
        if isinstance(reason, str) and reason.endswith(f"({each.reference})"):
            return each.reference
    moment = line.get("timestamp")
    return f"taler-{moment.get('t_s') if isinstance(moment, dict) else reason}"[:100]


def _numbers(version: object) -> tuple[int, int, int]:
    """The parts of a version as libtool writes it: current, revision, age; all below zero if it is none."""
    parts = version.split(":") if isinstance(version, str) else []
    if len(parts) != 3 or not all(map(_is_number, parts)):  # noqa: PLR2004  # three parts
        return (-1, -1, -1)
    current, revision, age = map(int, parts)
    return (current, revision, age)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 16  # noqa: PLR2004  # 2 to the power of 52


def seconds(moment: datetime) -> dict[str, int]:
    """A moment as Taler writes it."""
    return {"t_s": int(moment.astimezone(UTC).timestamp())}
