"""A stand-in for a merchant backend of GNU Taler, which is the wallet of a test customer as well.

It checks each request against the published fields of the protocol, and refuses what is not among them. Its
page for a browser has the buttons that a wallet has: no real money moves. Part of an amount cannot be paid
with Taler, so there is nothing to try that with.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: What opens it.
TOKEN = "secret-token:of-the-demonstration"  # noqa: S105  # of a stand-in
_AMOUNT = re.compile(r"[A-Z]{1,11}:[0-9]{1,16}(\.[0-9]{1,8})?")
_ORDER_ID = re.compile(r"[A-Za-z0-9.:_-]{1,200}")
_DAY = 24 * 60 * 60
_MICROSECONDS = 1_000_000
#: The longest time for which an answer is held back, whatever is asked for.
_LONGEST_POLL = 30.0

Fits = Callable[[object], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_amount(value: object) -> bool:
    return isinstance(value, str) and bool(_AMOUNT.fullmatch(value))


def _is_moment(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"t_s"}
        and (_is_whole(value["t_s"]) or value["t_s"] == "never")
    )


def _is_length(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"d_us"}
        and (_is_whole(value["d_us"]) or value["d_us"] == "forever")
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_worded(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(text) for text in value.values())


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(_ORDER_ID.fullmatch(value))


def _is_link(value: object) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in {"https", "http"}


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_0(value: object) -> bool:
    # version 1 is for tokens and subscriptions, which this desk does not sell
    return value == 0 and not isinstance(value, bool)


#: The fields of requests, each with what fits; those with a star have to be there.
_REQUEST: Mapping[str, Fits] = {
    "order*": _is_object,
    "refund_delay": _is_length,
    "payment_target": _is_text,
    "session_id": _is_text,
    "inventory_products": _is_list,
    "lock_uuids": _is_list,
    "create_token": _is_truth,
    "otp_id": _is_text,
}
_ORDER: Mapping[str, Fits] = {
    "version": _is_0,
    "amount*": _is_amount,
    "max_fee": _is_amount,
    "summary*": _is_text,
    "summary_i18n": _is_worded,
    "order_id": _is_name,
    "public_reorder_url": _is_link,
    "fulfillment_url": _is_link,
    "fulfillment_message": _is_text,
    "fulfillment_message_i18n": _is_worded,
    "minimum_age": _is_whole,
    "products": _is_list,
    "timestamp": _is_moment,
    "refund_deadline": _is_moment,
    "pay_deadline": _is_moment,
    "wire_transfer_deadline": _is_moment,
    "merchant_base_url": _is_link,
    "delivery_location": _is_object,
    "delivery_date": _is_moment,
    "auto_refund": _is_length,
    "extra": _is_object,
}
_REFUND: Mapping[str, Fits] = {"refund*": _is_amount, "reason*": _is_text}
_PATCHED: Mapping[str, Fits] = {
    "event_type*": lambda value: value in {"pay", "refund", "order_created", "order_settled"},
    "url*": _is_link,
    "http_method*": lambda value: value in {"GET", "POST", "PUT", "PATCH"},
    "header_template": _is_text,
    "body_template": _is_text,
}
_WEBHOOK: Mapping[str, Fits] = {"webhook_id*": _is_name, **_PATCHED}


@dataclass(slots=True)
class Order:
    """An order, with what came of it."""

    id: str
    instance: str
    asked: Mapping[str, Any]
    amount: str
    made: int
    pay_deadline: int
    refund_deadline: int
    claim: str
    status: str = "unpaid"
    refunds: list[dict[str, Any]] = field(default_factory=list)
    #: What an answer says otherwise than it is, for tests.
    wrong: dict[str, Any] = field(default_factory=dict)

    @property
    def contract(self) -> dict[str, Any]:
        """What a wallet has agreed to."""
        terms = {name: value for name, value in self.asked["order"].items() if name != "version"}
        return {
            "products": [],
            "max_fee": f"{self.amount.partition(':')[0]}:0",
            **terms,
            "amount": self.amount,
            "order_id": self.id,
            "timestamp": {"t_s": self.made},
            "pay_deadline": {"t_s": self.pay_deadline},
            "refund_deadline": {"t_s": self.refund_deadline},
            "wire_transfer_deadline": {"t_s": self.refund_deadline + _DAY},
            "wire_method": "iban",
            "merchant": {"name": "Demonstration"},
            **self.wrong,
        }

    @property
    def refunded(self) -> Decimal:
        """The total of what was granted to be paid back."""
        return sum((_value(each["amount"]) for each in self.refunds), Decimal())


class Refused(Exception):  # noqa: N818  # an answer, no error of ours
    """An answer that says no: the numbers are Taler's."""

    def __init__(self, status: int, code: int, hint: str, detail: str = "") -> None:
        self.status = status
        self.body = {"code": code, "hint": hint, **({"detail": detail} if detail else {})}
        super().__init__(hint)


