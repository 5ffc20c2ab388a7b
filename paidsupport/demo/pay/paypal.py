"""A stand-in for PayPal: it takes what PayPal's published lists of fields allow, and answers in its shapes.

It knows orders, captures, refunds, disputes and webhooks, has a page on which payers approve, and can be told
to have trouble: see the attributes of `PayPal`, and `server.Fault` for what goes wrong on the way.
"""

from __future__ import annotations

import json
import secrets
import threading
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from flask import Flask, Response, redirect, render_template_string, request

from paidsupport.demo.pay.certificates import Signer
from paidsupport.demo.pay.paypal_fields import (
    CAPTURE,
    ORDER,
    REFUND,
    RefusalError,
    Shape,
    answered,
    check_amounts,
    minor,
    not_found,
    unprocessable,
    wrong,
)
from paidsupport.demo.pay.server import Server

#: What the demo signs in with.
CLIENT, SECRET, WEBHOOK = "test-client", "test-secret", "TEST-WEBHOOK"

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Test payment</title>
<main>
<h1>Test payment</h1>
<p><strong>No real money moves.</strong> This page stands in for PayPal.</p>
{% if unit %}
<dl>
<dt>For<dd>{{ unit.description }}
<dt>Amount<dd>{{ unit.amount.value }} {{ unit.amount.currency_code }}
</dl>
<form method="post">
<p><button name="answer" value="approve">Approve payment</button>
<p><button name="answer" value="decline">Approve with a card that is declined</button>
<p><button name="answer" value="cancel">Cancel payment</button>
</form>
{% else %}
<p>There is nothing to pay here.
{% endif %}
</main>
"""


class PayPal:
    """PayPal with one merchant, as a context manager: a server in a thread.

    Attributes:
        orders: All orders as PayPal shows them, by their ids.
        disputes: All disputes, by the ids of their captures.
        events: All events, oldest first; they are sent to `hook` at once if that is set.
        hook: The address of the webhook.
        capture_status: What becomes of captures: COMPLETED, PENDING or DECLINED.
        reason: Why that is so, for those that are not completed.
        captured: The amount that is taken instead of the one that was asked for.
        refund_status: What becomes of refunds: COMPLETED, PENDING or FAILED.
        expires_in: How many seconds tokens are said to last.
        may_read_disputes: Whether the app was allowed to.
    """

    def __init__(self, *, webhook: str = WEBHOOK, hook: str = "", port: int = 0) -> None:
        self.orders: dict[str, Shape] = {}
        self.disputes: dict[str, Shape] = {}
        self.events: list[Shape] = []
        self.tokens: list[str] = []
        self.hook, self.webhook = hook, webhook
        self.capture_status, self.refund_status, self.reason = "COMPLETED", "COMPLETED", ""
        self.captured: Shape | None = None
        self.expires_in = 32_400
        self.may_read_disputes = True
        self._keys: dict[tuple[str, str], tuple[bytes, Shape]] = {}
        self._declines: set[str] = set()
        self._lock = threading.RLock()
        self.server = Server(self._app(), port)

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    # what happens there without a request of ours

    def approve(self, order: str) -> None:
        """The payer agrees."""
        found = self.orders[order]
        if found["status"] == "PAYER_ACTION_REQUIRED" or order in self._declines:
            self._declines.discard(order)
            found["status"], found["update_time"] = "APPROVED", datetime.now(UTC).isoformat()
            self.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", found)

    def decline(self, order: str) -> None:
        """The payer agrees, and their card does not."""
        self.approve(order)
        self._declines.add(order)

    def clear(self, capture: str, status: str = "COMPLETED", reason: str = "") -> None:
        """A capture ends up in another state."""
        found = self.capture(capture)
        found["status"] = status
        found["status_details"] = {"reason": reason}
        told = {"COMPLETED": "COMPLETED", "DECLINED": "DENIED"}.get(status, status)
        told = "REVERSED" if reason == "CHARGEBACK" else told
        self.tell(f"PAYMENT.CAPTURE.{told}", "capture", found)

    def take_back(self, capture: str, value: str) -> None:
        """PayPal pays back on its own: without an invoice of ours."""
        self._pay_back(capture, {"amount": {**self.capture(capture)["amount"], "value": value}})

    def dispute(self, capture: str, status: str = "WAITING_FOR_SELLER_RESPONSE") -> None:
        """The payer disputes it, or the dispute goes on."""
        known = capture in self.disputes
        found = self.disputes.setdefault(
            capture,
            {
                "dispute_id": f"PP-D-{secrets.randbelow(10**5):05}",
                "create_time": _now(),
                "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
                "dispute_amount": self.capture(capture)["amount"],
                "disputed_transactions": [{"seller_transaction_id": capture}],
            },
        )
        found["status"] = status
        kind = "RESOLVED" if status == "RESOLVED" else "UPDATED" if known else "CREATED"
        self.tell(f"CUSTOMER.DISPUTE.{kind}", "dispute", found)

    def capture(self, name: str) -> Shape:
        """A capture by its id."""
        return next(each for each in self.captures if each["id"] == name)

    @property
    def captures(self) -> list[Shape]:
        """All captures, of all orders."""
        return [each for order in self.orders.values() for each in _payments(order)["captures"]]

    @property
    def refunds(self) -> list[Shape]:
        """All refunds, of all orders."""
        return [each for order in self.orders.values() for each in _payments(order)["refunds"]]

    # webhooks

    @cached_property
    def signer(self) -> Signer:
        """What it signs with."""
        return Signer()

    @property
    def certificate_url(self) -> str:
        """Where its certificate is."""
        return f"{self.url}/v1/notifications/certs/CERT-test"

    def tell(self, kind: str, resource_type: str, resource: Shape) -> Shape:
        """Make an event of this kind, and send it."""
        event = {
            "id": f"WH-{secrets.token_hex(8).upper()}",
            "event_version": "1.0",
            "create_time": _now(),
            "resource_type": resource_type,
            "event_type": kind,
            "summary": kind,
            "resource": json.loads(json.dumps(resource)),
        }
        self.events.append(event)
        if self.hook:
            threading.Thread(target=self._send, args=(event,), daemon=True).start()
        return event

    def signed(self, event: Shape, url: str = "") -> tuple[dict[str, str], bytes]:
        """The headers and the body by which an event is sent."""
        body, name, now = json.dumps(event).encode(), secrets.token_hex(16), _now()
        signed = f"{name}|{now}|{self.webhook}|{zlib.crc32(body)}".encode()
        headers = {
            "Content-Type": "application/json",
            "Paypal-Transmission-Id": name,
            "Paypal-Transmission-Time": now,
            "Paypal-Transmission-Sig": b64encode(self.signer.sign(signed)).decode(),
            "Paypal-Cert-Url": url or self.certificate_url,
            "Paypal-Auth-Algo": "SHA256withRSA",
        }
        return headers, body

    def _send(self, event: Shape) -> None:
        import requests  # noqa: PLC0415  # late, as everywhere

        headers, body = self.signed(event)
        # three times at most: the first may come before the receiver knows the certificate
        for _attempt in range(3):
            with suppress(requests.RequestException):
                if requests.post(self.hook, data=body, headers=headers, timeout=10).ok:
                    return
            threading.Event().wait(2)

    # requests

    def _app(self) -> Flask:
        app = Flask(__name__)
        for rule, method, view in (
            ("/v1/oauth2/token", "POST", self._log_in),
            ("/v2/checkout/orders", "POST", self._create),
            ("/v2/checkout/orders/<name>", "GET", self._show),
            ("/v2/checkout/orders/<name>/capture", "POST", self._take),
            ("/v2/payments/captures/<name>", "GET", self._show_capture),
            ("/v2/payments/captures/<name>/refund", "POST", self._refund),
            ("/v2/payments/refunds/<name>", "GET", self._show_refund),
            ("/v1/customer/disputes", "GET", self._list_disputes),
            ("/v1/notifications/certs/<name>", "GET", self._show_certificate),
            ("/checkoutnow", "GET", self._ask_payer),
            ("/checkoutnow", "POST", self._hear_payer),
        ):
            app.add_url_rule(rule, f"{method} {rule}", self._one_by_one(view), methods=[method])
        app.before_request(self._check_token)
        return app

    def _one_by_one(self, view: Callable[..., Response]) -> Callable[..., Response]:
        def locked(**names: str) -> Response:
            with self._lock:
                return view(**names)

        return locked

    def _check_token(self) -> Response | None:
        if request.path.startswith(("/v1/oauth2/", "/v1/notifications/certs/", "/checkoutnow")):
            return None
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer" and token in self.tokens:
            return None
        return answered(
            {"error": "invalid_token", "error_description": "Token signature verification failed"}, 401
        )

    def _log_in(self) -> Response:
        kind, _space, login = request.headers.get("Authorization", "").partition(" ")
        if kind != "Basic" or b64decode(login) != f"{CLIENT}:{SECRET}".encode():
            said = {"error": "invalid_client", "error_description": "Client Authentication failed"}
            return answered(said, 401)
        if request.form.to_dict() != {"grant_type": "client_credentials"}:
            return answered(
                {"error": "unsupported_grant_type", "error_description": "Grant Type is NULL"}, 400
            )
        self.tokens.append(secrets.token_urlsafe(24))
        return answered(
            {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.expires_in}, 200
        )

    def _create(self) -> Response:
        content, earlier = self._content(ORDER)
        if earlier:
            return answered(self.orders[earlier["id"]], 200)
        name = secrets.token_hex(9)[:17].upper()
        units = [{**unit, "payments": {"captures": [], "refunds": []}} for unit in content["purchase_units"]]
        context = content.get("payment_source", {}).get("paypal", {}).get("experience_context", {})
        self.orders[name] = {
            "id": name,
            "intent": content["intent"],
            "status": "PAYER_ACTION_REQUIRED",
            "payment_source": {"paypal": {"experience_context": context}},
            "purchase_units": units,
            "create_time": _now(),
            "links": [
                {"href": f"{self.url}/v2/checkout/orders/{name}", "rel": "self", "method": "GET"},
                {"href": self._checkout(name), "rel": "payer-action", "method": "GET"},
            ],
        }
        self._keep({"id": name})
        return answered(self.orders[name], 201)

    def _show(self, name: str) -> Response:
        return answered(self._found(name), 200)

    def _take(self, name: str) -> Response:
        order = self._found(name)
        _content, earlier = self._content(CAPTURE)
        if earlier and "refused" in earlier:
            raise RefusalError(422, "UNPROCESSABLE_ENTITY", *earlier["refused"], links=earlier["links"])
        if earlier:
            return answered(order, 200)
        if order["status"] == "COMPLETED":
            raise unprocessable("ORDER_ALREADY_CAPTURED", "Order already captured.")
        if order["status"] != "APPROVED":
            raise unprocessable("ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")
        if name in self._declines:
            issue = ("INSTRUMENT_DECLINED", "", "The instrument presented was declined. Try another one.")
            links = [{"href": self._checkout(name), "rel": "redirect", "method": "GET"}]
            self._keep({"refused": [issue], "links": links})
            raise RefusalError(422, "UNPROCESSABLE_ENTITY", issue, links=links)
        unit = order["purchase_units"][0]
        capture = {
            "id": secrets.token_hex(9)[:17].upper(),
            "status": self.capture_status,
            "amount": self.captured or unit["amount"],
            "final_capture": True,
            "invoice_id": unit.get("invoice_id", ""),
            "custom_id": unit.get("custom_id", ""),
            "create_time": _now(),
            "supplementary_data": {"related_ids": {"order_id": name}},
        }
        if self.reason:
            capture["status_details"] = {"reason": self.reason}
        unit["payments"]["captures"].append(capture)
        order["status"] = "COMPLETED"
        self._keep({"id": name})
        kind = "DENIED" if self.capture_status == "DECLINED" else self.capture_status
        self.tell(f"PAYMENT.CAPTURE.{kind}", "capture", capture)
        return answered(order, 201)

    def _show_capture(self, name: str) -> Response:
        return answered(next((each for each in self.captures if each["id"] == name), None), 200)

    def _refund(self, name: str) -> Response:
        if name not in {each["id"] for each in self.captures}:
            raise not_found()
        content, earlier = self._content(REFUND)
        if earlier is not None:
            return answered(earlier, 200)
        capture = self.capture(name)
        if capture["status"] == "REFUNDED":
            raise unprocessable("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.")
        amount: Shape = content.get("amount") or capture["amount"]
        if amount["currency_code"] != capture["amount"]["currency_code"]:
            raise unprocessable("REFUND_CURRENCY_MISMATCH", "Refund must be in the same currency.")
        if minor(amount) > minor(capture["amount"]) - self._paid_back(name):
            raise unprocessable("REFUND_AMOUNT_EXCEEDED", "The refund amount must be less than the capture.")
        refund = self._pay_back(name, {**content, "amount": amount})
        self._keep(refund)
        return answered(refund, 201)

    def _pay_back(self, capture: str, content: Shape) -> Shape:
        order = next(
            each
            for each in self.orders.values()
            if capture in {taken["id"] for taken in _payments(each)["captures"]}
        )
        refund = {
            "id": secrets.token_hex(9)[:17].upper(),
            "status": self.refund_status,
            **content,
            "links": [{"href": f"{self.url}/v2/payments/captures/{capture}", "rel": "up", "method": "GET"}],
            "create_time": _now(),
        }
        _payments(order)["refunds"].append(refund)
        found = self.capture(capture)
        if rest := minor(found["amount"]) - self._paid_back(capture):
            found["status"] = "PARTIALLY_REFUNDED" if rest < minor(found["amount"]) else found["status"]
        else:
            found["status"] = "REFUNDED"
        self.tell("PAYMENT.CAPTURE.REFUNDED", "refund", refund)
        return refund

    def _paid_back(self, capture: str) -> int:
        up = f"{self.url}/v2/payments/captures/{capture}"
        return sum(
            minor(each["amount"])
            for each in self.refunds
            if each["links"][0]["href"] == up and each["status"] != "FAILED"
        )

    def _show_refund(self, name: str) -> Response:
        return answered(next((each for each in self.refunds if each["id"] == name), None), 200)

    def _list_disputes(self) -> Response:
        if not self.may_read_disputes:
            raise RefusalError(
                403, "NOT_AUTHORIZED", ("PERMISSION_DENIED", "", "You do not have permission.")
            )
        found = self.disputes.get(request.args["disputed_transaction_id"])
        return answered({"items": [found] if found else [], "links": []}, 200)

    def _show_certificate(self, name: str) -> Response:  # noqa: ARG002  # there is one only
        return Response(self.signer.pem, mimetype="application/x-pem-file")

    # payers

    def _ask_payer(self) -> Response:
        order = self.orders.get(request.args.get("token", ""))
        payable = order and (order["status"] == "PAYER_ACTION_REQUIRED" or order["id"] in self._declines)
        unit = order["purchase_units"][0] if order and payable else None
        return Response(render_template_string(_PAGE, unit=unit))

    def _hear_payer(self) -> Response:
        name, answer = request.args.get("token", ""), request.form.get("answer")
        order = self._found(name)
        context = order["payment_source"]["paypal"]["experience_context"]
        if answer == "cancel":
            return _back(context["cancel_url"], token=name)
        (self.decline if answer == "decline" else self.approve)(name)
        return _back(context["return_url"], token=name, PayerID="TESTPAYER")

    # the inside

    def _found(self, name: str) -> Shape:
        if name not in self.orders:
            raise not_found()
        return self.orders[name]

    def _checkout(self, name: str) -> str:
        return f"{self.url}/checkoutnow?{urlencode({'token': name})}"

    def _content(self, fields: Mapping[str, Any]) -> tuple[Shape, Shape | None]:
        """What a request says, when all of it is allowed, and what was answered to its id before."""
        key = request.headers.get("PayPal-Request-Id", "")
        if not key:
            said = "A PayPal-Request-Id is required."
            raise RefusalError(400, "INVALID_REQUEST", ("PAYPAL_REQUEST_ID_REQUIRED", "", said))
        content = request.get_json(silent=True)
        if not isinstance(content, dict) or len(key) > 108:  # noqa: PLR2004  # PayPal's limit
            raise RefusalError(
                400, "INVALID_REQUEST", ("MALFORMED_REQUEST_JSON", "", "It is not well formed.")
            )
        if found := list(wrong(content, fields)):
            raise RefusalError(400, "INVALID_REQUEST", *found)
        check_amounts(content)
        body, earlier = self._keys.get((request.path, key), (b"", None))
        if earlier is not None and body != request.get_data():
            raise unprocessable("PAYPAL_REQUEST_ID_PREVIOUSLY_USED", "It was used for another request.")
        return content, earlier

    def _keep(self, answer: Shape) -> None:
        self._keys[request.path, request.headers["PayPal-Request-Id"]] = request.get_data(), answer


def _payments(order: Shape) -> dict[str, list[Shape]]:
    found: dict[str, list[Shape]] = order["purchase_units"][0]["payments"]
    return found


def _back(url: str, **said: str) -> Response:
    answer = redirect(f"{url}{'&' if '?' in url else '?'}{urlencode(said)}", 303)
    return Response(answer.get_data(), 303, {"Location": answer.headers["Location"]})


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
