"""Payments by PayPal: Orders v2, with plain requests (P16).

What is known there under our own reference is made once: orders, captures and refunds each carry an id of
their request under which PayPal repeats its answer instead of doing it again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import quote

from paidsupport.connect.outgoing import Line, is_here, is_safe
from paidsupport.connect.payments import paypal_truth as truths
from paidsupport.connect.payments.paypal_client import UNREADABLE, Client, RefusedError
from paidsupport.connect.payments.paypal_truth import Shape
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.sales.payments.providers import Hint, Kind, Known, Provider, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep

if TYPE_CHECKING:
    from paidsupport.connect.payments.paypal_hints import Certificates

#: Where PayPal answers, by the environment that managers choose.
BASES = {"live": "https://api-m.paypal.com", "sandbox": "https://api-m.sandbox.paypal.com"}
_TEST = "test"
_ORDERS, _CAPTURES = "/v2/checkout/orders", "/v2/payments/captures"
_DISPUTES = "/v1/customer/disputes"
#: Seconds for which a declined card is not asked again, and how much is kept of PayPal's number of that.
_DECLINE_HOLDS, _MARK = 30 * 60, 40
#: The longest description that PayPal takes.
_DESCRIPTION = 127
#: What PayPal speaks, by our languages; others get what it thinks fit.
_LOCALES = {"de": "de-DE", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL"}
#: The disputes of a payment that are over.
_OVER = "RESOLVED"
#: Nothing is wrong: the customer has to do something first.
_NOT_APPROVED, _DECLINED = "ORDER_NOT_APPROVED", frozenset({"INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED"})
_NOT_PAID_BACK = frozenset({"FAILED", "CANCELLED"})
_CAPTURED = "ORDER_ALREADY_CAPTURED"
_NOT_THERE = frozenset({"RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"})

_CANNOT_BE_PAID = storable(_("PayPal cannot take %(amount)s."))
_NO_CAPTURE = storable(_("Nothing was taken for this payment, so nothing can be paid back."))
_FAILED = storable(_("PayPal could not pay it back: %(why)s"))
_EXPIRED = storable(_("PayPal does not know the order any more: it was not approved in time."))


class PayPal:
    """One app of one merchant at PayPal."""

    def __init__(  # what managers enter
        self,
        line: Line,
        client: str,
        secret: str,
        webhook: str = "",
        brand: str = "",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = Client(line, client, secret)
        self._webhook, self._brand, self._now = webhook, brand, now
        self.certificates: Certificates | None = None

    def begin(self, known: Known) -> Truth:
        """Make the order, or find the one that this reference has made."""
        value = truths.amount(known.amount)
        if value is None:
            raise NotSentError(filled(_CANNOT_BE_PAID, amount=str(known.amount)), permanent=True)
        order = self._client.post(_ORDERS, self._order(known, value), known.reference)
        if not truths.text(order, "id"):
            raise UnclearError(UNREADABLE)
        return truths.truth(order, known)

    def look(self, known: Known) -> Truth:
        """Read the order; or make it under the same id of the request, which PayPal offers for that.

        It keeps such ids for some hours. An order that is made anew after that is harmless: of the first one
        the customer has never got the address.
        """
        if not known.remote:
            return self.begin(known)
        order = self._read(known)
        if known.version and _Decline.of(known.version).still_holds(order, self._now()):
            return Truth(PaymentStep.OPEN, same=True)
        return self._said(order, known)

    def capture(self, known: Known) -> Truth:
        """Take the money of an approved order, once."""
        # a capture that was declined is answered the same for ever under its id: the next one has another
        mark = _Decline.of(known.version).mark
        key = "-".join(part for part in (known.reference, "capture", mark) if part)
        try:
            order = self._client.post(f"{_ORDERS}/{quote(known.remote, safe='')}/capture", {}, key)
        except RefusedError as error:
            if not error.issues & {_CAPTURED, _NOT_APPROVED, *_DECLINED}:
                raise
            return self._refused(known, error)
        return _not_again(truths.truth(order, known))

    def _refused(self, known: Known, error: RefusedError) -> Truth:
        """How it stands when the money could not be taken."""
        order = self._read(known)
        found = self._said(order, known)
        if not error.issues & _DECLINED or found.step not in {PaymentStep.OPEN, PaymentStep.APPROVED}:
            return _not_again(found)
        looks = _print(order)
        declined = _Decline(error.mark[:_MARK] or looks, looks, int(self._now()))
        return Truth(
            PaymentStep.OPEN,
            remote=found.remote,
            version=str(declined),
            # where the customer chooses another way to pay
            address=error.address or found.address,
            problem=str(error),
        )

    def refund(self, known: Known, refund: Refund) -> Truth:
        """Pay back, once for each reference, which PayPal shows as the number of the refund's invoice."""
        value = truths.amount(refund.amount)
        if value is None:
            raise NotSentError(filled(_CANNOT_BE_PAID, amount=str(refund.amount)), permanent=True)
        # ids of requests are kept for weeks, refunds for ever: one that is there is not asked for again
        found = self._said(self._read(known), known)
        if refund.reference in found.refunds or refund.reference in found.pending:
            return found
        capture = found.capture or known.capture
        if not capture:
            raise NotSentError(_NO_CAPTURE, permanent=True)
        content: dict[str, object] = {"amount": value, "invoice_id": refund.reference}
        if refund.reason:
            content["note_to_payer"] = refund.reason[:255]
        path = f"{_CAPTURES}/{quote(capture, safe='')}/refund"
        made = {"invoice_id": refund.reference, **self._client.post(path, content, refund.reference)}
        if truths.text(made, "status") in _NOT_PAID_BACK:
            raise NotSentError(filled(_FAILED, why=truths.text(made, "status")), permanent=True)
        try:
            found = self._said(_with(self._read(known), made), known)
        except NotSentError as error:
            raise UnclearError(str(error)) from error  # it was done, and cannot be seen now
        if refund.reference not in found.refunds and refund.reference not in found.pending:
            raise UnclearError(UNREADABLE)
        return found

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        """Read a webhook, without any request that it would wait for."""
        from paidsupport.connect.payments import paypal_hints as hints  # noqa: PLC0415  # late: few need it

        if self.certificates is None:
            self.certificates = hints.Certificates()
        return hints.read(headers, body, self._webhook, self.certificates)

    def check(self) -> str:
        """Ask for a token."""
        try:
            self._client.log_in()
        except NotSentError as error:
            return str(error)
        return ""

    def _order(self, known: Known, value: Mapping[str, str]) -> dict[str, object]:
        context = {
            "return_url": known.back,
            "cancel_url": known.back,
            "user_action": "PAY_NOW",
            "shipping_preference": "NO_SHIPPING",
        }
        if self._brand:
            context["brand_name"] = self._brand
        if locale := _LOCALES.get(known.language.partition("-")[0].lower()):
            context["locale"] = locale
        unit = {
            "reference_id": known.reference,
            "custom_id": known.code,
            "invoice_id": known.reference,
            "description": known.summary[:_DESCRIPTION],
            "amount": value,
        }
        return {
            "intent": "CAPTURE",
            "purchase_units": [unit],
            "payment_source": {"paypal": {"experience_context": context}},
        }

    def _read(self, known: Known) -> Shape | None:
        """The order; None: PayPal has forgotten it, as it does with those that were not approved in time."""
        try:
            return self._client.get(f"{_ORDERS}/{quote(known.remote, safe='')}")
        except RefusedError as error:
            if error.answered != 404 or not error.issues & _NOT_THERE or known.capture:  # noqa: PLR2004
                raise
            return None

    def _said(self, order: Shape | None, known: Known) -> Truth:
        if order is None:
            return Truth(PaymentStep.ENDED, remote=known.remote, problem=_EXPIRED)
        capture = truths.came(order)
        return truths.truth(order, known, disputed=bool(capture) and self._is_disputed(capture))

    def _is_disputed(self, capture: str) -> bool:
        """Whether PayPal lists a dispute about it that is not over."""
        try:
            found = self._client.get(f"{_DISPUTES}?disputed_transaction_id={quote(capture, safe='')}")
        except RefusedError as error:
            if not error.permanent and error.answered != 403:  # noqa: PLR2004  # the app may not ask for disputes
                raise
            return False
        return any(truths.text(each, "status") != _OVER for each in truths.shapes(found, "items"))