class Merchant:
    """The stand-in, as a WSGI app.

    Attributes:
        currency: What it takes.
        digits: The number of decimals of that.
        version: Of its protocol, as libtool writes it.
        instances: The names of its instances, besides the one of the backend itself.
        scopes: What the token may do.
        coins: Of how many coins a refund is made up: there is one line of each.
        copies: How often each webhook is sent.
        late: Whether webhooks wait for `deliver`.
        now: The time, in seconds.
        orders: By instance and id.
        webhooks: By id.
        sent: The statuses that webhooks were answered with, or what went wrong.
    """

    def __init__(self, currency: str = "EUR", token: str = TOKEN) -> None:
        self.currency, self.token, self.digits = currency, token, 2
        self.version = "22:0:4"
        self.instances = {"desk"}
        self.scopes = {"orders-read", "orders-write", "orders-refund", "webhooks-write"}
        self.coins = self.copies = 1
        self.late = False
        self.now: Callable[[], float] = time.time
        self.orders: dict[tuple[str, str], Order] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.sent: list[int | str] = []
        self._waiting: list[tuple[dict[str, Any], dict[str, str]]] = []
        self._changed = threading.Condition()

    def order(self, id_: str) -> Order:
        """An order of any instance, by its id."""
        return next(order for (_instance, each), order in self.orders.items() if each == id_)

    def claim(self, id_: str) -> None:
        """A wallet takes the order: no other one can pay it any more."""
        self._set(id_, "claimed")

    def pay(self, id_: str) -> None:
        """A wallet pays: only the whole amount, and only in time."""
        order = self.order(id_)
        if self.now() > order.pay_deadline:
            raise Refused(410, 2171, "The payment deadline has passed.")
        self._set(id_, "paid")
        self._tell("pay", order)

    def fetch(self, id_: str) -> None:
        """The wallet fetches what is paid back."""
        with self._changed:
            for each in self.order(id_).refunds:
                each["pending"] = False
            self._changed.notify_all()

    def grant(self, id_: str, total: str, reason: str) -> None:
        """Pay back so much in all, as staff of the merchant can do it in the backend."""
        order = self.order(id_)
        _check_refund(order, total, self.now())
        with self._changed:
            more = _value(total) - order.refunded
            part = (more / self.coins).quantize(Decimal("0.01"))
            parts = [part] * (self.coins - 1)
            parts.append(more - sum(parts, Decimal()))
            order.refunds += [
                {
                    "reason": reason,
                    "pending": True,
                    "timestamp": {"t_s": int(self.now())},
                    "amount": f"{self.currency}:{each}",
                }
                for each in parts
                if each
            ]
            self._changed.notify_all()
        self._tell("refund", order)

    def deliver(self) -> None:
        """Send the webhooks that wait."""
        waiting, self._waiting = self._waiting, []
        for hook, places in waiting:
            for _ in range(self.copies):
                self.sent.append(_sent(hook, places))

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self._answer(Request(environ))(environ, start)

    def _set(self, id_: str, status: str) -> None:
        with self._changed:
            self.order(id_).status = status
            self._changed.notify_all()

    def _tell(self, event: str, order: Order) -> None:
        places = {"order_id": order.id}
        self._waiting += [(hook, places) for hook in self.webhooks.values() if hook["event_type"] == event]
        if not self.late:
            self.deliver()

    def _answer(self, request: Request) -> Response:
        try:
            instance, rest = self._instance(request.path)
            if request.path.startswith("/instances/default/"):
                return redirect(f"/{rest}", 308)
            adapter = _ROUTES.bind("")
            name, values = adapter.match(f"/{rest}", method=request.method)
            answer: Response = getattr(self, f"_{name}")(request, instance, **values)
        except Refused as refused:
            return _as_json(refused.body, refused.status)
        except HTTPException as error:
            return _as_json({"code": 21, "hint": str(error.name)}, error.code or 500)
        return answer

    def _instance(self, path: str) -> tuple[str, str]:
        """The instance that is meant, and the rest of the path."""
        if not path.startswith("/instances/"):
            return "", path.removeprefix("/")
        name, _slash, rest = path.removeprefix("/instances/").partition("/")
        if name not in {"default", *self.instances}:
            raise Refused(404, 2000, "The merchant instance is unknown.")
        return name, rest

    def _allow(self, request: Request, scope: str) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401, 40, "The request lacks a valid token.")
        if scope not in self.scopes:
            raise Refused(403, 54, "The token does not allow this.")

    def _config(self, _request: Request, _instance: str) -> Response:
        digits = {"num_fractional_input_digits": self.digits, "num_fractional_normal_digits": self.digits}
        about = {
            "name": self.currency,
            **digits,
            "num_fractional_trailing_zero_digits": self.digits,
            "alt_unit_names": {"0": self.currency},
            "common_amounts": [],
        }
        return _as_json(
            {
                "name": "taler-merchant",
                "version": self.version,
                "currency": self.currency,
                "currencies": {self.currency: about},
                "exchanges": [],
                "implementation": "urn:paidsupport:stand-in",
                "have_self_provisioning": False,
                "have_donau": False,
            }
        )

    def _list(self, request: Request, instance: str) -> Response:
        self._allow(request, "orders-read")
        theirs = [order for (at, _id), order in self.orders.items() if at == instance]
        rows = [
            {
                "order_id": order.id,
                "row_id": row,
                "timestamp": {"t_s": order.made},
                "amount": order.amount,
                "summary": order.asked["order"]["summary"],
                "refundable": order.status == "paid",
                "paid": order.status == "paid",
            }
            for row, order in enumerate(theirs, 1)
        ]
        return _as_json({"orders": rows[-20:]})

    def _create(self, request: Request, instance: str) -> Response:
        self._allow(request, "orders-write")
        asked = _checked(request, _REQUEST)
        _check(asked["order"], _ORDER)
        order, now = asked["order"], int(self.now())
        if not {"fulfillment_url", "fulfillment_message"} & order.keys():
            raise Refused(400, 26, "A parameter is missing.", "fulfillment_url")
        if order["amount"].partition(":")[0] != self.currency:
            raise Refused(409, 2514, "There is no exchange for this currency.")
        id_ = order.get("order_id") or secrets.token_hex(8)
        with self._changed:
            earlier = self.orders.get((instance, id_))
            if earlier and earlier.asked != asked:
                raise Refused(409, 2503, "An order with this identifier exists already.")
            if not earlier:
                ends = order.get("pay_deadline", {}).get("t_s", now + _DAY)
                delay = asked.get("refund_delay", {}).get("d_us", 0) // _MICROSECONDS
                self.orders[instance, id_] = earlier = Order(
                    id_,
                    instance,
                    asked,
                    order["amount"],
                    now,
                    ends,
                    now + delay,
                    secrets.token_hex(13).upper(),
                )
        token = {"token": earlier.claim} if asked.get("create_token", True) else {}
        return _as_json({"order_id": id_, **token})

    def _status(self, request: Request, instance: str, id_: str) -> Response:
        self._allow(request, "orders-read")
        order = self._known(instance, id_)
        if unknown := request.args.keys() - {
            "timeout_ms",
            "lp_not_etag",
            "session_id",
            "allow_refunded_for_repurchase",
        }:
            raise Refused(400, 26, "A parameter is unknown.", ", ".join(sorted(unknown)))
        root = request.host_url
        timeout = min(int(request.args.get("timeout_ms", 0)) / 1000, _LONGEST_POLL)
        with self._changed:
            # what was known is waited for to change; without that, the answer comes at once
            before = request.args.get("lp_not_etag", "")
            self._changed.wait_for(lambda: _etag(_shown(order, root)) != before, timeout if before else 0)
            body = _shown(order, root)
        etag = f'"{_etag(body)}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        return _as_json(body, headers={"ETag": etag})

    def _refund(self, request: Request, instance: str, id_: str) -> Response:
        self._allow(request, "orders-refund")
        order = self._known(instance, id_)
        asked = _checked(request, _REFUND)
        self.grant(id_, asked["refund"], asked["reason"])
        uri = _wallet(order, request.host_url, "refund")
        return _as_json({"taler_refund_uri": uri, "h_contract": sha256(id_.encode()).hexdigest().upper()})

    def _delete(self, request: Request, instance: str, id_: str) -> Response:
        self._allow(request, "orders-write")
        if self._known(instance, id_).status == "paid":
            raise Refused(409, 2521, "The order was paid already.")
        del self.orders[instance, id_]
        return Response(status=204)

    def _hook(self, request: Request, _instance: str) -> Response:
        self._allow(request, "webhooks-write")
        asked = _checked(request, _WEBHOOK)
        id_ = asked.pop("webhook_id")
        if self.webhooks.setdefault(id_, asked) != asked:
            raise Refused(409, 2000, "A webhook with this identifier exists already.")
        return Response(status=204)

    def _change_hook(self, request: Request, _instance: str, id_: str) -> Response:
        self._allow(request, "webhooks-write")
        if id_ not in self.webhooks:
            raise Refused(404, 2000, "The webhook is unknown.")
        self.webhooks[id_] = _checked(request, _PATCHED)
        return Response(status=204)

    def _page(self, request: Request, instance: str, id_: str) -> Response:
        order = self._known(instance, id_)
        if request.args.get("token") != order.claim:
            raise Refused(403, 2012, "The claim token is missing or another one.")
        return Response(_drawn(order), mimetype="text/html")

    def _act(self, request: Request, instance: str, id_: str) -> Response:
        """A button of the page was pressed."""
        order = self._known(instance, id_)
        if request.form.get("token") != order.claim:
            raise Refused(403, 2012, "The claim token is missing or another one.")
        what = request.form.get("what")
        back = order.asked["order"].get("fulfillment_url", "")
        if what == "pay" and order.status != "paid":
            self.pay(id_)
            return redirect(back, 303)
        if what == "leave":
            return redirect(back, 303)
        if what == "claim" and order.status == "unpaid":
            self.claim(id_)
        elif what == "fetch":
            self.fetch(id_)
        return redirect(f"{id_}?token={order.claim}", 303)

    def _known(self, instance: str, id_: str) -> Order:
        order = self.orders.get((instance, id_))
        if order is None:
            raise Refused(404, 2005, "The order is unknown.")
        return order


