"""Payments by PayPal: Orders v2, with plain requests (P16).

What is known there under our own reference is made once: orders, captures and refunds each carry an id of
their request under which PayPal repeats its answer instead of doing it again.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from paidsupport.connect.outgoing import Line
from paidsupport.connect.payments import paypal_truth as truths
from paidsupport.connect.payments.paypal_client import UNREADABLE, Client, RefusedError
from paidsupport.connect.payments.paypal_truth import Shape
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.sales.payments.providers import Hint, Kind, Known, Provider, Refund, Truth, Value, Values
from paidsupport.sales.payments.rules import PaymentStep

if TYPE_CHECKING:
    from paidsupport.connect.payments.paypal_hints import Certificates

#: Where PayPal answers, by the environment that managers choose.
BASES = {"live": "https://api-m.paypal.com", "sandbox": "https://api-m.sandbox.paypal.com"}
_TEST = "test"
_ORDERS, _CAPTURES = "/v2/checkout/orders", "/v2/payments/captures"
_DISPUTES = "/v1/customer/disputes"
#: The longest description that PayPal takes.
_DESCRIPTION = 127
#: What PayPal speaks, by our languages; others get what it thinks fit.
_LOCALES = {"de": "de-DE", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL"}
#: The disputes of a payment that are over.
_OVER = "RESOLVED"
#: Nothing is wrong: the customer has to do something first.
_NOT_APPROVED, _DECLINED = "ORDER_NOT_APPROVED", frozenset({"INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED"})
_CAPTURED = "ORDER_ALREADY_CAPTURED"
_NOT_THERE = frozenset({"RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"})

_CANNOT_BE_PAID = storable(_("PayPal cannot take %(amount)s."))
_NO_CAPTURE = storable(_("Nothing was taken for this payment, so nothing can be paid back."))
_FAILED = storable(_("PayPal could not pay it back: %(why)s"))
_EXPIRED = storable(_("PayPal does not know the order any more: it was not approved in time."))


class PayPal:
    """One app of one merchant at PayPal."""

    def __init__(self, line: Line, client: str, secret: str, webhook: str = "", brand: str = "") -> None:
        self._client = Client(line, client, secret)
        self._webhook, self._brand = webhook, brand
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
        return self._looked(known) if known.remote else self.begin(known)

    def capture(self, known: Known) -> Truth:
        """Take the money of an approved order, once."""
        # a capture that was declined is answered the same for ever under its id: the next one has another
        key = "-".join(part for part in (known.reference, "capture", known.version) if part)
        try:
            order = self._client.post(f"{_ORDERS}/{quote(known.remote, safe='')}/capture", {}, key)
        except RefusedError as error:
            if not error.issues & {_CAPTURED, _NOT_APPROVED, *_DECLINED}:
                raise
            found = self._looked(known)
            if error.issues & _DECLINED and found.step in {PaymentStep.OPEN, PaymentStep.APPROVED}:
                return _declined(known, found, error)
            return found
        return truths.truth(order, known)

    def refund(self, known: Known, refund: Refund) -> Truth:
        """Pay back, once for each reference, which PayPal shows as the number of the refund's invoice."""
        value = truths.amount(refund.amount)
        if value is None:
            raise NotSentError(filled(_CANNOT_BE_PAID, amount=str(refund.amount)), permanent=True)
        # ids of requests are kept for weeks, refunds for ever: one that is there is not asked for again
        found = self._looked(known)
        if refund.reference in found.refunds or refund.reference in found.pending:
            return found
        capture = found.capture or known.capture
        if not capture:
            raise NotSentError(_NO_CAPTURE, permanent=True)
        content: dict[str, object] = {"amount": value, "invoice_id": refund.reference}
        if refund.reason:
            content["note_to_payer"] = refund.reason[:255]
        path = f"{_CAPTURES}/{quote(capture, safe='')}/refund"
        made = self._client.post(path, content, refund.reference)
        try:
            found = self._looked(known, made)
        except NotSentError as error:
            raise UnclearError(str(error)) from error  # it was done, and cannot be seen now
        if refund.reference not in found.refunds and refund.reference not in found.pending:
            raise NotSentError(filled(_FAILED, why=found.problem), permanent=True)
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

    def _looked(self, known: Known, made: Shape | None = None) -> Truth:
        """What the order says; `made`: a refund that may not be shown in it yet."""
        try:
            order = self._client.get(f"{_ORDERS}/{quote(known.remote, safe='')}")
        except RefusedError as error:
            if error.answered != 404 or not error.issues & _NOT_THERE or known.capture:  # noqa: PLR2004
                raise
            # orders without an approval are forgotten after some hours
            return Truth(PaymentStep.ENDED, remote=known.remote, problem=_EXPIRED)
        if made:
            order = _with(order, made)
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


def _declined(known: Known, found: Truth, error: RefusedError) -> Truth:
    """The customer chooses another way to pay at PayPal, at an address that the refusal gives."""
    return Truth(
        PaymentStep.OPEN,
        remote=found.remote,
        version=error.mark[:40] or known.version,
        address=error.address or found.address,
        problem=str(error),
    )


def _with(order: Shape, made: Shape) -> Shape:
    """An order with a refund that it may not show yet."""
    units = truths.shapes(order, "purchase_units")
    if not units or truths.text(made, "id") in {truths.text(each, "id") for each in truths.refunds(order)}:
        return order
    payments = units[0].get("payments")
    payments = payments if isinstance(payments, dict) else {}
    unit = {**units[0], "payments": {**payments, "refunds": [*truths.refunds(order), made]}}
    return {**order, "purchase_units": [unit, *units[1:]]}


#: What managers read above the fields.
_HELP = _(
    "In PayPal's dashboard for developers, create an app and allow it to read disputes. Add a webhook to it"
    " that sends all events of checkouts, payments and disputes to the address below."
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
_LIBRARY = _("Payments need more packages on the server: pip install 'paidsupport[payments]'")
_ODD = _("Copy it from PayPal's dashboard: letters, digits, “-” and “_”.")


def _wrong(values: Values) -> Mapping[str, Message]:
    if find_spec("requests") is None:
        return {"environment": _LIBRARY}
    found = {}
    environment, address = values.get("environment", ""), values.get("address", "")
    if environment != _TEST and environment not in BASES:
        found["environment"] = _ENVIRONMENT
    if environment == _TEST and (not address or not _is_safe(address)):
        found["address"] = _NOT_SAFE if address else _NO_ADDRESS
    for name in ("client", "secret", "webhook"):
        value = values.get(name, "")
        if not value.isascii() or not all(each.isalnum() or each in "-_" for each in value):
            found[name] = _ODD
    return found


def _is_safe(address: str) -> bool:
    """Whether a secret may be sent there."""
    try:
        parts = urlsplit(address)
        known = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    bare = parts.username is None and not parts.query and not parts.fragment
    if not (plain and bare and known and parts.hostname):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _make(values: Values) -> Provider:
    environment = values.get("environment", "")
    base = BASES.get(environment) or values.get("address", "").rstrip("/")
    line = Line(base, private=_is_here(urlsplit(base).hostname or ""))
    named = {name: values.get(name, "") for name in ("client", "secret", "webhook", "brand")}
    made = PayPal(line, **named)
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