def _not_again(found: Truth) -> Truth:
    """What is approved still would be taken again at once, and for ever: the next look says more."""
    return replace(found, step=PaymentStep.PENDING) if found.step is PaymentStep.APPROVED else found


@dataclass(frozen=True, slots=True)
class _Decline:
    """A capture that was declined, as the version of a payment tells of it.

    The order looks approved ever after. The same card is not asked again and again: only once the customer
    has approved anew, by which the order changes, or after a while.

    Attributes:
        mark: PayPal's number of the answer.
        looks: A digest of what the order looked like.
        at: When that was, in seconds.
    """

    mark: str = ""
    looks: str = ""
    at: int = 0

    def __str__(self) -> str:
        return f"{self.mark}.{self.looks}.{self.at}"

    @classmethod
    def of(cls, version: str) -> _Decline:
        """What a version tells of; without one, of none."""
        mark, looks, at = [*version.split("."), "", "", ""][:3]
        return cls(mark, looks, int(at) if at.isdecimal() else 0)

    def still_holds(self, order: Shape | None, now: float) -> bool:
        """Whether nothing was changed since, and it was not long ago."""
        return order is not None and _print(order) == self.looks and now < self.at + _DECLINE_HOLDS


def _print(order: Shape | None) -> str:
    return sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()[:16]