_ROUTES = Map(
    [
        Rule("/config", endpoint="config", methods=["GET"]),
        Rule("/private/orders", endpoint="list", methods=["GET"]),
        Rule("/private/orders", endpoint="create", methods=["POST"]),
        Rule("/private/orders/<id_>", endpoint="status", methods=["GET"]),
        Rule("/private/orders/<id_>", endpoint="delete", methods=["DELETE"]),
        Rule("/private/orders/<id_>/refund", endpoint="refund", methods=["POST"]),
        Rule("/private/webhooks", endpoint="hook", methods=["POST"]),
        Rule("/private/webhooks/<id_>", endpoint="change_hook", methods=["PATCH"]),
        Rule("/orders/<id_>", endpoint="page", methods=["GET"]),
        Rule("/orders/<id_>", endpoint="act", methods=["POST"]),
    ]
)


def _check_refund(order: Order, total: str, now: float) -> None:
    if order.status != "paid":
        raise Refused(409, 2531, "The order was not paid.")
    if order.refund_deadline == order.made:
        raise Refused(403, 2532, "The contract allows no refunds.")
    if now > order.refund_deadline:
        raise Refused(410, 2533, "The time for refunds has passed.")
    currency = total.partition(":")[0]
    if currency != order.amount.partition(":")[0] or not order.refunded <= _value(total) <= _value(
        order.amount
    ):
        raise Refused(409, 2530, "The amount is lower than before, or higher than what was paid.")


