"""GNU Taler: payments at a merchant backend, which the desk calls by HTTP (P16).

Our reference is the order's id there, so that the same payment asked for twice is one order. How to pay is
never made up here: the backend gives the link for wallets and the page for browsers. For a refund, it is told
the total of all refunds, never a difference; so one that is asked for twice pays nothing more.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from paidsupport.connect.outgoing import Answer, BrokenOffError, Line, NotReachedError, is_here
from paidsupport.connect.payments import taler_sentences as kept
from paidsupport.connect.payments.taler_answers import (
    Reading,
    UnreadableError,
    granted,
    incompatible,
    reason_of,
    seconds,
    written,
)
from paidsupport.connect.payments.taler_kind import base_of
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.providers import HINTS, ForgedHintError, Hint, Known, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep

#: For how long a look waits for news at the backend: a worker can do nothing else meanwhile.
POLL = timedelta(milliseconds=500)
#: The header by which a webhook shows that it knows our secret.
SECRET_HEADER = "X-Paidsupport-Secret"  # noqa: S105  # a name, no secret
#: What webhooks tell, by the kind of event at the backend.
_EVENTS = ("pay", "refund")
#: The number by which a backend says that it has no such order, and not that there is something else amiss.
_UNKNOWN = 2005
#: The longest text of a backend that is kept.
_LONGEST = 200


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TalerProvider:
    """A `Provider` at a merchant backend.

    Attributes:
        base: Where the backend, or an instance of it, is; ends with a slash.
        token: What opens it.
        currency: What it takes.
        secret: What webhooks have to show.
        refund_delay: For how long payments can be paid back; before that the money does not reach the bank.
        webhook: Where webhooks are to arrive; empty: none is registered.
        poll: For how long a look waits for news.
        patience: Seconds to wait for any answer, besides that.
        now: Tells the time.
        line: The way to the backend.
    """

    base: str
    token: str = field(repr=False)
    currency: str
    secret: str = field(repr=False)
    refund_delay: timedelta
    line: Line
    webhook: str = ""
    poll: timedelta = POLL
    patience: float = 6.0
    now: Callable[[], datetime] = _utc

    def begin(self, known: Known) -> Truth:
        order = {
            "version": 0,
            "order_id": known.reference,
            "amount": written(known.amount),
            "summary": known.summary,
            "summary_i18n": {known.language: known.summary},
            "fulfillment_url": known.back,
            "pay_deadline": seconds(known.until),
        }
        asked = {
            "order": order,
            "refund_delay": {"d_us": self.refund_delay // timedelta(microseconds=1)},
            "create_token": True,
        }
        answer = self._write("POST", "private/orders", asked)
        if answer.status == 409:  # noqa: PLR2004  # conflict
            raise NotSentError(filled(kept.TAKEN, order=known.reference, said=_said(answer)), permanent=True)
        if answer.status == 451:  # noqa: PLR2004  # for legal reasons
            raise NotSentError(filled(kept.LAWFUL, said=_said(answer)), permanent=True)
        _refuse(answer)
        return self._after(known)

    def look(self, known: Known) -> Truth:
        over = self.now() > known.until
        # an offer that has ended does not change at the backend, and is no news there
        version = "" if over else known.version
        query, headers = "", {}
        if version:
            tag = version.removeprefix("W/").strip('"')
            # once the money is there, hardly anything is worth to be waited for
            poll = timedelta(0) if known.capture else self.poll
            waits = {"timeout_ms": poll // timedelta(milliseconds=1), "lp_not_etag": tag}
            query, headers = f"?{urlencode(waits)}", {"If-None-Match": version}
        answer = self._read(f"{_order(known)}{query}", headers)
        if answer.status == 304:  # noqa: PLR2004  # not modified
            return Truth(None, version=version, same=True)
        if answer.status == 404:  # noqa: PLR2004  # not found
            # staff can delete what was not paid; what was paid stays paid, whatever is kept of it there
            gone = known.remote and not known.capture and _json(answer.body).get("code") == _UNKNOWN
            return Truth(PaymentStep.ENDED, problem=kept.DELETED) if gone else Truth(None)
        return self._truth(known, answer)

    def capture(self, known: Known) -> Truth:
        """Nothing is left to take: a payment by Taler is made in one step."""
        return self.look(known)

    def refund(self, known: Known, refund: Refund) -> Truth:
        names = {each.reference for each in known.refunds}
        theirs = known if refund.reference in names else replace(known, refunds=[*known.refunds, refund])
        before = self._read(_order(known))
        if before.status != 404:  # noqa: PLR2004  # not found, which the request itself is told as well
            truth = self._truth(theirs, before)
            if refund.reference in {*truth.refunds, *truth.pending}:
                return truth
        # not `refund.total`: staff may have paid back more in the backend itself, which we have not heard of
        total = Money(granted(_json(before.body)) + refund.amount.minor, refund.amount.currency)
        asked = {"refund": written(total), "reason": reason_of(refund)}
        answer = self._write("POST", f"{_order(known)}/refund", asked)
        sentence = {
            403: kept.NO_REFUNDS,
            404: kept.NOT_PAID,
            409: kept.TOO_MUCH,
            410: kept.TOO_LATE,
            451: kept.LAWFUL,
        }
        if found := sentence.get(answer.status):
            raise NotSentError(filled(found, said=_said(answer)), permanent=True)
        _refuse(answer)
        return self._after(theirs)

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        shown = next((text for name, text in headers.items() if name.lower() == SECRET_HEADER.lower()), "")
        if not hmac.compare_digest(shown.encode(), self.secret.encode()):
            raise ForgedHintError("the secret of the webhook is missing or another one")
        told = _json(body)
        order, event = told.get("order"), told.get("event", "pay")
        if not (isinstance(order, str) and order and isinstance(event, str)):
            raise ForgedHintError("the body of the webhook names no order")
        # these events have no names, and the same text may tell of a second refund: each one counts
        return Hint(secrets.token_hex(16), event[:_LONGEST], order, order)

    def check(self) -> str:
        try:
            return self.config() or self._open() or self._register()
        except (NotSentError, UnclearError) as error:
            return error.args[0] if error.args else ""

    def config(self) -> str:
        """What is wrong with the version or the currencies of the backend; empty if nothing is."""
        answer = self._read("config", token=False)
        if answer.status == 404:  # noqa: PLR2004  # not found
            return kept.NO_INSTANCE
        _refuse(answer, permanent=False)
        return incompatible(_json(answer.body), self.currency)

    def _open(self) -> str:
        """What is wrong with the access token."""
        answer = self._read("private/orders?limit=-1")
        if answer.status == 404:  # noqa: PLR2004  # not found
            return kept.NO_INSTANCE
        _refuse(answer, permanent=False)
        return ""

    def _register(self) -> str:
        """Ask for webhooks, where the access token allows that: without them, the desk asks by itself."""
        for event in _EVENTS if self.webhook else ():
            name = f"paidsupport-{event}-{sha256(self.webhook.encode()).hexdigest()[:12]}"
            wanted = {
                "event_type": event,
                "url": self.webhook,
                "http_method": "POST",
                "header_template": f"{SECRET_HEADER}: {self.secret}",
                "body_template": json.dumps({"order": "{{ order_id }}", "event": event}),
            }
            answer = self._send("POST", "private/webhooks", {"webhook_id": name, **wanted})
            if answer.status == 409:  # noqa: PLR2004  # there is another one of this name
                answer = self._send("PATCH", f"private/webhooks/{name}", wanted)
            if answer.status in {401, 403}:
                return ""
            _refuse(answer, permanent=False)
        return ""

    def _after(self, known: Known) -> Truth:
        """How it stands after something was done. Raises UnclearError."""
        try:
            truth = self.look(replace(known, version=""))
        except NotSentError as error:
            raise UnclearError(str(error)) from error
        if truth.step is None:
            raise UnclearError(filled(kept.UNREADABLE, error="404"))
        return truth

    def _truth(self, known: Known, answer: Answer) -> Truth:
        _refuse(answer, permanent=False)
        version = answer.headers.get("ETag", "")
        try:
            return Reading(
                known=known,
                order=_json(answer.body),
                version=version if len(version) <= _LONGEST else "",
                now=self.now(),
                plain=is_here(self.base),
            ).truth()
        except UnreadableError as error:
            raise NotSentError(filled(kept.UNREADABLE, error=error), permanent=False) from error

    def _read(self, after: str, headers: Mapping[str, str] | None = None, *, token: bool = True) -> Answer:
        """Ask for something; whatever goes wrong, asking again is fine. Raises NotSentError."""
        try:
            return self._ask("GET", after, headers or {}, token=token)
        except NotReachedError as error:
            raise NotSentError(filled(kept.UNREACHED, error=error.error or error), permanent=False) from error
        except BrokenOffError as error:
            raise NotSentError(filled(kept.BROKEN, error=error.error), permanent=False) from error

    def _write(self, method: str, after: str, content: Mapping[str, Any]) -> Answer:
        """Ask for something to be done. Raises NotSentError and UnclearError."""
        answer = self._send(method, after, content)
        if answer.status >= 500:  # noqa: PLR2004  # it may have been done before that
            raise UnclearError(filled(kept.BROKEN, error=answer.status))
        return answer

    def _send(self, method: str, after: str, content: Mapping[str, Any]) -> Answer:
        headers = {"Content-Type": "application/json"}
        try:
            return self._ask(method, after, headers, json.dumps(content).encode())
        except NotReachedError as error:
            raise NotSentError(filled(kept.UNREACHED, error=error.error or error), permanent=False) from error
        except BrokenOffError as error:
            raise UnclearError(filled(kept.BROKEN, error=error.error)) from error

    def _ask(
        self,
        method: str,
        after: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        token: bool = True,
    ) -> Answer:
        opened = {"Authorization": f"Bearer {self.token}"} if token else {}
        said = {"Accept": "application/json", **headers, **opened}
        wait = self.patience + self.poll.total_seconds()
        return self.line.ask(method, after, headers=said, body=body, wait=wait)


def provider(values: Values) -> TalerProvider:
    """The provider from what managers entered."""
    base, token = base_of(values["address"]), f"secret-token:{values['token'].removeprefix('secret-token:')}"
    # without a secret for webhooks there is one that follows from the token
    own = hmac.new(token.encode(), b"paidsupport webhook", sha256).hexdigest()
    return TalerProvider(
        base=base,
        token=token,
        currency=values["currency"],
        secret=values.get("secret") or own,
        refund_delay=timedelta(days=int(values.get("refund_days") or 0)),
        # a backend may well be in the site's own network: it is called over TLS and by a manager's choice
        line=Line(base, private=True),
        webhook=_reachable(values.get(HINTS, ""), base),
    )


def _reachable(webhook: str, base: str) -> str:
    """Where webhooks arrive, if a backend may call it: on this machine only one that is here, too."""
    return webhook if webhook.startswith("https://") or is_here(base) else ""


def _order(known: Known) -> str:
    return f"private/orders/{quote(known.reference, safe='')}"


def _refuse(answer: Answer, *, permanent: bool = True) -> None:
    """Raises NotSentError if an answer is no success; `permanent`: whether asking again is of no use."""
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004  # the range is the rule
        return
    if answer.is_redirect:
        said = kept.REDIRECTED
    elif status in {401, 403}:
        said = kept.REFUSED if status == 401 else kept.NOT_ALLOWED  # noqa: PLR2004  # unauthorized
    else:
        said = filled(kept.ANSWERED, status=status, said=_said(answer))
    raise NotSentError(said, permanent=permanent and status not in {408, 429})


def _said(answer: Answer) -> str:
    """What a backend says went wrong: its number, and its words."""
    told = _json(answer.body)
    words = [str(told[name]) for name in ("code", "hint", "detail") if told.get(name)]
    return " · ".join(words)[:_LONGEST] or str(answer.status)


def _json(body: bytes) -> Mapping[str, Any]:
    """An object in JSON; empty if it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