def _with(order: Shape | None, made: Shape) -> Shape | None:
    """An order with a refund that it may not show yet."""
    units = truths.shapes(order, "purchase_units")
    if not order or not units:
        return order
    refunds = truths.refunds(order)
    if truths.text(made, "id") in {truths.text(each, "id") for each in refunds}:
        return order
    payments = units[0].get("payments")
    payments = payments if isinstance(payments, dict) else {}
    unit = {**units[0], "payments": {**payments, "refunds": [*refunds, made]}}
    return {**order, "purchase_units": [unit, *units[1:]]}


#: What managers read above the fields.
_HELP = _(
    "In PayPal's dashboard for developers, create an app and allow it to read disputes. Add a webhook to it"
    " that sends all events of checkouts, payments and disputes to the desk."
)
_VALUES = (
    Value(
        "environment",
        _("Environment"),
        choices={
            "live": _("Live"),
            "sandbox": _("Sandbox (no real money)"),
            _TEST: _("Test server (no real money)"),
        },
        default="live",
    ),
    Value(
        "address",
        _("Address of the test server"),
        _("Only for a test server, like http://127.0.0.1:5055."),
        required=False,
    ),
    Value("client", _("Client ID")),
    Value("secret", _("Secret"), secret=True),
    Value(
        "webhook",
        _("Webhook ID"),
        _("PayPal shows it when you add the webhook. Without it, the desk hears of payments later."),
        required=False,
    ),
    Value("brand", _("Name shown to customers at PayPal"), required=False),
)
_ENVIRONMENT = _("Choose an environment.")
_NO_ADDRESS = _("Enter the address of the test server.")
_NOT_SAFE = _("Enter an address that starts with https://, or http:// for this machine.")
_ENTERED = ("client", "secret", "webhook", "brand")
_LIBRARY = _("Payments need more packages on the server: pip install 'paidsupport[payments]'")
_ODD = _("Copy it from PayPal's dashboard: letters, digits, “-” and “_”.")


def _wrong(values: Values) -> Mapping[str, Message]:
    if find_spec("requests") is None:
        return {"environment": _LIBRARY}
    found = {}
    environment, address = values.get("environment", ""), values.get("address", "")
    if environment != _TEST and environment not in BASES:
        found["environment"] = _ENVIRONMENT
    if environment == _TEST and (not address or not is_safe(address)):
        found["address"] = _NOT_SAFE if address else _NO_ADDRESS
    for name in ("client", "secret", "webhook"):
        value = values.get(name, "")
        if not value.isascii() or not all(each.isalnum() or each in "-_" for each in value):
            found[name] = _ODD
    return found


def _make(values: Values) -> Provider:
    environment = values.get("environment", "")
    base = BASES.get(environment) or values.get("address", "").rstrip("/")
    line = Line(base, private=is_here(base))
    client, secret, webhook, brand = (values.get(name, "") for name in _ENTERED)
    made = PayPal(line, client, secret, webhook, brand)
    if environment == _TEST:
        from paidsupport.connect.payments import paypal_hints as hints  # noqa: PLC0415  # late: few need it

        # it has no certificate that browsers trust; where it is was entered by a manager
        made.certificates = hints.Certificates(hints.Trust((f"{base}{hints.FOLDER}",), None))
    return made


KIND = Kind(
    "paypal",
    _("PayPal"),
    _VALUES,
    _wrong,
    _make,
    is_test=lambda values: values.get("environment") != "live",
    currencies=lambda _values: truths.CURRENCIES,
    binding=("environment", "address", "client"),
    help=_HELP,
)