def _shown(order: Order, root: str) -> dict[str, Any]:
    """How an order stands, as the merchant is told."""
    base = f"{root}instances/{order.instance}/" if order.instance else root
    address = f"{base}orders/{order.id}?token={order.claim}"
    if order.status == "unpaid":
        return {
            "order_status": "unpaid",
            "taler_pay_uri": _wallet(order, root, "pay"),
            "order_status_url": address,
            "creation_time": {"t_s": order.made},
            "summary": order.asked["order"]["summary"],
            "total_amount": order.contract["amount"],
        }
    if order.status == "claimed":
        return {"order_status": "claimed", "contract_terms": order.contract, "order_status_url": address}
    currency = order.amount.partition(":")[0]
    return {
        "order_status": "paid",
        "refunded": bool(order.refunds),
        "refund_pending": any(each["pending"] for each in order.refunds),
        "wired": False,
        "deposit_total": f"{currency}:0",
        "refund_amount": f"{currency}:{order.refunded}",
        "exchange_code": 0,
        "exchange_http_status": 0,
        "contract_terms": order.contract,
        "last_payment": {"t_s": order.made},
        "wire_details": [],
        "wire_reports": [],
        "refund_details": order.refunds,
        "order_status_url": address,
    }


def _wallet(order: Order, root: str, what: str) -> str:
    """What wallets read; the other scheme says that there is no TLS."""
    parts = urlsplit(root)
    scheme = "taler" if parts.scheme == "https" else "taler+http"
    path = f"instances/{order.instance}/" if order.instance else ""
    claim = f"?c={order.claim}" if what == "pay" else ""
    return f"{scheme}://{what}/{parts.netloc}/{path}{order.id}/{claim}"


def _checked(request: Request, fields: Mapping[str, Fits]) -> dict[str, Any]:
    """What a request brought, if it is as it has to be. Raises Refused."""
    if request.mimetype != "application/json":
        raise Refused(415, 9, "The body is no JSON.")
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise Refused(400, 22, "The body is no JSON.") from None
    return _check(body, fields)


def _check(body: object, fields: Mapping[str, Fits]) -> dict[str, Any]:
    known = {name.removesuffix("*"): fits for name, fits in fields.items()}
    if not isinstance(body, dict):
        raise Refused(400, 22, "The body is no object.")
    if unknown := body.keys() - known.keys():
        raise Refused(400, 26, "A field is unknown.", ", ".join(sorted(unknown)))
    if missing := {name[:-1] for name in fields if name.endswith("*")} - body.keys():
        raise Refused(400, 25, "A field is missing.", ", ".join(sorted(missing)))
    for name, value in body.items():
        if not known[name](value):
            raise Refused(400, 26, "A field is malformed.", name)
    return body


def _value(amount: str) -> Decimal:
    return Decimal(amount.partition(":")[2])


def _etag(body: Mapping[str, Any]) -> str:
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:40].upper()


def _as_json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def _sent(hook: Mapping[str, Any], places: Mapping[str, str]) -> int | str:
    """Send a webhook; what it was answered with."""
    name, _colon, value = _put(hook.get("header_template", ""), places).partition(":")
    headers = {"Content-Type": "application/json", **({name: value.strip()} if name else {})}
    asked = urllib.request.Request(  # noqa: S310  # its address was checked when it was registered
        hook["url"],
        _put(hook.get("body_template", ""), places).encode(),
        headers,
        method=hook["http_method"],
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  # as above
            return int(answer.status)
    except OSError as error:
        return getattr(error, "code", None) or type(error).__name__


def _put(template: str, places: Mapping[str, str]) -> str:
    """A template with what stands in its places: `{{ order_id }}`."""
    for name, value in places.items():
        template = template.replace(f"{{{{ {name} }}}}", value).replace(f"{{{{{name}}}}}", value)
    return template


_PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test payment: $amount</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
  body { max-width: 32rem; margin: 2rem auto; padding: 0 1rem }
  strong.test { display: block; border: 0.2rem dashed; padding: 0.5rem 1rem }
  button { font: inherit; padding: 0.4rem 1rem; margin: 0.2rem 0.4rem 0.2rem 0 }
</style>
<main>
<p><strong class="test">Test payment. No money moves.</strong></p>
<h1>$amount</h1>
<p>$summary</p>
<p>$state</p>
<form method="post" action="$id"><input type="hidden" name="token" value="$claim">$buttons</form>
<p>GNU Taler, order $id. A real backend shows a QR code for your wallet here.</p>
</main>
</html>
""")


def _drawn(order: Order) -> str:
    """The page for a browser, with the buttons of a wallet."""
    amount, waits = order.amount.replace(":", " "), any(each["pending"] for each in order.refunds)
    states = {"unpaid": "Not paid yet.", "claimed": "A wallet has taken this order.", "paid": "Paid."}
    offered = {
        "unpaid": {"pay": f"Pay {amount}", "claim": "Take into the wallet only", "leave": "Don't pay"},
        "claimed": {"pay": f"Pay {amount}", "leave": "Don't pay"},
        "paid": {**({"fetch": "Accept the refund"} if waits else {}), "leave": "Back to the shop"},
    }
    button = Markup('<button name="what" value="{}">{}</button>')
    return _PAGE.substitute(
        amount=escape(amount),
        summary=escape(order.asked["order"]["summary"]),
        state=f"{states[order.status]} A refund waits." if waits else states[order.status],
        id=escape(order.id),
        claim=escape(order.claim),
        buttons=Markup("").join(button.format(*each) for each in offered[order.status].items()),
    )
